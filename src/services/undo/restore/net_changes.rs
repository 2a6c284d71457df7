//! Net changes: several changes of one path as one, and which files can be moved back to where they
//! were instead of being written from a copy. Touches no file.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use crate::protocol::{Author, FileChange, FileState, NodeKind};

use super::present_state::{PresentState, StateMatch};
use crate::undo::scan::stat::{StatKind, StatResult};

/// The net change of one path when changes are reverted.
#[derive(Clone, Copy, Debug)]
pub struct NetChange<'a> {
    pub path: &'a Path,
    /// As it was left.
    pub from: Option<&'a FileState>,
    /// As it would become.
    pub to: Option<&'a FileState>,
    /// Somebody else changed it between two of the changes.
    pub broken: bool,
    pub author: Author,
}

/// One for each path that was changed, in order; what came to nothing in the end is left out.
pub fn net_changes(changes: &[FileChange]) -> Vec<NetChange<'_>> {
    let mut all: BTreeMap<&Path, NetChange<'_>> = BTreeMap::new();
    for FileChange { path, before, after, author } in changes {
        let (before, after) = (before.as_ref(), after.as_ref());
        all.entry(path)
            .and_modify(|net| {
                net.broken |= !FileState::is_same(net.from, before);
                net.from = after;
                if *author == Author::Unknown {
                    net.author = Author::Unknown;
                }
            })
            .or_insert(NetChange { path, from: after, to: before, broken: false, author: *author });
    }
    all.into_values().filter(|net| !FileState::is_same(net.from, net.to)).collect()
}

/// Names by the file's device and inode.
pub type MoveSources<'a> = HashMap<[u64; 2], Vec<&'a (NetChange<'a>, PresentState<'a>)>>;

/// Files that go from where they are, and are as they were left: what they are may come back by its
/// own name.
pub fn move_sources<'a>(looked: &'a [(NetChange<'a>, PresentState<'a>)]) -> MoveSources<'a> {
    let goes = |(net, now): &&(NetChange<'_>, PresentState<'_>)| {
        let leaves = net.to.is_none_or(|to| to.kind == NodeKind::Unknown) && !net.broken;
        leaves
            && now.stat().is_some_and(|stat| stat.kind != StatKind::Folder)
            && now.compare(net.from) != StateMatch::Other
    };
    let mut move_sources = MoveSources::new();
    for both in looked.iter().filter(goes) {
        if let Some(stamp) = both.1.stamp() {
            move_sources.entry(stamp.node()).or_default().push(both);
        }
    }
    move_sources
}

/// Finds the file that `to` was at another place, unchanged and not `taken` by another name.
pub fn move_source<'a>(
    move_sources: &MoveSources<'a>,
    to: &FileState,
    now: &PresentState<'_>,
    taken: &HashSet<&Path>,
) -> Option<&'a (NetChange<'a>, PresentState<'a>)> {
    let stamp = to.stamp.filter(|stamp| stamp.inode != 0 && now.found == StatResult::Nothing)?;
    let names = move_sources.get(&stamp.node())?;
    let both = names.iter().find(|both| !taken.contains(both.0.path)).copied()?;
    let stat = both.1.stat()?;
    let untouched = (stat.stamp.length, stat.stamp.modified) == (stamp.length, stamp.modified);
    let same = match to.kind {
        NodeKind::File { .. } => {
            stat.kind == StatKind::File && (untouched || both.1.has_content(stat, to))
        }
        // Numbers of files are given out again; renaming does not change when something was
        // written.
        NodeKind::Link { .. } => stat.kind == StatKind::Link && untouched,
        NodeKind::Special => stat.kind == StatKind::Special && untouched,
        NodeKind::Folder | NodeKind::Unknown => false,
    };
    same.then_some(both)
}
