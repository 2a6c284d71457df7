#!/usr/bin/env bash
# Tries what packaging/build.sh wrote, each thing with the tool that people would use, in scratch
# folders of its own. Nothing is installed on this machine, and only loopback is asked.
#
#   packaging/test.sh [DIR]
set -euo pipefail
cd "$(dirname "$0")/.."
release=$(cd "${1:-target/packages}" && pwd)
version=$(cat "$release/latest")
machine=$(uname -m)
case $machine in
    x86_64) cpu=x64 debian=amd64 ;;
    aarch64) cpu=arm64 debian=arm64 ;;
    *) echo "packaging/test.sh: nothing is built for $machine" >&2; exit 2 ;;
esac
archive=$release/codling-$version-$machine-unknown-linux-musl.tar.gz
work=$(mktemp -d)
coproc SERVER { exec python3 packaging/server.py "$release"; }
server=$SERVER_PID
trap 'kill "$server" 2>/dev/null; chmod -R u+w "$work"; rm -rf "$work"' EXIT
read -r port <&"${SERVER[0]}"
web=http://127.0.0.1:$port
failed=0

# Runs a step in a shell of its own, and tells how it went.
step() {
    if (set -euo pipefail; "$2") >"$work/log" 2>&1; then
        echo "ok      $1"
    else
        echo "FAILED  $1"
        sed 's/^/        /' "$work/log"
        failed=1
    fi
}

expect() {
    case $2 in
        *"$1"*) ;;
        *) echo "expected '$1' in: $2"; return 1 ;;
    esac
}

checksums() { (cd "$release" && sha256sum --quiet -c SHA256SUMS); }

unpacked() {
    mkdir -p "$work/archive"
    tar -xzf "$archive" -C "$work/archive" --strip-components=1
    test -s "$work/archive/LICENSE" && test -s "$work/archive/README.md"
    grep -q tokio "$work/archive/THIRD-PARTY.md"
    expect "codling $version" "$("$work/archive/codling" --version)"
    expect "\"version\":\"$version\"" "$("$work/archive/codling" --version --json)"
}

alone() {
    mkdir -p "$work/empty"
    cp "$work/archive/codling" "$work/empty"
    expect "codling $version" "$(unshare -r chroot "$work/empty" /codling --version)"
}

# The installer with its address, in an empty home; more variables may follow.
install() {
    env -i HOME="$work/home" PATH="${path:-$PATH}" CODLING_DOWNLOADS="$web/$1" "${@:2}" \
        dash "$release/install.sh" 2>&1
}

installs() {
    rm -rf "${work:?}/home"
    said=$(install downloads TMPDIR=/nowhere)
    expect "not in your PATH" "$said"
    expect "codling $version" "$("$work/home/.local/bin/codling" --version)"
    # Over itself, and where the path has it already.
    said=$(path="$work/home/.local/bin:$PATH" install downloads "CODLING_VERSION=$version")
    case $said in *PATH*) echo "$said"; return 1 ;; esac
    test "$(find "$work/home" -type f)" = "$work/home/.local/bin/codling"
}

# It fails, says why, and leaves what was there as it was.
refuses() {
    local why=$1 said
    shift
    mkdir -p "$work/home/.local/bin"
    echo before >"$work/home/.local/bin/codling"
    if said=$(install "$@"); then echo "it did not fail: $said"; return 1; fi
    expect "$why" "$said"
    test "$(cat "$work/home/.local/bin/codling")" = before
    test "$(find "$work/home" -type f | wc -l)" = 1
}

wrong_checksum() { refuses "checksum is wrong" wrong; }
torn_archive() { refuses "checksum is wrong" torn; }
no_such_version() { refuses "cannot be read" downloads CODLING_VERSION=9.9.9; }
no_version() { refuses "is no version" downloads 'CODLING_VERSION=1; reboot'; }

programs() {
    local folder=$work/$1 program
    mkdir -p "$folder"
    shift
    for program in "$@" cat chmod cut dash gzip head mkdir mktemp mv rm sed sha256sum tar uname; do
        ln -sf "$(command -v "$program")" "$folder/$program"
    done
}

with_wget() {
    rm -rf "${work:?}/home"
    programs only-wget wget
    path=$work/only-wget install downloads
    test -x "$work/home/.local/bin/codling"
}

with_neither() {
    programs neither
    path=$work/neither refuses "neither curl nor wget" downloads
}

read_only_target() {
    mkdir -p "$work/home/bin"
    chmod a-w "$work/home/bin"
    # Root may write there in spite of the mode.
    if touch "$work/home/bin/x" 2>/dev/null; then rm "$work/home/bin/x"; chattr +i "$work/home/bin" 2>/dev/null || return 0; fi
    local result=0
    refuses "cannot be written" downloads "CODLING_INSTALL_DIR=$work/home/bin" || result=1
    chattr -i "$work/home/bin" 2>/dev/null || true
    return $result
}

