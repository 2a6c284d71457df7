//! Files as they were seen at one moment, and taking them in with as little reading as can be. Does not know why they are looked at.

use std::collections::HashMap;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use crate::base::files;
use crate::protocol::{FileState, Image};

use super::glance::{Moment, Stamp, now};
use super::images::{Digest, Images, Kept, LARGEST};

pub(super) type Tree = HashMap<PathBuf, Entry>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub stamp: Stamp,
    /// When it was read.
    pub read: Moment,
    pub content: Content,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    Kept(Digest),
    /// Read, and not kept.
    Seen(Digest),
    /// Too large, too much at once, or not readable.
    Unread,
}

/// Threads that read at once; more do not help on the disks of laptops.
const READERS: usize = 4;
/// Fewer files than this are not worth a thread.
const SHARE: usize = 64;

/// What may still be read, by all who read.
#[derive(Debug)]
pub(super) struct Budget {
    files: AtomicUsize,
    bytes: AtomicU64,
    until: Instant,
}

impl Budget {
    pub(super) fn new(files: usize, bytes: u64, until: Instant) -> Self {
        Self { files: files.into(), bytes: bytes.into(), until }
    }

    /// Whether one more file of this length may be read.
    fn spend(&self, length: u64) -> bool {
        let less = |bytes: u64| bytes.checked_sub(length);
        Instant::now() <= self.until
            && self.bytes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less).is_ok()
            && self.files.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |files| files.checked_sub(1)).is_ok()
    }
}

/// Takes all of them in, side by side.
pub(super) fn take_all(found: &[(PathBuf, Stamp)], take: impl Fn(&Path, Stamp) -> Entry + Sync) -> Tree {
    let readers = thread::available_parallelism().map_or(1, |cores| cores.get().min(READERS));
    let share = found.len().div_ceil(readers).max(SHARE);
    let take_share = |share: &[(PathBuf, Stamp)]| -> Vec<(PathBuf, Entry)> {
        share.iter().map(|(path, stamp)| (path.clone(), take(path, *stamp))).collect()
    };
    thread::scope(|scope| {
        let shares: Vec<_> = found.chunks(share).map(|share| scope.spawn(|| take_share(share))).collect();
        shares.into_iter().flat_map(|share| share.join().unwrap_or_else(|panic| resume_unwind(panic))).collect()
    })
}

impl Entry {
    pub(super) fn unread(stamp: Stamp) -> Self {
        Self { stamp, read: now(), content: Content::Unread }
    }

    /// As `known` where nothing was touched since, else read, and kept.
    pub(super) fn take(path: &Path, stamp: Stamp, known: Option<&Self>, images: &Images, budget: &Budget) -> Self {
        if let Some(known) = known
            && known.stamp == stamp
            && known.content != Content::Unread
            && stamp.is_settled_at(known.read)
        {
            return *known;
        }
        if stamp.length > LARGEST || !budget.spend(stamp.length) {
            return Self::unread(stamp);
        }
        let read = now();
        let Ok(bytes) = files::read(path, LARGEST) else { return Self::unread(stamp) };
        let digest = Digest::of(&bytes);
        let content = match images.keep(digest, &bytes) {
            Ok(Kept::Here) => Content::Kept(digest),
            Ok(Kept::Full) => Content::Seen(digest),
            Err(error) => {
                tracing::warn!(%error, "a file's content could not be kept for undo");
                Content::Seen(digest)
            }
        };
        Self { stamp, read, content }
    }

    pub(super) fn digest(&self) -> Option<Digest> {
        match self.content {
            Content::Kept(digest) | Content::Seen(digest) => Some(digest),
            Content::Unread => None,
        }
    }

    pub(super) fn state(&self) -> FileState {
        let image = if matches!(self.content, Content::Kept(_)) { Image::Kept } else { Image::NotKept };
        FileState { digest: self.digest().map(Digest::digits).unwrap_or_default().into(), mode: self.stamp.mode, image }
    }

    /// Whether it became another file: other content, or another mode.
    pub(super) fn differs_from(&self, before: &Self) -> bool {
        let content = match (self.digest(), before.digest()) {
            (Some(now), Some(then)) => now != then,
            _ => (self.stamp.length, self.stamp.modified) != (before.stamp.length, before.stamp.modified),
        };
        content || self.stamp.mode != before.stamp.mode
    }
}
