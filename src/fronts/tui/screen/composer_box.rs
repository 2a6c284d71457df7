//! Drawing the composer in its border.

use ratatui::layout::{Position, Rect};

use super::search_bar;
use crate::tui::app::App;
use crate::tui::commands::{self, KeyAction};
use crate::tui::paint::panel;
use crate::tui::paint::{Canvas, Role};

/// Why typing is disabled: another program has the conversation.
const READ_ONLY: &str = " read-only · enter shows what you can do ";
/// Why it is while something is asked.
const ASKED: &str = "the prompt waits until you answer";

/// Draws the composer; returns the caret's position.
pub fn draw(app: &mut App, area: Rect, canvas: &mut Canvas) -> Position {
    if area.is_empty() {
        return area.as_position();
    }
    if !app.talk.asks.is_empty() {
        return narrow(app, area, canvas);
    }
    let is_read_only = app.talk.watched.is_some();
    let role = match (app.is_composing(), app.prompt.is_shell()) {
        (false, _) => Role::Border,
        (true, true) => Role::Accent,
        (true, false) => Role::BorderFocus,
    };
    let inside = panel::border(area, canvas, role);
    let label = match is_read_only {
        true => Some((READ_ONLY.to_owned(), Role::Warn)),
        false => meaning(app),
    };
    if let Some((label, role)) = label {
        let room = usize::from(area.width.saturating_sub(4));
        canvas.text(area.x + 2, area.y, &label, room, role);
    }
    if is_read_only && app.prompt.composer.is_empty() {
        return inside.as_position();
    }
    let caret = app.prompt.composer.draw(inside, canvas);
    if is_read_only {
        canvas.fill(inside, Role::Dim);
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
fn narrow(app: &mut App, area: Rect, canvas: &mut Canvas) -> Position {
    let is_closed = app.talk.asks.close_composer(app.facts.now);
    let room = usize::from(area.width.saturating_sub(2));
    let label = match (is_closed, app.prompt.composer.is_empty()) {
        (true, true) => {
            canvas.text(area.x + 1, area.y, ASKED, room, Role::Faint);
            return area.as_position();
        }
        (true, false) => format!("{ASKED} · "),
        (false, _) => "› ".to_owned(),
    };
    let x = canvas.text(area.x + 1, area.y, &label, room, Role::Warn);
    let text = Rect { x, width: area.right().saturating_sub(x + 1), ..area };
    let caret = app.prompt.composer.draw(text, canvas);
    if is_closed {
        canvas.fill(text, Role::Dim);
    }
    caret
}
