//! The settings, as clients read and write them.

pub mod settings;
pub mod skills;
pub mod write;
