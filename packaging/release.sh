#!/usr/bin/env bash
# Cuts a release: the version in Cargo.toml and Cargo.lock, the changelog's new section, a commit, and a
# tag that holds the section; then its packages, built and tried. Nothing is pushed or uploaded.
#
#   CODLING_DOWNLOADS=… CODLING_PUBLIC_KEY=… CODLING_SIGNING_KEY=… packaging/release.sh VERSION
#   packaging/release.sh --tag-only VERSION
set -euo pipefail
cd "$(dirname "$0")/.."

fail() { echo "packaging/release.sh: $1" >&2; exit 1; }
only_tag=
if [ "${1-}" = --tag-only ]; then only_tag=1; shift; fi
version=${1:?is missing: the version, such as 0.2.0}
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.]+)?$ ]] || fail "'$version' is no version"
[ -z "$(git status --porcelain)" ] || fail "there are changes that are not committed"
! git rev-parse -q --verify "refs/tags/v$version" >/dev/null || fail "there is a tag v$version"
if [ -z "$only_tag" ]; then
    : "${CODLING_DOWNLOADS:?is not set}" "${CODLING_PUBLIC_KEY:?is not set}" "${CODLING_SIGNING_KEY:?is not set}"
fi

# The section of the changelog with this heading, without the heading.
section() { awk -v heading="## [$1]" 'index($0, "## [") == 1 { inside = index($0, heading) == 1; next } inside' CHANGELOG.md; }
[ -n "$(section Unreleased | tr -d '[:space:]')" ] || fail "CHANGELOG.md has nothing under Unreleased"

# The version stands at the top, and where the crates name each other.
sed -i -E "s/^(version = |codling-.*, version = )\"[^\"]*\"/\1\"$version\"/" Cargo.toml
sed -i "s/^## \[Unreleased\]$/## [Unreleased]\n\n## [$version] - $(date -u +%Y-%m-%d)/" CHANGELOG.md
cargo metadata --offline --format-version 1 >/dev/null
git commit -q -m "release: $version" Cargo.toml Cargo.lock CHANGELOG.md
section "$version" | git tag -a --cleanup=verbatim -F <(printf 'codling %s\n' "$version"; cat) "v$version"
[ -z "$only_tag" ] || exit 0
packaging/build.sh
packaging/test.sh
echo "To publish: push the tag v$version, upload target/packages as $CODLING_DOWNLOADS/v$version,"
echo "then latest, latest.minisig and install.sh beside it."
