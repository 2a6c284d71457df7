import json
import os

with open("hidden/expected.json", encoding="utf-8") as file:
    expected = json.load(file)
assert sorted(os.listdir("locale")) == sorted(os.path.basename(path) for path in expected), "other files"
for path, wanted in expected.items():
    with open(path, "rb") as file:
        got = file.read()
    wanted = bytes.fromhex(wanted)
    # The Spanish file has both line ends: either may follow the new line.
    if path.endswith("es.properties") and got == wanted[:-1] + b"\r\n":
        continue
    if got != wanted:
        at = next((n for n, (a, b) in enumerate(zip(got, wanted)) if a != b), min(len(got), len(wanted)))
        raise SystemExit(f"{path}, byte {at}: {got[max(0, at - 20):at + 20]!r}, wanted {wanted[max(0, at - 20):at + 20]!r}")
print("passed")
