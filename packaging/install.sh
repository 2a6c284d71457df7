#!/bin/sh
# Installs codling for the user who runs it: downloads the archive for this machine, compares its
# checksum, and moves the program into place. Where minisign is installed, the signatures of the checksums
# and of the word on which version is the latest are verified first. It needs no root, and changes no start-up file.
#
#   CODLING_INSTALL_DIR   where the program goes (default: ~/.local/bin)
#   CODLING_VERSION       which version (default: the latest)
#   CODLING_DOWNLOADS     where the archives lie (default: @DOWNLOADS@)
set -eu

fail() {
    printf 'codling was not installed: %s\n' "$1" >&2
    [ -z "${2-}" ] || printf '%s\n' "$2" >&2
    exit 1
}

# Writes what is at an address into a file.
fetch() {
    if command -v curl >/dev/null 2>&1; then
        # An address that begins with https leads to no other kind.
        case $1 in https:*) kinds='=https' ;; *) kinds='=https,http' ;; esac
        curl -fsSL --retry 2 --proto "$kinds" -o "$2" "$1"
    elif command -v wget >/dev/null 2>&1; then
        wget -q -O "$2" "$1"
    else
        fail "neither curl nor wget is there" "Install one of them, and try again."
    fi
}

checksum() {
    if command -v sha256sum >/dev/null 2>&1; then
        sha256sum "$1" | cut -d ' ' -f 1
    elif command -v shasum >/dev/null 2>&1; then
        shasum -a 256 "$1" | cut -d ' ' -f 1
    else
        fail "neither sha256sum nor shasum is there, so the download cannot be checked" \
            "Install one of them, and try again."
    fi
}

# Verifies the signature of a file, where this release has a key and minisign is there.
#   signed ADDRESS FILE: what is at the address was written to the file
signed() {
    key='@PUBLIC_KEY@'
    [ -n "$key" ] || return 0
    if ! command -v minisign >/dev/null 2>&1; then
        [ -n "${told-}" ] || echo "minisign is not installed: the checksum is verified, and not its signature."
        told=1
        return 0
    fi
    fetch "$1.minisig" "$2.minisig" || fail "$1.minisig cannot be read" \
        "What has no signature is not installed. Look at your connection, and try again."
    minisign -V -q -P "$key" -m "$2" -x "$2.minisig" >/dev/null 2>&1 ||
        fail "the signature of ${1##*/} is wrong" \
            "The download was damaged, or changed on the way. Try again; if it stays so, report it."
}

# The days of a date, with months of 30 days: near enough.
days() {
    printf '%s\n' "$1" | sed -n 's/^\([0-9]\{4\}\)-\([01][0-9]\)-\([0-3][0-9]\)$/\1 1\2 1\3/p' | {
        read -r year month day && echo "$((year * 365 + (month - 100) * 30 + day))"
    }
}

# Whether a version is lower than another by its numbers.
lower() {
    # shellcheck disable=SC2046
    set -- $(printf '%s %s' "${1%%[-+]*}" "${2%%[-+]*}" | tr . ' ' | sed 's/[^0-9 ]/0/g')
    [ $# = 6 ] || return 1
    [ "$1" -lt "$4" ] || { [ "$1" -eq "$4" ] && [ "$2" -lt "$5" ]; } ||
        { [ "$1" -eq "$4" ] && [ "$2" -eq "$5" ] && [ "$3" -lt "$6" ]; }
}

target() {
    case "$(uname -s) $(uname -m)" in
        'Linux x86_64' | 'Linux amd64') echo x86_64-unknown-linux-musl ;;
        'Linux aarch64' | 'Linux arm64') echo aarch64-unknown-linux-musl ;;
        *)
            fail "there is no archive for $(uname -s) on $(uname -m)" \
                "With Rust: cargo install codling --locked --profile dist"
            ;;
    esac
}

main() {
    downloads=${CODLING_DOWNLOADS:-@DOWNLOADS@}
    downloads=${downloads%/}
    into=${CODLING_INSTALL_DIR:-${HOME:?HOME is not set}/.local/bin}
    target=$(target)

    mkdir -p "$into" 2>/dev/null || fail "$into cannot be made" \
        "Name another folder: CODLING_INSTALL_DIR=~/bin"
    # Beside its place, so that the last step is a rename, and a temporary folder that runs no
    # programs is no obstacle.
    work=$(mktemp -d "$into/.codling-install.XXXXXX" 2>/dev/null) || fail "$into cannot be written" \
        "Name another folder: CODLING_INSTALL_DIR=~/bin"
    trap 'rm -rf "$work"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP

    version=${CODLING_VERSION:-} stated=
    if [ -z "$version" ]; then
        fetch "$downloads/latest" "$work/latest" || fail "$downloads/latest cannot be read" \
            "Look at your connection, or name a version: CODLING_VERSION=0.1.0"
        signed "$downloads/latest" "$work/latest"
        version=$(sed -n 1p "$work/latest")
        stated=$(sed -n 2p "$work/latest")
        age=$(days "$stated") || fail "latest does not hold a version and a day"
        age=$(($(days "$(date -u +%Y-%m-%d)") - age))
    fi
    case $version in
        '' | *[!0-9A-Za-z.+-]*) fail "what was named is no version: $(printf %s "$version" | tr -cd '[:alnum:]. _-' | cut -c 1-60)" ;;
    esac
    if [ -n "$stated" ]; then
        here=$("$into/codling" --version 2>/dev/null) || here=
        here=${here#codling }
        here=${here%% *}
        ! lower "$version" "$here" || fail "the latest version is $version, older than $here, which is installed" \
            "To go back all the same: CODLING_VERSION=$version"
        # Whoever serves the files cannot sign, but can go on serving what was signed.
        [ "$age" -le 90 ] ||
            echo "The word that $version is the latest version is from $stated: the server may hold a later one back."
    fi

    name=codling-$version-$target
    from=$downloads/v$version
    fetch "$from/$name.tar.gz" "$work/archive" || fail "$from/$name.tar.gz cannot be read" \
        "Look at your connection, and whether that version exists."
    fetch "$from/SHA256SUMS" "$work/sums" || fail "$from/SHA256SUMS cannot be read"
    signed "$from/SHA256SUMS" "$work/sums"
    expected=$(sed -n "s/^\([0-9a-f]\{64\}\)  $name\.tar\.gz\$/\1/p" "$work/sums")
    [ -n "$expected" ] || fail "SHA256SUMS does not name $name.tar.gz"
    found=$(checksum "$work/archive")
    [ "$found" = "$expected" ] || fail "the archive's checksum is wrong" \
        "expected $expected
found    $found
The download was damaged, or changed on the way. Try again; if it stays so, report it."

    mkdir "$work/archive.d"
    tar -xzf "$work/archive" -C "$work/archive.d" || fail "the archive cannot be unpacked"
    program=$work/archive.d/$name/codling
    [ -f "$program" ] || fail "there is no program in the archive"
    chmod 755 "$program"
    said=$("$program" --version 2>&1) || fail "the program does not start here: $said" \
        "Does $into allow programs to run? Name another folder: CODLING_INSTALL_DIR=~/bin"
    mv -f "$program" "$into/codling"

    printf '%s is in %s\n' "$said" "$into"
    case :${PATH:-}: in
        *":$into:"*) ;;
        *)
            printf 'That folder is not in your PATH. Add it in your shell'\''s start-up file:\n'
            printf '  export PATH="%s:$PATH"\n' "$into"
            ;;
    esac
}

# At the end, so that half a script does nothing.
main
