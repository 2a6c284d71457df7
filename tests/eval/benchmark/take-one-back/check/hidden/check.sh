fail() { echo "$1"; exit 1; }
export GIT_OPTIONAL_LOCKS=0
[ "$(git symbolic-ref --short HEAD)" = main ] || fail "the branch is not main"
[ "$(git rev-parse HEAD^)" = "$(git rev-parse "$CODLING_EVAL_START")" ] || fail "HEAD is not one commit on top of main"
[ -z "$(git status --porcelain | grep -v -e ' hidden/' -e __pycache__)" ] || fail "the working tree is not clean"
git diff --name-only HEAD^ HEAD | grep -v -x -e 'mailer/send.py' -e 'mailer/members.py' -e 'mailer/__main__.py' -e CHANGES.md -e 'tests/test_mailer.py' \
	-e README.md && fail "other files are in the commit"
grep -r -i -l -e household -e together mailer tests CHANGES.md --include '*.py' --include '*.md' && fail "code of the commit is left"
[ "$(cat CHANGES.md)" = "# Changes

- Letters may have a subject line.
- \`{name|friend}\` has a default.
- Messages say how to leave the club." ] || fail "CHANGES.md is wrong"
python3 -B tests/test_mailer.py > "${TMPDIR:-/tmp}/log.$$" 2>&1 || { cat "${TMPDIR:-/tmp}/log.$$"; fail "the tests fail"; }
rm "${TMPDIR:-/tmp}/log.$$"
grep -q 'def test_names_are_filled_in' tests/test_mailer.py || fail "the other test is lost"
out=$(python3 -B hidden/check.py 2>&1); [ "$(printf %s "$out" | tail -n 1)" = passed ] || { echo "$out"; exit 1; }
