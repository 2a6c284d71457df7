#!/usr/bin/env bash
# Tries what packaging/build.sh wrote, each thing with the tool that people would use, in scratch
# folders of its own. Nothing is installed on this machine, and only loopback is asked.
#
#   CODLING_SIGNING_KEY=FILE CODLING_ROOTS=DIR:… packaging/test.sh [DIR]
#
# CODLING_SIGNING_KEY is the key that packaging/build.sh signed with: a later release is made with it,
# for `codling update`. Without it that is left out. CODLING_ROOTS are roots of systems that the program
# is tried in beside one that holds busybox alone, such as `debootstrap --variant=minbase bookworm DIR`
# makes. Nothing is written to them.
set -euo pipefail
cd "$(dirname "$0")/.."
release=$(cd "${1:-target/packages}" && pwd)
version=$(head -n 1 "$release/latest")
machine=$(uname -m)
case $machine in
    x86_64) cpu=x64 debian=amd64 ;;
    aarch64) cpu=arm64 debian=arm64 ;;
    *) echo "packaging/test.sh: nothing is built for $machine" >&2; exit 2 ;;
esac
archive=$release/codling-$version-$machine-unknown-linux-musl.tar.gz
work=$(mktemp -d)
mkdir "$work/newer"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=loopback \
    -addext subjectAltName=IP:127.0.0.1 -addext basicConstraints=critical,CA:FALSE \
    -keyout "$work/server.pem" -out "$work/certificate.pem" 2>/dev/null
cat "$work/certificate.pem" >>"$work/server.pem"
coproc SERVER { exec python3 packaging/server.py "$release" "$work/newer" "$work/server.pem"; }
server=$SERVER_PID
trap 'kill "$server" 2>/dev/null; chmod -R u+w "$work"; rm -rf "$work"' EXIT
read -r port secure_port <&"${SERVER[0]}"
web=http://127.0.0.1:$port
secure_web=https://127.0.0.1:$secure_port
failed=0

