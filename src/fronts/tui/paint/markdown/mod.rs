//! Streaming Markdown: finished blocks are laid out once, and only the unfinished tail is read
//! again.
//!
//! Each top-level block, and each item of a top-level list, is laid out from its own slice of the
//! source, so that the result does not depend on how the text arrived. (The price: reference links
//! stay as written.)

mod addresses;
mod code;
mod document;
mod extract;
mod fence;
mod inline;
mod layout;
mod mend;
mod segments;
mod table;

pub use document::{DocumentEnd, Markdown};
pub use extract::{WrittenCode, code_blocks, plain};

#[cfg(test)]
mod tests;
