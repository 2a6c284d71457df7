//! Listings are the same whether they come from a scan or from what the system tells of changes.

use std::collections::HashSet;

use super::*;
use crate::undo::scan::{SnapshotRoots, look_again, scan};
use crate::undo::watch::{FolderWatch, WatchedChange};

fn scope(garden: &Garden) -> SnapshotRoots {
    SnapshotRoots::new(garden.folder.clone(), Vec::new())
}

#[test]
fn what_is_watched_is_told_folder_by_folder() {
    let garden = Garden::new();
    garden.write("a/x", "1");
    garden.write("b/y", "1");
    let Some(watch) = FolderWatch::new(&garden.folder) else { return };
    let scope = scope(&garden);
    let mut listing = scan(&scope, Some(&watch));
    assert_eq!(watch.changed(), WatchedChange::Folders(HashSet::new()));
    garden.write("a/x", "2");
    garden.write("b/new/deep/z", "1");
    let WatchedChange::Folders(folders) = watch.changed() else { panic!("it lost its place") };
    assert_eq!(folders, HashSet::from([garden.path("a"), garden.path("b")]));
    look_again(&scope, Some(&watch), &mut listing, folders);
    assert_eq!(listing, scan(&scope, None));
    garden.rename("b", "c");
    garden.write("c/new/deep/z", "2");
    garden.sh("rm -r a; ln -s c d; chmod 700 c/new");
    let WatchedChange::Folders(folders) = watch.changed() else { panic!("it lost its place") };
    look_again(&scope, Some(&watch), &mut listing, folders);
    let scanned = scan(&scope, None);
    assert_eq!(
        listing.folders.keys().collect::<HashSet<_>>(),
        scanned.folders.keys().collect::<HashSet<_>>()
    );
    garden.write("c/new/deep/z", "3");
    let WatchedChange::Folders(folders) = watch.changed() else { panic!("it lost its place") };
    assert!(
        folders.contains(&garden.path("c/new/deep")),
        "it is known by its new name: {folders:?}"
    );
}

#[test]
fn a_flood_of_changes_is_looked_at_as_a_whole() {
    let garden = Garden::new();
    garden.write("keep", "x");
    let changes = garden.command(|| {
        for file in 0..20_000 {
            fs::write(garden.path(&format!("f{file}")), "x").unwrap();
        }
    });
    assert_eq!(changes.files.len(), 20_000);
    garden.undo(&changes.files, Pick::Offered);
    assert_eq!(fs::read_dir(&garden.folder).unwrap().count(), 1);
}
