//! Contents that the records of a conversation name, given to a copy of it: each of the two can be
//! deleted, and the other still goes back.

use std::collections::BTreeSet;

use crate::protocol::{FileState, Image, NodeKind, Record, with_left_turns};

use super::blobs::{Blobs, Digest};

/// Contents that cannot be given are told to the log alone: undo leaves what they would bring back
/// as it is, and says so.
pub fn share(from: &Blobs, to: &Blobs, records: &[Record]) {
    let mut missing = 0;
    for digest in digests(records) {
        if let Err(error) = to.adopt(from, digest) {
            tracing::debug!(%error, "a content could not be given to a copy of a conversation");
            missing += 1;
        }
    }
    if missing > 0 {
        tracing::warn!(missing, "a copy of a conversation lacks contents for undo");
    }
}

fn digests(records: &[Record]) -> BTreeSet<Digest> {
    let files = with_left_turns(records).filter_map(|record| match record {
        Record::Changed { files, .. }
        | Record::UndoBegun { files, .. }
        | Record::Undone { files, .. } => Some(files),
        _ => None,
    });
    let states = files.flatten().flat_map(|change| [&change.before, &change.after]).flatten();
    states.flat_map(|state| [kept(state), attributes(state)]).flatten().collect()
}

fn attributes(state: &FileState) -> Option<Digest> {
    Digest::parse(state.attributes.as_deref()?)
}

/// Whatever a damaged line says, only a digest names a content.
fn kept(state: &FileState) -> Option<Digest> {
    match &state.kind {
        NodeKind::File { digest, image: Image::Kept } => Digest::parse(digest),
        _ => None,
    }
}
