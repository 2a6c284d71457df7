//! The program's words about itself: help, version, and what a shell completes.

pub(super) mod completion;
pub(super) mod text;
pub(super) mod version;
