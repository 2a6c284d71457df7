//! A list to choose from, filtered by what is typed and always in the same order. Does not know what its rows stand for.

mod list;

mod draw;

pub use list::{AtCursor, Mark, Picked, Picker, Row};
