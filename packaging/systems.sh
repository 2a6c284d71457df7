#!/usr/bin/env bash
# Checks that the tree compiles for the systems that this machine is not, with no warnings. The
# programs are not linked. packaging/tools.sh installs what this needs.
#
#   packaging/systems.sh [TARGET]...
set -euo pipefail
cd "$(dirname "$0")/.."
[ $# -gt 0 ] || set -- x86_64-pc-windows-gnu aarch64-apple-darwin aarch64-unknown-linux-musl
for target in "$@"; do
    RUSTFLAGS="-D warnings" cargo-zigbuild check --locked --target "$target"
done
