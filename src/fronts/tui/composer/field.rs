//! The text field: keys in, text out.

use std::cell::Cell;
use std::fmt;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::{Position, Rect};

use super::edit::Edit;
use super::folds::{ChipId, ChipSource, Folds, without_stand_ins};
use super::history::{PromptRecall, Recalled};
use super::rows::{Looks, row_of};
use crate::base::text::{clean, clean_line};
use crate::protocol::{PastPrompt, Picture, SizedPicture};

/// The effect of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldReply {
    /// The text changed.
    Changed,
    /// The key is not for a text field (enter, esc, tab), or had no effect and may be used
    /// elsewhere (up in the first row, home at the start).
    Ignored,
    /// Only the caret moved, or an editing key had no effect.
    Moved,
}

/// Whether the field has one line or many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldForm {
    Multiline,
    /// Line feeds become spaces; the text scrolls sideways.
    SingleLine,
}

/// Whether the text is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Masking {
    /// Every character is shown as a dot, and nothing is kept for undo.
    Masked,
    Shown,
}

/// A text field with its caret.
pub struct Composer {
    pub(super) edit: Edit,
    /// Boxed, because most fields have none.
    pub(super) folds: Box<Folds>,
    pub(super) form: FieldForm,
    pub(super) masking: Masking,
    pub(super) placeholder: String,
    /// The column that up and down try to keep.
    goal: Option<usize>,
    /// Columns for text at the last drawing; up and down move by visible rows.
    pub(super) columns: Cell<usize>,
    /// The first visible row (or column).
    pub(super) first: Cell<usize>,
    /// The area of the last drawing.
    pub(super) drawn: Cell<Rect>,
}

impl Composer {
    pub fn new(form: FieldForm) -> Self {
        Self {
            edit: Edit::default(),
            folds: Box::default(),
            form,
            masking: Masking::Shown,
            placeholder: String::new(),
            goal: None,
            columns: Cell::new(80),
            first: Cell::new(0),
            drawn: Cell::default(),
        }
    }

    pub fn set_placeholder(&mut self, placeholder: impl Into<String>) {
        self.placeholder = placeholder.into();
    }

    pub fn set_masking(&mut self, masking: Masking) {
        self.masking = masking;
    }

    pub fn masking(&self) -> Masking {
        self.masking
    }

    pub fn key(&mut self, key: KeyEvent) -> FieldReply {
        let goal = self.goal.take();
        let reply = self.act(key, goal);
        if self.masking == Masking::Masked {
            self.edit.forget();
        }
        reply
    }

    /// Like `key`, but up in the first row and down in the last recall prompts from the history; in
    /// an unchanged recalled prompt they always do.
    pub fn key_with_history(&mut self, key: KeyEvent, history: &mut PromptRecall) -> FieldReply {
        let plain = key.modifiers.is_empty();
        let walking = history.is_at(self.edit.text());
        match key.code {
            KeyCode::Up if plain && (walking || self.key(key) == FieldReply::Ignored) => {
                match history.older(self.edit.text()) {
                    Some(recalled) => self.recall(recalled, history),
                    None => FieldReply::Ignored,
                }
            }
            KeyCode::Down if plain && (walking || self.key(key) == FieldReply::Ignored) => {
                match history.newer() {
                    Some(recalled) => self.recall(recalled, history),
                    None => FieldReply::Ignored,
                }
            }
            KeyCode::Up | KeyCode::Down if plain => FieldReply::Moved,
            _ => self.key(key),
        }
    }

    /// Inserts pasted text, cleaned. A large one is folded into a label; [`Composer::text`] expands
    /// it.
    pub fn paste(&mut self, text: &str) -> FieldReply {
        let piece = match (self.form, self.masking) {
            (FieldForm::Multiline, Masking::Shown) => {
                let cleaned = without_stand_ins(clean(text));
                self.folds.fold(cleaned)
            }
            _ => without_stand_ins(clean_line(text.trim())),
        };
        if piece.is_empty() {
            return FieldReply::Moved;
        }
        self.goal = None;
        self.edit.insert(&piece);
        if self.masking == Masking::Masked {
            self.edit.forget();
        }
        FieldReply::Changed
    }

    /// Inserts text at the caret.
    #[cfg(test)]
    pub fn insert(&mut self, text: &str) {
        let piece = match self.form {
            FieldForm::Multiline => clean(text),
            FieldForm::SingleLine => clean_line(text),
        };
        self.edit.insert(&without_stand_ins(piece));
    }

    /// The text with pastes expanded.
    pub fn text(&self) -> String {
        self.folds.expand(self.edit.text())
    }

    /// The text with each folded paste as one private character; a cheap way to look at its
    /// beginning.
    pub fn shown(&self) -> &str {
        self.edit.text()
    }

    /// The text before the caret, with pastes folded.
    pub fn before_caret(&self) -> &str {
        &self.edit.text()[..self.edit.caret()]
    }

