#!/usr/bin/env bash
# Prints the third-party notices: every crate of the program, with its licence and the text of it.
set -euo pipefail
cd "$(dirname "$0")/.."
python3 - <<'PYTHON'
import json, pathlib, subprocess

command = ["cargo", "metadata", "--format-version", "1", "--locked", "--filter-platform", "x86_64-unknown-linux-gnu"]
metadata = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
packages = {package["id"]: package for package in metadata["packages"]}
found, open_ids = set(), [metadata["resolve"]["root"]]
while open_ids:
    name = open_ids.pop()
    if name not in found:
        found.add(name)
        kinds = lambda dependency: any(kind["kind"] is None for kind in dependency["dep_kinds"])
        open_ids += [dependency["pkg"] for dependency in nodes[name]["deps"] if kinds(dependency)]
found.discard(metadata["resolve"]["root"])

print("# Third-party notices\n\ncodling holds these crates, unchanged.\n")
texts = {}
for package in sorted((packages[name] for name in found), key=lambda package: (package["name"], package["version"])):
    print(f"- {package['name']} {package['version']}: {package['license']}")
    folder = pathlib.Path(package["manifest_path"]).parent
    for file in sorted(folder.iterdir()):
        if file.is_file() and file.name.upper().startswith(("LICENSE", "LICENCE", "COPYING", "NOTICE", "COPYRIGHT")):
            text = "\n".join(line.rstrip() for line in file.read_text(errors="replace").strip().splitlines())
            texts.setdefault(text, []).append(package["name"])
for text, names in sorted(texts.items(), key=lambda item: (item[1], item[0])):
    print(f"\n## {', '.join(sorted(set(names)))}\n\n```text\n{text}\n```")
PYTHON
