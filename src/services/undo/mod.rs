//! Undo: snapshots of what stood in a folder before calls changed it, and going back.
//!
//! A command can change anything, so a folder is *listed*: all names with their file status
//! (`scan`), kept up to date by a watch. The contents of its files are *kept* (`store`): as git's
//! objects, else as blobs, copied in the background. After the command, the difference of two
//! listings becomes `changes`, with who made them; most contents that had no copy by then were
//! kept while the command ran, just before it destroyed them. Going back (`restore`) is a plan
//! that a person reviews; then what is about to go is kept, and the plan is carried out. Before a
//! call runs, the disk says which call it is and what the folder held (`changes/pending_calls.rs`).

#![warn(missing_docs)]

mod changes;
mod path_handle;
mod restore;
mod scan;
mod snapshots;
mod store;

#[cfg(test)]
mod tests;

pub use changes::attribution::Changes;
pub use changes::early_digests::EarlyReader;
pub use changes::touched::Touched;
pub use restore::prepare::Prepared;
pub use snapshots::snapshot_store::{BeforeCall, CutOff, SnapshotStore};
pub use snapshots::stores::Snapshots;
