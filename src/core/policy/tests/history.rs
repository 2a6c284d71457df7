//! Committed secrets: lines that show history, with a real repository. A line that runs unasked
//! shows none of them, and otherwise all that it showed before.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::*;
use crate::policy::{line_edits, only_reads};
use crate::protocol::SecretAccess;

/// It is in every secret of the repository, and nowhere else.
const SECRET: &str = "hunter2";

fn git(folder: &Path, words: &[&str]) -> String {
    let words = ["-c", "user.name=A", "-c", "user.email=a@b"].iter().chain(words);
    let done = Command::new("git").args(words).current_dir(folder).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap().trim().to_owned()
}

/// Five commits: three hold or remove secrets, one of these holds nothing else, and the files are
/// gone by now, except for one that is not hidden here.
fn repository(folder: &Path) {
    let put = |path: &str, text: String| {
        let path = folder.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    git(folder, &["init", "-q", "-b", "main"]);
    put("a.txt", "one\n".to_owned());
    put(".env", format!("KEY={SECRET}1\n"));
    put("conf/.env.local", format!("KEY={SECRET}2\n"));
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "-qm", "first"]);
    put("sub/.ssh/work", format!("KEY={SECRET}3\n"));
    put("sub/server.PEM", format!("KEY={SECRET}4\n"));
    put("sub/b.txt", "plain\n".to_owned());
    git(folder, &["add", "-A"]);
    git(folder, &["commit", "-qm", "second"]);
    put(".env", format!("KEY={SECRET}5\n"));
    git(folder, &["commit", "-qam", "third, secrets alone"]);
    git(folder, &["branch", "other"]);
    git(folder, &["rm", "-q", ".env", "conf/.env.local", "sub/server.PEM", "sub/.ssh/work"]);
    put("a.txt", "one\ntwo\n".to_owned());
    git(folder, &["commit", "-qam", "fourth"]);
    put("a.txt", "one\ntwo\nthree\n".to_owned());
    put(".env", format!("KEY={SECRET}6\n"));
    git(folder, &["add", "-Af"]);
    git(folder, &["stash", "-q"]);
    put("a.txt", "one\ntwo\n3\n".to_owned());
    git(folder, &["commit", "-qam", "fifth"]);
    put("tracked.key", format!("KEY={SECRET}7\n"));
    git(folder, &["add", "-A"]);
    put("tracked.key", format!("KEY={SECRET}8\n"));
}

struct Repository {
    dir: tempfile::TempDir,
    policy: PolicyConfig,
}

impl Repository {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        repository(dir.path());
        let policy = PolicyConfig { folder: dir.path().to_owned(), ..policy(&[]) };
        Self { dir, policy }
    }

    fn action(&self, line: &str) -> PlannedAction {
        let folder = Target {
            path: self.dir.path().to_owned(),
            shown: ".".to_owned(),
            location: Location::Inside,
        };
        action(ActionKind::Command {
            line: line.to_owned(),
            folder,
            wanted: RequestedConfinement::AsUsual,
        })
    }

    /// The output of a line that runs unasked; `None` if it asks.
    fn shown(&self, mode: ApprovalMode, line: &str) -> Option<String> {
        let action = self.action(line);
        match evaluate(&self.policy, &[], &session_mode(mode), &action) {
            Decision::Allow(grant) => assert_eq!(grant.committed, SecretAccess::Plain, "{line}"),
            Decision::Ask { grant, .. } => {
                assert_eq!(grant.committed, SecretAccess::All, "{line}");
                return None;
            }
            Decision::Deny { .. } => return None,
        }
        let edits = line_edits(&self.policy, &action);
        Some(self.run(&edits.apply(line, |path| fs::symlink_metadata(path).is_ok())))
    }

    fn run(&self, line: &str) -> String {
        let done = Command::new("bash")
            .args(["-c", line])
            .current_dir(self.dir.path())
            .envs([("GIT_PAGER", "cat"), ("GIT_EDITOR", "false")])
            .env_remove("GIT_LITERAL_PATHSPECS")
            .output()
            .unwrap();
        let (output, error) = (&done.stdout, &done.stderr);
        format!("{}{}", String::from_utf8_lossy(output), String::from_utf8_lossy(error))
    }

    /// Words that stand for numbers of objects.
    fn filled(&self, line: &str) -> String {
        let id = |name: &str| git(self.dir.path(), &["rev-parse", name]);
        line.replace("BLOB5", &id("other:.env"))
            .replace("BLOB1", &id("other~2:.env"))
            .replace("SHORT", &id("other:.env")[..7])
            .replace("TREE", &id("other^{tree}"))
            .replace("THIRD", &id("other"))
    }
}

