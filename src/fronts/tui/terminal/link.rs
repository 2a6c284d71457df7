//! Hyperlinks (OSC 8): which cells are a link, and which address they belong to, over one row or several, whatever is painted over a part of them.
//! Writes nothing.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::iter;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::Color;

/// The underline colour that marks cells as an address written out in full on one row: they become a link (OSC 8) to what they say.
/// Underlines are never coloured otherwise.
pub const LINK: Color = Color::Indexed(8);
/// The same for the rows after the first of a link that takes several.
pub const LINK_MORE: Color = Color::Indexed(9);

/// The links of a frame: the underline colour of their cells once they were read, and what that stands for.
#[derive(Debug, Default)]
pub struct Links(Vec<(Color, String)>);

impl Links {
    /// Reads the addresses that were just painted, before anything is painted over a part of one: what that leaves leads to the whole.
    pub fn read(&mut self, buffer: &mut Buffer) {
        let width = usize::from(buffer.area().width).max(1);
        for start in 0..buffer.content.len() {
            let cells = match buffer.content[start].underline_color {
                LINK => cells_of(&buffer.content, width, start),
                // Its beginning is not here.
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

    /// The underline colour for cells that lead to an address, whatever they say; `None` where none may.
    pub fn mark(&mut self, address: &str) -> Option<Color> {
        is_address(address).then(|| self.keep(address.to_owned()))
    }

    /// The address that a cell is a part of.
    pub fn address(&self, cell: &Cell) -> Option<&str> {
        let known = self.0.iter().find(|(color, _)| *color == cell.underline_color);
        known.map(|(_, address)| address.as_str())
    }

    /// Its colour: the same in every frame, as cells that look alike are not painted again, and no other link's in this one.
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

/// The cells of a link, whose rows all begin in one column.
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

/// Where a run of cells that are a link ends in its row.
pub(super) fn link_end(row: &[Cell], start: usize) -> usize {
    let mark = row[start].underline_color;
    (start..row.len()).find(|x| row[*x].underline_color != mark).unwrap_or(row.len())
}

/// Only what a browser opens, and nothing that could end the sequence early.
pub fn is_address(text: &str) -> bool {
    (text.starts_with("https://") || text.starts_with("http://"))
        && text.bytes().all(|byte| byte.is_ascii_graphic())
}
