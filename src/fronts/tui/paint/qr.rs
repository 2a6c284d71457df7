//! QR codes in cells, dark on light with any theme.

use qrcode::{Color as Module, EcLevel, QrCode};
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};

use crate::tui::paint::{Background, Canvas, Depth, Theme, put};

/// The characters that draw the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blocks {
    /// Half blocks: two modules per cell. Needs UTF-8.
    Half,
    /// `##` and spaces: one module per two cells.
    Hash,
}

/// A QR code ready to be drawn.
#[derive(Clone, Debug)]
pub struct Qr {
    dark: Vec<bool>,
    /// Modules per side, without the quiet zone.
    side: usize,
    blocks: Blocks,
    quiet: usize,
}

/// Light modules on each side (ISO/IEC 18004).
const QUIET: usize = 4;
/// The fewest that phones still read.
const NARROW: usize = 2;

impl Qr {
    /// Encodes a text; `None` if it is too long. Uses the lowest error correction, because screens
    /// are clean and small.
    pub fn new(text: &str, blocks: Blocks) -> Option<Self> {
        let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
        let side = code.width();
        let dark = code.into_colors().into_iter().map(|module| module == Module::Dark).collect();
        Some(Self { dark, side, blocks, quiet: QUIET })
    }

    /// The same code with a narrower quiet zone, for a small window.
    pub fn narrow(&self) -> Self {
        Self { quiet: NARROW, ..self.clone() }
    }

    /// Columns and rows, with the quiet zone.
    pub fn size(&self) -> (u16, u16) {
        let side = self.side + 2 * self.quiet;
        let (columns, rows) = match self.blocks {
            Blocks::Half => (side, side.div_ceil(2)),
            Blocks::Hash => (side * 2, side),
        };
        (u16::try_from(columns).unwrap_or(u16::MAX), u16::try_from(rows).unwrap_or(u16::MAX))
    }

    /// Draws from the area's corner and leaves out what does not fit; check the size first.
    pub fn draw(&self, area: Rect, canvas: &mut Canvas) {
        let (_, rows) = self.size();
        for (row, y) in (0..usize::from(rows)).zip(area.y..area.bottom()) {
            let (text, style) = (self.row(row, polarity(&canvas.theme)), style(&canvas.theme));
            put(canvas.buffer, (area.x, y), area.right(), &text, style);
        }
    }

    fn row(&self, row: usize, ink: Ink) -> String {
        let side = self.side + 2 * self.quiet;
        let inked = |x: usize, y: usize| (y < side && self.is_dark(x, y)) == (ink == Ink::Dark);
        match self.blocks {
            Blocks::Half => {
                (0..side).map(|x| half(inked(x, row * 2), inked(x, row * 2 + 1))).collect()
            }
            Blocks::Hash => (0..side).map(|x| if inked(x, row) { "##" } else { "  " }).collect(),
        }
    }

    /// Whether a module is dark, counted from the corner of the quiet zone.
    fn is_dark(&self, x: usize, y: usize) -> bool {
        let inside = self.quiet..self.quiet + self.side;
        inside.contains(&x)
            && inside.contains(&y)
            && self.dark[(y - self.quiet) * self.side + (x - self.quiet)]
    }
}

/// Which modules are drawn in the foreground.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ink {
    Dark,
    Light,
}

/// Which modules to draw: without colours, on a dark background, the light ones.
fn polarity(theme: &Theme) -> Ink {
    if theme.depth() == Depth::Mono && theme.ground() == Background::Dark {
        Ink::Light
    } else {
        Ink::Dark
    }
}

fn style(theme: &Theme) -> Style {
    match theme.depth() {
        Depth::Mono => Style::new(),
        Depth::Ansi16 => Style::new().fg(Color::Black).bg(Color::White),
        // Themes change the first sixteen colours; these two are fixed.
        Depth::Ansi256 | Depth::True => Style::new().fg(Color::Indexed(16)).bg(Color::Indexed(231)),
    }
}

fn half(top: bool, bottom: bool) -> char {
    match (top, bottom) {
        (true, true) => '█',
        (true, false) => '▀',
        (false, true) => '▄',
        (false, false) => ' ',
    }
}

#[cfg(test)]
mod tests {
    use ratatui::buffer::Buffer;

    use super::*;

    const URL: &str = "https://auth.openai.com/codex/device";

    /// Reads the modules back from the cells; true is dark.
    fn modules(qr: &Qr, theme: &Theme) -> Vec<bool> {
        let (columns, rows) = qr.size();
        let area = Rect::new(0, 0, columns, rows);
        let mut buffer = Buffer::empty(area);
        qr.draw(area, &mut Canvas { buffer: &mut buffer, theme: *theme });
        let ground_is_dark = theme.depth() == Depth::Mono && theme.ground() == Background::Dark;
        let side = qr.side + 2 * QUIET;
        let mut dark = Vec::new();
        for y in 0..side {
            for x in 0..side {
                let (column, row) = match qr.blocks {
                    Blocks::Half => (x, y / 2),
                    Blocks::Hash => (x * 2, y),
                };
                let symbol = buffer[(u16::try_from(column).unwrap(), u16::try_from(row).unwrap())]
                    .symbol()
                    .to_owned();
                let inked = match (symbol.as_str(), y % 2) {
                    ("█" | "#", _) | ("▀", 0) | ("▄", 1) => true,
                    (" " | "▀" | "▄", _) => false,
                    _ => panic!("{symbol}"),
                };
                dark.push(inked != ground_is_dark);
            }
        }
        dark
    }

    #[test]
    fn the_same_code_is_read_from_every_theme_and_block() {
        let code = QrCode::with_error_correction_level(URL, EcLevel::L).unwrap();
        let mut seen = Vec::new();
        for blocks in [Blocks::Half, Blocks::Hash] {
            for depth in [Depth::Mono, Depth::Ansi16, Depth::True] {
                for ground in [Background::Dark, Background::Light] {
                    seen.push(modules(&Qr::new(URL, blocks).unwrap(), &Theme::new(depth, ground)));
                }
            }
        }
        let side = code.width() + 2 * QUIET;
        let inner: Vec<bool> = (QUIET..side - QUIET)
            .flat_map(|y| seen[0][y * side + QUIET..(y + 1) * side - QUIET].to_vec())
            .collect();
        assert_eq!(
            inner,
            code.to_colors().iter().map(|module| *module == Module::Dark).collect::<Vec<_>>()
        );
        assert!(seen.iter().all(|one| *one == seen[0]));
        assert!(seen[0][..side * QUIET].iter().all(|dark| !dark));
    }

    #[test]
    fn a_device_address_fits_a_small_terminal() {
        assert_eq!(Qr::new(URL, Blocks::Half).unwrap().size(), (37, 19));
        assert_eq!(Qr::new(URL, Blocks::Hash).unwrap().size(), (74, 37));
        assert_eq!(Qr::new(URL, Blocks::Half).unwrap().narrow().size(), (33, 17));
    }

    #[test]
    fn what_no_code_can_hold_is_none() {
        assert!(Qr::new(&"x".repeat(3000), Blocks::Half).is_none());
    }
}
