//! A sign-in error, or a delay, as text.

use ratatui::layout::Rect;

use crate::base::{Timestamp, text};
use crate::protocol::Problem;
use crate::tui::paint::{Canvas, Role, Span, wrap};
use crate::tui::paint::{panel, spinner};

/// Draws the problem with its advice below; returns the first row after it.
pub fn draw(problem: &Problem, role: Role, area: Rect, y: u16, canvas: &mut Canvas) -> u16 {
    let y = panel::write(&[Span::new(text::clean_line(&problem.message), role)], area, y, canvas);
    match &problem.next {
        Some(next) => {
            panel::write(&[Span::new(text::clean_line(next), Role::Text)], area, y, canvas)
        }
        None => y,
    }
}

/// Draws a failed sign-in with the keys to go on.
pub fn draw_failed(problem: &Problem, keys: &[Span<'_>], room: Rect, canvas: &mut Canvas) {
    let rows = height(problem, room.width).saturating_add(1 + panel::rows_of(keys, room.width));
    let room = Rect { height: rows.min(room.height), ..room };
    let above = panel::footer(keys, room, canvas);
    draw(problem, Role::Bad, above, above.y, canvas);
}

/// The rows that [`draw`] takes.
pub fn height(problem: &Problem, width: u16) -> u16 {
    let rows = |words: &str| {
        wrap(&[Span::new(text::clean_line(words), Role::Text)], usize::from(width)).len()
    };
    u16::try_from(rows(&problem.message) + problem.next.as_deref().map_or(0, rows))
        .unwrap_or(u16::MAX)
}

/// Draws a problem while the sign-in retries.
pub fn draw_passing(problem: &Problem, area: Rect, y: u16, canvas: &mut Canvas) -> u16 {
    let message = format!("{} · trying again", problem.message);
    let passing = Problem { message, ..problem.clone() };
    draw(&passing, Role::Warn, area, y, canvas)
}

/// Draws what happens without the person, with the last problem below it.
pub fn waiting(
    what: &str,
    last: Option<&Problem>,
    now: Timestamp,
    room: Rect,
    canvas: &mut Canvas,
) {
    let line = format!("{} {what}", spinner::frame(now));
    let y = panel::write(&[Span::new(line, Role::Text)], room, room.y, canvas);
    if let Some(problem) = last {
        draw_passing(problem, room, y + 1, canvas);
    }
}
