//! Contents that were kept just before a command destroyed them. Those that undo has no copy of
//! join the session's own; the rest is of no use.

use std::collections::HashMap;

use crate::protocol::{KeptContent, KeptKind, Stamp};

use crate::undo::scan::stat::{StatKind, StatResult, look};
use crate::undo::store::blobs::{Blobs, Digest};

/// By the files that held them.
#[derive(Debug, Default)]
pub struct Destroyed(HashMap<[u64; 2], Vec<KeptContent>>);

impl Destroyed {
    pub fn new(kept: Vec<KeptContent>) -> Self {
        let mut by_node: HashMap<[u64; 2], Vec<KeptContent>> = HashMap::new();
        for content in kept {
            by_node.entry([content.device, content.inode]).or_default().push(content);
        }
        Self(by_node)
    }

    /// Takes what a file held that looked like this before the command; `None` where that was not
    /// kept.
    pub fn take(&self, stamp: &Stamp, blobs: &Blobs) -> Option<Digest> {
        let fits = |one: &&KeptContent| {
            (one.length, one.modified) == (stamp.length, stamp.modified) && is_whole(one)
        };
        let kept = self.0.get(&[stamp.device, stamp.inode])?.iter().find(fits)?;
        blobs
            .take_over(&kept.file)
            .inspect_err(|error| tracing::warn!(%error, "a kept content could not be taken over"))
            .ok()
    }
}

/// Another name of a file holds what was written to it later, too.
fn is_whole(content: &KeptContent) -> bool {
    let StatResult::There(now) = look(&content.file) else { return false };
    let is_it = content.kind == KeptKind::Copy
        || (now.stamp.inode, now.stamp.modified) == (content.inode, content.modified);
    now.kind == StatKind::File && now.stamp.length == content.length && is_it
}
