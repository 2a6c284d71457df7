fail() { echo "$1"; exit 1; }
export GIT_OPTIONAL_LOCKS=0
[ "$(git symbolic-ref --short HEAD)" = main ] || fail "the branch is not main"
[ -e "$(git rev-parse --git-dir)/MERGE_HEAD" ] && fail "the merge is still in progress"
[ "$(git log -1 --format=%P)" = "$(git rev-parse "$CODLING_EVAL_START") $(git rev-parse guards)" ] ||
	fail "the last commit is not the merge of main and guards"
[ "$(git log -1 --format=%s guards)" = "router: run guards before handlers" ] || fail "the branch guards was moved"
git grep -q -e '^<<<<<<<' -e '^>>>>>>>' -e '^=======$' HEAD && fail "conflict markers are left"
# The hidden files are laid over the copy; nothing else may be uncommitted.
[ -z "$(git status --porcelain | grep -v ' hidden/')" ] || fail "the working tree is not clean"
git show HEAD:CHANGELOG.md > "${TMPDIR:-/tmp}/changes.$$"
for words in 'Routes may have a name' 'is answered by the' 'takes `{ name, guards }`'; do
	[ "$(grep -c "$words" "${TMPDIR:-/tmp}/changes.$$")" = 1 ] || fail "CHANGELOG.md does not say once: $words"
done
rm "${TMPDIR:-/tmp}/changes.$$"
for name in 'notes are kept' 'HEAD is GET without a body' 'guards end a request' 'the first route that fits is taken'; do
	grep -q "test(\"$name\"" tests/router.test.mjs || fail "the test is lost: $name"
done
node --test tests/ > "${TMPDIR:-/tmp}/tests.$$" 2>&1 || { cat "${TMPDIR:-/tmp}/tests.$$"; fail "the tests fail"; }
rm "${TMPDIR:-/tmp}/tests.$$"
out=$(node hidden/check.mjs 2>&1); [ "$out" = passed ] || { echo "$out"; exit 1; }
