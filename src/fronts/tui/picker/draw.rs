//! Drawing a list to choose from.

use ratatui::layout::{Position, Rect};

use super::list::{DrawnList, Picker, RowMark};
use crate::base::text;
use crate::tui::paint::panel;
use crate::tui::paint::{Canvas, Role};

/// Columns of a mark and the gap after it, if any row has one.
const MARK: u16 = 2;

impl<T> Picker<T> {
    /// The rows wanted: the filter, a gap, headings and rows.
    pub fn height(&self) -> u16 {
        u16::try_from(2 + self.lines().len().max(1)).unwrap_or(u16::MAX)
    }

    /// Draws the filter and as many rows as fit around the cursor; returns the caret's position.
    pub fn draw(&self, area: Rect, canvas: &mut Canvas) -> Position {
        let caret = self.draw_filter(area, canvas);
        let list = Rect {
            y: area.y.saturating_add(2).min(area.bottom()),
            height: area.height.saturating_sub(2),
            ..area
        };
        let lines = self.lines();
        if lines.is_empty() && list.height > 0 {
            canvas.text(list.x, list.y, "Nothing matches", usize::from(list.width), Role::Dim);
        }
        let marked = self.rows.iter().any(|row| row.mark != RowMark::None);
        let height = usize::from(list.height);
        let at = lines.iter().position(|line| *line == Line::Row(self.cursor)).unwrap_or(0);
        let first = at.saturating_sub(height / 2).min(lines.len().saturating_sub(height));
        self.drawn.set(DrawnList { area: list, first });
        for (y, line) in (list.y..list.bottom()).zip(lines.iter().skip(first)) {
            let place = Rect { y, height: 1, ..list };
            match line {
                Line::Gap => {}
                Line::Heading(name) => {
                    canvas.text(place.x, y, name, usize::from(place.width), Role::Heading);
                }
                Line::Row(at) => self.draw_row(*at, if marked { MARK } else { 0 }, place, canvas),
            }
        }
        caret
    }

    fn draw_filter(&self, area: Rect, canvas: &mut Canvas) -> Position {
        let room = usize::from(area.width.saturating_sub(1));
        if self.filter.is_empty() {
            canvas.text(area.x, area.y, self.placeholder, room, Role::Dim);
            return area.as_position();
        }
        // A long filter shows its end, where the person types.
        let mut kept = self.filter.as_str();
        while text::width(kept) > room {
            let first = text::graphemes(kept).next().map_or(kept.len(), str::len);
            kept = &kept[first..];
        }
        let x = canvas.text(area.x, area.y, kept, room, Role::Text);
        Position { x, y: area.y }
    }

    /// Draws one row; `indent` is the number of columns for a mark.
    fn draw_row(&self, at: usize, indent: u16, place: Rect, canvas: &mut Canvas) {
        let row = &self.rows[self.shown[at]];
        let chosen = at == self.cursor;
        let in_row = panel::list_row(place, chosen, canvas);
        let (mark, role) = match row.mark {
            RowMark::Current => ("●", Role::Accent),
            RowMark::None => (" ", Role::Text),
            RowMark::Tick => ("✓", Role::Good),
            RowMark::Unusable => ("·", Role::Dim),
        };
        let tail = u16::try_from(text::width(&row.tail)).unwrap_or(0).min(place.width / 2);
        let right = place.right().saturating_sub(tail + u16::from(tail > 0));
        let x = place.x.saturating_add(2);
        canvas.text(x, place.y, mark, usize::from(indent.min(1)), in_row(role));
        let x = x.saturating_add(indent);
        let label = if row.mark == RowMark::Unusable { Role::Dim } else { Role::Text };
        let room = usize::from(right.saturating_sub(x));
        let x = canvas
            .text(x, place.y, &text::cut(&row.label, room), room, in_row(label))
            .saturating_add(2);
        let room = usize::from(right.saturating_sub(x));
        if room > 3 {
            canvas.text(x, place.y, &text::cut(&row.note, room), room, in_row(Role::Dim));
        }
        canvas.text(
            place.right().saturating_sub(tail),
            place.y,
            &row.tail,
            usize::from(tail),
            in_row(Role::Dim),
        );
    }

    /// The shown row in a cell of the screen.
    pub(super) fn row_at(&self, at: Position) -> Option<usize> {
        let DrawnList { area, first } = self.drawn.get();
        let line = area.contains(at).then(|| first + usize::from(at.y - area.y))?;
        match self.lines().get(line)? {
            Line::Row(row) => Some(*row),
            Line::Gap | Line::Heading(_) => None,
        }
    }

    fn lines(&self) -> Vec<Line<'_>> {
        let mut lines = Vec::with_capacity(self.shown.len() + 4);
        let mut group = "";
        for (at, row) in self.shown.iter().enumerate() {
            let name = &*self.rows[*row].group;
            if name != group {
                if !lines.is_empty() {
                    lines.push(Line::Gap);
                }
                lines.push(Line::Heading(name));
                group = name;
            }
            lines.push(Line::Row(at));
        }
        lines
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line<'a> {
    Gap,
    Heading(&'a str),
    /// A row by its index among the shown ones.
    Row(usize),
}
