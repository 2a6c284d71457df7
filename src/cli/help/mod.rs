//! The program's words about itself: help, version, and what a shell completes.

pub(super) mod completion;
#[cfg(test)]
mod man;
pub(super) mod text;
pub(super) mod version;
