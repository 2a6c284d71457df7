//! Git repositories: contents that git has, branches and what is staged, and commands that change
//! which files are ignored.

use super::*;

fn repository() -> Fixture {
    let fixture = Fixture::new();
    fixture.sh("git init -q -b main; git config user.name G; git config user.email g@example.com; git config commit.gpgsign false
        printf '*.log\\n' > .gitignore; echo one > a.txt; mkdir sub; echo two > sub/b.txt; git add -A; git commit -qm first");
    fixture
}

fn git(fixture: &Fixture, line: &str) -> String {
    let output = std::process::Command::new("sh")
        .args(["-ec", line])
        .current_dir(&fixture.folder)
        .output()
        .unwrap();
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// Until git itself takes the files for settled.
fn staged_for_long(fixture: &Fixture) {
    moves::wait_for_a_tick(&fixture.path(".git/index"));
    fixture.sh("git update-index --refresh -q; touch .git/index");
}

#[test]
fn tracked_files_need_no_copy_and_come_back_from_git() {
    let fixture = repository();
    staged_for_long(&fixture);
    let changes = fixture.command(|| fixture.sh("rm a.txt; echo other > sub/b.txt"));
    assert_eq!(fixture.described(&changes.files), ["create a.txt", "restore sub/b.txt"]);
    fixture.undo(&changes.files, Pick::Offered);
    assert_eq!(
        (fixture.read("a.txt").unwrap(), fixture.read("sub/b.txt").unwrap()),
        ("one\n".into(), "two\n".into())
    );
    assert_eq!(git(&fixture, "git status --porcelain"), "");
}

#[test]
fn settings_and_hooks_of_git_go_back_and_what_stays_is_named() {
    let fixture = repository();
    let config = fixture.read(".git/config").unwrap();
    let changes = fixture.command(|| {
        fixture.sh("git config user.name other; echo 'exit 0' > .git/hooks/pre-commit
            git init -q ../lib; git -C ../lib -c user.name=G -c user.email=g@example.com commit -q --allow-empty -m first
            git worktree add -q ../tree 2>/dev/null; git -c protocol.file.allow=always submodule --quiet add ../lib lib 2>/dev/null");
    });
    let described = fixture.described(&changes.files);
    for wanted in [
        "restore .git/config",
        "remove .git/hooks/pre-commit",
        "cannot .git/worktrees/tree: git keeps more in it than undo does",
        "cannot .git/modules/lib: git keeps more in it than undo does",
        "remove .gitmodules",
    ] {
        assert!(described.iter().any(|described| described == wanted), "{wanted}: {described:#?}");
    }
    assert!(!described.iter().any(|described| described.contains(".sample")), "{described:#?}");
    let undone = fixture.undo(&changes.files, Pick::Offered);
    assert_eq!(fixture.read(".git/config").unwrap(), config);
    assert_eq!(fixture.read(".git/hooks/pre-commit"), None);
    fixture.undo(&undone, Pick::Offered);
    assert_eq!(fixture.read(".git/hooks/pre-commit").unwrap(), "exit 0\n");
    // A file of which only the name is known does not come back empty.
    let changes = fixture.command(|| fixture.sh("git worktree remove ../tree"));
    let described = fixture.described(&changes.files);
    assert!(
        described.iter().any(|described| described.starts_with("cannot .git/worktrees/tree")),
        "{described:#?}"
    );
}

#[test]
fn edits_come_back_also_where_the_pointer_to_the_repository_went_with_them() {
    let fixture = Fixture::new();
    fixture.sh("git init -q -b main ../main; cd ../main; git config user.name G; git config user.email g@example.com
        git config commit.gpgsign false; echo one > a.txt; git add -A; git commit -qm first; git worktree add -q ../fixture 2>/dev/null");
    let index = fixture.outside().join("main/.git/worktrees/fixture/index");
    moves::wait_for_a_tick(&index);
    fixture.sh("git update-index --refresh -q; touch ../main/.git/worktrees/fixture/index");
    let fixture = fixture.restart();
    let first = fixture.all();
    let changes = fixture.command(|| fixture.sh("rm .git; echo other > a.txt"));
    assert_eq!(fixture.described(&changes.files), ["create .git", "restore a.txt"]);
    fixture.there_and_back(&changes.files, &first);
}

#[test]
fn a_commit_and_a_new_branch_are_taken_back_while_git_has_the_old_ones() {
    let fixture = repository();
    let head = git(&fixture, "git rev-parse HEAD");
    let first = fixture.all();
    let changes = fixture.command(|| {
        fixture.sh("git switch -qc topic; echo more >> a.txt; git commit -qam second; git tag v1")
    });
    let described = fixture.described(&changes.files);
    for wanted in [
        "restore .git/HEAD",
        "restore .git/index",
        "remove .git/refs/heads/topic",
        "remove .git/refs/tags/v1",
        "restore a.txt",
    ] {
        assert!(described.iter().any(|described| described == wanted), "{wanted}: {described:?}");
    }
    let undone = fixture.undo(&changes.files, Pick::Offered);
    assert_eq!(
        (
            fixture.all(),
            git(&fixture, "git rev-parse HEAD"),
            git(&fixture, "git branch --show-current")
        ),
        (first, head, "main".into())
    );
    assert_eq!(git(&fixture, "git status --porcelain"), "");
    fixture.undo(&undone, Pick::Offered);
    assert_eq!(
        (git(&fixture, "git branch --show-current"), git(&fixture, "git log -1 --format=%s")),
        ("topic".into(), "second".into())
    );
    assert_eq!(git(&fixture, "git fsck 2>&1 | grep -v dangling"), "");
}

#[test]
fn a_checkout_that_brings_back_the_ignore_rules_removes_nobody_s_files() {
    let fixture = repository();
    fixture.write(".gitignore", "*.log\n*.local\n");
    fixture.write("mine.local", "only here");
    let changes = fixture.command(|| fixture.sh("git checkout -q -- ."));
    assert_eq!(
        fixture
            .described(&changes.files)
            .iter()
            .filter(|described| !described.contains(".git/"))
            .collect::<Vec<_>>(),
        ["restore .gitignore"]
    );
    fixture.undo(&changes.files, Pick::All);
    assert_eq!(fixture.read("mine.local").unwrap(), "only here");

    let first = fixture.all();
    let changes = fixture.command(|| fixture.sh("git stash -q"));
    assert!(
        fixture.described(&changes.files).iter().all(|described| !described.contains("mine.local"))
    );
    fixture.undo(&changes.files, Pick::Offered);
    assert_eq!((fixture.all(), fixture.read("mine.local").unwrap()), (first, "only here".into()));
}

#[test]
fn branches_whose_commits_are_gone_are_named_and_left() {
    let fixture = repository();
    fixture.sh("git switch -qc topic; echo x > c.txt; git add -A; git commit -qm topic; git switch -q main");
    let changes = fixture.command(|| {
        fixture
            .sh("git branch -qD topic; git reflog expire --expire=now --all; git gc -q --prune=now")
    });
    let described = fixture.described(&changes.files);
    assert!(described.contains(&cannot(".git/refs/heads/topic", NO_COMMITS)), "{described:?}");
    fixture.undo(&changes.files, Pick::All);
    assert_eq!(git(&fixture, "git branch --list topic"), "");
}

#[test]
fn a_repository_that_was_removed_is_not_pretended_to_come_back() {
    let fixture = repository();
    let changes = fixture.command(|| fixture.sh("rm -rf .git"));
    let described = fixture.described(&changes.files);
    assert!(
        described
            .iter()
            .filter(|described| described.contains(".git"))
            .all(|described| described.starts_with("cannot") || described.contains(".gitignore")),
        "{described:?}"
    );
    fixture.undo(&changes.files, Pick::All);
    assert!(!fixture.path(".git/HEAD").exists());
}

#[test]
fn files_that_git_translates_are_copied_by_us() {
    let fixture = repository();
    fixture.write(".gitattributes", "*.txt filter=upside\n");
    fixture.sh("git add -A; git commit -qm attributes");
    staged_for_long(&fixture);
    let changes = fixture.command(|| fixture.write("a.txt", "changed"));
    fixture.undo(&changes.files, Pick::Offered);
    assert_eq!(fixture.read("a.txt").unwrap(), "one\n");
}

#[test]
fn a_folder_within_a_repository_takes_its_branches_back_too() {
    let fixture = repository();
    let snapshots = super::super::Snapshots::new(fixture.outside().join("data/snapshots"));
    let store = snapshots.session(
        "ses_b".into(),
        fixture.path("sub"),
        fixture.outside().join("data/sessions/ses_b/images"),
        Vec::new(),
    );
    let store = store.filled();
    let before = store.before_command(TurnId(1));
    fixture.sh("echo more >> sub/b.txt; git commit -qam second");
    let all = [fixture.folder.clone()];
    let touched = Touched {
        paths: all.clone().into(),
        renamed: all.into(),
        complete: true,
        ..Touched::default()
    };
    let changes = store.after_alone(before, Some(&touched));
    let described: Vec<String> = store.preview(ANY, &changes.files).iter().map(describe).collect();
    assert!(
        described.iter().any(|described| described.ends_with(".git/refs/heads/main"))
            && described.contains(&"restore b.txt".to_owned()),
        "{described:?}"
    );
}

#[test]
fn a_stash_that_was_dropped_comes_back_with_its_list() {
    let fixture = repository();
    fixture.sh("echo mine >> a.txt; git stash -q; echo again >> a.txt; git stash -q");
    let changes = fixture.command(|| fixture.sh("git stash drop -q"));
    fixture.undo(&changes.files, Pick::Offered);
    assert_eq!(git(&fixture, "git stash list").lines().count(), 2);
    fixture.sh("git stash pop -q");
    assert_eq!(fixture.read("a.txt").unwrap(), "one\nagain\n");
}

#[test]
fn the_head_of_a_repository_comes_back_alone() {
    let fixture = repository();
    fixture.sh("git clone -q . nested");
    let first = fixture.all();
    let changes = fixture.command(|| fixture.sh("rm nested/.git/HEAD"));
    assert_eq!(fixture.described(&changes.files), ["create nested/.git/HEAD"]);
    fixture.there_and_back(&changes.files, &first);
}

#[test]
fn a_file_that_is_only_named_like_one_of_git_s_comes_and_goes() {
    let fixture = repository();
    fixture.sh("mkdir -p nested/.git");
    let first = fixture.all();
    let changes = fixture.command(|| fixture.write("nested/.git/HEAD", "some words"));
    fixture.there_and_back(&changes.files, &first);
}

#[test]
fn an_empty_folder_of_git_s_name_goes_and_comes() {
    let fixture = repository();
    fixture.sh("mkdir -p nested/.git");
    let first = fixture.all();
    let changes = fixture.command(|| fixture.sh("rmdir nested/.git"));
    fixture.there_and_back(&changes.files, &first);
}
