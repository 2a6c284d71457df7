#!/usr/bin/env bash
# Builds what a release consists of, in one folder: an archive, a deb and an rpm for each target, the
# npm packages, the installer, the files for other package managers, lists of components, and the
# checksums of all with their signature.
#
#   CODLING_DOWNLOADS=https://… CODLING_PUBLIC_KEY=RW… CODLING_SIGNING_KEY=FILE packaging/build.sh \
#       [--out DIR] [--profile NAME] [--program TARGET=FILE]... [TARGET]...
#
# CODLING_DOWNLOADS is the address under which the folders v0.1.0, v0.2.0, … will lie.
# CODLING_PUBLIC_KEY is the minisign key that `codling update` and install.sh check with,
# CODLING_SIGNING_KEY the file of the secret one, which fits it, or CODLING_OLD_PUBLIC_KEY in the one
# release between two keys; without them nothing is signed, and `codling update`
# downloads nothing. --program packs a program that is there instead of building it, --profile builds
# with another profile than `dist`. packaging/tools.sh installs what this needs.
set -euo pipefail
cd "$(dirname "$0")/.."

out=target/packages
profile=dist
targets=()
declare -A given=()
while [ $# -gt 0 ]; do
    case $1 in
        --out) out=$2; shift 2 ;;
        --profile) profile=$2; shift 2 ;;
        --program) given[${2%%=*}]=${2#*=}; shift 2 ;;
        -*) echo "packaging/build.sh: there is no option $1" >&2; exit 2 ;;
        *) targets+=("$1"); shift ;;
    esac
