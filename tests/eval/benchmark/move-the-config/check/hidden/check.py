import json
import os

with open("hidden/expected.json", encoding="utf-8") as file:
    expected = json.load(file)
there = sorted(os.path.relpath(os.path.join(root, name), "sites") for root, _, files in os.walk("sites") for name in files)
assert there == sorted(f"{name}.json" for name in expected), f"sites/ has {there}"
assert not os.path.exists("sites/disabled"), "sites/disabled is still there"
for name, wanted in expected.items():
    with open(f"sites/{name}.json", encoding="utf-8") as file:
        got = json.load(file)
    for key in sorted(set(got) | set(wanted)):
        assert key in got and key in wanted, f"{name}: {key}"
        # True and 1 are the same for Python, not for JSON.
        assert json.dumps(got[key], sort_keys=True) == json.dumps(wanted[key], sort_keys=True), f"{name}: {key} is {got[key]}"
print("passed")
