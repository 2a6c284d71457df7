//! Undo: snapshots of what stood in a folder before calls changed it, and going back.
//!
//! A command can change anything, so a folder is *listed* (all names with their file status, `listing`, `scan`, kept up to date by `watch`) and the contents
//! of its files are *kept* (`contents`: git's objects, else blobs, `fill`ed in the background). After the command, the `difference` of two listings becomes
//! `changes`, with who made them; what has no copy by then was mostly kept while the command ran, just before it was `destroyed`. Going back is a `plan` that a person reviews, then `prepare` (keep what is about to go) and `perform`. What is about to
//! run is on disk before it runs (`run`).

mod snapshot_store;
mod snapshots;

mod folder_moves;
mod pending_calls;
mod snapshot_folder;

mod arrivals;
mod attributes;
mod changes;
mod comparison;
mod difference;
mod touched;

mod only_copies;
mod plan;

mod disk;
mod movers;
mod net_change;
mod pack;
mod perform;
mod place;
mod prepare;
mod present_state;
mod references;
mod rights;
mod whole_repositories;

mod leftovers;

mod blobs;
mod contents;
mod destroyed;
mod fill;
mod git;
mod hard_links;
mod ignored;
mod images;
mod listing;
mod listing_file;
mod made_repositories;
mod number_hash;
mod other_calls;
mod other_hands;
mod repositories;
mod scan;
mod stat;
mod uncovered;
mod unsaved;
mod watch;

#[cfg(test)]
mod tests;

pub use changes::Changes;
pub use prepare::Prepared;
pub use snapshot_store::{BeforeCall, CutOff, SnapshotStore};
pub use snapshots::Snapshots;
pub use touched::Touched;
