//! Changes to a text and its caret by grapheme, word and line, with undo.

use unicode_segmentation::{GraphemeCursor, UnicodeSegmentation};

/// A text, its caret, and its undo steps.
#[derive(Default)]
pub(super) struct Edit {
    text: String,
    caret: usize,
    undo: Vec<State>,
    redo: Vec<State>,
    /// The end of the last typed letter; the next one joins its undo step.
    typing_at: Option<usize>,
    /// The last cut text, for yanking.
    cut: String,
}

struct State {
    text: String,
    caret: usize,
}

/// The limits for undo steps: their number, and the bytes of their texts.
const STEPS: usize = 200;
const BYTES: usize = 4 << 20;

impl Edit {
    pub fn text(&self) -> &str {
        &self.text
    }

    pub fn caret(&self) -> usize {
        self.caret
    }

    /// Moves the caret; returns whether it moved.
    pub fn go(&mut self, to: usize) -> bool {
        self.typing_at = None;
        std::mem::replace(&mut self.caret, to) != to
    }

    pub fn insert(&mut self, piece: &str) {
        let joins = self.typing_at == Some(self.caret)
            && piece.chars().count() == 1
            && !piece.starts_with(char::is_whitespace);
        if !joins {
            self.remember();
        }
        self.redo.clear();
        self.text.insert_str(self.caret, piece);
        self.caret += piece.len();
        self.typing_at = Some(self.caret);
    }

    /// Deletes between the caret and `other`; returns whether there was text.
    pub fn delete(&mut self, other: usize) -> bool {
        let range = self.caret.min(other)..self.caret.max(other);
        if range.is_empty() {
            return false;
        }
        self.remember();
        self.redo.clear();
        self.caret = range.start;
        self.text.replace_range(range, "");
        true
    }

    /// Like `delete`, and keeps the text for `yank`.
    pub fn cut(&mut self, other: usize) -> bool {
        let range = self.caret.min(other)..self.caret.max(other);
        if !range.is_empty() {
            self.text[range].clone_into(&mut self.cut);
        }
        self.delete(other)
    }

    pub fn yank(&mut self) -> bool {
        let cut = std::mem::take(&mut self.cut);
        if !cut.is_empty() {
            self.insert(&cut);
            self.typing_at = None;
        }
        self.cut = cut;
        !self.cut.is_empty()
    }

    pub fn replace(&mut self, text: &str, caret: usize) {
        self.remember();
        self.redo.clear();
        text.clone_into(&mut self.text);
        self.caret = caret.min(self.text.len());
    }

    /// Puts text in the place of a character, in the undo steps too.
    pub fn substitute(&mut self, old: char, new: &str) {
        self.typing_at = None;
        let swap = |text: &mut String, caret: &mut usize| {
            if text.contains(old) {
                *caret = text[..*caret].replace(old, new).len();
                *text = text.replace(old, new);
            }
        };
        swap(&mut self.text, &mut self.caret);
        for State { text, caret } in self.undo.iter_mut().chain(&mut self.redo) {
            swap(text, caret);
        }
        self.cut = self.cut.replace(old, new);
    }

    /// Returns the text and empties the field, with its undo steps.
    pub fn take(&mut self) -> String {
        let text = std::mem::take(&mut self.text);
        *self = Self::default();
        text
    }

    /// Forgets undo steps and cut text, as for a secret.
    pub fn forget(&mut self) {
        self.undo.clear();
        self.redo.clear();
        self.cut.clear();
        self.typing_at = None;
    }

    pub fn undo(&mut self) -> bool {
        let Some(state) = self.undo.pop() else { return false };
        let state = self.swap(state);
        self.redo.push(state);
        true
    }

    pub fn redo(&mut self) -> bool {
        let Some(state) = self.redo.pop() else { return false };
        let state = self.swap(state);
        self.undo.push(state);
        true
    }

    pub fn before(&self) -> usize {
        let mut cursor = GraphemeCursor::new(self.caret, self.text.len(), true);
        cursor.prev_boundary(&self.text, 0).ok().flatten().unwrap_or(0)
    }

    pub fn after(&self) -> usize {
        let mut cursor = GraphemeCursor::new(self.caret, self.text.len(), true);
        cursor.next_boundary(&self.text, 0).ok().flatten().unwrap_or(self.text.len())
    }

    pub fn word_start(&self) -> usize {
        let words = self.text[..self.caret].split_word_bound_indices().rev();
        words.into_iter().find(|(_, word)| is_word(word)).map_or(0, |(at, _)| at)
    }

    pub fn word_end(&self) -> usize {
        let mut words = self.text[self.caret..].split_word_bound_indices();
        words
            .find(|(_, word)| is_word(word))
            .map_or(self.text.len(), |(at, word)| self.caret + at + word.len())
    }

    /// The start of the run without blanks before the caret.
    pub fn blank_before(&self) -> usize {
        let trimmed = self.text[..self.caret].trim_end();
        trimmed
            .rfind(char::is_whitespace)
            .map_or(0, |at| at + trimmed[at..].chars().next().map_or(1, char::len_utf8))
    }

    pub fn line_start(&self) -> usize {
        self.text[..self.caret].rfind('\n').map_or(0, |at| at + 1)
    }

    pub fn line_end(&self) -> usize {
        self.text[self.caret..].find('\n').map_or(self.text.len(), |at| self.caret + at)
    }

    fn swap(&mut self, state: State) -> State {
        self.typing_at = None;
        let text = std::mem::replace(&mut self.text, state.text);
        let caret = std::mem::replace(&mut self.caret, state.caret);
        State { text, caret }
    }

    fn remember(&mut self) {
        self.typing_at = None;
        self.undo.push(State { text: self.text.clone(), caret: self.caret });
        let mut held: usize = self.undo.iter().map(|state| state.text.len()).sum();
        while self.undo.len() > STEPS || (held > BYTES && self.undo.len() > 1) {
            held -= self.undo.remove(0).text.len();
        }
    }
}

fn is_word(piece: &str) -> bool {
    piece.chars().any(|c| c.is_alphanumeric() || !c.is_ascii() && !c.is_whitespace())
}