done
[ ${#targets[@]} -gt 0 ] || targets=("${!given[@]}")
[ ${#targets[@]} -gt 0 ] || targets=(x86_64-unknown-linux-musl aarch64-unknown-linux-musl)
downloads=${CODLING_DOWNLOADS:?is not set: the address under which the archives will lie}
downloads=${downloads%/}
public_key=${CODLING_PUBLIC_KEY:-}
signing_key=${CODLING_SIGNING_KEY:-}
if [ -n "$signing_key" ] && [ -z "$public_key" ]; then
    echo "packaging/build.sh: CODLING_PUBLIC_KEY is not set: nobody could check the signature" >&2
    exit 2
fi

version=$(sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1)
commit=$(git rev-parse --short=12 HEAD)
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH
day=$(date -u -d "@$SOURCE_DATE_EPOCH" +%Y-%m-%d)
out=$(mkdir -p "$out" && cd "$out" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The program of a target, built so that two builds in different folders are equal.
compile() {
    local target=$1 homes
    homes="--remap-path-prefix=$PWD=/codling --remap-path-prefix=${CARGO_HOME:-$HOME/.cargo}=/cargo"
    homes+=" --remap-path-prefix=$(rustc --print sysroot)=/rust"
    export CODLING_COMMIT=$commit CODLING_DAY=$day CODLING_BUILD="$version ($commit $day)"
    export CODLING_DOWNLOADS=$downloads CODLING_PUBLIC_KEY=$public_key
    export CARGO_INCREMENTAL=0 RUSTFLAGS="$homes" CFLAGS="-ffile-prefix-map=${CARGO_HOME:-$HOME/.cargo}=/cargo"
    # Only these names of functions tell apart those that are made for different types.
    RUSTFLAGS+=" -Csymbol-mangling-version=v0 -Clinker=$PWD/packaging/linker.py -Clinker-flavor=ld"
    case $target in
        "$(uname -m)"-*) CC_x86_64_unknown_linux_musl=$(command -v musl-gcc || command -v gcc) \
            cargo build --locked --profile "$profile" --target "$target" ;;
        # zig is the compiler for what is written in C.
        *) cargo zigbuild --locked --profile "$profile" --target "$target" ;;
    esac
    cp "target/$target/${profile/#dev/debug}/codling" "$2"
}

# A tree as an archive that depends on its names and contents alone.
pack() {
    local folder=$1 archive=$2
    find "$folder" -print0 | xargs -0 touch -h -d "@$SOURCE_DATE_EPOCH"
    tar --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" \
        --format=ustar -C "$(dirname "$folder")" -c "$(basename "$folder")" | gzip -9n >"$archive"
}

# The files that stand beside the program in every package.
documents() {
    mkdir -p "$1"
    cp LICENSE README.md CHANGELOG.md "$1"
    packaging/notices.sh >"$1/THIRD-PARTY.md"
}

# The manual pages of this version, in a folder.
manual() {
    local page
    mkdir -p "$1"
    for page in assets/man/*; do
        sed -e "s/@VERSION@/$version/" -e "s/@DAY@/$day/" "$page" >"$1/$(basename "$page")"
    done
}

# The same as a package of a system has them.
manual_of_system() {
    local section
    manual "$work/manual"
    for section in 1 5; do
        mkdir -p "$1/usr/share/man/man$section"
        cp "$work/manual/"*."$section" "$1/usr/share/man/man$section"
        gzip -9n "$1/usr/share/man/man$section/"*
    done
}

archive() {
    local target=$1 program=$2 name=codling-$version-$1
    documents "$work/$name"
    manual "$work/$name/man"
    install -m 755 "$program" "$work/$name/codling"
    pack "$work/$name" "$out/$name.tar.gz"
    packaging/components.py "$target" >"$out/$name.cdx.json"
}

deb() {
    local architecture=$1 program=$2 root=$work/deb-$1
    install -D -m 755 "$program" "$root/usr/bin/codling"
    documents "$root/usr/share/doc/codling"
    mv "$root/usr/share/doc/codling/LICENSE" "$root/usr/share/doc/codling/copyright"
    gzip -9n "$root/usr/share/doc/codling/CHANGELOG.md"
    mv "$root/usr/share/doc/codling/CHANGELOG.md.gz" "$root/usr/share/doc/codling/changelog.gz"
    completions "$root"
    manual_of_system "$root"
    mkdir -p "$root/DEBIAN"
    cat >"$root/DEBIAN/control" <<CONTROL
Package: codling
Version: $version
Architecture: $architecture
Maintainer: The codling team <codling@example.invalid>
Installed-Size: $(du -k -s "$root/usr" | cut -f 1)
Recommends: git, ca-certificates
Section: devel
Priority: optional
Description: coding client for the terminal
 It reads the folder you are in, changes files and runs commands, and you see
 and decide what it does. It opens at once, signs in from anywhere, and works
 over SSH.
CONTROL
    find "$root" -print0 | xargs -0 touch -h -d "@$SOURCE_DATE_EPOCH"
    dpkg-deb --root-owner-group -Zgzip --build "$root" "$out/codling_${version}_$architecture.deb" >/dev/null
}

rpm() {
    local architecture=$1 program=$2 root=$work/rpm-$1
    mkdir -p "$root"
    install -D -m 755 "$program" "$root/tree/usr/bin/codling"
    documents "$root/tree/usr/share/doc/codling"
    completions "$root/tree"
    manual_of_system "$root/tree"
    sed -e "s/@VERSION@/$version/" -e "s|@TREE@|$root/tree|" packaging/rpm/codling.spec >"$root/codling.spec"
    rpmbuild -bb --quiet --target "$architecture" --define "_topdir $root/top" \
        --define "_rpmdir $root/rpms" --define "_build_id_links none" --define "__strip /bin/true" --define "__brp_compress /bin/true" \
        --define "use_source_date_epoch_as_buildtime 1" --define "clamp_mtime_to_source_date_epoch 1" \
        --define "_buildhost codling" "$root/codling.spec"
    cp "$root"/rpms/*/*.rpm "$out/codling-$version-1.$architecture.rpm"
}

# What completes words, as a program prints it that runs here: it is the same for all.
completions() {
    local runs=$work/runs/codling
    mkdir -p "$1/usr/share/bash-completion/completions" "$1/usr/share/zsh/site-functions" \
        "$1/usr/share/fish/vendor_completions.d"
    "$runs" completion bash >"$1/usr/share/bash-completion/completions/codling"
    "$runs" completion zsh >"$1/usr/share/zsh/site-functions/_codling"
    "$runs" completion fish >"$1/usr/share/fish/vendor_completions.d/codling.fish"
}

# One npm name: the launcher has the version, each program the version with its system behind it.
npm_program() {
    local system=$1 cpu=$2 program=$3 root=$work/npm-$1-$2/package
    install -D -m 755 "$program" "$root/bin/codling"
    cp LICENSE "$root"
    cat >"$root/package.json" <<JSON
{
  "name": "codling",
  "version": "$version-$system-$cpu",
  "description": "The program of codling for $system on $cpu",
  "license": "MIT",
  "os": ["$system"],
  "cpu": ["$cpu"],
  "files": ["bin"]
}
JSON
    pack "$root" "$out/codling-npm-$version-$system-$cpu.tgz"
}

npm_launcher() {
    local root=$work/npm/package
    install -D -m 755 packaging/npm/codling.js "$root/bin/codling.js"
    cp LICENSE README.md "$root"
    cat >"$root/package.json" <<JSON
{
  "name": "codling",
  "version": "$version",
  "description": "A coding client for your terminal",
  "license": "MIT",
  "type": "module",
  "bin": { "codling": "bin/codling.js" },
  "engines": { "node": ">=18" },
  "files": ["bin/codling.js"],
  "optionalDependencies": {
    "codling-linux-x64": "npm:codling@$version-linux-x64",
    "codling-linux-arm64": "npm:codling@$version-linux-arm64"
  }
}
JSON
    pack "$root" "$out/codling-npm-$version.tgz"
}

filled() {
    local sum_x64 sum_arm64
    sum_x64=$(sum x86_64-unknown-linux-musl)
    sum_arm64=$(sum aarch64-unknown-linux-musl)
    sed -e "s|@DOWNLOADS@|$downloads|g" -e "s|@PUBLIC_KEY@|${CODLING_OLD_PUBLIC_KEY:-$public_key}|g" -e "s/@VERSION@/$version/g" -e "s/@SUM_X64@/$sum_x64/g" \
        -e "s/@SUM_ARM64@/$sum_arm64/g" "$1" >"$2"
}

sum() {
    local file=$out/codling-$version-$1.tar.gz
    if [ -f "$file" ]; then sha256sum "$file" | cut -d ' ' -f 1; else echo missing; fi
}

for target in "${targets[@]}"; do
    program=${given[$target]:-}
    if [ -z "$program" ]; then
        program=$work/codling-$target
        compile "$target" "$program"
    fi
    if [ "${target%%-*}" = "$(uname -m)" ]; then
        install -D -m 755 "$program" "$work/runs/codling"
    fi
    given[$target]=$program
done
# Where no program is this machine's, an emulator runs one.
if [ ! -x "$work/runs/codling" ]; then
    target=${targets[0]}
    emulator=$(command -v "qemu-${target%%-*}-static") || {
        echo "packaging/build.sh: neither is there a program of this machine, nor qemu-${target%%-*}-static" >&2
        exit 1
    }
    mkdir -p "$work/runs"
    printf '#!/bin/sh\nexec %s %s "$@"\n' "$emulator" "$(realpath "${given[$target]}")" >"$work/runs/codling"
    chmod 755 "$work/runs/codling"
fi
for target in "${targets[@]}"; do
    program=${given[$target]}
    archive "$target" "$program"
    case $target in
        x86_64-*) deb amd64 "$program"; rpm x86_64 "$program"; npm_program linux x64 "$program" ;;
        aarch64-*) deb arm64 "$program"; rpm aarch64 "$program"; npm_program linux arm64 "$program" ;;
    esac
done
npm_launcher
filled packaging/install.sh "$out/install.sh"
filled packaging/homebrew/codling.rb "$out/codling.rb"
filled packaging/nix/flake.nix "$out/flake.nix"
filled packaging/aur/PKGBUILD "$out/PKGBUILD"
mkdir -p "$out/acp"
filled packaging/acp/agent.json "$out/acp/agent.json"
cp packaging/acp/icon.svg "$out/acp"
cp LICENSE "$out"
# `latest`, its signature and install.sh lie beside the folders of the versions.
packaging/latest.sh "$version" "$out"
(cd "$out" && find . -maxdepth 1 -type f ! -name 'SHA256SUMS*' ! -name 'latest*' -printf '%f\0' | sort -z | xargs -0 sha256sum >SHA256SUMS)
# One signature over all checksums, whose file names hold the version.
rm -f "$out/SHA256SUMS.minisig"
if [ -n "$signing_key" ]; then
    minisign -S -s "$signing_key" -t "codling $version" -m "$out/SHA256SUMS"
    for file in SHA256SUMS latest; do
        minisign -V -q -P "${CODLING_OLD_PUBLIC_KEY:-$public_key}" -m "$out/$file"
    done
else
    echo "packaging/build.sh: not signed: CODLING_SIGNING_KEY is not set" >&2
fi
echo "$out"
