//! Large pastes folded into one character each, which is shown as a label and expands to the pasted
//! text.

use std::borrow::Cow;

use crate::protocol::PastPrompt;

/// Fold characters come from the end of the last private-use plane, where fonts have no glyphs.
const FIRST: u32 = 0x10_f000;
const LAST: u32 = 0x10_fffd;

/// Pastes with more lines or bytes are folded.
const LINES: usize = 8;
const BYTES: usize = 1000;

/// All folded pastes; they stay until the field is emptied, so that undo can restore them.
#[derive(Default)]
pub(super) struct Folds {
    pastes: Vec<Paste>,
}

struct Paste {
    text: String,
    label: String,
}

impl Folds {
    /// The text to insert for a paste: itself, or its fold character.
    pub fn fold<'t>(&mut self, text: Cow<'t, str>) -> Cow<'t, str> {
        let lines = text.lines().count();
        if lines <= LINES && text.len() <= BYTES {
            return text;
        }
        if let Some(known) = self.pastes.iter().position(|paste| paste.text == text) {
            return stand_in(known).map_or(text, |c| Cow::Owned(c.into()));
        }
        let Some(stand_in) = stand_in(self.pastes.len()) else { return text };
        let label = match lines {
            0 | 1 => format!("[Pasted {} characters]", text.chars().count()),
            _ => format!("[Pasted {lines} lines]"),
        };
        self.pastes.push(Paste { text: text.into_owned(), label });
        Cow::Owned(stand_in.into())
    }

    /// The label of a grapheme that is a fold.
    pub fn label(&self, grapheme: &str) -> Option<&str> {
        self.paste(grapheme.chars().next()?).map(|paste| paste.label.as_str())
    }

    pub fn expand(&self, shown: &str) -> String {
        let mut text = String::with_capacity(shown.len());
        for c in shown.chars() {
            match self.paste(c) {
                Some(paste) => text.push_str(&paste.text),
                None => text.push(c),
            }
        }
        text
    }

    /// Like [`Folds::expand`], with the ranges of the pastes.
    pub fn expand_marked(&self, shown: &str) -> PastPrompt {
        let mut prompt = PastPrompt::default();
        for c in shown.chars() {
            let start = prompt.text.len();
            match self.paste(c) {
                Some(paste) => {
                    prompt.text.push_str(&paste.text);
                    prompt.folded.push(start..prompt.text.len());
                }
                None => prompt.text.push(c),
            }
        }
        prompt
    }

    /// Reverses [`Folds::expand_marked`]; invalid ranges stay unfolded.
    pub fn fold_marked(&mut self, prompt: &PastPrompt) -> String {
        let mut shown = String::new();
        let mut from = 0;
        for part in &prompt.folded {
            if let (Some(before), Some(pasted)) =
                (prompt.text.get(from..part.start), prompt.text.get(part.clone()))
            {
                shown.push_str(before);
                shown.push_str(&self.fold(Cow::Borrowed(pasted)));
                from = part.end;
            }
        }
        shown.push_str(&prompt.text[from..]);
        shown
    }

    fn paste(&self, c: char) -> Option<&Paste> {
        let at = u32::from(c).checked_sub(FIRST)?;
        self.pastes.get(usize::try_from(at).ok()?)
    }
}

/// The fold character at an index.
fn stand_in(at: usize) -> Option<char> {
    u32::try_from(at).ok().map(|at| FIRST + at).filter(|c| *c <= LAST).and_then(char::from_u32)
}

/// Removes characters that could be taken for a fold.
pub(super) fn without_stand_ins(text: Cow<'_, str>) -> Cow<'_, str> {
    let is_stand_in = |c: char| (FIRST..=LAST).contains(&u32::from(c));
    if text.contains(is_stand_in) { Cow::Owned(text.replace(is_stand_in, "�")) } else { text }
}