    pub fn caret(&self) -> usize {
        self.edit.caret()
    }

    /// Replaces the text between a byte and the caret.
    pub fn complete(&mut self, from: usize, text: &str) {
        self.edit.delete(from);
        self.edit.insert(&without_stand_ins(clean_line(text)));
        self.goal = None;
    }

    pub fn is_empty(&self) -> bool {
        self.edit.text().is_empty()
    }

    /// Puts a picture in the place of the text between a byte and the caret; it is read later.
    pub fn attach(&mut self, from: usize, source: ChipSource) {
        let Some((c, id)) = self.folds.chip(source.clone()) else { return };
        self.edit.delete(from);
        // One that may vanish without a trace leaves no blank behind.
        let blank = if source.instead.is_empty() { "" } else { " " };
        self.edit.insert(&format!("{c}{blank}"));
        self.folds.unread.push((id, source));
        self.goal = None;
    }

    /// The pictures that have to be read, which is told once.
    pub fn take_unread(&mut self) -> Vec<(ChipId, ChipSource)> {
        std::mem::take(&mut self.folds.unread)
    }

    /// Takes a picture that was read; `false` where it is not wanted any more.
    pub fn fill(&mut self, id: ChipId, read: SizedPicture) -> bool {
        self.folds.fill(id, read)
    }

    /// Puts text in the place of a picture that cannot be sent; `false` where it is gone already.
    pub fn refuse(&mut self, id: ChipId) -> bool {
        let refused = self.folds.refuse(id);
        if let Some((c, instead)) = &refused {
            self.edit.substitute(*c, &without_stand_ins(clean(instead)));
        }
        refused.is_some()
    }

    /// The pictures of the text, in their order; `None` for each that is still being read.
    pub fn pictures(&self) -> impl Iterator<Item = Option<&Picture>> {
        self.folds.pictures(self.edit.text())
    }

    /// Returns the text with pastes expanded and their ranges; empties the field and its undo
    /// steps.
    pub fn take(&mut self) -> PastPrompt {
        let prompt = self.folds.expand_marked(self.edit.text());
        self.edit.take();
        self.folds.clear();
        self.goal = None;
        prompt
    }

    /// Replaces the text by one that was taken, with the same folds. Can be undone.
    pub fn set_folded(&mut self, prompt: &PastPrompt) {
        let held = self.folds.fold_marked(prompt);
        self.edit.replace(&held, held.len());
        self.goal = None;
    }

    /// Puts a text that was taken in front of what there is, with the same folds. Can be undone.
    pub fn put_before(&mut self, prompt: &PastPrompt) {
        let held = format!("{}\n\n{}", self.folds.fold_marked(prompt), self.edit.text());
        self.edit.replace(&held, held.len());
        self.goal = None;
    }

    /// Takes the text back from an editor. A label that still stands in it stands for its picture.
    pub fn set_edited(&mut self, text: &str) {
        let cleaned = without_stand_ins(clean(text));
        let held = self.folds.refold_pictures(&cleaned);
        self.edit.replace(&held, held.len());
        self.goal = None;
    }

    /// Replaces the text and puts the caret at its end. Can be undone.
    pub fn set(&mut self, text: &str) {
        let cleaned = match self.form {
            FieldForm::Multiline => clean(text),
            FieldForm::SingleLine => clean_line(text),
        };
        let cleaned = without_stand_ins(cleaned);
        self.edit.replace(&cleaned, cleaned.len());
        self.goal = None;
    }

    /// Empties the field. Can be undone.
    pub fn clear(&mut self) {
        if !self.is_empty() {
            self.edit.replace("", 0);
        }
        self.goal = None;
    }

