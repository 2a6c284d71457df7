//! The frames of dialogs and pages.

use ratatui::layout::{Position, Rect};

use crate::base::text as measure;
use crate::tui::paint::wrap::Prefix;
use crate::tui::paint::{Canvas, LaidOutLines, Role, Span, wrap};

/// Draws an empty box of at most this size in the middle of the screen; returns the area inside.
pub fn dialog(title: &str, hint: &str, size: (u16, u16), area: Rect, canvas: &mut Canvas) -> Rect {
    let width = size.0.saturating_add(4).min(area.width.saturating_sub(2));
    let height = size.1.saturating_add(2).min(area.height.saturating_sub(2));
    let place = Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 3,
        width,
        height,
    };
    // A margin separates the border from the text behind it.
    canvas.empty(Rect { x: place.x.saturating_sub(1), width: width + 2, ..place });
    let inside = border(place, canvas, Role::BorderFocus);
    let room = usize::from(width.saturating_sub(6));
    let hint_room = measure::width(hint) + 2;
    let title = measure::cut(title, room.saturating_sub(hint_room + 1));
    canvas.text(place.x + 2, place.y, &format!(" {title} "), room, Role::Heading);
    let x = place.right().saturating_sub(u16::try_from(hint_room + 2).unwrap_or(0));
    canvas.text(x, place.y, &format!(" {hint} "), hint_room, Role::Dim);
    inside
}

/// Clears the whole screen below a title line; returns the area below. It has no border, so that a
/// mouse selects only text.
pub fn page(title: &str, hint: &str, area: Rect, canvas: &mut Canvas) -> Rect {
    canvas.empty(area);
    let hint_width = u16::try_from(measure::width(hint)).unwrap_or(0);
    canvas.text(
        area.x + 1,
        area.y,
        title,
        usize::from(area.width.saturating_sub(hint_width + 3)),
        Role::Heading,
    );
    canvas.text(
        area.right().saturating_sub(hint_width + 1),
        area.y,
        hint,
        usize::from(hint_width),
        Role::Dim,
    );
    Rect {
        x: area.x + 1,
        y: area.y + 2,
        width: area.width.saturating_sub(2),
        height: area.height.saturating_sub(2),
    }
}

/// Draws a border of thin lines around an area; returns the area inside, a column away from it.
pub fn border(area: Rect, canvas: &mut Canvas, role: Role) -> Rect {
    let inside = Rect {
        x: area.x + 2,
        y: area.y + 1,
        width: area.width.saturating_sub(4),
        height: area.height.saturating_sub(2),
    };
    if area.width < 2 || area.height < 2 {
        return inside;
    }
    let bar = "─".repeat(usize::from(area.width - 2));
    let (last, bottom) = (area.right() - 1, area.bottom() - 1);
    for (y, left, right) in [(area.y, "┌", "┐"), (bottom, "└", "┘")] {
        canvas.text(area.x, y, left, 1, role);
        canvas.text(area.x + 1, y, &bar, bar.len(), role);
        canvas.text(last, y, right, 1, role);
    }
    for y in area.y + 1..bottom {
        canvas.text(area.x, y, "│", 1, role);
        canvas.text(last, y, "│", 1, role);
    }
    inside
}

/// Writes wrapped text from a row on; returns the first row below it.
pub fn write(spans: &[Span<'_>], area: Rect, y: u16, canvas: &mut Canvas) -> u16 {
    write_hanging(spans, 0, area, y, canvas)
}

/// Like [`write()`], with further rows indented.
pub fn write_hanging(
    spans: &[Span<'_>],
    columns: usize,
    area: Rect,
    y: u16,
    canvas: &mut Canvas,
) -> u16 {
    if y >= area.bottom() {
        return y;
    }
    let mut lines = LaidOutLines::new();
    lines.wrap(spans, usize::from(area.width), &Prefix::hanging(columns));
    let rest = Rect { y, height: area.bottom() - y, ..area };
    lines.draw(0..lines.len(), rest, canvas);
    y.saturating_add(u16::try_from(lines.len()).unwrap_or(u16::MAX)).min(area.bottom())
}

/// The rows of wrapped text; 0 for none.
pub fn rows_of(spans: &[Span<'_>], width: u16) -> u16 {
    if spans.is_empty() {
        return 0;
    }
    u16::try_from(wrap(spans, usize::from(width)).len()).unwrap_or(u16::MAX)
}

/// Where the rows of a list were drawn last, for clicks.
#[derive(Clone, Copy, Debug, Default)]
pub struct RowPlaces {
    area: Rect,
    first: usize,
    each: u16,
}

impl RowPlaces {
    /// The rows in an area from the one with index `first`; each takes `each` rows of the screen.
    pub fn new(area: Rect, first: usize, each: u16) -> Self {
        Self { area, first, each: each.max(1) }
    }

    /// The index of the row in a cell of the screen; `None` beside the list.
    pub fn at(&self, at: Position) -> Option<usize> {
        let row = usize::from(at.y.checked_sub(self.area.y)? / self.each.max(1));
        self.area.contains(at).then_some(self.first + row)
    }
}

/// Draws the rows of a list that have room, the chosen one among them: `draw` writes one row in the
/// roles that it is given. Returns where they are.
pub fn list<T>(
    all: &[T],
    chosen: usize,
    area: Rect,
    canvas: &mut Canvas,
    mut draw: impl FnMut(&T, Rect, &dyn Fn(Role) -> Role, &mut Canvas),
) -> RowPlaces {
    let first = (chosen + 1).saturating_sub(usize::from(area.height));
    let rows = all.iter().enumerate().skip(first);
    for (y, (at, one)) in (area.y..area.bottom()).zip(rows) {
        let row = Rect { y, height: 1, ..area };
        let in_row = list_row(row, at == chosen, canvas);
        draw(one, row, &in_row, canvas);
    }
    let drawn = u16::try_from(all.len().saturating_sub(first)).unwrap_or(u16::MAX);
    RowPlaces::new(Rect { height: drawn.min(area.height), ..area }, first, 1)
}

/// Draws the mark and the ground of a list's row, which is seen without colours too; returns the
/// roles of what stands in it.
pub fn list_row(row: Rect, chosen: bool, canvas: &mut Canvas) -> impl Fn(Role) -> Role + use<> {
    let in_row = move |role| if chosen { Role::Selection } else { role };
    if chosen {
        canvas.fill(row, Role::Selection);
    }
    canvas.text(row.x, row.y, if chosen { "›" } else { " " }, 1, in_row(Role::Text));
    in_row
}

/// Writes the keys into the last rows; returns the area above them.
pub fn footer(keys: &[Span<'_>], room: Rect, canvas: &mut Canvas) -> Rect {
    let rows = rows_of(keys, room.width).min(room.height);
    write(keys, room, room.bottom() - rows, canvas);
    Rect { height: room.height - rows, ..room }
}

/// Keys with their effects, in one line: `c copy code   u copy link`.
pub fn keys(pairs: &[(&str, &str)]) -> Vec<Span<'static>> {
    let mut spans = Vec::with_capacity(pairs.len() * 3);
    for (at, (key, what)) in pairs.iter().enumerate() {
        if at > 0 {
            spans.push(Span::new("   ", Role::Text));
        }
        spans.push(Span::new((*key).to_owned(), Role::Accent));
        // A key and its effect must not be separated.
        spans.push(Span::new(format!("\u{a0}{}", what.replace(' ', "\u{a0}")), Role::Dim));
    }
    spans
}
