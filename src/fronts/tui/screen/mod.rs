//! Drawing the whole screen from the state.

mod ascii;
mod composer_box;
mod conversation;
mod first_start;
mod layout;
mod menu;
mod status_line;
mod toasts;
mod too_small;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::base::text;
use crate::fronts::tui::app::App;
use crate::fronts::tui::paint::Role;
use crate::fronts::tui::paint::panel;
use crate::fronts::tui::terminal::Links;

pub use layout::{ask_room, transcript_area};
pub use too_small::is_too_small;

/// Draws everything, and reads each layer's links before drawing the next; returns the caret's
/// position. The state is borrowed mutably only because text fields record their scroll position.
pub fn view(app: &mut App, buffer: &mut Buffer, links: &mut Links) -> Option<Position> {
    let area = *buffer.area();
    if is_too_small((area.width, area.height)) {
        too_small::draw(app, area, buffer);
        return None;
    }
    let body = layout::body(app, area);
    banner(app, area, buffer);
    let caret = if has_composer_at_bottom(app) {
        conversation::draw(app, body, buffer, links)
    } else {
        first_start::draw(app, body, buffer)
    };
    let is_composing = app.is_composing();
    let caret = match app.dialogs.top_mut() {
        Some(dialog) => {
            let within = dialog.draw(&app.facts, &app.talk, body, buffer, &app.theme);
            links.read(buffer);
            if is_composing { caret } else { within }
        }
        None => caret,
    };
    if !app.dialogs.is_empty() {
        let place = layout::toast_at_dialog(app, layout::below_banner(app, area));
        toasts::draw(app, place, buffer);
    }
    if !app.facts.start.surroundings.utf8 {
        ascii::spell(buffer);
    }
    caret
}

/// Whether the composer stands at the bottom, where it stays visible below a dialog. Dialogs cover
/// the composer of the first screen.
fn has_composer_at_bottom(app: &App) -> bool {
    app.talk.has_begun() || !app.talk.asks.is_empty() || !app.dialogs.is_empty()
}

/// Whether a note has room on the screen now.
pub fn shows_toast(app: &App) -> bool {
    let (width, height) = app.size;
    let area = Rect::new(0, 0, width, height);
    if is_too_small(app.size) {
        return false;
    }
    let below = layout::below_banner(app, area);
    match (app.dialogs.is_empty(), has_composer_at_bottom(app)) {
        (false, _) => layout::toast_at_dialog(app, below).height > 0,
        (true, true) => layout::ScreenLayout::new(app, below).toast.height > 0,
        (true, false) => true,
    }
}

/// Draws the banner, which says who answers if it is not OpenAI.
fn banner(app: &App, area: Rect, buffer: &mut Buffer) {
    if let Some(banner) = &app.facts.start.banner {
        let line = text::clean_line(banner);
        let width = u16::try_from(text::width(&line)).unwrap_or(0).min(area.width);
        panel::text(
            buffer,
            area.x + (area.width - width) / 2,
            area.y,
            &line,
            usize::from(width),
            app.theme.style(Role::Warn),
        );
    }
}
