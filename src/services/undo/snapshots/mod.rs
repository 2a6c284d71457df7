//! Snapshots of a folder from before each call, for all sessions of the program.

pub mod snapshot_folder;
pub mod snapshot_store;
pub mod stores;
pub mod uncovered;
pub mod unsaved;
