//! One prompt of the prompt history: its text, and which parts of it were pasted and shown folded.

use std::ops::Range;

/// One line of the prompt history, as it was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PastPrompt {
    /// All of the prompt, pasted parts included.
    pub text: String,
    /// The byte ranges of `text` that were pasted and shown folded, in order. They come from a
    /// file, so whoever uses them checks them against the text.
    pub folded: Vec<Range<usize>>,
}

impl<T: Into<String>> From<T> for PastPrompt {
    fn from(text: T) -> Self {
        Self { text: text.into(), folded: Vec::new() }
    }
}

impl<T: AsRef<str> + ?Sized> PartialEq<T> for PastPrompt {
    fn eq(&self, text: &T) -> bool {
        self.text == text.as_ref()
    }
}
