#!/usr/bin/env bash
# Installs what packaging/build.sh, packaging/test.sh and all stories need, on Debian, as root. Rust
# is there.
set -euo pipefail
apt-get update -q
apt-get install -y -q --no-install-recommends \
    binutils bubblewrap busybox-static ccache curl dash gcc git groff make man-db mandoc minisign \
    musl-tools nix-bin nodejs npm openssl python3 python3-pip python3-pytest python3-venv \
    qemu-user-static rpm ruby wget wine64
rustup target add x86_64-unknown-linux-musl aarch64-unknown-linux-musl \
    x86_64-pc-windows-gnu aarch64-apple-darwin
# The rules for dependencies (deny.toml).
command -v cargo-deny >/dev/null || cargo install cargo-deny --locked --version 0.20.2
# The linker for the other architecture, and the C compiler for other systems.
python3 -m venv /opt/codling-packaging
/opt/codling-packaging/bin/pip install -q ziglang==0.17.1 cargo-zigbuild==0.24.0
ln -sf /opt/codling-packaging/bin/cargo-zigbuild /usr/local/bin/cargo-zigbuild
printf '#!/bin/sh\nexec /opt/codling-packaging/bin/python3 -m ziglang "$@"\n' >/usr/local/bin/zig
chmod 755 /usr/local/bin/zig
