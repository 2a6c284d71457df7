//! Files as they were seen at one moment, and taking them in with as little reading as can be. Does not know why they are looked at.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
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

/// What may still be read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget {
    pub files: usize,
    pub bytes: u64,
    pub until: Instant,
}

impl Entry {
    pub(super) fn unread(stamp: Stamp) -> Self {
        Self { stamp, read: now(), content: Content::Unread }
    }

    /// As `known` where nothing was touched since, else read, and kept.
    pub(super) fn take(path: &Path, stamp: Stamp, known: Option<&Self>, images: &Images, budget: &mut Budget) -> Self {
        if let Some(known) = known
            && known.stamp == stamp
            && known.content != Content::Unread
            && stamp.is_settled_at(known.read)
        {
            return *known;
        }
        if stamp.length > LARGEST || budget.files == 0 || budget.bytes < stamp.length || Instant::now() > budget.until {
            return Self::unread(stamp);
        }
        budget.files -= 1;
        budget.bytes -= stamp.length;
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