/// They run unasked where they only read, and show something.
const SHOWING: &[&str] = &[
    "git log -p",
    "git log -p | cat",
    "cd sub && git log -p",
    "(cd sub; git log -p HEAD) | head -500",
    "git -C sub log -p",
    "git log -p --all",
    "git log --patch -n 3 other",
    "git log -u -3",
    "git log -U5",
    "git log -S hunter -p",
    "git log -G KEY --patch-with-stat",
    "git log -p --reverse other",
    "git log --cc -p",
    "git log -c -p --graph",
    "git log -m -p --oneline",
    "git log --remerge-diff -p",
    "git log -p -- .",
    "git log -p -- a.txt sub",
    "git log -p other -- ':!a.txt'",
    "git log -p other -- :/",
    "git log -p HEAD a.txt",
    "git log -p main..other",
    "git log -p other --",
    "git log -g -p",
    "git reflog -p",
    "git reflog show -p main",
    "git whatchanged -p",
    "git show",
    "git show other",
    "git show -s other && git show other~1",
    "git show HEAD~1 HEAD~2",
    "git show --stat -p other",
    "git show THIRD",
    "git show HEAD:a.txt",
    "git show --format=%H HEAD~1 -- .",
    "git diff",
    "git diff HEAD",
    "git diff --cached",
    "git diff main other",
    "git diff other~2..other",
    "git diff main...other",
    "git diff THIRD",
    "git diff THIRD..main",
    "git diff other -- . ':!a.txt'",
    "git diff other -- '*.txt' 'sub/*'",
    "cd sub; git diff other .",
    "git diff-tree -p main other",
    "git grep KEY other",
    "git grep -n KEY other~1 -- sub",
    "git grep -e plain -e KEY other",
    "git grep --cached KEY; git grep two",
    "for i in 1 2; do git log -p; done",
    "if true; then git show other~1; fi",
    "git log -p > /dev/null; git log -p 2>&1",
    "timeout 20 git log -p",
    "bash -c 'git log -p'",
    "bash -c \"git log -p -- a.txt sub | head -900\"",
    "command git log -p",
    "x=$(git log -p); echo \"$x\"",
    "echo \"$(git log -p other)\"",
    "cat <(git log -p)",
    "git log -p # all of it",
    "git log \\\n  -p \\\n  other",
    "git --no-pager log -p",
    "git log -p -S",
    "git show --sparse other -S",
    "git log --oneline -p --no-walk other",
    "nice git show other~1",
    "find . -maxdepth 0 -exec git show other~1 \\;",
    "echo x | xargs -I{} true; git show other",
    "eval 'git show other'",
];

/// They run unasked in `auto`, where they work in the folder.
const WORKING: &[&str] = &[
    "git archive other | tar -xO",
    "git archive --format=tar HEAD~3 sub a.txt | tar -xO",
    "git archive HEAD~3 --prefix=x/ | tar -xO",
    "git format-patch --stdout -4",
    "git format-patch --stdout HEAD~3 sub",
    "git range-diff other~2..other other~2..main",
    "git range-diff --creation-factor=900 other~2...main",
    "git fast-export --all",
    "git fast-export main",
    "git diff-index -p other",
    "git diff-files -p",
    "true > t.txt; git show other~1",
    "git -c color.ui=always log -p",
    "make; git log -p",
    "touch x && git diff other",
];