    pub(super) fn looks(&self) -> Looks<'_> {
        Looks { folds: &self.folds, masking: self.masking }
    }

    /// Shows a prompt from the history, or the draft with its folds.
    fn recall(&mut self, recalled: Recalled, history: &mut PromptRecall) -> FieldReply {
        match recalled {
            Recalled::Draft(held) => self.edit.replace(&held, held.len()),
            Recalled::Prompt(prompt) => self.set_folded(&prompt),
        }
        history.settle(self.edit.text());
        FieldReply::Changed
    }

    fn act(&mut self, key: KeyEvent, goal: Option<usize>) -> FieldReply {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        let shift = key.modifiers.contains(KeyModifiers::SHIFT);
        match key.code {
            KeyCode::Char(letter) if control && !alt => self.control(letter),
            KeyCode::Char(letter) if alt && !control => self.alt(letter),
            KeyCode::Char(letter) if !control && !alt => self.typed(letter),
            KeyCode::Enter if (shift || alt) && self.form == FieldForm::Multiline => {
                self.typed('\n')
            }
            KeyCode::Backspace if alt || control => self.cut(self.edit.word_start()),
            KeyCode::Backspace => self.delete(self.edit.before()),
            KeyCode::Delete if alt || control => self.cut(self.edit.word_end()),
            KeyCode::Delete => self.delete(self.edit.after()),
            KeyCode::Left if alt || control => self.go(self.edit.word_start()),
            KeyCode::Right if alt || control => self.go(self.edit.word_end()),
            KeyCode::Left => self.go(self.edit.before()),
            KeyCode::Right => self.go(self.edit.after()),
            KeyCode::Home if control => self.go_or_ignore(0),
            KeyCode::End if control => self.go_or_ignore(self.edit.text().len()),
            KeyCode::Home => self.go_or_ignore(self.edit.line_start()),
            KeyCode::End => self.go_or_ignore(self.edit.line_end()),
            KeyCode::Up if key.modifiers.is_empty() => self.go_rows(-1, goal),
            KeyCode::Down if key.modifiers.is_empty() => self.go_rows(1, goal),
            _ => FieldReply::Ignored,
        }
    }

    fn control(&mut self, letter: char) -> FieldReply {
        match letter {
            'a' => self.go(self.edit.line_start()),
            'b' => self.go(self.edit.before()),
            'e' => self.go(self.edit.line_end()),
            'f' => self.go(self.edit.after()),
            'h' => self.delete(self.edit.before()),
            'j' if self.form == FieldForm::Multiline => self.typed('\n'),
            'k' => {
                let end = self.edit.line_end();
                self.cut(if end == self.edit.caret() { self.edit.after() } else { end })
            }
            'u' => {
                let start = self.edit.line_start();
                self.cut(if start == self.edit.caret() { self.edit.before() } else { start })
            }
            'w' => self.cut(self.edit.blank_before()),
            'y' => changed(self.edit.yank()),
            // Terminals send one code for all of these.
            '_' | '-' | '/' | '7' => changed(self.edit.undo()),
            _ => FieldReply::Ignored,
        }
    }

    fn alt(&mut self, letter: char) -> FieldReply {
        match letter {
            'b' => self.go(self.edit.word_start()),
            'd' => self.cut(self.edit.word_end()),
            'f' => self.go(self.edit.word_end()),
            '_' | '-' => changed(self.edit.redo()),
            _ => FieldReply::Ignored,
        }
    }

    fn typed(&mut self, letter: char) -> FieldReply {
        let mut bytes = [0; 4];
        let piece: &str = letter.encode_utf8(&mut bytes);
        // A lone joiner belongs to the character before it; other invisible characters only
        // mislead.
        if clean(piece) != piece && letter != '\u{200d}' {
            return FieldReply::Moved;
        }
        self.edit.insert(&without_stand_ins(piece.into()));
        FieldReply::Changed
    }

    fn delete(&mut self, to: usize) -> FieldReply {
        changed(self.edit.delete(to))
    }

    fn cut(&mut self, to: usize) -> FieldReply {
        changed(self.edit.cut(to))
    }

    fn go(&mut self, to: usize) -> FieldReply {
        self.edit.go(to);
        FieldReply::Moved
    }

    fn go_or_ignore(&mut self, to: usize) -> FieldReply {
        if self.edit.go(to) { FieldReply::Moved } else { FieldReply::Ignored }
    }

    fn go_rows(&mut self, by: isize, goal: Option<usize>) -> FieldReply {
        if self.form == FieldForm::SingleLine {
            return FieldReply::Ignored;
        }
        let looks = self.looks();
        let rows = looks.rows(self.edit.text(), self.columns.get());
        let row = row_of(&rows, self.edit.caret());
        let Some(target) = row.checked_add_signed(by).filter(|row| *row < rows.len()) else {
            return FieldReply::Ignored;
        };
        let goal = goal
            .unwrap_or_else(|| looks.width(&self.edit.text()[rows[row].start..self.edit.caret()]));
        let to = looks.in_row(self.edit.text(), &rows, target, goal);
        self.edit.go(to);
        self.goal = Some(goal);
        FieldReply::Moved
    }

    /// Puts the caret at a cell of the screen; `false` if the field was not drawn there.
    pub fn click(&mut self, at: Position) -> bool {
        let area = self.drawn.get();
        if !area.contains(at) {
            return false;
        }
        let (looks, text, first) = (self.looks(), self.edit.text(), self.first.get());
        let column = usize::from(at.x - area.x);
        let to = match self.form {
            FieldForm::SingleLine => looks.at_column(text, &(0..text.len()), first + column),
            FieldForm::Multiline => {
                let rows = looks.rows(text, self.columns.get());
                let row = (first + usize::from(at.y - area.y)).min(rows.len() - 1);
                looks.in_row(text, &rows, row, column)
            }
        };
        self.edit.go(to);
        self.goal = None;
        true
    }
}

/// Hides the text, which may be a key.
impl fmt::Debug for Composer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Composer")
            .field("form", &self.form)
            .field("masking", &self.masking)
            .finish_non_exhaustive()
    }
}

fn changed(happened: bool) -> FieldReply {
    if happened { FieldReply::Changed } else { FieldReply::Moved }
}
