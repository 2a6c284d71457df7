fail() { echo "$1"; exit 1; }
export GIT_OPTIONAL_LOCKS=0
[ "$(git symbolic-ref --short HEAD)" = main ] || fail "the branch is not main"
[ "$(git rev-list --count "$CODLING_EVAL_START"..HEAD)" = 1 ] || fail "there is not exactly one commit"
[ "$(git rev-parse HEAD^)" = "$(git rev-parse "$CODLING_EVAL_START")" ] || fail "the commit has another parent"
[ "$(git log -1 --format=%s)" = "fix: survive empty boards and unknown columns" ] || fail "the subject is another"
tmp=$(mktemp -d); trap 'rm -rf "$tmp"' EXIT
git archive HEAD | tar -xf - -C "$tmp"
python3 -B hidden/check.py "$tmp" . || exit 1
