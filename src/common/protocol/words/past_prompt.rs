//! One prompt of the prompt history: its text, which parts of it were pasted and shown folded, and
//! the pictures that went with it.

use std::ops::Range;
use std::path::PathBuf;

use crate::protocol::Picture;

/// One line of the prompt history, as it was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PastPrompt {
    /// All of the prompt, pasted parts and the labels of pictures included.
    pub text: String,
    /// The byte ranges of `text` that were pasted and shown folded, in order. They come from a
    /// file, so whoever uses them checks them against the text.
    pub folded: Vec<Range<usize>>,
    /// The pictures, in the order of their labels.
    pub pictures: Vec<PastPicture>,
}

/// A picture of a past prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastPicture {
    /// The byte range of the prompt's text that is its label; as unchecked as `folded`.
    pub label: Range<usize>,
    /// The file that it was read from; `None` for one from the clipboard.
    pub path: Option<PathBuf>,
    /// The picture itself, which the history's file does not hold.
    pub picture: Option<Picture>,
}

impl<T: Into<String>> From<T> for PastPrompt {
    fn from(text: T) -> Self {
        Self { text: text.into(), ..Self::default() }
    }
}

impl<T: AsRef<str> + ?Sized> PartialEq<T> for PastPrompt {
    fn eq(&self, text: &T) -> bool {
        self.text == text.as_ref()
    }
}