/// They ask, in every mode.
const ASKING: &[&str] = &[
    "git log -p --full-diff -- a.txt",
    "git log -p --follow a.txt",
    "git log -L1,2:a.txt",
    "git log -p --stdin < refs",
    "git show BLOB5",
    "git show SHORT",
    "git show --stat BLOB5",
    "git show other^{tree} BLOB5",
    "git show BLOB5^{blob}",
    "git show BLOB5^{}",
    "git diff BLOB1 BLOB5",
    "git diff BLOB1..BLOB5",
    "git grep KEY BLOB5",
    "git cat-file -p BLOB5",
    "git cat-file blob BLOB5",
    "git cat-file --batch",
    "echo BLOB5 | git cat-file --batch",
    "git cat-file --batch-all-objects --batch",
    "git ls-tree -r other | cut -c13-52 | git cat-file --batch",
    "git ls-tree -r other | cut -c13-52 | xargs -n1 git cat-file -p",
    "git ls-tree -r other | cut -c13-52 | xargs git show",
    "for c in $(git rev-list HEAD); do git show $c; done",
    "git show $(git rev-parse HEAD~1)",
    "c=other; git log $c",
    "git log --{patch,stat}",
    "git show other:.env",
    "git show other:conf/.env.local",
    "git log -p -- .env",
    "git blame other -- .env",
    "git blame other -- $f",
    "git stash show -p",
    "git stash list -p",
    "git stash show --patch-with-stat",
    "git bundle create - --all",
    "git difftool -y -x cat other",
    "git --literal-pathspecs log -p -- .",
    "GIT_LITERAL_PATHSPECS=1 git log -p -- .",
    "export GIT_LITERAL_PATHSPECS=1; git log -p -- .",
    "git lg",
    "git status -v",
    "git commit --dry-run -v",
    "yes | git add -p",
    "git unpack-file BLOB5",
    "git checkout-index --temp -a",
    "git merge-tree other~2 other main",
    "git diff-tree -p --stdin",
    "bash <<'X'\ngit log -p\nX",
    "echo `git log -p`",
    "git submodule foreach 'git log -p'",
    "git update-index --add --cacheinfo 100644,BLOB5,x.txt",
    "git for-each-ref --format='%(raw)'",
    "git fsck --lost-found",
    "git rebase --show-current-patch",
    "git notes add -C BLOB5",
];

/// They show names and numbers at the most: nothing is added, and they run as they stand.
const PLAIN: &[&str] = &[
    "git log",
    "git log --oneline -20",
    "git log --stat --since=1.week",
    "git log -n 5 --format='%h %s' -- a.txt",
    "git log --oneline --follow -- a.txt",
    "git log --graph --all --decorate",
    "git log --name-status main..other",
    "git log -S KEY --oneline",
    "git show --stat",
    "git show --stat HEAD~1",
    "git show --name-only other",
    "git show -s --format=%B HEAD",
    "git diff --stat other",
    "git diff --name-only main...other",
    "git reflog",
    "git stash list",
    "git status --short",
    "git ls-tree -r other",
    "git rev-list --all",
    "git branch -a",
    "git rev-parse HEAD",
    "git shortlog -sn",
    "git cat-file -t other",
    "git cat-file -p other",
    "git cat-file -p HEAD:a.txt",
    "git blame a.txt",
    "git describe --always",
    "git --version",
    "git for-each-ref",
];

