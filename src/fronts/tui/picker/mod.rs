//! A list to choose from, filtered by typing and always in the same order.

mod list;

mod draw;

pub use list::{AtCursor, Picked, Picker, PickerRow, RowMark};
