//! Repositories that calls made: each goes, comes back or stays as one thing.

use super::*;

const COMMIT: &str =
    "git config user.name G; git config user.email g@example.com; git config commit.gpgsign false
    git add -A; git commit -qm first";

fn plain() -> Fixture {
    let fixture = Fixture::new();
    fixture.write("a.txt", "one");
    fixture
}

fn git(fixture: &Fixture, line: &str) -> String {
    let output = std::process::Command::new("sh")
        .args(["-c", line])
        .current_dir(&fixture.folder)
        .output()
        .unwrap();
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

#[test]
fn a_repository_that_a_command_made_goes_whole_and_comes_back_whole() {
    let fixture = plain();
    let first = fixture.all();
    let changes = fixture.command(|| fixture.sh(&format!("git init -q -b main; {COMMIT}")));
    assert_eq!(fixture.described(&changes.files), ["remove .git"]);
    let undone = fixture.undo(&changes.files, Pick::Offered);
    assert_eq!((fixture.all(), fixture.path(".git").exists()), (first, false));
    assert_eq!(fixture.described(&changes.files), ["remove .git (already)"]);

    assert_eq!(fixture.described(&undone), ["create .git"]);
    let redone = fixture.undo(&undone, Pick::Offered);
    assert_eq!(
        git(&fixture, "git log --format=%s; git --no-optional-locks status --porcelain; git fsck"),
        "first"
    );
    assert!(
        fixture.path(".git/description").exists() && fixture.path(".git/info/exclude").exists()
    );
    assert_eq!(fixture.described(&redone), ["remove .git"]);
    fixture.undo(&redone, Pick::Offered);
    assert!(!fixture.path(".git").exists());
}

#[test]
fn what_later_calls_did_in_a_repository_goes_with_it() {
    let fixture = plain();
    let mut files = fixture.command(|| fixture.sh("git init -q -b main")).files;
    files.extend(fixture.command(|| fixture.sh(COMMIT)).files);
    files.extend(fixture.command(|| fixture.sh("git gc -q; git switch -qc topic")).files);
    files.extend(fixture.command(|| fixture.sh("echo x >> a.txt; git commit -qam more")).files);
    assert_eq!(fixture.described(&files), ["remove .git", "restore a.txt"]);
    fixture.undo(&files, Pick::Offered);
    assert!(!fixture.path(".git").exists());
}

#[test]
fn a_later_turn_in_a_repository_that_was_made_is_taken_back_before_it() {
    let fixture = plain();
    let first = fixture.command(|| fixture.sh(&format!("git init -q -b main; {COMMIT}"))).files;
    let second = fixture.command(|| fixture.sh("echo x >> a.txt; git commit -qam more")).files;
    assert_eq!(fixture.described(&first), [format!("cannot .git: {CHANGED}")]);
    assert_eq!(fixture.described(&second), ["restore .git", "restore a.txt"]);
    let undone = fixture.undo(&second, Pick::Offered);
    assert_eq!(
        git(&fixture, "git log --format=%s; git --no-optional-locks status --porcelain; git fsck"),
        "first"
    );
    assert_eq!(fixture.described(&first), ["remove .git"]);
    fixture.undo(&undone, Pick::Offered);
    assert_eq!(git(&fixture, "git log --format=%s; git fsck"), "more\nfirst");
}

#[test]
fn a_repository_in_which_somebody_worked_since_stays_whole_and_is_named() {
    for by_hand in [
        COMMIT,
        "git config alias.mine log",
        "printf '#!/bin/sh\\n' > .git/hooks/pre-commit",
        "echo secret.txt >> .git/info/exclude",
    ] {
        let fixture = plain();
        let changes = fixture.command(|| fixture.sh("git init -q -b main")).files;
        fixture.sh(by_hand);
        assert_eq!(fixture.described(&changes), [format!("cannot .git: {CHANGED}")], "{by_hand}");
        let then = fixture.all();
        fixture.undo(&changes, Pick::All);
        assert_eq!(fixture.all(), then, "{by_hand}");
        assert!(fixture.path(".git/config").exists(), "{by_hand}");
    }
}

#[test]
fn a_repository_that_lost_a_file_since_is_left_unless_it_is_chosen() {
    let fixture = plain();
    let changes = fixture.command(|| fixture.sh("git init -q -b main")).files;
    fixture.remove(".git/description");
    assert_eq!(fixture.described(&changes), ["remove .git (changed since)"]);
    fixture.undo(&changes, Pick::Offered);
    assert!(fixture.path(".git/HEAD").exists());
    fixture.undo(&changes, Pick::All);
    assert!(!fixture.path(".git").exists());
}

#[test]
fn a_repository_whose_index_alone_was_written_anew_is_left_unless_it_is_chosen() {
    let fixture = plain();
    let changes = fixture.command(|| fixture.sh(&format!("git init -q -b main; {COMMIT}"))).files;
    fixture.sh("touch -d @1000000000 a.txt; git status -s");
    assert_eq!(fixture.described(&changes), ["remove .git (changed since)"]);
    let undone = fixture.undo(&changes, Pick::All);
    assert!(!fixture.path(".git").exists());
    fixture.undo(&undone, Pick::Offered);
    assert_eq!(git(&fixture, "git status --porcelain; git fsck; git log --format=%s"), "first");
}

#[test]
fn what_comes_into_a_repository_after_the_review_keeps_all_of_it_and_is_named() {
    let fixture = plain();
    let changes = fixture.command(|| fixture.sh("git init -q -b main")).files;
    let steps = fixture.preview(&changes);
    fixture.write(".git/hooks/pre-commit", "mine");
    let (done, kept) = fixture.undo_steps(&changes, &steps, Pick::Offered);
    assert_eq!((done, kept), (Vec::new(), vec![format!(".git: {CHANGED}")]));
    assert!(fixture.path(".git/HEAD").exists() && fixture.path(".git/hooks/pre-commit").exists());
}

#[test]
fn a_clone_goes_with_its_folder() {
    let fixture = plain();
    fixture.sh(&format!(
        "mkdir ../source; cd ../source; echo two > b.txt; git init -q -b main; {COMMIT}"
    ));
    let first = fixture.all();
    let changes = fixture.command(|| fixture.sh("git clone -q ../source copy")).files;
    assert_eq!(
        fixture.described(&changes),
        ["remove copy", "remove copy/.git", "remove copy/b.txt"]
    );
    fixture.undo(&changes, Pick::Offered);
    assert_eq!(fixture.all(), first);
}

#[test]
fn a_repository_that_came_from_elsewhere_is_not_taken_for_a_new_one() {
    let fixture = plain();
    fixture.sh(&format!("mkdir ../other; cd ../other; git init -q -b main; touch b; {COMMIT}"));
    moves::wait_for_a_tick(&fixture.outside().join("other/.git"));
    let changes = fixture.command(|| fixture.sh("mv ../other/.git .")).files;
    let described = fixture.described(&changes);
    assert!(described.iter().all(|described| !described.starts_with("remove")), "{described:?}");
    fixture.undo(&changes, Pick::All);
    assert_eq!(git(&fixture, "git log --format=%s"), "first");
}

#[test]
fn after_a_restart_a_repository_goes_while_nothing_was_added_to_it() {
    let fixture = plain();
    let changes = fixture.command(|| fixture.sh(&format!("git init -q -b main; {COMMIT}"))).files;
    let fixture = fixture.restart();
    assert_eq!(fixture.described(&changes), ["remove .git"]);
    let more = fixture.command(|| fixture.sh("echo x >> a.txt; git commit -qam more")).files;
    assert_eq!(fixture.described(&changes), [format!("cannot .git: {CHANGED}")]);
    fixture.undo(&more, Pick::Offered);
    assert_eq!(git(&fixture, "git log --format=%s"), "first");
    assert_eq!(fixture.described(&changes), [format!("cannot .git: {CHANGED}")]);
}

#[test]
fn what_a_turn_did_in_a_repository_that_is_gone_since_is_named() {
    let fixture = plain();
    fixture.command(|| fixture.sh(&format!("git init -q -b main; {COMMIT}")));
    let second = fixture.command(|| fixture.sh("echo x >> a.txt; git commit -qam more")).files;
    fixture.sh("rm -rf .git");
    let described = fixture.described(&second);
    assert!(
        described[0].starts_with("cannot .git: ") && described[1..] == ["restore a.txt"],
        "{described:?}"
    );
    fixture.undo(&second, Pick::All);
    assert!(!fixture.path(".git").exists());
}

#[test]
fn a_repository_that_was_made_and_moved_is_still_one_thing() {
    let fixture = plain();
    let mut files = fixture.command(|| fixture.sh("mkdir x; cd x; git init -q -b main")).files;
    files.extend(fixture.command(|| fixture.rename("x", "y")).files);
    assert_eq!(fixture.described(&files), ["remove y", "remove y/.git"]);
    fixture.undo(&files, Pick::Offered);
    assert!(!fixture.path("y").exists());
}
