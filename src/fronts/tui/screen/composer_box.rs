//! Drawing the composer in its border.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::search_bar;
use crate::tui::app::App;
use crate::tui::commands::{self, KeyAction};
use crate::tui::paint::Role;
use crate::tui::paint::panel;

/// Why typing is disabled: another program has the conversation.
const READ_ONLY: &str = " read-only · enter shows what you can do ";
/// Why it is while something is asked.
const ASKED: &str = "the prompt waits until you answer";

/// Draws the composer; returns the caret's position.
pub fn draw(app: &mut App, area: Rect, buffer: &mut Buffer) -> Position {
    if area.is_empty() {
        return area.as_position();
    }
    if !app.talk.asks.is_empty() {
        return narrow(app, area, buffer);
    }
    let is_read_only = app.talk.watched.is_some();
    let role = match (app.is_composing(), app.prompt.is_shell()) {
        (false, _) => Role::Border,
        (true, true) => Role::Accent,
        (true, false) => Role::BorderFocus,
    };
    panel::border(area, buffer, &app.theme, role);
    let label = match is_read_only {
        true => Some((READ_ONLY.to_owned(), Role::Warn)),
        false => meaning(app),
    };
    if let Some((label, role)) = label {
        let room = usize::from(area.width.saturating_sub(4));
        panel::text(buffer, area.x + 2, area.y, &label, room, app.theme.style(role));
    }
    let inside = Rect {
        x: area.x + 2,
        y: area.y + 1,
        width: area.width.saturating_sub(4),
        height: area.height.saturating_sub(2),
    };
    if is_read_only && app.prompt.composer.is_empty() {
        return inside.as_position();
    }
    let caret = app.prompt.composer.draw(inside, buffer, &app.theme);
    if is_read_only {
        buffer.set_style(inside, app.theme.style(Role::Dim));
    }
    caret
}

/// The effect of the keys that send, where it is not the usual one.
fn meaning(app: &App) -> Option<(String, Role)> {
    if app.prompt.is_shell() {
        return Some((" your own command: enter runs it ".to_owned(), Role::Accent));
    }
    if let Some(count) = app.talk.view.hit_count() {
        let count = search_bar::count_words(count);
        return Some((format!(" search: {count} · esc ends it "), Role::Dim));
    }
    let text = app.prompt.composer.shown();
    let joins = app.talk.may_interrupt() && !text.trim().is_empty() && !text.starts_with('/');
    let queues = commands::key_of(KeyAction::Queue);
    joins.then(|| (format!(" enter joins this turn · {queues} queues it for after "), Role::Dim))
}

/// Draws one row without a border while an ask needs the others.
fn narrow(app: &mut App, area: Rect, buffer: &mut Buffer) -> Position {
    let is_closed = app.talk.asks.close_composer(app.facts.now);
    let room = usize::from(area.width.saturating_sub(2));
    let style = app.theme.style(Role::Warn);
    let label = match (is_closed, app.prompt.composer.is_empty()) {
        (true, true) => {
            let style = app.theme.style(Role::Faint);
            panel::text(buffer, area.x + 1, area.y, ASKED, room, style);
            return area.as_position();
        }
        (true, false) => format!("{ASKED} · "),
        (false, _) => "› ".to_owned(),
    };
    let x = panel::text(buffer, area.x + 1, area.y, &label, room, style);
    let text = Rect { x, width: area.right().saturating_sub(x + 1), ..area };
    let caret = app.prompt.composer.draw(text, buffer, &app.theme);
    if is_closed {
        buffer.set_style(text, app.theme.style(Role::Dim));
    }
    caret
}
