//! Drawing a field with its caret.

use ratatui::layout::{Position, Rect};
use unicode_segmentation::UnicodeSegmentation;

use super::field::{Composer, FieldForm};
use super::rows::{Row, row_of};
use crate::base::text;
use crate::tui::paint::{Canvas, Role, put};

impl Composer {
    /// The rows wanted at a width, between 1 and `most`.
    pub fn height(&self, width: u16, most: u16) -> u16 {
        match self.form {
            FieldForm::SingleLine => 1,
            FieldForm::Multiline => {
                let rows = self.looks().rows(self.edit.text(), room(width)).len();
                u16::try_from(rows).unwrap_or(u16::MAX).clamp(1, most.max(1))
            }
        }
    }

    /// Draws the field and returns the caret's position. Scrolls only as far as the caret needs.
    pub fn draw(&self, area: Rect, canvas: &mut Canvas) -> Position {
        self.drawn.set(area);
        if area.is_empty() {
            return Position::new(area.x, area.y);
        }
        self.columns.set(room(area.width));
        if self.is_empty() {
            self.first.set(0);
            let hint = text::cut(&self.placeholder, room(area.width));
            canvas.text(area.x, area.y, &hint, usize::from(area.width), Role::Dim);
            return Position::new(area.x, area.y);
        }
        match self.form {
            FieldForm::Multiline => self.draw_rows(area, canvas),
            FieldForm::SingleLine => self.draw_line(area, canvas),
        }
    }

    /// Draws the field in one row behind a mark; returns the caret's position.
    pub fn draw_behind(&self, mark: &str, area: Rect, canvas: &mut Canvas) -> Position {
        let x = canvas.text(area.x, area.y, mark, text::width(mark), Role::Accent);
        self.draw(Rect { x, width: area.right().saturating_sub(x), height: 1, ..area }, canvas)
    }

    fn draw_rows(&self, area: Rect, canvas: &mut Canvas) -> Position {
        let rows = self.looks().rows(self.edit.text(), room(area.width));
        let caret = row_of(&rows, self.edit.caret());
        let height = usize::from(area.height);
        let last_first = rows.len().saturating_sub(height);
        let first =
            self.first.get().clamp((caret + 1).saturating_sub(height), caret).min(last_first);
        self.first.set(first);
        for (y, row) in (area.y..area.bottom()).zip(&rows[first..]) {
            self.draw_piece(row, (area.x, y), area.right(), canvas);
        }
        let column = self.looks().width(&self.edit.text()[rows[caret].start..self.edit.caret()]);
        Position::new(right_of(area, column), area.y + u16::try_from(caret - first).unwrap_or(0))
    }

    fn draw_line(&self, area: Rect, canvas: &mut Canvas) -> Position {
        let text = self.edit.text();
        let looks = self.looks();
        let room = room(area.width);
        let column = looks.width(&text[..self.edit.caret()]);
        let first = self
            .first
            .get()
            .clamp(column.saturating_sub(room), column)
            .min(looks.width(text).saturating_sub(room));
        self.first.set(first);
        let whole = 0..text.len();
        let mut start = looks.at_column(text, &whole, first);
        // A wide character may begin a column before the first visible one.
        if looks.width(&text[..start]) < first {
            start += text[start..].graphemes(true).next().map_or(0, str::len);
        }
        let skipped = looks.width(&text[..start]);
        self.draw_piece(&(start..text.len()), (area.x, area.y), area.right(), canvas);
        Position::new(right_of(area, column.saturating_sub(skipped)), area.y)
    }

    fn draw_piece(&self, row: &Row, (x, y): (u16, u16), right: u16, canvas: &mut Canvas) {
        let looks = self.looks();
        let mut x = x;
        for grapheme in self.edit.text()[row.clone()].graphemes(true) {
            if x >= right {
                break;
            }
            let role = if self.folds.label(grapheme).is_some() { Role::Accent } else { Role::Text };
            x = put(canvas.buffer, (x, y), right, looks.shown(grapheme), canvas.theme.style(role));
        }
    }
}

/// Columns for text: the caret needs one behind it.
fn room(width: u16) -> usize {
    usize::from(width.saturating_sub(1).max(1))
}

fn right_of(area: Rect, column: usize) -> u16 {
    area.x + u16::try_from(column).unwrap_or(u16::MAX).min(area.width - 1)
}
