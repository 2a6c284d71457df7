//! Drawing the composer in its border.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::fronts::tui::app::App;
use crate::fronts::tui::commands::{self, KeyAction};
use crate::fronts::tui::paint::Role;
use crate::fronts::tui::paint::panel;

/// Why typing is disabled: a text on the border and one before the prompt.
#[derive(Clone, Copy)]
struct Closed {
    label: &'static str,
    short: &'static str,
}

const ASKED: Closed =
    Closed { label: " closed until you answer above ", short: "closed until you answer · " };
const READ_ONLY: Closed =
    Closed { label: " read-only · enter shows what you can do ", short: "read-only · " };

/// Draws the composer; returns the caret's position.
pub fn draw(app: &mut App, area: Rect, buffer: &mut Buffer) -> Position {
    if area.is_empty() {
        return area.as_position();
    }
    let closed = if app.talk.watched.is_some() {
        Some(READ_ONLY)
    } else {
        app.talk.asks.close_composer(app.facts.now).then_some(ASKED)
    };
    if area.height == 1 {
        return narrow(app, area, closed, buffer);
    }
    let role = match (app.is_composing(), app.prompt.is_shell()) {
        (false, _) => Role::Border,
        (true, true) => Role::Accent,
        (true, false) => Role::BorderFocus,
    };
    panel::border(area, buffer, &app.theme, role);
    if let Some(Closed { label, .. }) = closed {
        panel::text(
            buffer,
            area.x + 2,
            area.y,
            label,
            usize::from(area.width.saturating_sub(4)),
            app.theme.style(Role::Warn),
        );
    } else if let Some((label, role)) = meaning(app) {
        let room = usize::from(area.width.saturating_sub(4));
        panel::text(buffer, area.x + 2, area.y, &label, room, app.theme.style(role));
    }
    let inside = Rect {
        x: area.x + 2,
        y: area.y + 1,
        width: area.width.saturating_sub(4),
        height: area.height.saturating_sub(2),
    };
    if closed.is_some() && app.prompt.composer.is_empty() {
        return inside.as_position();
    }
    let caret = app.prompt.composer.draw(inside, buffer, &app.theme);
    if closed.is_some() {
        buffer.set_style(inside, app.theme.style(Role::Dim));
    }
    caret
}

/// The effect of the keys that send, where it is not the usual one.
fn meaning(app: &App) -> Option<(String, Role)> {
    if app.prompt.is_shell() {
        return Some((" your own command: enter runs it ".to_owned(), Role::Accent));
    }
    let text = app.prompt.composer.shown();
    let joins = app.talk.may_interrupt() && !text.trim().is_empty() && !text.starts_with('/');
    let queues = commands::key_of(KeyAction::Queue);
    joins.then(|| (format!(" enter joins this turn · {queues} queues it for after "), Role::Dim))
}

/// Draws one row without a border while an ask needs the others.
fn narrow(app: &mut App, area: Rect, closed: Option<Closed>, buffer: &mut Buffer) -> Position {
    let label = closed.map_or("› ", |closed| closed.short);
    let room = usize::from(area.width.saturating_sub(2));
    let x = panel::text(buffer, area.x + 1, area.y, label, room, app.theme.style(Role::Warn));
    let text = Rect { x, width: area.right().saturating_sub(x + 1), ..area };
    let caret = app.prompt.composer.draw(text, buffer, &app.theme);
    if closed.is_some() {
        buffer.set_style(text, app.theme.style(Role::Dim));
    }
    caret
}
