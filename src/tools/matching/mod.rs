//! Where a piece of text that a model remembers stands in a text, even when it remembers it not quite right. Knows no files and no tools.

mod alike;
mod block;
mod graft;
mod near;
mod rows;
mod shift;

pub use alike::{Flat, Folding, unescape};
pub use block::{Fit, Way, blocks};
pub use graft::{Stroke, graft, strokes};
pub use near::nearest;
pub use rows::{Ending, Row, rows, unify};
pub use shift::{Shift, indent};

#[cfg(test)]
mod tests;
