//! Contents that were kept just before a command destroyed them. Those that undo has no copy of
//! join the session's own; the rest is of no use.

use std::collections::HashMap;
use std::fs;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use crate::protocol::{KeptContent, KeptKind, Stamp};

use crate::undo::scan::stat::{FileStat, StatKind};
use crate::undo::store::blobs::{Blobs, Digest};

use super::early_digests::EarlyDigests;

/// Threads that take contents over: each reads all of them.
const TAKERS: usize = 8;

#[derive(Debug)]
pub struct Destroyed {
    /// By the files that held them.
    kept: HashMap<[u64; 2], Vec<KeptContent>>,
    early: EarlyDigests,
}

impl Destroyed {
    pub fn new(kept: Vec<KeptContent>, early: EarlyDigests) -> Self {
        let mut by_node: HashMap<[u64; 2], Vec<KeptContent>> = HashMap::new();
        for content in kept {
            by_node.entry([content.device, content.inode]).or_default().push(content);
        }
        Self { kept: by_node, early }
    }

    /// Takes what a file held that looked like this before the command; `None` where that was not
    /// kept.
    pub fn take(&self, stamp: &Stamp, blobs: &Blobs) -> Option<Digest> {
        self.take_over(self.of(stamp)?, blobs)
    }

    /// The same of many files, several at a time. A file that has two names is taken once.
    pub fn take_all(
        &self,
        stamps: impl Iterator<Item = Stamp>,
        blobs: &Blobs,
    ) -> HashMap<Stamp, Digest> {
        if self.kept.is_empty() {
            return HashMap::new();
        }
        let kept: HashMap<Stamp, &KeptContent> =
            stamps.filter_map(|stamp| Some((stamp, self.of(&stamp)?))).collect();
        let kept: Vec<(Stamp, &KeptContent)> = kept.into_iter().collect();
        let next = AtomicUsize::new(0);
        let work = || {
            let mut taken = Vec::new();
            while let Some((stamp, content)) = kept.get(next.fetch_add(1, Ordering::Relaxed)) {
                taken.extend(self.take_over(content, blobs).map(|digest| (*stamp, digest)));
            }
            taken
        };
        let takers = thread::available_parallelism().map_or(1, |cores| cores.get().min(TAKERS));
        thread::scope(|threads| {
            let others: Vec<_> = (1..takers.min(kept.len())).map(|_| threads.spawn(work)).collect();
            let own = work();
            let others = others
                .into_iter()
                .flat_map(|other| other.join().unwrap_or_else(|panic| resume_unwind(panic)));
            own.into_iter().chain(others).collect()
        })
    }

    fn of(&self, stamp: &Stamp) -> Option<&KeptContent> {
        let fits =
            |one: &&KeptContent| (one.length, one.modified) == (stamp.length, stamp.modified);
        self.kept.get(&stamp.node())?.iter().filter(fits).find(|one| is_whole(one))
    }

    fn take_over(&self, content: &KeptContent, blobs: &Blobs) -> Option<Digest> {
        blobs
            .take_over(&content.file, self.early.of(&content.file))
            .inspect_err(|error| tracing::warn!(%error, "a kept content could not be taken over"))
            .ok()
    }
}

/// Another name of a file holds what was written to it later, too.
fn is_whole(content: &KeptContent) -> bool {
    let Ok(about) = fs::symlink_metadata(&content.file) else { return false };
    let now = FileStat::of(&about);
    let is_it = content.kind == KeptKind::Copy
        || (now.stamp.inode, now.stamp.modified) == (content.inode, content.modified);
    now.kind == StatKind::File && now.stamp.length == content.length && is_it
}
