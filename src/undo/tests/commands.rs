//! What commands do to a folder is found afterwards, whatever they were.

use std::fs;

use proptest::prelude::*;

use super::*;
use crate::protocol::Image;

fn paths(garden: &Garden, changes: &Changes) -> Vec<(String, bool, bool)> {
    changes.files.iter().map(|change| (garden.shown(&change.path), change.before.is_some(), change.after.is_some())).collect()
}

#[test]
fn created_changed_deleted_and_renamed_files_are_found_and_taken_back_and_made_again() {
    let garden = Garden::new();
    for (path, text) in [("a.txt", "one"), ("deep/b.txt", "two"), ("c.txt", "three"), ("same.txt", "same")] {
        garden.write(path, text);
    }
    let first = garden.all();
    let changes = garden.command(|| {
        garden.write("a.txt", "ONE");
        fs::rename(garden.path("deep/b.txt"), garden.path("moved.txt")).unwrap();
        fs::remove_dir(garden.path("deep")).unwrap();
        fs::remove_file(garden.path("c.txt")).unwrap();
        garden.write("new/folder/d.txt", "four");
        // Touched, and written anew with what it held.
        garden.write("same.txt", "same");
    });
    let then = garden.all();
    assert_eq!(
        paths(&garden, &changes),
        [
            ("a.txt".into(), true, true),
            ("c.txt".into(), true, false),
            ("deep/b.txt".into(), true, false),
            ("moved.txt".into(), false, true),
            ("new/folder/d.txt".into(), false, true)
        ]
    );
    assert_eq!(changes.missed, None);
    let (done, kept) = garden.go(Direction::Undo, &changes.files, Later::Keep);
    assert_eq!((done.len(), kept, garden.all()), (5, vec![], first));
    assert!(!garden.path("new").exists(), "a folder that is left empty goes");
    let (done, kept) = garden.go(Direction::Redo, &changes.files, Later::Keep);
    assert_eq!((done.len(), kept, garden.all()), (5, vec![], then));
    assert!(!garden.path("deep").exists());
}

#[cfg(unix)]
#[test]
fn a_mode_that_was_changed_comes_back() {
    use std::os::unix::fs::PermissionsExt;
    let garden = Garden::new();
    garden.write("run.sh", "#!/bin/sh");
    let set = |mode| fs::set_permissions(garden.path("run.sh"), fs::Permissions::from_mode(mode)).unwrap();
    let mode = || fs::metadata(garden.path("run.sh")).unwrap().permissions().mode() & 0o777;
    set(0o640);
    let changes = garden.command(|| set(0o755));
    assert_eq!(changes.files.len(), 1);
    garden.go(Direction::Undo, &changes.files, Later::Keep);
    assert_eq!(mode(), 0o640);
    garden.go(Direction::Redo, &changes.files, Later::Keep);
    assert_eq!(mode(), 0o755);
}

#[test]
fn what_git_ignores_and_what_is_private_is_neither_read_nor_removed() {
    let garden = Garden::new();
    for (path, text) in
        [(".gitignore", "target/\n*.log\n"), ("target/old", "x"), ("auth.json", "secret"), (".git/HEAD", "ref"), (".env", "x")]
    {
        garden.write(path, text);
    }
    let changes = garden.command(|| {
        for path in ["target/old", "target/new", "a.log", "auth.json", ".git/HEAD", ".env"] {
            garden.write(path, "changed");
        }
    });
    assert_eq!(paths(&garden, &changes), [(".env".into(), true, true)]);
    let kept: Vec<String> = fs::read_dir(garden.images()).unwrap().map(|file| fs::read_to_string(file.unwrap().path()).unwrap()).collect();
    assert!(!kept.contains(&"secret".to_owned()), "{kept:?}");
}

#[test]
fn files_that_were_ignored_before_are_not_taken_for_new_ones() {
    let garden = Garden::new();
    garden.write(".gitignore", "target/\n");
    garden.write("target/big", "made by hours of work");
    // Longer ago than the clock of a disk is coarse.
    let before = wait_for_a_tick(&garden);
    fs::remove_file(garden.path(".gitignore")).unwrap();
    garden.write("target/other", "new");
    let changes = garden.keeper.after(before);
    assert_eq!(paths(&garden, &changes), [(".gitignore".into(), true, false), ("target/other".into(), false, true)]);
    garden.go(Direction::Undo, &changes.files, Later::Keep);
    assert_eq!(garden.read("target/big").unwrap(), "made by hours of work");
    let ignored = garden.command(|| garden.write(".gitignore", "*.txt\ntarget/\n"));
    assert_eq!(ignored.files.len(), 1);
}

/// Looks again and again until what stands there is older than a tick.
fn wait_for_a_tick(garden: &Garden) -> super::super::Before {
    let about = || super::super::glance::Stamp::of(&fs::metadata(garden.path("target/big")).unwrap());
    while about().may_be_newer_than(super::super::glance::now()) {
        std::thread::yield_now();
    }
    garden.keeper.before_command()
}

#[test]
fn a_file_that_a_command_has_ignored_from_now_on_is_not_gone() {
    let garden = Garden::new();
    garden.write("notes.txt", "mine");
    let changes = garden.command(|| garden.write(".gitignore", "notes.txt\n"));
    assert_eq!(paths(&garden, &changes), [(".gitignore".into(), false, true)]);
}

