//! The picture of the whole screen, from the state alone.

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

/// Draws everything, and reads each layer's links before the next one; answers where the caret stands. The state is borrowed for writing only because text fields note how far they scrolled.
pub fn view(app: &mut App, buffer: &mut Buffer, links: &mut Links) -> Option<Position> {
    let area = *buffer.area();
    if is_too_small((area.width, area.height)) {
        too_small::draw(app, area, buffer);
        return None;
    }
    let body = layout::below_banner(app, area);
    banner(app, area, buffer);
    // Dialogs stand where the first screen has its composer; at the bottom a prompt is still seen.
    let at_bottom = app.talk.has_begun() || !app.talk.asks.is_empty() || !app.dialogs.is_empty();
    let caret = if at_bottom {
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
    toasts::draw(app, body, buffer);
    if !app.facts.start.surroundings.utf8 {
        ascii::spell(buffer);
    }
    caret
}

/// Who is answering, where it is not OpenAI; always there.
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
