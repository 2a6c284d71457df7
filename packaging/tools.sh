#!/usr/bin/env bash
# Installs what packaging/build.sh and packaging/test.sh need, on Debian, as root. Rust is there.
set -euo pipefail
apt-get update -q
apt-get install -y -q dash git musl-tools nodejs npm python3 python3-venv rpm ruby wget curl
rustup target add x86_64-unknown-linux-musl aarch64-unknown-linux-musl
# The linker for the other architecture.
python3 -m venv /opt/codling-packaging
/opt/codling-packaging/bin/pip install -q ziglang==0.17.1 cargo-zigbuild==0.24.0
ln -sf /opt/codling-packaging/bin/cargo-zigbuild /usr/local/bin/cargo-zigbuild
