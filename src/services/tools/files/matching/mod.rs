//! Where a piece of text that a model remembers stands in a text, even when it remembers it not
//! quite right.

mod alike;
mod block;
mod near;
mod rows;
mod shift;
mod splice;

pub use alike::{Flat, Folding, unescape};
pub use block::{BlockMatch, MatchStrictness, blocks};
pub use near::nearest;
pub use rows::{LineEnding, TextRow, rows, unify};
pub use shift::{IndentShift, indent};
pub use splice::{Edit, edits, splice};

#[cfg(test)]
mod tests;