#[test]
fn what_is_too_large_is_told_once_and_left_alone() {
    let garden = Garden::new();
    garden.write("big.bin", vec![1; 5 << 20]);
    garden.write("small", "x");
    let changes = garden.command(|| {
        garden.write("big.bin", vec![2; 6 << 20]);
        garden.write("new.bin", vec![3; 5 << 20]);
        garden.write("small", "y");
    });
    let missed = changes.missed.clone().unwrap();
    assert!(missed.starts_with("What `big.bin` and 1 more files held is not kept") && !missed.ends_with('.'), "{missed}");
    assert_eq!(changes.files[0].before.as_ref().unwrap().image, Image::NotKept);
    assert_eq!(
        garden.look(Direction::Undo, &changes.files),
        [
            ("big.bin".into(), Act::Restore, Footing::Unknown),
            ("new.bin".into(), Act::Remove, Footing::Unknown),
            ("small".into(), Act::Restore, Footing::AsLeft)
        ]
    );
    assert_eq!(garden.go(Direction::Undo, &changes.files, Later::Overwrite), (names(&["small"]), names(&["big.bin", "new.bin"])));
    assert!(garden.path("new.bin").exists());
    assert_eq!(garden.command(|| garden.write("big.bin", vec![4; 5 << 20])).missed, None);
}

#[test]
fn when_the_quota_is_used_up_the_rest_is_seen_and_not_kept() {
    let garden = Garden::new();
    let images = super::super::images::Images::new(garden.images(), 10);
    let keep = |text: &str| images.keep(super::super::images::Digest::of(text.as_bytes()), text.as_bytes()).unwrap();
    use super::super::images::Kept;
    assert_eq!(
        (keep("12345"), keep("12345"), keep("1234"), keep("12"), images.is_full()),
        (Kept::Here, Kept::Here, Kept::Here, Kept::Full, true)
    );
    let again = super::super::images::Images::new(garden.images(), 10);
    assert_eq!(again.keep(super::super::images::Digest::of(b"abc"), b"abc").unwrap(), Kept::Full, "an earlier start's count too");
}

#[cfg(unix)]
#[test]
fn pipes_devices_links_and_endless_rules_hold_nothing_up() {
    let garden = Garden::new();
    garden.write("a", "x");
    rustix_pipe(&garden.path("pipe"));
    std::os::unix::fs::symlink("/dev/zero", garden.path("zero")).unwrap();
    fs::create_dir(garden.path("trap")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", garden.path("trap/.gitignore")).unwrap();
    std::os::unix::fs::symlink(garden.outside(), garden.path("out")).unwrap();
    let changes = garden.command(|| garden.write("a", "y"));
    assert_eq!(paths(&garden, &changes), [("a".into(), true, true)]);
}

#[cfg(unix)]
fn rustix_pipe(path: &std::path::Path) {
    assert!(std::process::Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[cfg(unix)]
#[test]
fn images_are_for_their_owner_alone_and_each_is_kept_once() {
    use std::os::unix::fs::PermissionsExt;
    let garden = Garden::new();
    for name in ["a", "b", "c"] {
        garden.write(name, "the same");
    }
    garden.command(|| garden.write("d", "the same"));
    let images: Vec<_> =
        fs::read_dir(garden.images()).unwrap().map(|file| file.unwrap().metadata().unwrap().permissions().mode() & 0o777).collect();
    assert_eq!(images, [0o600]);
    assert_eq!(fs::metadata(garden.images()).unwrap().permissions().mode() & 0o777, 0o700);
}

#[derive(Clone, Debug)]
enum Deed {
    Write(usize, u8),
    Remove(usize),
    Rename(usize, usize),
}

const NAMES: [&str; 6] = ["a", "b", "d/a", "d/b", "d/e/a", "f/a"];

fn deed() -> impl Strategy<Value = Deed> {
    let name = || 0..NAMES.len();
    prop_oneof![
        (name(), 0_u8..4).prop_map(|(name, text)| Deed::Write(name, text)),
        name().prop_map(Deed::Remove),
        (name(), name()).prop_map(|(from, to)| Deed::Rename(from, to)),
    ]
}

impl Deed {
    fn act(&self, garden: &Garden) {
        match self {
            Self::Write(name, text) => garden.write(NAMES[*name], text.to_string().repeat(3)),
            Self::Remove(name) => drop(fs::remove_file(garden.path(NAMES[*name]))),
            Self::Rename(from, to) => {
                fs::create_dir_all(garden.path(NAMES[*to]).parent().unwrap()).unwrap();
                let _nothing_there = fs::rename(garden.path(NAMES[*from]), garden.path(NAMES[*to]));
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn whatever_commands_did_goes_back_and_forth(first in proptest::collection::vec(deed(), 0..8), calls in proptest::collection::vec(proptest::collection::vec(deed(), 0..5), 1..5)) {
        let garden = Garden::new();
        first.iter().for_each(|deed| deed.act(&garden));
        let before = garden.all();
        let mut changes = Vec::new();
        for call in &calls {
            changes.extend(garden.command(|| call.iter().for_each(|deed| deed.act(&garden))).files);
        }
        let after = garden.all();
        prop_assert_eq!(garden.go(Direction::Undo, &changes, Later::Keep).1, Vec::<String>::new());
        prop_assert_eq!(garden.all(), before.clone());
        prop_assert_eq!(garden.go(Direction::Redo, &changes, Later::Keep).1, Vec::<String>::new());
        prop_assert_eq!(garden.all(), after);
    }
}
