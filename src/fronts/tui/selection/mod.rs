//! Mouse selection: from two points of the transcript's rows to the cells between them and to their
//! text. A selection belongs to entries and their rows, not to rows of the screen, so that it stays
//! on its text while new text arrives or the view scrolls.

mod gesture;
pub mod pointer;
mod span;
mod text;
mod words;

pub use self::gesture::Gesture;
pub use self::span::{Selection, SelectionUnit};
pub use self::text::{TextPoint, TextRows};

#[cfg(test)]
mod tests;
