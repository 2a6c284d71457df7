//! A sign-in that failed, or goes on in spite of trouble, in words. Does not know what caused it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::base::text;
use crate::protocol::Problem;
use crate::tui::paint::{Role, Span, Theme};
use crate::tui::panel;

/// The sentence, and the next step under it; answers the first row below.
pub fn draw(problem: &Problem, role: Role, area: Rect, y: u16, buffer: &mut Buffer, theme: &Theme) -> u16 {
    let y = panel::write(&[Span::new(text::clean_line(&problem.message), role)], area, y, buffer, theme);
    match &problem.next {
        Some(next) => panel::write(&[Span::new(text::clean_line(next), Role::Text)], area, y, buffer, theme),
        None => y,
    }
}

/// Trouble through which the wait goes on: nothing is to be done about it.
pub fn draw_passing(problem: &Problem, area: Rect, y: u16, buffer: &mut Buffer, theme: &Theme) -> u16 {
    let line = format!("{} · trying again", text::clean_line(&problem.message));
    panel::write(&[Span::new(line, Role::Warn)], area, y, buffer, theme)
}
