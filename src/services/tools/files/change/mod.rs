//! Changes of files, from the first thought to the disk: planned in memory, told as diffs, then
//! carried out, all of them or none.

mod change_set;
mod commit;
mod file;
mod held_target;
mod saving;

pub use change_set::{ChangeOutcome, ChangeSet};

#[cfg(test)]
mod tests;
