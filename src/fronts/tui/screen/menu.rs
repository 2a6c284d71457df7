//! Menus above the composer: slash commands, files after an `@`, keys after `ctrl+x`.

use ratatui::layout::Rect;

use super::status_line::cut_start;
use crate::base::text;
use crate::tui::app::{App, Armed};
use crate::tui::commands::ACTIONS;
use crate::tui::paint::panel;
use crate::tui::paint::{Canvas, Role};
use crate::tui::prompt::MenuEntry;

/// Columns of a value, so that most of those behind them begin in one column.
const VALUE: usize = 24;

/// Draws the open menu between the row `top` and the composer.
pub fn draw(app: &App, composer: Rect, top: u16, canvas: &mut Canvas) {
    if app.armed == Armed::Leader {
        chords(composer, canvas);
    } else if let Some((entries, chosen)) = app.prompt.menu() {
        let (place, first) = rows(&entries, chosen, (composer, top), canvas, command);
        app.prompt.menu_drawn(place, first);
    } else if let Some((files, chosen)) = app.prompt.files() {
        let files: Vec<&str> = files.collect();
        let (place, first) = rows(&files, chosen, (composer, top), canvas, file);
        app.prompt.menu_drawn(place, first);
        if let Some(note) = app.prompt.files_left_out() {
            let note = format!(" {note}; type the rest of a path by hand ");
            let room = usize::from(composer.width.saturating_sub(4));
            canvas.text(
                composer.x + 2,
                composer.y.saturating_sub(1),
                &text::cut(&note, room),
                room,
                Role::Dim,
            );
        }
    }
}

/// Draws the keys after `ctrl+x`, all of them at any width.
fn chords(composer: Rect, canvas: &mut Canvas) {
    let keys: Vec<_> = ACTIONS
        .iter()
        .filter_map(|entry| Some((entry.chord()?.to_string(), entry.word())))
        .collect();
    let keys =
        panel::keys(&keys.iter().map(|(key, word)| (key.as_str(), *word)).collect::<Vec<_>>());
    let inside = composer.width.saturating_sub(4);
    let rows = panel::rows_of(&keys, inside);
    let height = rows.saturating_add(2).min(composer.y);
    let area = Rect { y: composer.y - height, height, ..composer };
    canvas.empty(area);
    let room = panel::border(area, canvas, Role::Border);
    canvas.text(area.x + 2, area.y, " ctrl+x, then ", usize::from(inside), Role::Dim);
    panel::write(&keys, room, room.y, canvas);
}

/// Draws the rows around the selected one that fit; returns where they are, and the first one.
fn rows<T: Copy>(
    all: &[T],
    chosen: usize,
    (composer, top): (Rect, u16),
    canvas: &mut Canvas,
    row: fn(T, Rect, &mut Canvas, &dyn Fn(Role) -> Role),
) -> (Rect, usize) {
    let rows = u16::try_from(all.len())
        .unwrap_or(u16::MAX)
        .saturating_add(2)
        .min(composer.y.saturating_sub(top));
    let area = Rect { y: composer.y - rows, height: rows, ..composer };
    canvas.empty(area);
    panel::border(area, canvas, Role::Border);
    let shown = usize::from(rows.saturating_sub(2));
    let first = (chosen + 1).saturating_sub(shown);
    for (y, (at, one)) in (area.y + 1..).zip(all.iter().enumerate().skip(first).take(shown)) {
        let room = Rect { x: area.x + 1, y, width: area.width.saturating_sub(2), height: 1 };
        let in_row = panel::list_row(room, at == chosen, canvas);
        row(
            *one,
            Rect { x: room.x + 2, width: room.width.saturating_sub(2), ..room },
            canvas,
            &in_row,
        );
    }
    (Rect { y: area.y + 1, height: rows.saturating_sub(2), ..area }, first)
}

/// Draws a command with its key, or with the file that it comes from.
fn command(entry: MenuEntry<'_>, room: Rect, canvas: &mut Canvas, in_row: &dyn Fn(Role) -> Role) {
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
    let x = canvas.text(room.x, room.y, &name, columns, in_row(Role::Accent));
    let key_x = room.right().saturating_sub(u16::try_from(text::width(&key)).unwrap_or(0) + 1);
    let width = usize::from(key_x.saturating_sub(x + 1));
    canvas.text(x, room.y, &text::cut(title, width), width, in_row(Role::Text));
    canvas.text(key_x, room.y, &key, usize::from(room.width), in_row(Role::Dim));
}

/// Draws a path; a long one is cut at its beginning, because its end tells it apart.
fn file(path: &str, room: Rect, canvas: &mut Canvas, in_row: &dyn Fn(Role) -> Role) {
    let width = usize::from(room.width.saturating_sub(1));
    canvas.text(
        room.x,
        room.y,
        &cut_start(&text::clean_line(path), width),
        width,
        in_row(Role::Text),
    );
}