# Runs a step in a shell of its own, and tells how it went. Not as the condition of an `if`: within one
# a shell passes over what fails in the middle.
step() {
    local result
    set +e
    (set -euo pipefail; "$2") >"$work/log" 2>&1
    result=$?
    set -e
    if [ $result = 0 ]; then
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

signature() {
    local file
    for file in SHA256SUMS latest; do minisign -V -q -P "$(public_key)" -m "$release/$file"; done
}

# The key that the installer of this release checks with.
public_key() { sed -n "s/^    key='\(.*\)'$/\1/p" "$release/install.sh"; }

manual() {
    local page
    for page in codling.1 codling-config.5; do
        warned=$(mandoc -T lint -W warning "$work/archive/man/$page" 2>&1) || { echo "$warned"; return 1; }
        warned=$(groff -man -ww -z "$work/archive/man/$page" 2>&1)
        test -z "$warned" || { echo "$warned"; return 1; }
        man --warnings -l "$work/archive/man/$page" >"$work/page" 2>"$work/warned"
        test ! -s "$work/warned" || { cat "$work/warned"; return 1; }
    done
    grep -q 'BUILT-IN\|Built in' "$work/page"
    expect "$version" "$(cat "$work/archive/man/codling.1")"
}

components() {
    python3 - "$release/codling-$version-$machine-unknown-linux-musl.cdx.json" "$work/archive/THIRD-PARTY.md" <<'PYTHON'
import json, sys
bill = json.load(open(sys.argv[1]))
assert (bill["bomFormat"], bill["metadata"]["component"]["name"]) == ("CycloneDX", "codling")
names = {one["name"] for one in bill["components"]}
assert {"tokio", "rustls", "ratatui"} <= names and not names & {"proptest", "insta", "syn"}, names
noticed = {line.split()[1] for line in open(sys.argv[2]).read().split("\n## ")[0].splitlines() if line.startswith("- ")}
assert noticed == names, noticed ^ names
PYTHON
}

# `cargo binstall` finds the archive by the name in Cargo.toml, and the program in it.
binstall() {
    python3 - "$release" "$machine-unknown-linux" "$archive" <<'PYTHON'
import pathlib, sys, tarfile, tomllib
release, system, archive = sys.argv[1:]
manifest = tomllib.loads(pathlib.Path("Cargo.toml").read_text())
binstall = manifest["package"]["metadata"]["binstall"]
version = manifest["workspace"]["package"]["version"]
for libc in ["gnu", "musl"]:
    target = f"{system}-{libc}"
    rules = binstall | binstall.get("overrides", {}).get(target, {})
    words = {"name": "codling", "bin": "codling", "binary-ext": "", "version": version, "repo": "https://host/codling", "target": target}
    def filled(text):
        for name, value in words.items():
            text = text.replace("{ %s }" % name, value)
        assert "{" not in text, text
        return text
    assert filled(rules["pkg-url"]) == f"https://host/codling/releases/download/v{words['version']}/{pathlib.Path(archive).name}"
    assert filled(rules["bin-dir"]) in tarfile.open(archive).getnames()
    assert rules["pkg-fmt"] == "tgz"
PYTHON
}

# The program of each archive, those of other processors as well, which an emulator runs where it is.
anywhere() {
    local file folder program processor emulator
    for file in "$release/codling-$version-"*.tar.gz; do
        folder=$work/$(basename "$file" .tar.gz)
        program=$folder/codling
        mkdir "$folder"
        tar -xzf "$file" -C "$folder" --strip-components=1
        expect "DYN (Position-Independent" "$(readelf -hW "$program")"
        if readelf -ldW "$program" | grep -E 'INTERP|NEEDED'; then return 1; fi
        processor=${folder#"$work/codling-$version-"}
        emulator=$(command -v "qemu-${processor%%-*}-static") || continue
        expect "codling $version" "$("$emulator" "$program" --version)"
        said=$(cd "$folder" && env CODLING_HOME="$folder" "$emulator" "$program" demo run 'read LICENSE' 2>&1)
        expect "Permission is hereby granted" "$said"
    done
}

alone() {
    mkdir -p "$work/empty"
    cp "$work/archive/codling" "$work/empty"
    expect "codling $version" "$(unshare -r chroot "$work/empty" /codling --version)"
}

# A root as a container has it that nobody gave any rights: namespaces that an ordinary user may make,
# the root itself read-only, no way back to ours. `first` is run in it before the program's words.
contained() {
    local root=$1 first=$2
    shift 2
    # shellcheck disable=SC2016
    env -i unshare --user --map-root-user --mount --pid --ipc --uts --fork bash -euc '
        root=$1 archive=$2 first=$3
        shift 3
        PATH=/usr/sbin:/usr/bin:/sbin:/bin
        mount --bind "$root" "$root"
        mount -o remount,bind,ro "$root"
        mount -t tmpfs -o mode=755 tmpfs "$root/dev"
        for node in null zero full random urandom tty; do
            touch "$root/dev/$node"
            mount --bind "/dev/$node" "$root/dev/$node"
        done
        mkdir "$root/dev/shm"
        mount -t proc proc "$root/proc"
        for folder in mnt tmp; do mount -t tmpfs tmpfs "$root/$folder"; done
        mkdir "$root/mnt/"{old,home,folder,outside}
        echo "echo x >/mnt/outside/x; echo still-\$((6*7))" >"$root/mnt/folder/try"
        cp "$archive/codling" "$archive/../certificate.pem" "$root/mnt"
        cd "$root"
        pivot_root . mnt/old
        umount -l /mnt/old
        cd /mnt/folder
        export PATH HOME=/mnt/home
        exec /bin/sh -euc "$first" sh "$@"
    ' bash "$root" "$work/archive" "$first" "$@" 2>&1
}

# The stand-in runs a script in mode `auto` that tries to write beside the folder, and then says a number.
RUNS='/mnt/codling demo run --approval-mode auto "run \`sh try\`"; ls /mnt/outside'

in_root() {
    local said
    expect "codling $version" "$(contained "$1" '/mnt/codling --version')"
    expect "sandbox for commands is tier 1 of 4 (namespaces). It lacks nothing" "$(contained "$1" '/mnt/codling doctor')"
    said=$(contained "$1" "$RUNS")
    expect still-42 "$said"
    case $said in *"could not be read"* | *$'\n'x) echo "$said"; return 1 ;; esac
    # Where it can make no namespaces, Landlock does.
    said=$(contained "$1" "echo 0 >/proc/sys/user/max_mnt_namespaces; /mnt/codling doctor; $RUNS")
    expect "is tier 3 of 4 (landlock)" "$said"
    expect still-42 "$said"
    case $said in *$'\n'x) echo "$said"; return 1 ;; esac
    # Where nothing keeps a command in, it asks, and nobody is there to answer.
    said=$(contained "$1" "umount /dev/null; rm /dev/null; /mnt/codling doctor; $RUNS")
    expect "is tier 4 of 4 (absent)" "$said"
    expect "Refused $ sh try" "$said"
    case $said in *still-42* | *$'\n'x) echo "$said"; return 1 ;; esac
    [ -n "$(public_key)" ] || return 0
    asks="CODLING_DOWNLOADS=$secure_web/downloads /mnt/codling update --check"
    expect "is the latest version" "$(contained "$1" "SSL_CERT_FILE=/mnt/certificate.pem $asks")"
    if said=$(contained "$1" "$asks"); then echo "$said"; return 1; fi
    expect "certificate" "$said"
}

