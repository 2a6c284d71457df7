#!/usr/bin/env bash
# Prints the third-party notices: every crate of the program, with its licence and the text of it.
set -euo pipefail
cd "$(dirname "$0")/.."
python3 - <<'PYTHON'
import json, pathlib, subprocess

run = lambda *command: json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
metadata = run("cargo", "metadata", "--format-version", "1", "--locked")
packages = {(package["name"], package["version"]): package for package in metadata["packages"]}
components = run("packaging/components.py", "x86_64-unknown-linux-musl")["components"]

print("# Third-party notices\n\ncodling holds these crates, unchanged.\n")
texts = {}
for component in components:
    package = packages[component["name"], component["version"]]
    print(f"- {package['name']} {package['version']}: {package['license']}")
    folder = pathlib.Path(package["manifest_path"]).parent
    for file in sorted(folder.iterdir()):
        if file.is_file() and file.name.upper().startswith(("LICENSE", "LICENCE", "COPYING", "NOTICE", "COPYRIGHT")):
            text = "\n".join(line.rstrip() for line in file.read_text(errors="replace").strip().splitlines())
            texts.setdefault(text, []).append(package["name"])
for text, names in sorted(texts.items(), key=lambda item: (item[1], item[0])):
    print(f"\n## {', '.join(sorted(set(names)))}\n\n```text\n{text}\n```")
PYTHON
