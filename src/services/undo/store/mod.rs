//! The contents that undo keeps: git's objects where it has them, else blobs of its own.

pub mod attributes;
pub mod blobs;
pub mod contents;
pub mod fill;
pub mod git;
pub mod images;
pub mod leftovers;
pub mod number_hash;
pub mod pack;
pub mod references;
