//! The composer in its border. Does not know where on the screen it stands.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use crate::tui::app::App;
use crate::tui::paint::Role;
use crate::tui::panel;

/// Draws it; answers where the caret is.
pub fn draw(app: &mut App, area: Rect, buffer: &mut Buffer) -> Position {
    let role = if app.dialogs.is_empty() && app.talk.asks.is_empty() { Role::BorderFocus } else { Role::Border };
    panel::border(area, buffer, &app.theme, role);
    let inside = Rect { x: area.x + 2, y: area.y + 1, width: area.width.saturating_sub(4), height: area.height.saturating_sub(2) };
    app.prompt.composer.draw(inside, buffer, &app.theme)
}
