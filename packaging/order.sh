#!/usr/bin/env bash
# Writes packaging/order.txt.gz anew: the functions that are called at the start, at the screen and
# by a command. To be done before a release. It only moves functions: an old one does no harm but
# that less stands together.
set -euo pipefail
cd "$(dirname "$0")/.."

target=x86_64-unknown-linux-musl
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
CARGO_PROFILE_DIST_STRIP=none CC_x86_64_unknown_linux_musl=$(command -v musl-gcc || command -v gcc) \
    RUSTFLAGS="-Csymbol-mangling-version=v0 -Clinker=$PWD/packaging/linker.py -Clinker-flavor=ld" \
    cargo build --locked --profile dist --target $target --target-dir target/order
program=$PWD/target/order/$target/dist/codling

# A folder with a repository, and a home with what people set up.
mkdir -p "$work/home/.config/codling/skills/one" "$work/home/.config/codling/commands" "$work/folder"
git init -q "$work/folder"
echo 'Be brief.' >"$work/folder/AGENTS.md"
printf -- '---\nname: one\ndescription: Does a thing\n---\nDo it.\n' \
    >"$work/home/.config/codling/skills/one/SKILL.md"
echo 'Do $ARGUMENTS.' >"$work/home/.config/codling/commands/two.md"
printf '[mcp.three]\ncommand = "/not/there"\n' >"$work/home/.config/codling/config.toml"

# The functions of: functions.py PROGRAM KEYS [ARGUMENT]...
called() {
    local nobody=http://127.0.0.1:9
    (cd "$work/folder" && env -i PATH="$PATH" HOME="$work/home" SHELL=/bin/sh TERM=xterm-256color \
        OPENAI_API_KEY=none CODLING_AUTH_ORIGIN=$nobody CODLING_API_ORIGIN=$nobody \
        python3 "$OLDPWD/packaging/functions.py" "$program" "$@")
}
{
    # Begins a turn that reaches no server.
    called '4 hello 1 \r 4 \x1b 1 \x03 \x03 \x03 2'
    # Signs in, asks for help, runs commands of its own and of the model, and looks at two dialogs.
    called '3 \r 1 \r 9 \x1b 1 help 1 \r 6 !ls 1 \r 4 run\x20ls 1 \r 5 \r 3 /status 1 \r 1 \x1b 1 \x10 1 \x1b 1 \x03 \x03 \x03 2' demo .
    called 20 demo run --approval-mode auto 'run `ls`'
} | awk '!seen[$0]++' | gzip -9n >packaging/order.txt.gz
gzip -dc packaging/order.txt.gz | wc -l
