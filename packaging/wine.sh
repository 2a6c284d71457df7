#!/usr/bin/env bash
# Runs the program for Windows under Wine: its version, its sign-ins, and the stand-in, which lists and
# reads a folder in mode `read-only`. packaging/tools.sh installs what this needs.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo-zigbuild build --locked --target x86_64-pc-windows-gnu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp target/x86_64-pc-windows-gnu/debug/codling.exe "$work"
# Rust takes random numbers from this library, which Wine has since version 9 only.
cat >"$work/random.c" <<'C'
#include <windows.h>
BOOLEAN WINAPI SystemFunction036(PVOID, ULONG);
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE bytes, SIZE_T count) { return SystemFunction036(bytes, count); }
C
zig cc -target x86_64-windows-gnu -shared -o "$work/bcryptprimitives.dll" "$work/random.c" -ladvapi32
mkdir "$work/folder"
echo "Some words" >"$work/folder/notes.txt"

export WINEPREFIX=$work/wine WINEDEBUG=-all HOME=$work
wine=$(command -v wine64 || echo /usr/lib/wine/wine64)
says() {
    local wanted=$1 said
    shift
    said=$(cd "$work/folder" && timeout 120 "$wine" ../codling.exe "$@" 2>&1) || { echo "FAILED  codling.exe $*: $said" >&2; exit 1; }
    grep -q "$wanted" <<<"$said" || { echo "FAILED  codling.exe $* does not say '$wanted': $said" >&2; exit 1; }
    echo "ok      codling.exe $*"
}
says '^codling [0-9]' --version
says 'Nobody is signed in' auth list
says 'Some words' demo run --approval-mode read-only "read notes.txt"
