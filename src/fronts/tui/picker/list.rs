//! The list: keys in, a chosen row out.

use std::borrow::Cow;
use std::cell::Cell;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::{Position, Rect};

use crate::base::text;
use crate::tui::commands::ctrl_letter;

/// A list of rows; those that contain every typed word are shown.
#[derive(Clone, Debug)]
pub struct Picker<T> {
    pub(super) filter: String,
    pub(super) placeholder: &'static str,
    pub(super) rows: Vec<PickerRow<T>>,
    /// Indices of the rows that match the filter.
    pub(super) shown: Vec<usize>,
    /// An index into `shown`.
    pub(super) cursor: usize,
    /// Where each shown row was last drawn.
    pub(super) drawn: Cell<DrawnList>,
}

/// The place of a list on the screen.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct DrawnList {
    pub area: Rect,
    /// The first visible line.
    pub first: usize,
}

#[derive(Clone, Debug)]
pub struct PickerRow<T> {
    pub value: T,
    /// The group of the row: its rows stand together under this heading; no heading if empty.
    pub group: Cow<'static, str>,
    pub mark: RowMark,
    pub label: String,
    /// A dimmed note after the label.
    pub note: String,
    /// A text at the right edge.
    pub tail: String,
    /// Other search words.
    pub also: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowMark {
    Current,
    None,
    Tick,
    /// Shown, but cannot be chosen here.
    Unusable,
}

/// The effect of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Picked {
    Chosen,
    Ignored,
    /// The cursor or the filter changed.
    Moved,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AtCursor {
    No,
    Yes,
}

impl<T> PickerRow<T> {
    pub fn new(value: T, label: impl Into<String>) -> Self {
        Self {
            value,
            group: Cow::Borrowed(""),
            mark: RowMark::None,
            label: label.into(),
            note: String::new(),
            tail: String::new(),
            also: String::new(),
        }
    }
}

impl<T: PartialEq> Picker<T> {
    pub fn new(placeholder: &'static str, rows: Vec<PickerRow<T>>) -> Self {
        let (filter, shown, drawn) = (String::new(), Vec::new(), Cell::default());
        let mut picker = Self { filter, placeholder, rows, shown, cursor: 0, drawn };
        picker.sieve();
        picker
    }

    /// Replaces the rows and keeps the filter; the cursor stays on its value if that is still
    /// there.
    pub fn replace(&mut self, rows: Vec<PickerRow<T>>) {
        let before = self.shown.get(self.cursor).copied();
        let old = std::mem::replace(&mut self.rows, rows);
        self.sieve();
        if let Some(value) = before.and_then(|at| old.get(at)).map(|row| &row.value) {
            self.point_at(value);
        }
    }

    /// Moves the cursor to a value, if it is shown.
    pub fn point_at(&mut self, value: &T) {
        if let Some(at) = self.shown.iter().position(|row| self.rows[*row].value == *value) {
            self.cursor = at;
        }
    }

    /// The selected row.
    pub fn current(&self) -> Option<&PickerRow<T>> {
        self.shown.get(self.cursor).map(|row| &self.rows[*row])
    }

    pub fn current_mut(&mut self) -> Option<&mut PickerRow<T>> {
        self.shown.get(self.cursor).map(|row| &mut self.rows[*row])
    }

