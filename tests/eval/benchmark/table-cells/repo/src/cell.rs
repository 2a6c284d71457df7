//! One cell.

use crate::grid::Align;
use crate::width::width;

/// The text of a cell without what would break the table.
pub fn cleaned(text: &str) -> String {
    text.replace(['\n', '\t'], " ").replace(|char: char| char.is_control(), "")
}

/// The text, cut to a width.
pub fn cut(text: &str, most: usize) -> String {
    if text.len() <= most {
        return text.to_owned();
    }
    format!("{}…", &text[..most - 1])
}

/// The text, as wide as its column.
pub fn padded(text: &str, columns: usize, align: Align) -> String {
    let text = cut(text, columns);
    let blanks = " ".repeat(columns - width(&text));
    match align {
        Align::Left => text + &blanks,
        Align::Right => blanks + &text,
    }
}
