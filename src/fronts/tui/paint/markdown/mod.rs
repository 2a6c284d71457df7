//! Markdown that streams: finished blocks are laid out once, only the unfinished tail is read
//! again.
//!
//! Every top-level block is laid out from its own slice of the source, and every item of a top-level list too, so that it makes no difference
//! whether the text came at once or letter by letter. (A price: reference links stay as they are written.)

mod addresses;
mod code;
mod document;
mod fence;
mod inline;
mod layout;
mod mend;
mod segments;
mod table;

pub use document::{DocumentEnd, Markdown};

#[cfg(test)]
mod tests;
