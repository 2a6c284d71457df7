"""Lists the keys of all files, and the ones that a file lacks."""

import json
import os
import re

HERE = os.path.dirname(os.path.abspath(__file__))
LOCALE = os.path.join(os.path.dirname(HERE), "locale")

with open(os.path.join(HERE, "encodings.json"), encoding="utf-8") as file:
    ENCODINGS = json.load(file)


def keys(name):
    with open(os.path.join(LOCALE, name), encoding=ENCODINGS[name]) as file:
        text = file.read()
    if name.endswith(".strings"):
        return re.findall(r'^"([^"]+)" = ', text, re.M)
    return [line.partition("=")[0] for line in text.splitlines() if "=" in line and not line.startswith("#")]


if __name__ == "__main__":
    found = {name: keys(name) for name in sorted(os.listdir(LOCALE))}
    every = sorted({key for of_file in found.values() for key in of_file})
    for key in every:
        lacking = [name for name, of_file in found.items() if key not in of_file]
        print(key, f"(not in {', '.join(lacking)})" if lacking else "")
