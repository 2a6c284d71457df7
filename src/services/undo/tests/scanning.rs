//! Listings are the same whether they come from a scan or from what the system tells of changes.

use std::collections::HashSet;

use super::*;
use crate::undo::scan::walk::{SnapshotRoots, look_again, scan};
use crate::undo::scan::watch::{FolderWatch, WatchedChange};

fn scope(fixture: &Fixture) -> SnapshotRoots {
    SnapshotRoots::new(fixture.folder.clone(), Vec::new())
}

#[test]
fn what_is_watched_is_told_folder_by_folder() {
    let fixture = Fixture::new();
    fixture.write("a/x", "1");
    fixture.write("b/y", "1");
    let watch = FolderWatch::new(&fixture.folder).expect("fs.inotify allows another watch");
    let scope = scope(&fixture);
    let mut listing = scan(&scope, Some(&watch));
    assert_eq!(watch.changed(), WatchedChange::Folders(HashSet::new()));
    fixture.write("a/x", "2");
    fixture.write("b/new/deep/z", "1");
    let WatchedChange::Folders(folders) = watch.changed() else { panic!("it lost its place") };
    assert_eq!(folders, HashSet::from([fixture.path("a"), fixture.path("b")]));
    look_again(&scope, Some(&watch), &mut listing, folders);
    assert_eq!(listing, scan(&scope, None));
    fixture.rename("b", "c");
    fixture.write("c/new/deep/z", "2");
    fixture.sh("rm -r a; ln -s c d; chmod 700 c/new");
    let WatchedChange::Folders(folders) = watch.changed() else { panic!("it lost its place") };
    look_again(&scope, Some(&watch), &mut listing, folders);
    let scanned = scan(&scope, None);
    assert_eq!(
        listing.folders.keys().collect::<HashSet<_>>(),
        scanned.folders.keys().collect::<HashSet<_>>()
    );
    fixture.write("c/new/deep/z", "3");
    let WatchedChange::Folders(folders) = watch.changed() else { panic!("it lost its place") };
    assert!(
        folders.contains(&fixture.path("c/new/deep")),
        "it is known by its new name: {folders:?}"
    );
}

#[test]
fn a_flood_of_changes_is_looked_at_as_a_whole() {
    let fixture = Fixture::new();
    fixture.write("keep", "x");
    let most = fs::read_to_string("/proc/sys/fs/inotify/max_queued_events").unwrap();
    let most: usize = most.trim().parse().unwrap();
    let changes = fixture.command(|| {
        // Each is told of twice, where it was and where it is.
        for _ in 0..=most / 4 {
            fixture.rename("keep", "moved");
            fixture.rename("moved", "keep");
        }
        for file in 0..500 {
            fixture.write(&format!("f{file}"), "x");
        }
    });
    assert_eq!(changes.files.len(), 500);
    fixture.undo(&changes.files, Pick::Offered);
    assert_eq!(fs::read_dir(&fixture.folder).unwrap().count(), 1);
}
