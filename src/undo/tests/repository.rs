//! Git repositories: contents that git has, branches and what is staged, and commands that change which files are ignored.

use super::*;

fn repository() -> Garden {
    let garden = Garden::new();
    garden.sh("git init -q -b main; git config user.name G; git config user.email g@example.com; git config commit.gpgsign false
        printf '*.log\\n' > .gitignore; echo one > a.txt; mkdir sub; echo two > sub/b.txt; git add -A; git commit -qm first");
    garden
}

fn git(garden: &Garden, line: &str) -> String {
    let output = std::process::Command::new("sh")
        .args(["-ec", line])
        .current_dir(&garden.folder)
        .output()
        .unwrap();
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// Until git itself takes the files for settled.
fn staged_for_long(garden: &Garden) {
    moves::wait_for_a_tick(&garden.path(".git/index"));
    garden.sh("git update-index --refresh -q; touch .git/index");
}

#[test]
fn tracked_files_need_no_copy_and_come_back_from_git() {
    let garden = repository();
    staged_for_long(&garden);
    let changes = garden.command(|| garden.sh("rm a.txt; echo other > sub/b.txt"));
    assert_eq!(garden.told(&changes.files), ["create a.txt", "restore sub/b.txt"]);
    garden.undo(&changes.files, Pick::Offered);
    assert_eq!(
        (garden.read("a.txt").unwrap(), garden.read("sub/b.txt").unwrap()),
        ("one\n".into(), "two\n".into())
    );
    assert_eq!(git(&garden, "git status --porcelain"), "");
}

#[test]
fn settings_and_hooks_of_git_go_back_and_what_stays_is_named() {
    let garden = repository();
    let config = garden.read(".git/config").unwrap();
    let changes = garden.command(|| {
        garden.sh("git config user.name other; echo 'exit 0' > .git/hooks/pre-commit
            git init -q ../lib; git -C ../lib -c user.name=G -c user.email=g@example.com commit -q --allow-empty -m first
            git worktree add -q ../tree 2>/dev/null; git -c protocol.file.allow=always submodule --quiet add ../lib lib 2>/dev/null");
    });
    let told = garden.told(&changes.files);
    for wanted in [
        "restore .git/config",
        "remove .git/hooks/pre-commit",
        "cannot .git/worktrees/tree: git keeps more in it than undo does",
        "cannot .git/modules/lib: git keeps more in it than undo does",
        "remove .gitmodules",
    ] {
        assert!(told.iter().any(|told| told == wanted), "{wanted}: {told:#?}");
    }
    assert!(!told.iter().any(|told| told.contains(".sample")), "{told:#?}");
    let undone = garden.undo(&changes.files, Pick::Offered);
    assert_eq!(garden.read(".git/config").unwrap(), config);
    assert_eq!(garden.read(".git/hooks/pre-commit"), None);
    garden.undo(&undone, Pick::Offered);
    assert_eq!(garden.read(".git/hooks/pre-commit").unwrap(), "exit 0\n");
    // What only its name is known of does not come back empty.
    let changes = garden.command(|| garden.sh("git worktree remove ../tree"));
    let told = garden.told(&changes.files);
    assert!(told.iter().any(|told| told.starts_with("cannot .git/worktrees/tree")), "{told:#?}");
}

#[test]
fn edits_come_back_also_where_the_pointer_to_the_repository_went_with_them() {
    let garden = Garden::new();
    garden.sh("git init -q -b main ../main; cd ../main; git config user.name G; git config user.email g@example.com
        git config commit.gpgsign false; echo one > a.txt; git add -A; git commit -qm first; git worktree add -q ../garden 2>/dev/null");
    let index = garden.outside().join("main/.git/worktrees/garden/index");
    moves::wait_for_a_tick(&index);
    garden.sh("git update-index --refresh -q; touch ../main/.git/worktrees/garden/index");
    let garden = garden.restart();
    let first = garden.all();
    let changes = garden.command(|| garden.sh("rm .git; echo other > a.txt"));
    assert_eq!(garden.told(&changes.files), ["create .git", "restore a.txt"]);
    garden.there_and_back(&changes.files, &first);
}

#[test]
fn a_commit_and_a_new_branch_are_taken_back_while_git_has_the_old_ones() {
    let garden = repository();
    let head = git(&garden, "git rev-parse HEAD");
    let first = garden.all();
    let changes = garden.command(|| {
        garden.sh("git switch -qc topic; echo more >> a.txt; git commit -qam second; git tag v1")
    });
    let told = garden.told(&changes.files);
    for wanted in [
        "restore .git/HEAD",
        "restore .git/index",
        "remove .git/refs/heads/topic",
        "remove .git/refs/tags/v1",
        "restore a.txt",
    ] {
        assert!(told.iter().any(|told| told == wanted), "{wanted}: {told:?}");
    }
    let undone = garden.undo(&changes.files, Pick::Offered);
    assert_eq!(
        (
            garden.all(),
            git(&garden, "git rev-parse HEAD"),
            git(&garden, "git branch --show-current")
        ),
        (first, head, "main".into())
    );
    assert_eq!(git(&garden, "git status --porcelain"), "");
    garden.undo(&undone, Pick::Offered);
    assert_eq!(
        (git(&garden, "git branch --show-current"), git(&garden, "git log -1 --format=%s")),
        ("topic".into(), "second".into())
    );
    assert_eq!(git(&garden, "git fsck 2>&1 | grep -v dangling"), "");
}

#[test]
fn a_checkout_that_brings_back_the_ignore_rules_removes_nobody_s_files() {
    let garden = repository();
    garden.write(".gitignore", "*.log\n*.local\n");
    garden.write("mine.local", "only here");
    let changes = garden.command(|| garden.sh("git checkout -q -- ."));
    assert_eq!(
        garden
            .told(&changes.files)
            .iter()
            .filter(|told| !told.contains(".git/"))
            .collect::<Vec<_>>(),
        ["restore .gitignore"]
    );
    garden.undo(&changes.files, Pick::All);
    assert_eq!(garden.read("mine.local").unwrap(), "only here");

    let first = garden.all();
    let changes = garden.command(|| garden.sh("git stash -q"));
    assert!(garden.told(&changes.files).iter().all(|told| !told.contains("mine.local")));
    garden.undo(&changes.files, Pick::Offered);
    assert_eq!((garden.all(), garden.read("mine.local").unwrap()), (first, "only here".into()));
}

#[test]
fn branches_whose_commits_are_gone_are_named_and_left() {
    let garden = repository();
    garden.sh("git switch -qc topic; echo x > c.txt; git add -A; git commit -qm topic; git switch -q main");
    let changes = garden.command(|| {
        garden
            .sh("git branch -qD topic; git reflog expire --expire=now --all; git gc -q --prune=now")
    });
    let told = garden.told(&changes.files);
    assert!(
        told.contains(
            &"cannot .git/refs/heads/topic: git does not have its commits any more".to_owned()
        ),
        "{told:?}"
    );
    garden.undo(&changes.files, Pick::All);
    assert_eq!(git(&garden, "git branch --list topic"), "");
}

#[test]
fn a_repository_that_was_removed_is_not_pretended_to_come_back() {
    let garden = repository();
    let changes = garden.command(|| garden.sh("rm -rf .git"));
    let told = garden.told(&changes.files);
    assert!(
        told.iter()
            .filter(|told| told.contains(".git"))
            .all(|told| told.starts_with("cannot") || told.contains(".gitignore")),
        "{told:?}"
    );
    garden.undo(&changes.files, Pick::All);
    assert!(!garden.path(".git/HEAD").exists());
}

#[test]
fn files_that_git_translates_are_copied_by_us() {
    let garden = repository();
    garden.write(".gitattributes", "*.txt filter=upside\n");
    garden.sh("git add -A; git commit -qm attributes");
    staged_for_long(&garden);
    let changes = garden.command(|| garden.write("a.txt", "changed"));
    garden.undo(&changes.files, Pick::Offered);
    assert_eq!(garden.read("a.txt").unwrap(), "one\n");
}

#[test]
fn a_folder_within_a_repository_takes_its_branches_back_too() {
    let garden = repository();
    let snapshots = super::super::Snapshots::new(garden.outside().join("data/snapshots"));
    let store = snapshots.session(
        "ses_b".into(),
        garden.path("sub"),
        garden.outside().join("data/sessions/ses_b/images"),
        Vec::new(),
    );
    let store = store.filled();
    let before = store.before_command(TurnId(1));
    garden.sh("echo more >> sub/b.txt; git commit -qam second");
    let all = [garden.folder.clone()];
    let touched = Touched {
        paths: all.clone().into(),
        renamed: all.into(),
        complete: true,
        ..Touched::default()
    };
    let changes = store.after_alone(before, Some(&touched));
    let told: Vec<String> = store.preview(ANY, &changes.files).iter().map(tell).collect();
    assert!(
        told.iter().any(|told| told.ends_with(".git/refs/heads/main"))
            && told.contains(&"restore b.txt".to_owned()),
        "{told:?}"
    );
}

#[test]
fn a_stash_that_was_dropped_comes_back_with_its_list() {
    let garden = repository();
    garden.sh("echo mine >> a.txt; git stash -q; echo again >> a.txt; git stash -q");
    let changes = garden.command(|| garden.sh("git stash drop -q"));
    garden.undo(&changes.files, Pick::Offered);
    assert_eq!(git(&garden, "git stash list").lines().count(), 2);
    garden.sh("git stash pop -q");
    assert_eq!(garden.read("a.txt").unwrap(), "one\nagain\n");
}

#[test]
fn the_head_of_a_repository_comes_back_alone() {
    let garden = repository();
    garden.sh("git clone -q . nested");
    let first = garden.all();
    let changes = garden.command(|| garden.sh("rm nested/.git/HEAD"));
    assert_eq!(garden.told(&changes.files), ["create nested/.git/HEAD"]);
    garden.there_and_back(&changes.files, &first);
}

#[test]
fn a_file_that_is_only_named_like_one_of_git_s_comes_and_goes() {
    let garden = repository();
    garden.sh("mkdir -p nested/.git");
    let first = garden.all();
    let changes = garden.command(|| garden.write("nested/.git/HEAD", "some words"));
    garden.there_and_back(&changes.files, &first);
}

#[test]
fn an_empty_folder_of_git_s_name_goes_and_comes() {
    let garden = repository();
    garden.sh("mkdir -p nested/.git");
    let first = garden.all();
    let changes = garden.command(|| garden.sh("rmdir nested/.git"));
    garden.there_and_back(&changes.files, &first);
}
