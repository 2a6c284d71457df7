//! Drawing the whole screen from the state.

mod ascii;
mod composer_box;
mod conversation;
mod first_start;
mod menu;
mod search_bar;
mod status_line;
pub mod toasts;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::base::text;
use crate::tui::app::layout::LEAST;
use crate::tui::app::{App, layout};
use crate::tui::paint::panel;
use crate::tui::paint::{Canvas, Role, Span};
use crate::tui::terminal::Links;

/// Draws everything, and reads each layer's links before drawing the next; returns the caret's
/// position. The state is borrowed mutably only because text fields record their scroll position.
pub fn view(app: &mut App, buffer: &mut Buffer, links: &mut Links) -> Option<Position> {
    let area = *buffer.area();
    let canvas = &mut Canvas { buffer, theme: app.theme };
    if layout::is_too_small((area.width, area.height)) {
        too_small(app, area, canvas);
        return None;
    }
    let body = layout::body(app, area);
    banner(app, area, canvas);
    let caret = if layout::has_composer_at_bottom(app) {
        conversation::draw(app, body, canvas, links)
    } else {
        first_start::draw(app, body, canvas)
    };
    let is_composing = app.is_composing();
    let caret = match app.dialogs.top_mut() {
        Some(dialog) => {
            let within = dialog.draw(&app.facts, &app.talk, body, canvas);
            links.read(canvas.buffer);
            if is_composing { caret } else { within }
        }
        None => caret,
    };
    if !app.dialogs.is_empty() {
        let place = layout::toast_at_dialog(app, layout::below_banner(app, area));
        toasts::draw(&app.toasts, place, canvas);
    }
    if !app.facts.start.surroundings.utf8 {
        ascii::spell(canvas.buffer);
    }
    caret
}

/// Draws the banner, which says who answers if it is not OpenAI.
fn banner(app: &App, area: Rect, canvas: &mut Canvas) {
    if let Some(banner) = &app.facts.start.banner {
        let line = text::clean_line(banner);
        let width = u16::try_from(text::width(&line)).unwrap_or(0).min(area.width);
        canvas.text(
            area.x + (area.width - width) / 2,
            area.y,
            &line,
            usize::from(width),
            Role::Warn,
        );
    }
}

/// Draws the screen of a window that is too small: it says what waits, and no key answers. The most
/// important text comes first.
fn too_small(app: &App, area: Rect, canvas: &mut Canvas) {
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
        y = panel::write(&[Span::new(words, role)], area, y, canvas);
    }
}