in_busybox() {
    local root=$work/busybox name
    mkdir -p "$root"/{bin,dev,etc,mnt,proc,tmp,usr}
    cp "$(command -v busybox)" "$root/bin/busybox"
    for name in $(busybox --list); do [ "$name" = busybox ] || ln -s busybox "$root/bin/$name"; done
    ln -s ../bin "$root/usr/bin"
    in_root "$root"
}

in_given() { in_root "$given"; }

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

# Without minisign, which would refuse them first.
wrong_checksum() {
    programs only-curl curl
    path=$work/only-curl refuses "checksum is wrong" wrong
}
torn_archive() { refuses "checksum is wrong" torn; }
forged() {
    mkdir -p "$work/forged"
    sed "s/^    key='.*'$/    key='RWRTCU3NtZofrRFNA1bUvmY0ufQrjpW0J5P0MMwQ8TdavTDw34zDBX8i'/" "$release/install.sh" >"$work/forged/install.sh"
    (
        release=$work/forged
        refuses "signature of latest is wrong" downloads
        refuses "signature of SHA256SUMS is wrong" downloads "CODLING_VERSION=$version"
    )
}
unsigned() { refuses "minisig cannot be read" unsigned; }
no_such_version() { refuses "cannot be read" downloads CODLING_VERSION=9.9.9; }
# A later release whose statement is missing, changed, old or about an old one.
statements() {
    refuses "latest.minisig cannot be read" newer-unstated
    refuses "signature of latest is wrong" newer-restated
    rm -rf "${work:?}/home"
    case $(install newer) in *2020*) return 1 ;; esac
    expect "codling 99.0.0" "$("$work/home/.local/bin/codling" --version)"
    expect "latest version is from 2020-01-01" "$(install newer-old)"
    if said=$(install newer-back); then echo "$said"; return 1; fi
    expect "older than 99.0.0, which is installed" "$said"
    if said=$(install newer-back CODLING_VERSION=0.0.1); then echo "$said"; return 1; fi
    expect "cannot be read" "$said"
    expect "codling 99.0.0" "$("$work/home/.local/bin/codling" --version)"
}
no_version() { refuses "is no version" downloads 'CODLING_VERSION=1; reboot'; }

programs() {
    local folder=$work/$1 program
    mkdir -p "$folder"
    shift
    for program in "$@" cat chmod cut dash date gzip mkdir mktemp mv rm sed sha256sum tar tr uname; do
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
    test -s "$work/deb/usr/share/man/man1/codling.1.gz" && test -s "$work/deb/usr/share/man/man5/codling-config.5.gz"
    bash -n "$work/deb/usr/share/bash-completion/completions/codling"
    if dpkg-deb --contents "$file" | grep -v ' root/root '; then return 1; fi
}

rpm_file() {
    local files
    files=$(rpm -qpl "$release/codling-$version-1.$machine.rpm")
    expect /usr/bin/codling "$files"
    expect /usr/share/man/man5/codling-config.5.gz "$files"
    expect /usr/share/fish/vendor_completions.d/codling.fish "$files"
}

formula() { ruby -c "$release/codling.rb" && expect "$(sha256sum "$archive" | cut -d ' ' -f 1)" "$(cat "$release/codling.rb")"; }
pkgbuild() { bash -n "$release/PKGBUILD" && expect "$(sha256sum "$archive" | cut -d ' ' -f 1)" "$(cat "$release/PKGBUILD")"; }
flake() { nix-instantiate --parse "$release/flake.nix" >/dev/null && expect "$(sha256sum "$archive" | cut -d ' ' -f 1)" "$(cat "$release/flake.nix")"; }
acp_entry() { python3 -c 'import json, sys; agent = json.load(open(sys.argv[1])); assert agent["version"] == sys.argv[2]' "$release/acp/agent.json" "$version"; }

