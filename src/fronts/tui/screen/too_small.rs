//! The screen of a window that is too small: it says what waits, and no key answers.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::status_line;
use crate::fronts::tui::app::App;
use crate::fronts::tui::paint::panel;
use crate::fronts::tui::paint::{Role, Span};

/// In a smaller window nothing can be shown completely enough to be approved.
pub(super) const LEAST: (u16, u16) = (60, 18);

/// Whether a window of this many columns and rows is too small.
pub fn is_too_small((width, height): (u16, u16)) -> bool {
    width < LEAST.0 || height < LEAST.1
}

/// Draws it, with the most important text first.
pub fn draw(app: &App, area: Rect, buffer: &mut Buffer) {
    let waits = !app.talk.asks.is_empty() || !app.dialogs.is_empty();
    let mut rows = Vec::new();
    if waits {
        rows.push(("codling waits for you: make the window larger".to_owned(), Role::Warn));
    }
    let size = format!(
        "This window is {}x{}, codling needs at least {}x{}",
        area.width, area.height, LEAST.0, LEAST.1
    );
    rows.push((size, if waits { Role::Dim } else { Role::Warn }));
    if let Some(pressed) = status_line::pressed_key(app) {
        rows.push((pressed, Role::Warn));
    }
    let keys = match (waits, app.talk.busy()) {
        (true, Some(_)) => "Until then only ctrl+c works: once to interrupt, then twice to quit",
        (true, None) => "Until then only ctrl+c twice (quit) works",
        (false, Some(_)) => "What you type is kept, nothing is sent; ctrl+c interrupts",
        (false, None) => "What you type is kept, nothing is sent; ctrl+c twice quits",
    };
    rows.push((keys.to_owned(), Role::Dim));
    let mut y = area.y;
    for (words, role) in rows {
        y = panel::write(&[Span::new(words, role)], area, y, buffer, &app.theme);
    }
}
