//! The commands under a slash, above the composer. Does not know what they do.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::base::text;
use crate::tui::app::App;
use crate::tui::paint::Role;
use crate::tui::panel;

/// Draws the menu so that it ends where the composer begins, from the row `top` at the earliest, around the chosen command.
pub fn draw(app: &App, composer: Rect, top: u16, buffer: &mut Buffer) {
    let Some((entries, chosen)) = app.prompt.menu() else { return };
    let rows = u16::try_from(entries.len()).unwrap_or(u16::MAX).saturating_add(2).min(composer.y.saturating_sub(top));
    let area = Rect { y: composer.y - rows, height: rows, ..composer };
    panel::empty(area, buffer);
    panel::border(area, buffer, &app.theme, Role::Border);
    let shown = usize::from(rows.saturating_sub(2));
    let first = (chosen + 1).saturating_sub(shown);
    for (y, (at, entry)) in (area.y + 1..).zip(entries.iter().enumerate().skip(first).take(shown)) {
        let room = Rect { x: area.x + 1, y, width: area.width.saturating_sub(2), height: 1 };
        let style = |role| app.theme.style(if at == chosen { Role::Selection } else { role });
        if at == chosen {
            buffer.set_style(room, app.theme.style(Role::Selection));
        }
        let key = entry.label();
        let name = text::pad(&format!("/{}", entry.slash), 12);
        panel::text(buffer, room.x, y, if at == chosen { "›" } else { " " }, 1, style(Role::Text));
        let x = panel::text(buffer, room.x + 2, y, &name, 12, style(Role::Accent));
        let key_x = room.right().saturating_sub(u16::try_from(text::width(&key)).unwrap_or(0) + 1);
        let width = usize::from(key_x.saturating_sub(x + 1));
        panel::text(buffer, x, y, &text::cut(entry.title, width), width, style(Role::Text));
        panel::text(buffer, key_x, y, &key, 16, style(Role::Dim));
    }
}
