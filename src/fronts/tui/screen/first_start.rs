//! Drawing the first screen, before a conversation has begun.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::{composer_box, menu, status_line, toasts};
use crate::base::text;
use crate::fronts::tui::app::{App, layout};
use crate::fronts::tui::paint::panel;
use crate::fronts::tui::paint::{Ink, Role, Span};
use crate::fronts::tui::program_facts::Connection;

const WIDEST: u16 = 84;

/// Draws the screen; returns the caret's position.
pub fn draw(app: &mut App, area: Rect, buffer: &mut Buffer) -> Option<Position> {
    bottom(app, area, buffer);
    let width = area.width.saturating_sub(4).min(WIDEST);
    let column = Rect { x: area.x + (area.width - width) / 2, width, ..area };
    let height = layout::composer_height(app, column);
    // The command menu opens upwards and needs room.
    let top = area.y + (area.height.saturating_sub(height + 5) / 2).max(1);
    centered("codling", Ink::from(Role::Heading).bold(), top, column, app, buffer);
    centered("a coding client for your terminal", Role::Dim.into(), top + 1, column, app, buffer);
    let composer = Rect { y: top + 3, height, ..column };
    let caret = composer_box::draw(app, composer, buffer);
    hints(
        app,
        Rect { y: composer.bottom(), height: 1, x: column.x + 2, width: width.saturating_sub(4) },
        buffer,
    );
    menu::draw(app, composer, area.y, buffer);
    // Above the last row, below the hints.
    let free = area.bottom().saturating_sub(composer.bottom() + 2);
    let height = toasts::rows(&app.toasts, area, free);
    let place = Rect { y: area.bottom() - 1 - height, height, ..area };
    toasts::draw(&app.toasts, place, buffer, &app.theme);
    Some(caret)
}

fn centered(line: &str, ink: Ink, y: u16, area: Rect, app: &App, buffer: &mut Buffer) {
    let width = u16::try_from(text::width(line)).unwrap_or(0).min(area.width);
    panel::text(
        buffer,
        area.x + (area.width - width) / 2,
        y,
        line,
        usize::from(width),
        app.theme.style(ink),
    );
}

/// The line under the composer: the model that would answer, and keys to begin with.
fn hints(app: &App, area: Rect, buffer: &mut Buffer) {
    let pairs: &[(&str, &str)] = match app.connection() {
        Connection::None if area.width < 60 => &[("/connect", "to sign in")],
        Connection::None => &[("/connect", "to sign in"), ("ctrl+p", "commands")],
        Connection::NotKnown | Connection::Some => &[("ctrl+p", "commands")],
    };
    let mut spans = Vec::new();
    for (at, (key, what)) in pairs.iter().enumerate() {
        spans.push(Span::new(if at > 0 { " · " } else { "" }, Role::Dim));
        spans.push(Span::new(*key, Role::Accent));
        spans.push(Span::new(format!(" {what}"), Role::Dim));
    }
    if let Some(line) = status_line::pressed_key(app) {
        spans = vec![Span::new(line, Role::Warn)];
    }
    status_line::both_ends(&status_line::who_answers(app), &spans, area, app, buffer);
}

fn bottom(app: &App, area: Rect, buffer: &mut Buffer) {
    let line = Rect {
        x: area.x + 1,
        y: area.bottom() - 1,
        width: area.width.saturating_sub(2),
        height: 1,
    };
    let left = [Span::new(status_line::folder_and_branch(app), Role::Dim)];
    let right = [Span::new(app.facts.start.version.clone(), Role::Dim)];
    status_line::both_ends(&left, &right, line, app, buffer);
}
