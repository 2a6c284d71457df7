//! Files that go from where they are, and may be what another path was: moved, it comes back without a copy. Changes nothing.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use crate::protocol::{FileState, NodeKind};

use super::net_change::NetChange;
use super::present_state::{PresentState, StateMatch};
use super::stat::{StatKind, StatResult};

/// Names by the file's device and inode.
pub(super) type Movers<'a> = HashMap<[u64; 2], Vec<&'a (NetChange<'a>, PresentState<'a>)>>;

/// Files that go from where they are, and are as they were left: what they are may come back by its own name.
pub(super) fn movers<'a>(looked: &'a [(NetChange<'a>, PresentState<'a>)]) -> Movers<'a> {
    let goes = |(net, now): &&(NetChange<'_>, PresentState<'_>)| {
        let leaves = net.to.is_none_or(|to| to.kind == NodeKind::Unknown) && !net.broken;
        leaves
            && now.stat().is_some_and(|stat| stat.kind != StatKind::Folder)
            && now.fits(net.from) != StateMatch::Other
    };
    let mut movers = Movers::new();
    for both in looked.iter().filter(goes) {
        if let Some(stamp) = both.1.stamp() {
            movers.entry([stamp.device, stamp.inode]).or_default().push(both);
        }
    }
    movers
}

/// What `to` was is at another place now, unchanged, and is not `taken` by another name.
pub(super) fn mover<'a>(
    movers: &Movers<'a>,
    to: &FileState,
    now: &PresentState<'_>,
    taken: &HashSet<&Path>,
) -> Option<&'a (NetChange<'a>, PresentState<'a>)> {
    let stamp = to.stamp.filter(|stamp| stamp.inode != 0 && now.found == StatResult::Nothing)?;
    let names = movers.get(&[stamp.device, stamp.inode])?;
    let both = names.iter().find(|both| !taken.contains(both.0.path)).copied()?;
    let stat = both.1.stat()?;
    let untouched = (stat.stamp.length, stat.stamp.modified) == (stamp.length, stamp.modified);
    let same = match to.kind {
        NodeKind::File { .. } => {
            stat.kind == StatKind::File && (untouched || both.1.has_content(stat, to))
        }
        // Numbers of files are given out again; renaming does not change when something was written.
        NodeKind::Link { .. } => stat.kind == StatKind::Link && untouched,
        NodeKind::Special => stat.kind == StatKind::Special && untouched,
        NodeKind::Folder | NodeKind::Unknown => false,
    };
    same.then_some(both)
}
