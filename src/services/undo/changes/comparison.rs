//! Compares the folder as it is now with the snapshot from before a call.

use std::cell::OnceCell;
use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crate::protocol::FileChange;

use super::attribution::{Attribution, ChangeBuilder};
use super::destroyed::Destroyed;
use super::difference::{Difference, difference};
use super::touched::Touched;
use crate::undo::scan::repositories;
use crate::undo::scan::stat::FileStat;
use crate::undo::scan::walk::list_only;
use crate::undo::snapshots::snapshot_folder::{Snapshot, SnapshotFolder};
use crate::undo::store::blobs::Blobs;

/// The snapshot and the contents that a comparison works with.
pub struct Comparison<'a> {
    pub before: &'a Snapshot,
    pub folder: &'a SnapshotFolder,
    /// The session's own.
    pub blobs: &'a Blobs,
    /// Contents that were kept while the call ran.
    pub destroyed: &'a Destroyed,
}

impl Comparison<'_> {
    /// Finds changes in these files (absolute, links followed), which a tool changed, or in
    /// the whole folder where none is named, because a command ran. `touched` is what its own
    /// processes did, where that is known. And what cannot be taken back, in one sentence without a
    /// full stop.
    pub fn changes(
        &self,
        only: &[PathBuf],
        touched: Option<&Touched>,
    ) -> (Vec<FileChange>, Option<String>) {
        if only.is_empty() { self.in_folder(touched) } else { self.in_files(only) }
    }

    fn in_folder(&self, touched: Option<&Touched>) -> (Vec<FileChange>, Option<String>) {
        let before = self.before;
        let after = self.folder.refresh().listing;
        let who = touched
            .filter(|touched| touched.complete)
            .map_or(Attribution::Nobody, Attribution::Traced);
        self.make(difference(&before.listing, &after, &before.recent, before.taken), who)
    }

    fn in_files(&self, only: &[PathBuf]) -> (Vec<FileChange>, Option<String>) {
        let before = self.before;
        let wanted: HashSet<&Path> = only.iter().flat_map(|file| file.ancestors()).collect();
        let folders: HashSet<PathBuf> =
            wanted.iter().filter(|path| path.is_dir()).map(|path| path.to_path_buf()).collect();
        let above: HashSet<PathBuf> =
            before.listing.folders.keys().map(|folder| folder.to_path_buf()).collect();
        let new = folders
            .into_iter()
            .filter(|folder| above.iter().any(|known| folder.starts_with(known)));
        let after = list_only(&self.folder.scope, above.iter().cloned().chain(new));
        let differences = difference(&before.listing, &after, &before.recent, before.taken);
        let ours =
            differences.into_iter().filter(|difference| wanted.contains(difference.path.as_path()));
        self.make(ours.collect(), Attribution::Own)
    }

    fn make(
        &self,
        differences: Vec<Difference>,
        author: Attribution<'_>,
    ) -> (Vec<FileChange>, Option<String>) {
        let Self { before, folder, blobs, destroyed } = self;
        let maker = ChangeBuilder {
            scope: &folder.scope,
            contents: &folder.contents,
            blobs,
            destroyed,
            repositories: if differences.is_empty() {
                Vec::new()
            } else {
                repositories::repositories(&folder.scope, &before.listing)
            },
            began: before.taken,
            author,
        };
        let nodes = OnceCell::new();
        let stood = |stat: &FileStat| {
            let all = nodes.get_or_init(|| {
                let names = before.listing.folders.values().flat_map(|folder| &folder.names);
                names.map(|listed| listed.stat.stamp.node()).collect::<HashSet<_>>()
            });
            all.contains(&stat.stamp.node())
        };
        maker.make(differences, &stood)
    }
}
