//! Short notes in the upper right corner, or above the composer where a dialog has the upper.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::layout::ScreenLayout;
use crate::base::text;
use crate::fronts::tui::app::App;
use crate::fronts::tui::app::toast::{Toast, Tone};
use crate::fronts::tui::overlay::Overlay;
use crate::fronts::tui::paint::panel;
use crate::fronts::tui::paint::{LaidOutLines, Role, Span, wrap};

const MOST_COLUMNS: u16 = 66;
/// In fewer a sentence cannot be read.
const LEAST_COLUMNS: u16 = 24;

pub fn draw(app: &App, area: Rect, buffer: &mut Buffer) {
    // What is to be scanned is not written over: beside it, or not at all.
    let room = match app.dialogs.top().and_then(Overlay::keep_clear) {
        Some(clear) => Rect {
            x: clear.right() + 1,
            width: area.right().saturating_sub(clear.right() + 1),
            ..area
        },
        None => area,
    };
    if room.width < LEAST_COLUMNS {
        return;
    }
    let notes = app.toasts.shown().iter().map(|toast| Note::new(toast, room));
    if app.dialogs.is_empty() {
        let mut y = area.y + 1;
        for note in notes {
            if y + note.height() > area.bottom() {
                return;
            }
            note.draw(y, area, buffer, app);
            y += note.height();
        }
        return;
    }
    let mut bottom = ScreenLayout::new(app, area).composer.y;
    for note in notes.rev() {
        if area.y + note.height() > bottom {
            return;
        }
        bottom -= note.height();
        note.draw(bottom, area, buffer, app);
    }
}

/// One of them, laid out.
struct Note {
    lines: LaidOutLines,
    role: Role,
}

impl Note {
    fn new(toast: &Toast, area: Rect) -> Self {
        let (mark, role) = match toast.tone {
            Tone::Good => ("✓", Role::Good),
            Tone::Plain => ("•", Role::Accent),
            Tone::Warn => ("!", Role::Warn),
        };
        let spans = [
            Span::new(mark, role),
            Span::new(" ", Role::Text),
            Span::new(text::clean_line(&toast.text), Role::Text),
        ];
        Self {
            lines: wrap(&spans, usize::from(MOST_COLUMNS.min(area.width.saturating_sub(6)))),
            role,
        }
    }

    /// With its border.
    fn height(&self) -> u16 {
        u16::try_from(self.lines.len()).unwrap_or(u16::MAX).saturating_add(2)
    }

    fn draw(&self, y: u16, area: Rect, buffer: &mut Buffer, app: &App) {
        let wide = (0..self.lines.len()).map(|row| self.lines.width(row)).max().unwrap_or(0);
        let width = u16::try_from(wide).unwrap_or(0) + 4;
        let place =
            Rect { x: area.right().saturating_sub(width + 1), y, width, height: self.height() };
        panel::empty(place, buffer);
        panel::border(place, buffer, &app.theme, self.role);
        let inside = Rect {
            x: place.x + 2,
            y: place.y + 1,
            width: place.width.saturating_sub(4),
            height: place.height - 2,
        };
        self.lines.draw(0..self.lines.len(), inside, buffer, &app.theme);
    }
}
