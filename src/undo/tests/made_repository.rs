//! Repositories that calls made: each goes, comes back or stays as one thing.

use super::*;

const COMMIT: &str =
    "git config user.name G; git config user.email g@example.com; git config commit.gpgsign false
    git add -A; git commit -qm first";

fn plain() -> Garden {
    let garden = Garden::new();
    garden.write("a.txt", "one");
    garden
}

fn git(garden: &Garden, line: &str) -> String {
    let output = std::process::Command::new("sh")
        .args(["-c", line])
        .current_dir(&garden.folder)
        .output()
        .unwrap();
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

const CHANGED: &str = "something in it changed since";

#[test]
fn a_repository_that_a_command_made_goes_whole_and_comes_back_whole() {
    let garden = plain();
    let first = garden.all();
    let changes = garden.command(|| garden.sh(&format!("git init -q -b main; {COMMIT}")));
    assert_eq!(garden.told(&changes.files), ["remove .git"]);
    let undone = garden.undo(&changes.files, Pick::Offered);
    assert_eq!((garden.all(), garden.path(".git").exists()), (first, false));
    assert_eq!(garden.told(&changes.files), ["remove .git (already)"]);

    assert_eq!(garden.told(&undone), ["create .git"]);
    let redone = garden.undo(&undone, Pick::Offered);
    assert_eq!(
        git(&garden, "git log --format=%s; git --no-optional-locks status --porcelain; git fsck"),
        "first"
    );
    assert!(garden.path(".git/description").exists() && garden.path(".git/info/exclude").exists());
    assert_eq!(garden.told(&redone), ["remove .git"]);
    garden.undo(&redone, Pick::Offered);
    assert!(!garden.path(".git").exists());
}

#[test]
fn what_later_calls_did_in_a_repository_goes_with_it() {
    let garden = plain();
    let mut files = garden.command(|| garden.sh("git init -q -b main")).files;
    files.extend(garden.command(|| garden.sh(COMMIT)).files);
    files.extend(garden.command(|| garden.sh("git gc -q; git switch -qc topic")).files);
    files.extend(garden.command(|| garden.sh("echo x >> a.txt; git commit -qam more")).files);
    assert_eq!(garden.told(&files), ["remove .git", "restore a.txt"]);
    garden.undo(&files, Pick::Offered);
    assert!(!garden.path(".git").exists());
}

#[test]
fn a_later_turn_in_a_repository_that_was_made_is_taken_back_before_it() {
    let garden = plain();
    let first = garden.command(|| garden.sh(&format!("git init -q -b main; {COMMIT}"))).files;
    let second = garden.command(|| garden.sh("echo x >> a.txt; git commit -qam more")).files;
    assert_eq!(garden.told(&first), [format!("cannot .git: {CHANGED}")]);
    assert_eq!(garden.told(&second), ["restore .git", "restore a.txt"]);
    let undone = garden.undo(&second, Pick::Offered);
    assert_eq!(
        git(&garden, "git log --format=%s; git --no-optional-locks status --porcelain; git fsck"),
        "first"
    );
    assert_eq!(garden.told(&first), ["remove .git"]);
    garden.undo(&undone, Pick::Offered);
    assert_eq!(git(&garden, "git log --format=%s; git fsck"), "more\nfirst");
}

#[test]
fn a_repository_in_which_somebody_worked_since_stays_whole_and_is_named() {
    for by_hand in [
        COMMIT,
        "git config alias.mine log",
        "printf '#!/bin/sh\\n' > .git/hooks/pre-commit",
        "echo secret.txt >> .git/info/exclude",
    ] {
        let garden = plain();
        let changes = garden.command(|| garden.sh("git init -q -b main")).files;
        garden.sh(by_hand);
        assert_eq!(garden.told(&changes), [format!("cannot .git: {CHANGED}")], "{by_hand}");
        let then = garden.all();
        garden.undo(&changes, Pick::All);
        assert_eq!(garden.all(), then, "{by_hand}");
        assert!(garden.path(".git/config").exists(), "{by_hand}");
    }
}

#[test]
fn a_repository_that_lost_a_file_since_is_left_unless_it_is_chosen() {
    let garden = plain();
    let changes = garden.command(|| garden.sh("git init -q -b main")).files;
    garden.remove(".git/description");
    assert_eq!(garden.told(&changes), ["remove .git (changed since)"]);
    garden.undo(&changes, Pick::Offered);
    assert!(garden.path(".git/HEAD").exists());
    garden.undo(&changes, Pick::All);
    assert!(!garden.path(".git").exists());
}

#[test]
fn a_repository_whose_index_alone_was_written_anew_is_left_unless_it_is_chosen() {
    let garden = plain();
    let changes = garden.command(|| garden.sh(&format!("git init -q -b main; {COMMIT}"))).files;
    garden.sh("touch -d @1000000000 a.txt; git status -s");
    assert_eq!(garden.told(&changes), ["remove .git (changed since)"]);
    let undone = garden.undo(&changes, Pick::All);
    assert!(!garden.path(".git").exists());
    garden.undo(&undone, Pick::Offered);
    assert_eq!(git(&garden, "git status --porcelain; git fsck; git log --format=%s"), "first");
}

#[test]
fn what_comes_into_a_repository_after_the_review_keeps_all_of_it_and_is_named() {
    let garden = plain();
    let changes = garden.command(|| garden.sh("git init -q -b main")).files;
    let steps = garden.preview(&changes);
    garden.write(".git/hooks/pre-commit", "mine");
    let (done, kept) = garden.undo_steps(&changes, &steps, Pick::Offered);
    assert_eq!((done, kept), (Vec::new(), vec![format!(".git: {CHANGED}")]));
    assert!(garden.path(".git/HEAD").exists() && garden.path(".git/hooks/pre-commit").exists());
}

#[test]
fn a_clone_goes_with_its_folder() {
    let garden = plain();
    garden.sh(&format!(
        "mkdir ../source; cd ../source; echo two > b.txt; git init -q -b main; {COMMIT}"
    ));
    let first = garden.all();
    let changes = garden.command(|| garden.sh("git clone -q ../source copy")).files;
    assert_eq!(garden.told(&changes), ["remove copy", "remove copy/.git", "remove copy/b.txt"]);
    garden.undo(&changes, Pick::Offered);
    assert_eq!(garden.all(), first);
}

#[test]
fn a_repository_that_came_from_elsewhere_is_not_taken_for_a_new_one() {
    let garden = plain();
    garden.sh(&format!("mkdir ../other; cd ../other; git init -q -b main; touch b; {COMMIT}"));
    moves::wait_for_a_tick(&garden.outside().join("other/.git"));
    let changes = garden.command(|| garden.sh("mv ../other/.git .")).files;
    let told = garden.told(&changes);
    assert!(told.iter().all(|told| !told.starts_with("remove")), "{told:?}");
    garden.undo(&changes, Pick::All);
    assert_eq!(git(&garden, "git log --format=%s"), "first");
}

#[test]
fn after_a_restart_a_repository_goes_while_nothing_was_added_to_it() {
    let garden = plain();
    let changes = garden.command(|| garden.sh(&format!("git init -q -b main; {COMMIT}"))).files;
    let garden = garden.restart();
    assert_eq!(garden.told(&changes), ["remove .git"]);
    let more = garden.command(|| garden.sh("echo x >> a.txt; git commit -qam more")).files;
    assert_eq!(garden.told(&changes), [format!("cannot .git: {CHANGED}")]);
    garden.undo(&more, Pick::Offered);
    assert_eq!(git(&garden, "git log --format=%s"), "first");
    assert_eq!(garden.told(&changes), [format!("cannot .git: {CHANGED}")]);
}

#[test]
fn what_a_turn_did_in_a_repository_that_is_gone_since_is_named() {
    let garden = plain();
    garden.command(|| garden.sh(&format!("git init -q -b main; {COMMIT}")));
    let second = garden.command(|| garden.sh("echo x >> a.txt; git commit -qam more")).files;
    garden.sh("rm -rf .git");
    let told = garden.told(&second);
    assert!(told[0].starts_with("cannot .git: ") && told[1..] == ["restore a.txt"], "{told:?}");
    garden.undo(&second, Pick::All);
    assert!(!garden.path(".git").exists());
}

#[test]
fn a_repository_that_was_made_and_moved_is_still_one_thing() {
    let garden = plain();
    let mut files = garden.command(|| garden.sh("mkdir x; cd x; git init -q -b main")).files;
    files.extend(garden.command(|| garden.rename("x", "y")).files);
    assert_eq!(garden.told(&files), ["remove y", "remove y/.git"]);
    garden.undo(&files, Pick::Offered);
    assert!(!garden.path("y").exists());
}
