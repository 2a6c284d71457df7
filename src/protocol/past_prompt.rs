//! One prompt of the prompt history: its text, and which parts of it were pasted and shown folded.

use std::ops::Range;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PastPrompt {
    pub text: String,
    /// Bytes of the text, in order. They come from a file: whoever uses them checks that they are there.
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
