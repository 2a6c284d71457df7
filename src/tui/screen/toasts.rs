//! Short notes in the upper right corner. Does not know how long they stay.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::base::text;
use crate::tui::app::App;
use crate::tui::paint::{Role, Span, wrap};
use crate::tui::panel;
use crate::tui::toast::Tone;

const MOST_COLUMNS: u16 = 66;

pub fn draw(app: &App, area: Rect, buffer: &mut Buffer) {
    let mut y = area.y + 1;
    for toast in app.toasts.shown() {
        let (mark, role) = match toast.tone {
            Tone::Good => ("✓", Role::Good),
            Tone::Plain => ("•", Role::Accent),
            Tone::Warn => ("!", Role::Warn),
        };
        let spans = [Span::new(mark, role), Span::new(" ", Role::Text), Span::new(text::clean_line(&toast.text), Role::Text)];
        let lines = wrap(&spans, usize::from(MOST_COLUMNS.min(area.width.saturating_sub(6))));
        let wide = (0..lines.len()).map(|row| lines.width(row)).max().unwrap_or(0);
        let width = u16::try_from(wide).unwrap_or(0) + 4;
        let height = u16::try_from(lines.len()).unwrap_or(0) + 2;
        if y + height > area.bottom() {
            return;
        }
        let place = Rect { x: area.right().saturating_sub(width + 1), y, width, height };
        panel::empty(place, buffer);
        panel::border(place, buffer, &app.theme, role);
        let inside = Rect { x: place.x + 2, y: place.y + 1, width: place.width.saturating_sub(4), height: height - 2 };
        lines.draw(0..lines.len(), inside, buffer, &app.theme);
        y += height;
    }
}
