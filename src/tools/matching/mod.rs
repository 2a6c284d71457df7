//! Where a piece of text that a model remembers stands in a text, even when it remembers it not
//! quite right.

mod alike;
mod block;
mod graft;
mod near;
mod rows;
mod shift;

pub use alike::{Flat, Folding, unescape};
pub use block::{BlockMatch, MatchStrictness, blocks};
pub use graft::{Stroke, graft, strokes};
pub use near::nearest;
pub use rows::{LineEnding, TextRow, rows, unify};
pub use shift::{IndentShift, indent};

#[cfg(test)]
mod tests;
