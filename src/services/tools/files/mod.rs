//! The tools that search, read and change files.

pub mod change;
pub mod diff;
pub mod edit;
pub mod glob;
pub mod grep;
pub mod hits;
pub mod list;
pub mod matching;
pub mod patch;
pub mod read;
pub mod skill;
pub mod write;
