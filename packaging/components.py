#!/usr/bin/env python3
"""Prints the crates that the program of a target is made of, as a CycloneDX 1.5 list (SBOM).

components.py TARGET. The same checkout gives the same list: it has no time and no random number.
"""

import json
import pathlib
import re
import subprocess
import sys
import tomllib

target = sys.argv[1]
top = pathlib.Path(__file__).parent.parent


def cargo(*arguments):
    return subprocess.run(
        ["cargo", *arguments, "--locked"], check=True, capture_output=True, text=True, cwd=top
    ).stdout


metadata = json.loads(cargo("metadata", "--format-version", "1"))
licences = {(one["name"], one["version"]): one["license"] for one in metadata["packages"]}
locked = tomllib.loads((top / "Cargo.lock").read_text())["package"]
checksums = {(one["name"], one["version"]): one.get("checksum") for one in locked}

# The tree has what is linked with the features in use: no tests, build scripts or macros.
edges = ["--edges", "normal,no-proc-macro", "--prefix", "depth", "--format", "{p}"]
below, path = {}, []
for line in cargo("tree", "--package", "codling", "--target", target, *edges).splitlines():
    depth, name, version = re.match(r"(\d+)(\S+) v(\S+)", line).groups()
    # Our own crates are the program.
    crate = ("codling" if name.startswith("codling-") else name, version)
    below.setdefault(crate, set())
    path[int(depth) :] = [crate]
    if len(path) > 1 and path[-2] != crate:
        below[path[-2]].add(crate)
root = path[0]


def reference(crate):
    return f"pkg:cargo/{crate[0]}@{crate[1]}"


def component(crate):
    found = {
        "type": "application" if crate == root else "library",
        "bom-ref": reference(crate),
        "name": crate[0],
        "version": crate[1],
        "licenses": [{"expression": re.sub(r"\s*/\s*", " OR ", licences[crate])}],
        "purl": reference(crate),
    }
    if checksums.get(crate):
        found["hashes"] = [{"alg": "SHA-256", "content": checksums[crate]}]
    return found


print(
    json.dumps(
        {
            "bomFormat": "CycloneDX",
            "specVersion": "1.5",
            "version": 1,
            "metadata": {"component": component(root)},
            "components": [component(crate) for crate in sorted(set(below) - {root})],
            "dependencies": [
                {"ref": reference(crate), "dependsOn": [reference(one) for one in sorted(ones)]}
                for crate, ones in sorted(below.items())
            ],
        },
        indent=1,
    )
)