    /// Rewrites every row; `write` also learns whether it is selected.
    pub fn each(&mut self, mut write: impl FnMut(&mut PickerRow<T>, AtCursor)) {
        let here = self.shown.get(self.cursor).copied();
        for (at, row) in self.rows.iter_mut().enumerate() {
            write(row, if here == Some(at) { AtCursor::Yes } else { AtCursor::No });
        }
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub fn key(&mut self, key: &KeyEvent) -> Picked {
        match key.code {
            KeyCode::Enter => {
                return if self.shown.is_empty() { Picked::Moved } else { Picked::Chosen };
            }
            KeyCode::Up => self.step(-1),
            KeyCode::Down => self.step(1),
            KeyCode::PageUp => self.jump(-8),
            KeyCode::PageDown => self.jump(8),
            KeyCode::Home => self.go_to_top(),
            KeyCode::End => self.cursor = self.shown.len().saturating_sub(1),
            KeyCode::Backspace => {
                let kept = text::graphemes(&self.filter)
                    .last()
                    .map_or(0, |last| self.filter.len() - last.len());
                self.filter.truncate(kept);
                self.refilter();
            }
            KeyCode::Char(letter) if key.modifiers.difference(KeyModifiers::SHIFT).is_empty() => {
                self.filter.push(letter);
                self.refilter();
            }
            _ => match ctrl_letter(key) {
                Some('n') => self.step(1),
                Some('p') => self.step(-1),
                Some('u' | 'w') => self.clear_filter(),
                _ => return Picked::Ignored,
            },
        }
        Picked::Moved
    }

    /// Selects the row in a cell of the screen; `false` if there is none.
    pub fn click(&mut self, at: Position) -> bool {
        let row = self.row_at(at);
        self.cursor = row.unwrap_or(self.cursor);
        row.is_some()
    }

    pub fn paste(&mut self, pasted: &str) {
        self.filter.push_str(text::clean_line(pasted).trim());
        self.refilter();
    }

    /// Shows all rows again.
    pub fn clear_filter(&mut self) {
        self.filter.clear();
        self.refilter();
    }

    pub fn go_to_top(&mut self) {
        self.cursor = 0;
    }

    /// Moves without wrapping around at the ends, for pages and the wheel.
    pub fn jump(&mut self, by: isize) {
        self.cursor = self.cursor.saturating_add_signed(by).min(self.shown.len().saturating_sub(1));
    }

    fn step(&mut self, by: isize) {
        let count = self.shown.len().cast_signed();
        if count > 0 {
            self.cursor = (self.cursor.cast_signed() + by).rem_euclid(count).cast_unsigned();
        }
    }

    fn refilter(&mut self) {
        self.cursor = 0;
        self.sieve();
    }

    fn sieve(&mut self) {
        if self.filter.trim().is_empty() {
            self.shown = (0..self.rows.len()).collect();
            self.cursor = self.cursor.min(self.shown.len().saturating_sub(1));
            return;
        }
        let words: Vec<String> =
            self.filter.to_lowercase().split_whitespace().map(str::to_owned).collect();
        let holds = |row: &PickerRow<T>| {
            let hay = format!("{} {} {}", row.label, row.note, row.also).to_lowercase();
            words.iter().all(|word| hay.contains(word.as_str()))
        };
        self.shown = (0..self.rows.len()).filter(|at| holds(&self.rows[*at])).collect();
        self.cursor = self.cursor.min(self.shown.len().saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(picker: &mut Picker<u8>, code: KeyCode) -> Picked {
        picker.key(&KeyEvent::new(code, KeyModifiers::NONE))
    }

    fn fruit() -> Picker<u8> {
        Picker::new(
            "Search",
            vec![
                PickerRow::new(1, "Apple"),
                PickerRow::new(2, "Pear"),
                PickerRow { note: "red".into(), ..PickerRow::new(3, "Cherry") },
            ],
        )
    }

    #[test]
    fn typing_keeps_the_rows_that_hold_every_word_in_their_order() {
        let mut picker = fruit();
        for letter in "ea".chars() {
            press(&mut picker, KeyCode::Char(letter));
        }
        assert_eq!(picker.current().map(|row| row.value), Some(2));
        press(&mut picker, KeyCode::Backspace);
        assert_eq!(picker.shown, [0, 1, 2]);
        picker.paste("d ch\n");
        assert_eq!(picker.shown, [2], "both words, in any order");
        picker.paste("x");
        assert_eq!(picker.shown, Vec::<usize>::new());
        assert_eq!(press(&mut picker, KeyCode::Enter), Picked::Moved);
        picker.key(&KeyEvent::new(KeyCode::Char('u'), KeyModifiers::CONTROL));
        assert_eq!(press(&mut picker, KeyCode::Enter), Picked::Chosen);
    }

    #[test]
    fn the_cursor_goes_round_and_stays_on_its_value_when_rows_change() {
        let mut picker = fruit();
        press(&mut picker, KeyCode::Up);
        assert_eq!(picker.current().map(|row| row.value), Some(3));
        picker.replace(vec![PickerRow::new(3, "Cherry"), PickerRow::new(4, "Plum")]);
        assert_eq!(picker.current().map(|row| row.value), Some(3));
        press(&mut picker, KeyCode::Down);
        assert_eq!(picker.current().map(|row| row.value), Some(4));
        press(&mut picker, KeyCode::Down);
        assert_eq!(picker.current().map(|row| row.value), Some(3));
    }
}
