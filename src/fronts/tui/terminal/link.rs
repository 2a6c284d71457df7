//! Hyperlinks (OSC 8): which cells belong to a link, on one row or several, even if it is partly
//! covered.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::iter;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::Color;

/// The underline colour that marks the cells of an address written out in full on one row; they
/// become a link (OSC 8) to their text. Underlines have no colour otherwise.
pub const LINK: Color = Color::Indexed(8);
/// The mark for further rows of the same link.
pub const LINK_MORE: Color = Color::Indexed(9);

/// The links of a frame: the underline colour that their cells got when they were read, and the
/// address.
#[derive(Debug, Default)]
pub struct Links(Vec<(Color, String)>);

impl Links {
    /// Reads the addresses that were just painted, before another layer covers a part of one: the
    /// visible part still links to the whole.
    pub fn read(&mut self, buffer: &mut Buffer) {
        let width = usize::from(buffer.area().width).max(1);
        for start in 0..buffer.content.len() {
            let cells = match buffer.content[start].underline_color {
                LINK => cells_of(&buffer.content, width, start),
                // Its first row is missing.
                LINK_MORE => vec![start],
                _ => continue,
            };
            let address: String = cells.iter().map(|at| buffer.content[*at].symbol()).collect();
            let color = if is_address(&address) { self.keep(address) } else { Color::Reset };
            for at in cells {
                buffer.content[at].underline_color = color;
            }
        }
    }

    /// The underline colour for cells that link to an address, with any text; `None` if it must not
    /// be a link.
    pub fn mark(&mut self, address: &str) -> Option<Color> {
        is_address(address).then(|| self.keep(address.to_owned()))
    }

    /// The address of a cell's link.
    pub fn address(&self, cell: &Cell) -> Option<&str> {
        let known = self.0.iter().find(|(color, _)| *color == cell.underline_color);
        known.map(|(_, address)| address.as_str())
    }

    /// The colour of an address: the same in every frame, because equal cells are not painted
    /// again, and unique in this one.
    fn keep(&mut self, address: String) -> Color {
        let mut hasher = DefaultHasher::new();
        address.hash(&mut hasher);
        let mut number = hasher.finish();
        loop {
            let [red, green, blue, ..] = number.to_le_bytes();
            let color = Color::Rgb(red, green, blue);
            match self.0.iter().find(|(known, _)| *known == color) {
                Some((_, known)) if *known != address => number = number.wrapping_add(1),
                Some(_) => return color,
                None => {
                    self.0.push((color, address));
                    return color;
                }
            }
        }
    }
}

/// The cells of a link, whose rows all begin in the same column.
fn cells_of(cells: &[Cell], width: usize, start: usize) -> Vec<usize> {
    let run = |at: usize| {
        let row = at - at % width;
        at..row + link_end(&cells[row..row + width], at % width)
    };
    let goes_on = |at: &usize| cells.get(*at).is_some_and(|cell| cell.underline_color == LINK_MORE);
    let below = (start + width..).step_by(width).take_while(goes_on);
    iter::once(start).chain(below).flat_map(run).collect()
}

pub(super) fn is_link(cell: &Cell) -> bool {
    matches!(cell.underline_color, Color::Rgb(..))
}

/// The end of a link's cells in its row.
pub(super) fn link_end(row: &[Cell], start: usize) -> usize {
    let mark = row[start].underline_color;
    (start..row.len()).find(|x| row[*x].underline_color != mark).unwrap_or(row.len())
}

/// Whether a text is an address that a browser opens, without anything that could end the sequence
/// early.
pub fn is_address(text: &str) -> bool {
    (text.starts_with("https://") || text.starts_with("http://"))
        && text.bytes().all(|byte| byte.is_ascii_graphic())
}
