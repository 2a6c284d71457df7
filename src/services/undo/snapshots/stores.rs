//! The snapshot stores of one program: sessions about one folder share its snapshots. Knows no
//! call.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use crate::protocol::{Record, SessionId};

use super::snapshot_folder::SnapshotFolder;
use super::snapshot_store::SnapshotStore;
use crate::undo::store::blobs::Blobs;
use crate::undo::store::contents::sweep_places;
use crate::undo::store::images;

/// The stores of one program, one for each folder.
#[derive(Clone, Debug)]
pub struct Snapshots(Arc<Places>);

#[derive(Debug)]
struct Places {
    place: PathBuf,
    open: Mutex<HashMap<PathBuf, Weak<SnapshotFolder>>>,
}

impl Snapshots {
    /// Touches nothing; `place` is made with the first snapshot.
    pub fn new(place: PathBuf) -> Self {
        Self(Arc::new(Places { place, open: Mutex::default() }))
    }

    /// A session about `folder` (links followed) that keeps what its records name in `images`.
    /// Nothing at or below `private` is looked at.
    pub fn session(
        &self,
        session: SessionId,
        folder: PathBuf,
        images: PathBuf,
        private: Vec<PathBuf>,
    ) -> SnapshotStore {
        let shared = self.open(&folder).unwrap_or_else(|| {
            // Without the lock: a folder that does not answer holds up nobody else.
            let private = private.into_iter().chain([self.0.place.clone()]);
            let private =
                private.map(|path| std::fs::canonicalize(&path).unwrap_or(path)).collect();
            self.share(SnapshotFolder::new(folder.clone(), &self.0.place, private), &folder)
        });
        SnapshotStore::new(shared, Blobs::new(images, u64::MAX), session)
    }

    fn open(&self, folder: &Path) -> Option<Arc<SnapshotFolder>> {
        let mut open = self.0.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.retain(|_, folder| folder.strong_count() > 0);
        open.get(folder).and_then(Weak::upgrade)
    }

    /// The one that is there, where another session was quicker.
    fn share(&self, fresh: SnapshotFolder, folder: &Path) -> Arc<SnapshotFolder> {
        let mut open = self.0.open.lock().unwrap_or_else(PoisonError::into_inner);
        let shared = open.get(folder).and_then(Weak::upgrade).unwrap_or_else(|| Arc::new(fresh));
        open.insert(folder.to_owned(), Arc::downgrade(&shared));
        shared
    }

    /// Gives a copy of a conversation the contents that its records name, from one folder of images
    /// to the other.
    pub fn share_images(from: PathBuf, to: PathBuf, records: &[Record]) {
        images::share(&Blobs::new(from, u64::MAX), &Blobs::new(to, u64::MAX), records);
    }

    /// Clears away what nobody needs any more.
    pub fn sweep(&self) {
        sweep_places(&self.0.place);
    }
}