# A release after this one, whose program says so and does nothing else.
newer_release() {
    local name=codling-99.0.0-$machine-unknown-linux-musl
    mkdir "$work/$name"
    printf '#!/bin/sh\necho codling 99.0.0\n' >"$work/$name/codling"
    chmod 755 "$work/$name/codling"
    tar --format=ustar -C "$work" -czf "$work/newer/$name.tar.gz" "$name"
    packaging/latest.sh 99.0.0 "$work/newer"
    # The same said long ago, and a version from before all others.
    mkdir "$work/newer/"{old,back,bin}
    printf '#!/bin/sh\necho 2020-01-01\n' >"$work/newer/bin/date"
    chmod 755 "$work/newer/bin/date"
    PATH=$work/newer/bin:$PATH packaging/latest.sh 99.0.0 "$work/newer/old"
    packaging/latest.sh 0.0.1 "$work/newer/back"
    (cd "$work/newer" && sha256sum ./*.tar.gz | sed 's|\./||' >SHA256SUMS)
    minisign -S -s "$CODLING_SIGNING_KEY" -t "codling 99.0.0" -m "$work/newer/SHA256SUMS"
}

# `codling update` of a fresh copy, with the downloads that are named; prints what it says.
update() {
    local from=$web/$1
    case $1 in http*) from=$1 ;; esac
    mkdir -p "$work/copy"
    command install -m 755 "$work/archive/codling" "$work/copy/codling"
    env -i HOME="$work/home" PATH="$PATH" CODLING_DOWNLOADS="$from" \
        "$work/copy/codling" update "${@:2}" 2>&1
}

updates() {
    expect "codling $version is the latest version" "$(update downloads)"
    expect "codling 99.0.0 can be installed" "$(update newer --check)"
    expect "codling $version" "$("$work/copy/codling" --version)"
    expect "latest version is from 2020-01-01" "$(update newer-old --check)"
    expect "codling 99.0.0 has replaced $version" "$(update newer)"
    test "$("$work/copy/codling" --version)" = "codling 99.0.0"
    test "$(find "$work/copy" -type f)" = "$work/copy/codling"
}

# One that runs goes on, and still starts itself anew for its commands.
updates_beside_a_session() {
    local agent said
    command install -D -m 755 "$work/archive/codling" "$work/copy/codling"
    rm -f "$work/stdin"
    mkfifo "$work/stdin"
    env CODLING_HOME="$work/state" "$work/copy/codling" demo acp <"$work/stdin" >"$work/out" &
    agent=$!
    exec 8>"$work/stdin"
    echo '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":1,"clientCapabilities":{}}}' >&8
    until grep -q protocolVersion "$work/out"; do kill -0 "$agent"; done
    env -i HOME="$work/home" PATH="$PATH" CODLING_DOWNLOADS="$web/newer" "$work/copy/codling" update
    echo '{"jsonrpc":"2.0","id":2,"method":"session/new","params":{"cwd":"'"$work/copy"'","mcpServers":[]}}' >&8
    until grep -q '"id":2' "$work/out"; do kill -0 "$agent"; done
    said=$(sed -n 's/.*"sessionId":"\([^"]*\)".*/\1/p' "$work/out" | head -n 1)
    echo '{"jsonrpc":"2.0","id":3,"method":"session/prompt","params":{"sessionId":"'"$said"'","prompt":[{"type":"text","text":"run `echo still-$((6*7))`"}]}}' >&8
    until grep -q '"id":3' "$work/out"; do
        kill -0 "$agent"
        # It asks before it runs the command.
        ask=$(sed -n 's/.*"id":\("[^"]*"\|[0-9]*\),"method":"session\/request_permission".*/\1/p; s/.*"method":"session\/request_permission".*"id":\("[^"]*"\|[0-9]*\).*/\1/p' "$work/out" | head -n 1)
        if [ -n "$ask" ] && [ ! -e "$work/answered" ]; then
            touch "$work/answered"
            option=$(grep -o '"optionId":"[^"]*"' "$work/out" | head -n 1)
            echo '{"jsonrpc":"2.0","id":'"$ask"',"result":{"outcome":{"outcome":"selected",'"$option"'}}}' >&8
        fi
    done
    exec 8>&-
    wait "$agent" || true
    grep -q still-42 "$work/out" || { cat "$work/out"; return 1; }
}

refuses_update() {
    local why=$1 said
    shift
    if said=$(update "$@"); then echo "it did not fail: $said"; return 1; fi
    expect "$why" "$said"
    expect "codling $version" "$("$work/copy/codling" --version)"
    test "$(find "$work/copy" -type f)" = "$work/copy/codling"
}

bad_updates() {
    refuses_update "checksum is wrong" newer-changed
    refuses_update "cannot be read" newer-torn
    refuses_update "There is no" newer-unsigned
    refuses_update "signature of SHA256SUMS is wrong" newer-forged
    refuses_update "There is no" newer --to 98.0.0
    refuses_update "There is no" newer-unstated
    refuses_update "signature of latest is wrong" newer-restated
    refuses_update "older than this one" newer-back
    refuses_update "cannot be read" http://127.0.0.1:9
    refuses_update "plain http" http://host.invalid
}

update_of_npm() {
    code=0; said=$(env CODLING_DOWNLOADS="$web/newer" "$work/npm/bin/codling" update 2>&1) || code=$?
    test "$code" = 1
    expect "npm install --global codling@latest" "$said"
}

# Each line of the README's install section, word for word, in a home of its own. Package managers of
# the system install into a root of their own; Cargo would build for minutes, so it only reads its words.
readme() {
    local shims=$work/shims root=$work/readme line count=0
    mkdir -p "$shims" "$root"/{home,deb/var/lib/dpkg/{updates,info},rpm}
    touch "$root/deb/var/lib/dpkg/status"
    shim() { printf '#!/bin/sh\n%s\n' "$2" >"$shims/$1"; chmod 755 "$shims/$1"; }
    shim sudo 'exec "$@"'
    shim dpkg "exec $(command -v dpkg) --root=$root/deb --log=/dev/null \"\$@\""
    shim rpm "exec $(command -v rpm) --root=$root/rpm --nodeps \"\$@\""
    shim cargo "cd $PWD && export HOME=$HOME && exec $(command -v cargo) \"\$@\" --list"
    cp "$release"/codling_*_"$debian".deb "$release"/codling-*."$machine".rpm "$root"
    sed -n '/^## Install/,/^## The/p' README.md | sed -n '/^```sh/,/^```/p' | grep -v '^```' >"$root/lines"
    while read -r line; do
        count=$((count + 1))
        echo "+ $line"
        (cd "$root" && env HOME="$root/home" PATH="$shims:$PATH" CODLING_DOWNLOADS="$web/downloads" \
            npm_config_prefix="$root/npm" npm_config_cache="$work/npm-cache" \
            npm_config_registry="$web/npm" npm_config_update_notifier=false bash -e -o pipefail -c "$line" </dev/null)
    done <"$root/lines"
    test "$count" = 5
    for program in home/.local/bin npm/bin deb/usr/bin rpm/usr/bin; do
        expect "codling $version" "$("$root/$program/codling" --version)"
    done
}

step "the checksums fit" checksums
step "the archive holds the program and its notices" unpacked
step "the manual pages have no mistakes" manual
step "the list of components has what is linked, and so have the notices" components
step "cargo binstall finds the archive by Cargo.toml" binstall
step "the programs load at any address and need no libraries" anywhere
step "the program runs in an empty root" alone
step "the program works and keeps commands in where there is busybox alone, in a container without rights" in_busybox
IFS=: read -ra roots <<<"${CODLING_ROOTS:-}"
for given in "${roots[@]}"; do
    step "it does so in $given" in_given
done
step "the installer installs, and says what is missing in PATH" installs
step "the installer refuses a wrong checksum" wrong_checksum
step "the installer refuses half an archive" torn_archive
if [ -n "$(public_key)" ]; then
    step "the checksums and the word on the latest version are signed" signature
    step "the installer refuses a wrong signature" forged
    step "the installer refuses a missing signature" unsigned
else
    echo "left out: nothing is signed"
fi
step "the installer refuses a version that does not exist" no_such_version
step "the installer refuses what is no version" no_version
step "the installer works with wget alone" with_wget
step "the installer says that curl and wget are missing" with_neither
step "the installer refuses a folder that cannot be written" read_only_target
step "npm installs the launcher and the program" npm_installs
step "the launcher hands signals on and mirrors the end" npm_signals
step "the launcher says how to get a program that is missing" npm_without_program
if [ -n "${CODLING_SIGNING_KEY:-}" ]; then
    step "a later release is made" newer_release
    step "the installer believes only a signed word on the latest version, and never goes back by itself" statements
    step "update replaces the program by a later release" updates
    step "update leaves a running session alone" updates_beside_a_session
    step "update refuses what is changed, torn, unsigned, forged or missing" bad_updates
    step "update names npm where npm installed it" update_of_npm
else
    echo "left out: codling update: CODLING_SIGNING_KEY is not set"
fi
step "the deb holds what it should" deb
step "the rpm holds what it should" rpm_file
step "the Homebrew formula is Ruby, with the checksum" formula
step "the PKGBUILD is bash, with the checksum" pkgbuild
step "the Nix flake is Nix, with the checksum" flake
step "each line of the README's install section does what it says" readme
step "the ACP registry entry names this version" acp_entry
echo "figure  the program has $(stat -c %s "$work/archive/codling") bytes, its npm package $(stat -c %s "$release/codling-npm-$version-linux-$cpu.tgz")"
exit $failed
