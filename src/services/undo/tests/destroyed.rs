//! Contents that were kept just before a command destroyed them, and that undo had no copy of.

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::{Fixture, Pick, set_mode};
use crate::protocol::{KeptContent, KeptKind, TurnId};
use crate::undo::{BeforeCall, EarlyReader};

/// Ignored and large: undo keeps nothing of it beforehand.
fn fixture() -> (Fixture, Vec<u8>) {
    let fixture = Fixture::new();
    fixture.write(".gitignore", "*.log\n");
    let long: Vec<u8> = (0..200_000_u32).flat_map(u32::to_le_bytes).collect();
    fixture.write("a.log", &long);
    (fixture, long)
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
        let (fixture, long) = fixture();
        set_mode(&fixture.path("a.log"), 0o400);
        let first = fixture.all();
        let mut before = fixture.before();
        before.destroyed = vec![keep(&before, &fixture.path("a.log"), kind)];
        match kind {
            KeptKind::Link => fixture.remove("a.log"),
            KeptKind::Copy => {
                set_mode(&fixture.path("a.log"), 0o600);
                fixture.write("a.log", "");
            }
        }
        let changes = fixture.store.after_alone(before, None);
        assert_eq!(changes.missed, None, "{kind:?}");
        fixture.undo(&changes.files, Pick::All);
        assert_eq!(fixture.all(), first, "{kind:?}");
        assert_eq!(fs::read(fixture.path("a.log")).unwrap(), long);
    }
}

#[test]
fn many_come_back_and_one_of_two_names_with_both() {
    let fixture = Fixture::new();
    fixture.write(".gitignore", "data/\n");
    let content = |number: u8| [number].repeat(100_000);
    for number in 0..100 {
        // Some hold the same as another one.
        fixture.write(&format!("data/{number}"), content(number / 2));
    }
    fs::hard_link(fixture.path("data/7"), fixture.path("data/other")).unwrap();
    let first = fixture.all();
    let mut before = fixture.before();
    let files = (0..100).map(|number| fixture.path(&format!("data/{number}")));
    before.destroyed = files.map(|file| keep(&before, &file, KeptKind::Link)).collect();
    let kept = before.destroyed.clone();
    before.reader = Some(EarlyReader::begin(move || kept.clone()).unwrap());
    fs::remove_dir_all(fixture.path("data")).unwrap();
    let changes = fixture.store.after_alone(before, None);
    assert_eq!(changes.missed, None);
    fixture.undo(&changes.files, Pick::All);
    assert_eq!(fixture.all(), first);
    assert_eq!(fs::read(fixture.path("data/other")).unwrap(), content(3));
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
        let (fixture, _) = fixture();
        let mut before = fixture.before();
        let mut kept = keep(&before, &fixture.path("a.log"), KeptKind::Link);
        fixture.remove("a.log");
        spoil(&mut kept);
        before.destroyed = vec![kept];
        let changes = fixture.store.after_alone(before, None);
        assert!(changes.missed.unwrap().contains("`a.log`"));
    }
}

#[test]
fn a_file_that_has_another_name_still_is_copied_from_there() {
    let (fixture, long) = fixture();
    let mut before = fixture.before();
    before.destroyed = vec![keep(&before, &fixture.path("a.log"), KeptKind::Link)];
    fs::rename(fixture.path("a.log"), fixture.outside().join("elsewhere")).unwrap();
    let changes = fixture.store.after_alone(before, None);
    fs::write(fixture.outside().join("elsewhere"), "changed since").unwrap();
    fixture.undo(&changes.files, Pick::All);
    assert_eq!(fs::read(fixture.path("a.log")).unwrap(), long);
}

#[test]
fn what_undo_has_already_is_not_taken_over_and_nothing_is_left() {
    let fixture = Fixture::new();
    fixture.write("a.txt", "known");
    let mut before = fixture.before();
    let (store, _) = before.keeping().unwrap();
    before.destroyed = vec![keep(&before, &fixture.path("a.txt"), KeptKind::Link)];
    fixture.remove("a.txt");
    let changes = fixture.store.after_alone(before, None);
    fixture.undo(&changes.files, Pick::All);
    assert_eq!(fixture.read("a.txt").as_deref(), Some("known"));
    fixture.store.settle();
    assert!(!store.exists());
}

#[test]
fn what_was_kept_until_a_kill_comes_back_as_well() {
    let (fixture, long) = fixture();
    let before = fixture.before();
    let kept = keep(&before, &fixture.path("a.log"), KeptKind::Link);
    let (store, _) = before.keeping().unwrap();
    fixture.remove("a.log");
    std::mem::forget(before);
    let fixture = fixture.restart();
    let asked = std::cell::RefCell::new(Vec::<PathBuf>::new());
    let cut_off = fixture.store.cut_off(&HashSet::new(), &|_| None, &|place| {
        asked.borrow_mut().push(place.to_owned());
        vec![kept.clone()]
    });
    assert_eq!((cut_off[0].turn, asked.into_inner()), (TurnId(1), vec![store.clone()]));
    assert_eq!(cut_off[0].changes.missed, None);
    fixture.undo(&cut_off[0].changes.files, Pick::All);
    assert_eq!(fs::read(fixture.path("a.log")).unwrap(), long);
    assert!(!store.exists());
}
