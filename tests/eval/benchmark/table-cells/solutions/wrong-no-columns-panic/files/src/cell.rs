//! One cell.

use crate::grid::Align;
use crate::width::{char_width, width};

/// The text of a cell without what would break the table.
pub fn cleaned(text: &str) -> String {
    text.replace(['\n', '\t'], " ").replace(|char: char| char.is_control(), "")
}

/// The text, cut to a width.
pub fn cut(text: &str, most: usize) -> String {
    if width(text) <= most {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut columns = 1;
    for char in text.chars() {
        columns += char_width(char);
        if columns > most {
            break;
        }
        kept.push(char);
    }
    kept.push('…');
    kept
}

/// The text, as wide as its column.
pub fn padded(text: &str, columns: usize, align: Align) -> String {
    let text = cut(text, columns);
    let blanks = " ".repeat(columns.saturating_sub(width(&text)));
    match align {
        Align::Left => text + &blanks,
        Align::Right => blanks + &text,
    }
}
