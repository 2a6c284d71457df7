#!/usr/bin/env bash
# Writes `latest`, the statement of which version is the latest, with the day, and signs it.
#
#   CODLING_SIGNING_KEY=FILE packaging/latest.sh VERSION DIR
#
# It says today's date: programs warn of one that is older than 90 days, since whoever serves it may be
# holding a later one back. So it is signed anew before that, also where there was no release.
set -euo pipefail
version=${1:?is missing: the version, such as 0.2.0}
folder=${2:?is missing: the folder that it is written to}
printf '%s\n' "$version" "$(date -u +%Y-%m-%d)" >"$folder/latest"
rm -f "$folder/latest.minisig"
[ -z "${CODLING_SIGNING_KEY:-}" ] ||
    minisign -S -s "$CODLING_SIGNING_KEY" -t "codling $version is the latest version" -m "$folder/latest"
