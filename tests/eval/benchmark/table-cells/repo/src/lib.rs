//! Tables for the terminal. README.md has the rules.

mod cell;
mod grid;
mod width;

pub use grid::{Align, Grid};
pub use width::{char_width, width};