npm_at() {
    local folder=$1
    shift
    env HOME="$work" npm_config_cache="$work/npm-cache" npm_config_registry="$web/npm" \
        npm_config_update_notifier=false npm --prefix "$folder" "$@"
}

npm_installs() {
    npm_at "$work/npm" install --global codling
    launcher=$work/npm/bin/codling
    expect "codling $version" "$("$launcher" --version)"
    code=0; "$launcher" run --no-such-option 2>/dev/null || code=$?
    test "$code" = 2
    hello='{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":1,"clientCapabilities":{}}}'
    said=$(echo "$hello" | env CODLING_HOME="$work/state" "$launcher" acp | head -n 1)
    expect '"authMethods":[{' "$said"
}

# How an ACP agent ends once it has answered and then got a signal: its exit code, as a shell has it.
ended_by() {
    local signal=$1 code=0 agent
    shift
    rm -f "$work/stdin" "$work/out"
    mkfifo "$work/stdin"
    env CODLING_HOME="$work/state" "$@" acp <"$work/stdin" >"$work/out" &
    agent=$!
    exec 8>"$work/stdin"
    echo '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":1,"clientCapabilities":{}}}' >&8
    until grep -q protocolVersion "$work/out"; do kill -0 "$agent"; done
    case $signal in
        # To the program itself.
        child-*) kill "-${signal#child-}" "$(cat "/proc/$agent/task/$agent/children")" ;;
        *) kill "-$signal" "$agent" ;;
    esac
    wait "$agent" || code=$?
    exec 8>&-
    echo "$code"
}

npm_signals() {
    local signal
    for signal in TERM INT HUP; do
        test "$(ended_by $signal "$work/npm/bin/codling")" = "$(ended_by $signal "$work/archive/codling")"
    done
    # Where Node.js became the program there is no child to end.
    if ! node -e 'process.exit(typeof process.execve === "function" ? 0 : 1)'; then
        test "$(ended_by child-KILL "$work/npm/bin/codling")" = 137
    fi
}

npm_without_program() {
    npm_at "$work/npm-bare" install --global codling
    rm -r "$work/npm-bare/lib/node_modules/codling/node_modules/codling-linux-$cpu" \
        "$work/npm-bare/lib/node_modules/codling-linux-$cpu" 2>/dev/null || true
    if said=$("$work/npm-bare/bin/codling" --version 2>&1); then return 1; fi
    expect "--include=optional" "$said"
}

deb() {
    local file=$release/codling_${version}_$debian.deb
    expect "Version: $version" "$(dpkg-deb --info "$file")"
    mkdir -p "$work/deb"
    dpkg-deb --extract "$file" "$work/deb"
    expect "codling $version" "$("$work/deb/usr/bin/codling" --version)"
    bash -n "$work/deb/usr/share/bash-completion/completions/codling"
    if dpkg-deb --contents "$file" | grep -v ' root/root '; then return 1; fi
}

rpm_file() {
    local files
    files=$(rpm -qpl "$release/codling-$version-1.$machine.rpm")
    expect /usr/bin/codling "$files"
    expect /usr/share/fish/vendor_completions.d/codling.fish "$files"
}

formula() { ruby -c "$release/codling.rb" && expect "$(sha256sum "$archive" | cut -d ' ' -f 1)" "$(cat "$release/codling.rb")"; }
pkgbuild() { bash -n "$release/PKGBUILD" && expect "$(sha256sum "$archive" | cut -d ' ' -f 1)" "$(cat "$release/PKGBUILD")"; }
acp_entry() { python3 -c 'import json, sys; agent = json.load(open(sys.argv[1])); assert agent["version"] == sys.argv[2]' "$release/acp/agent.json" "$version"; }

step "the checksums fit" checksums
step "the archive holds the program and its notices" unpacked
step "the program runs in an empty root" alone
step "the installer installs, and says what is missing in PATH" installs
step "the installer refuses a wrong checksum" wrong_checksum
step "the installer refuses half an archive" torn_archive
step "the installer refuses a version that does not exist" no_such_version
step "the installer refuses what is no version" no_version
step "the installer works with wget alone" with_wget
step "the installer says that curl and wget are missing" with_neither
step "the installer refuses a folder that cannot be written" read_only_target
step "npm installs the launcher and the program" npm_installs
step "the launcher hands signals on and mirrors the end" npm_signals
step "the launcher says how to get a program that is missing" npm_without_program
step "the deb holds what it should" deb
step "the rpm holds what it should" rpm_file
step "the Homebrew formula is Ruby, with the checksum" formula
step "the PKGBUILD is bash, with the checksum" pkgbuild
step "the ACP registry entry names this version" acp_entry
echo "figure  the program has $(stat -c %s "$work/archive/codling") bytes, its npm package $(stat -c %s "$release/codling-npm-$version-linux-$cpu.tgz")"
exit $failed