#[test]
fn what_shows_history_unasked_leaves_committed_secrets_out() {
    let repository = Repository::new();
    for mode in [ApprovalMode::ReadOnly, ApprovalMode::Ask, ApprovalMode::Auto] {
        for line in SHOWING {
            let line = repository.filled(line);
            let shown = repository.shown(mode, &line);
            let shown = shown.unwrap_or_else(|| panic!("it asks: {line} ({mode:?})"));
            assert!(!shown.contains(SECRET), "{line} ({mode:?})\n{shown}");
            let said = shown.contains("fatal") || shown.contains("usage");
            assert!(!said || line.ends_with("-S"), "{line}\n{shown}");
        }
    }
    for line in WORKING {
        let shown = repository.shown(ApprovalMode::Auto, line).unwrap_or_else(|| panic!("{line}"));
        assert!(!shown.contains(SECRET) && !shown.contains("fatal"), "{line}\n{shown}");
    }
}

#[test]
fn every_form_would_show_a_secret_if_nothing_were_left_out() {
    let repository = Repository::new();
    let all = |lines: &[&str]| {
        let shown = lines.iter().map(|line| repository.run(&repository.filled(line)));
        shown.filter(|shown| shown.contains(SECRET)).count()
    };
    assert!(all(SHOWING) * 10 >= SHOWING.len() * 8, "{} of {}", all(SHOWING), SHOWING.len());
    assert!(all(WORKING) * 10 >= WORKING.len() * 8, "{} of {}", all(WORKING), WORKING.len());
}

#[test]
fn where_secrets_cannot_be_left_out_a_person_is_asked() {
    let repository = Repository::new();
    for mode in [ApprovalMode::ReadOnly, ApprovalMode::Ask, ApprovalMode::Auto] {
        for line in ASKING {
            let line = repository.filled(line);
            if let Some(shown) = repository.shown(mode, &line) {
                // A number that is no commit's is refused by git itself.
                assert!(
                    shown.contains("expected commit type") && !shown.contains(SECRET),
                    "{line} ({mode:?})\n{shown}"
                );
            }
        }
    }
}

#[test]
fn a_line_that_would_become_too_long_asks() {
    let repository = Repository::new();
    let line = |count| vec!["git show"; count].join("; ");
    assert!(repository.shown(ApprovalMode::Auto, &line(3)).is_some());
    assert_eq!(repository.shown(ApprovalMode::Auto, &line(60)), None);
}

#[test]
fn every_commit_keeps_its_head() {
    let repository = Repository::new();
    let heads = |shown: String| shown.lines().filter(|line| line.starts_with("commit ")).count();
    let shown = |line: &str| repository.shown(ApprovalMode::Auto, line).unwrap();
    assert_eq!(heads(shown("git log -p")), 5);
    assert_eq!(heads(shown("git log -p -n 2 other")), 2);
    assert_eq!(heads(shown("cd sub && git log -p main")), 5);
    assert_eq!(heads(shown("git show other")), 1);
    // A log of some paths is one of what touches them.
    for line in ["git log -p -- a.txt", "git log -p a.txt", "git log -p HEAD a.txt"] {
        assert_eq!(heads(shown(line)), 3, "{line}");
        assert_eq!(shown(line), repository.run(line), "{line}");
    }
    // A commit that touches only secrets among these paths is left out.
    assert_eq!(heads(shown("git log -p sub")), 1);
    assert_eq!(shown("git reflog show -p main").matches("main@{").count(), 5);
}

#[test]
fn what_shows_only_names_runs_as_it_stands() {
    let repository = Repository::new();
    for line in PLAIN {
        let action = repository.action(line);
        assert!(only_reads_but_for_settings(&repository.policy, &action), "{line}");
        assert_eq!(line_edits(&repository.policy, &action), Default::default(), "{line}");
        let shown = repository.shown(ApprovalMode::Auto, line).unwrap_or_else(|| panic!("{line}"));
        assert!(!shown.contains(SECRET) && !shown.contains("fatal"), "{line}\n{shown}");
    }
}

fn only_reads_but_for_settings(policy: &PolicyConfig, action: &PlannedAction) -> bool {
    only_reads(policy, action)
        || matches!(
            evaluate(policy, &[], &session_mode(ApprovalMode::Ask), action),
            Decision::Allow(_)
        )
}
