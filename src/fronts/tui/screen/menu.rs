//! Menus above the composer: slash commands, files after an `@`, keys after `ctrl+x`.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::status_line::cut_start;
use crate::base::text;
use crate::tui::app::{App, Armed};
use crate::tui::commands::ACTIONS;
use crate::tui::paint::panel;
use crate::tui::paint::{Role, Theme, wrap};
use crate::tui::prompt::MenuEntry;

/// Columns of a value, so that most of those behind them begin in one column.
const VALUE: usize = 24;

/// Draws the open menu between the row `top` and the composer.
pub fn draw(app: &App, composer: Rect, top: u16, buffer: &mut Buffer) {
    if app.armed == Armed::Leader {
        chords(composer, buffer, &app.theme);
    } else if let Some((entries, chosen)) = app.prompt.menu() {
        let (place, first) = rows(&entries, chosen, (composer, top), buffer, &app.theme, command);
        app.prompt.menu_drawn(place, first);
    } else if let Some((files, chosen)) = app.prompt.files() {
        let files: Vec<&str> = files.collect();
        let (place, first) = rows(&files, chosen, (composer, top), buffer, &app.theme, file);
        app.prompt.menu_drawn(place, first);
        if let Some(note) = app.prompt.files_left_out() {
            let note = format!(" {note}; type the rest of a path by hand ");
            let room = usize::from(composer.width.saturating_sub(4));
            panel::text(
                buffer,
                composer.x + 2,
                composer.y.saturating_sub(1),
                &text::cut(&note, room),
                room,
                app.theme.style(Role::Dim),
            );
        }
    }
}

/// Draws the keys after `ctrl+x`, all of them at any width.
fn chords(composer: Rect, buffer: &mut Buffer, theme: &Theme) {
    let keys: Vec<_> = ACTIONS
        .iter()
        .filter_map(|entry| Some((entry.chord()?.to_string(), entry.word())))
        .collect();
    let keys =
        panel::keys(&keys.iter().map(|(key, word)| (key.as_str(), *word)).collect::<Vec<_>>());
    let inside = composer.width.saturating_sub(4);
    let rows = u16::try_from(wrap(&keys, usize::from(inside)).len()).unwrap_or(1);
    let height = rows.saturating_add(2).min(composer.y);
    let area = Rect { y: composer.y - height, height, ..composer };
    panel::empty(area, buffer);
    panel::border(area, buffer, theme, Role::Border);
    panel::text(
        buffer,
        area.x + 2,
        area.y,
        " ctrl+x, then ",
        usize::from(inside),
        theme.style(Role::Dim),
    );
    let room =
        Rect { x: area.x + 2, y: area.y + 1, width: inside, height: height.saturating_sub(2) };
    panel::write(&keys, room, room.y, buffer, theme);
}

/// Draws the rows around the selected one that fit; returns where they are, and the first one.
fn rows<T: Copy>(
    all: &[T],
    chosen: usize,
    (composer, top): (Rect, u16),
    buffer: &mut Buffer,
    theme: &Theme,
    row: fn(T, Rect, &mut Buffer, &dyn Fn(Role) -> Style),
) -> (Rect, usize) {
    let rows = u16::try_from(all.len())
        .unwrap_or(u16::MAX)
        .saturating_add(2)
        .min(composer.y.saturating_sub(top));
    let area = Rect { y: composer.y - rows, height: rows, ..composer };
    panel::empty(area, buffer);
    panel::border(area, buffer, theme, Role::Border);
    let shown = usize::from(rows.saturating_sub(2));
    let first = (chosen + 1).saturating_sub(shown);
    for (y, (at, one)) in (area.y + 1..).zip(all.iter().enumerate().skip(first).take(shown)) {
        let room = Rect { x: area.x + 1, y, width: area.width.saturating_sub(2), height: 1 };
        let style = panel::list_row(room, at == chosen, buffer, theme);
        row(
            *one,
            Rect { x: room.x + 2, width: room.width.saturating_sub(2), ..room },
            buffer,
            &style,
        );
    }
    (Rect { y: area.y + 1, height: rows.saturating_sub(2), ..area }, first)
}

/// Draws a command with its key, or with the file that it comes from.
fn command(entry: MenuEntry<'_>, room: Rect, buffer: &mut Buffer, style: &dyn Fn(Role) -> Style) {
    let (name, title, key) = match entry {
        MenuEntry::BuiltIn(entry) => (format!("/{}", entry.slash), entry.title, entry.label()),
        MenuEntry::Offered(command) => {
            let half = usize::from(room.width / 2);
            let origin = cut_start(&command.origin, half);
            (format!("/{}", command.name), &*command.description, origin)
        }
        MenuEntry::Value(value) => (text::pad(&value.value, VALUE), &*value.about, String::new()),
    };
    let columns = text::width(&name).max(11) + 1;
    let name = text::pad(&name, columns);
    let x = panel::text(buffer, room.x, room.y, &name, columns, style(Role::Accent));
    let key_x = room.right().saturating_sub(u16::try_from(text::width(&key)).unwrap_or(0) + 1);
    let width = usize::from(key_x.saturating_sub(x + 1));
    panel::text(buffer, x, room.y, &text::cut(title, width), width, style(Role::Text));
    panel::text(buffer, key_x, room.y, &key, usize::from(room.width), style(Role::Dim));
}

/// Draws a path; a long one is cut at its beginning, because its end tells it apart.
fn file(path: &str, room: Rect, buffer: &mut Buffer, style: &dyn Fn(Role) -> Style) {
    let width = usize::from(room.width.saturating_sub(1));
    panel::text(
        buffer,
        room.x,
        room.y,
        &cut_start(&text::clean_line(path), width),
        width,
        style(Role::Text),
    );
}
