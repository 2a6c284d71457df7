//! A short note in rows of its own, so that it covers nothing.

use ratatui::layout::Rect;

use crate::base::text;
use crate::tui::app::toast::{Toast, Toasts, Tone};
use crate::tui::paint::wrap::Prefix;
use crate::tui::paint::{Canvas, LaidOutLines, Role, Span};

/// Columns of the mark before it.
const MARK: usize = 2;
/// The note takes at most this fraction of the rows, but at least two.
const SHARE: u16 = 5;

/// The rows that it takes in an area, at most `most`.
pub fn rows(toasts: &Toasts, area: Rect, most: u16) -> u16 {
    let most = most.min((area.height / SHARE).max(2));
    match toasts.shown() {
        Some(toast) if most > 0 => {
            u16::try_from(lines(toast, area.width, most).len()).unwrap_or(most)
        }
        _ => 0,
    }
}

pub fn draw(toasts: &Toasts, area: Rect, canvas: &mut Canvas) {
    let Some(toast) = toasts.shown().filter(|_| area.height > 0) else { return };
    let lines = lines(toast, area.width, area.height);
    let inside = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    lines.draw(0..lines.len(), inside, canvas);
}

/// Lays the note out at this width, cut to `most` rows.
fn lines(toast: &Toast, width: u16, most: u16) -> LaidOutLines {
    let (mark, role) = match toast.tone {
        Tone::Good => ("✓ ", Role::Good),
        Tone::Plain => ("• ", Role::Accent),
        Tone::Warn => ("! ", Role::Warn),
    };
    let columns = usize::from(width.saturating_sub(2)).max(MARK + 1);
    let prefix = Prefix::behind(mark, role);
    let whole = text::clean_line(&toast.text);
    let mut room = usize::from(most) * (columns - MARK);
    loop {
        let mut lines = LaidOutLines::new();
        let spans = [Span::new(text::cut(&whole, room), Role::Text)];
        lines.wrap(&spans, columns, &prefix);
        if lines.len() <= usize::from(most) || room == 0 {
            return lines;
        }
        // Word wrapping leaves columns free at row ends.
        room = room.min(text::width(&whole)).saturating_sub(4);
    }
}
