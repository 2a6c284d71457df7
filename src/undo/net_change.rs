//! Several changes of one path as one: as it was left, and as it would become. Touches no file.

use std::collections::BTreeMap;
use std::path::Path;

use crate::protocol::{Author, FileChange, FileState};

/// What going back over changes means for one path.
#[derive(Clone, Copy, Debug)]
pub(super) struct NetChange<'a> {
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
pub(super) fn nets(changes: &[FileChange]) -> Vec<NetChange<'_>> {
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
