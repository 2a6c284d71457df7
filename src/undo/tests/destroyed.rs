//! Contents that were kept just before a command destroyed them, and that undo had no copy of.

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::{Garden, Pick, set_mode};
use crate::protocol::{KeptContent, KeptKind, TurnId};
use crate::undo::BeforeCall;

/// Ignored and large: undo keeps nothing of it beforehand.
fn garden() -> (Garden, Vec<u8>) {
    let garden = Garden::new();
    garden.write(".gitignore", "*.log\n");
    let long: Vec<u8> = (0..200_000_u32).flat_map(u32::to_le_bytes).collect();
    garden.write("a.log", &long);
    (garden, long)
}

/// As the trace does it, before the call goes on.
fn keep(before: &BeforeCall, file: &Path, kind: KeptKind) -> KeptContent {
    let (store, _) = before.keeping().unwrap();
    fs::create_dir_all(&store).unwrap();
    let about = fs::metadata(file).unwrap();
    let kept = store.join(format!("{}", about.ino()));
    match kind {
        KeptKind::Copy => drop(fs::copy(file, &kept).unwrap()),
        KeptKind::Link => fs::hard_link(file, &kept).unwrap(),
    }
    KeptContent {
        kind,
        device: about.dev(),
        inode: about.ino(),
        length: about.len(),
        modified: about.mtime() * 1_000_000_000 + about.mtime_nsec(),
        file: kept,
    }
}

#[test]
fn what_was_kept_just_before_comes_back_however_it_was_lost() {
    for kind in [KeptKind::Link, KeptKind::Copy] {
        let (garden, long) = garden();
        set_mode(&garden.path("a.log"), 0o400);
        let first = garden.all();
        let mut before = garden.before();
        before.destroyed = vec![keep(&before, &garden.path("a.log"), kind)];
        match kind {
            KeptKind::Link => garden.remove("a.log"),
            KeptKind::Copy => {
                set_mode(&garden.path("a.log"), 0o600);
                garden.write("a.log", "");
            }
        }
        let changes = garden.store.after_alone(before, None);
        assert_eq!(changes.missed, None, "{kind:?}");
        garden.undo(&changes.files, Pick::All);
        assert_eq!(garden.all(), first, "{kind:?}");
        assert_eq!(fs::read(garden.path("a.log")).unwrap(), long);
    }
}

#[test]
fn what_is_not_what_stood_there_before_is_not_taken_for_it() {
    let spoil: [fn(&mut KeptContent); 4] = [
        |kept| kept.modified += 1,
        |kept| kept.length += 1,
        |kept| kept.inode += 1,
        |kept| fs::write(&kept.file, "other").unwrap(),
    ];
    for spoil in spoil {
        let (garden, _) = garden();
        let mut before = garden.before();
        let mut kept = keep(&before, &garden.path("a.log"), KeptKind::Link);
        garden.remove("a.log");
        spoil(&mut kept);
        before.destroyed = vec![kept];
        let changes = garden.store.after_alone(before, None);
        assert!(changes.missed.unwrap().contains("`a.log`"));
    }
}

#[test]
fn a_file_that_has_another_name_still_is_copied_from_there() {
    let (garden, long) = garden();
    let mut before = garden.before();
    before.destroyed = vec![keep(&before, &garden.path("a.log"), KeptKind::Link)];
    fs::rename(garden.path("a.log"), garden.outside().join("elsewhere")).unwrap();
    let changes = garden.store.after_alone(before, None);
    fs::write(garden.outside().join("elsewhere"), "changed since").unwrap();
    garden.undo(&changes.files, Pick::All);
    assert_eq!(fs::read(garden.path("a.log")).unwrap(), long);
}

#[test]
fn what_undo_has_already_is_not_taken_over_and_nothing_is_left() {
    let garden = Garden::new();
    garden.write("a.txt", "known");
    let mut before = garden.before();
    let (store, _) = before.keeping().unwrap();
    before.destroyed = vec![keep(&before, &garden.path("a.txt"), KeptKind::Link)];
    garden.remove("a.txt");
    let changes = garden.store.after_alone(before, None);
    garden.undo(&changes.files, Pick::All);
    assert_eq!(garden.read("a.txt").as_deref(), Some("known"));
    garden.store.settle();
    assert!(!store.exists());
}

#[test]
fn what_was_kept_until_a_kill_comes_back_as_well() {
    let (garden, long) = garden();
    let before = garden.before();
    let kept = keep(&before, &garden.path("a.log"), KeptKind::Link);
    let (store, _) = before.keeping().unwrap();
    garden.remove("a.log");
    std::mem::forget(before);
    let garden = garden.restart();
    let asked = std::cell::RefCell::new(Vec::<PathBuf>::new());
    let cut_off = garden.store.cut_off(&HashSet::new(), &|_| None, &|place| {
        asked.borrow_mut().push(place.to_owned());
        vec![kept.clone()]
    });
    assert_eq!((cut_off[0].turn, asked.into_inner()), (TurnId(1), vec![store.clone()]));
    assert_eq!(cut_off[0].changes.missed, None);
    garden.undo(&cut_off[0].changes.files, Pick::All);
    assert_eq!(fs::read(garden.path("a.log")).unwrap(), long);
    assert!(!store.exists());
}
