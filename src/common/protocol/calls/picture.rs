//! Pictures for the model, and the labels that stand for them in a prompt's text.

use std::ops::Range;
use std::sync::Arc;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use crate::base::text;

/// Columns of a name in a label.
const NAME: usize = 30;
/// The beginning of every label.
const LABEL: &str = "[picture ";

/// An image that goes to the model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Picture {
    /// One of `Picture::TYPES`.
    pub mime: &'static str,
    /// Base64, with padding.
    pub data: Arc<str>,
}

impl Picture {
    /// The types that models take.
    pub const TYPES: [&'static str; 4] = ["image/png", "image/jpeg", "image/gif", "image/webp"];

    /// The picture that was written down with this type; `None` where models do not take it.
    pub fn of_type(mime: &str, data: impl Into<Arc<str>>) -> Option<Self> {
        let mime = Self::TYPES.into_iter().find(|known| *known == mime)?;
        Some(Self { mime, data: data.into() })
    }
}

impl<'de> Deserialize<'de> for Picture {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let (mime, data) = <(String, Arc<str>)>::deserialize(from)?;
        Self::of_type(&mime, data).ok_or_else(|| D::Error::custom("an unknown type of picture"))
    }
}

/// A picture that was read, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SizedPicture {
    /// The picture as it is sent.
    pub picture: Picture,
    /// Columns of pixels in its file, upright.
    pub width: u32,
    /// Rows of pixels in its file, upright.
    pub height: u32,
}

impl SizedPicture {
    /// The label that names it in a prompt's text: `[picture a.png 640×480]`.
    pub fn label(&self, name: &str) -> String {
        let Self { width, height, .. } = self;
        format!("{LABEL}{} {width}×{height}]", Self::short(name))
    }

    /// The label before it is read: `[picture a.png …]`.
    pub fn label_unread(name: &str) -> String {
        format!("{LABEL}{} …]", Self::short(name))
    }

    /// A name that fits into a label. A bracket would end the label early.
    fn short(name: &str) -> String {
        text::cut(&text::clean_line(name), NAME).replace(['[', ']'], "_")
    }
}

/// The byte ranges of the labels in a prompt's text, in the order of its pictures.
pub fn picture_labels(prompt: &str) -> Vec<Range<usize>> {
    let label = |(at, _): (usize, &str)| Some(at..at + prompt[at..].find(']')? + 1);
    prompt.match_indices(LABEL).filter_map(label).collect()
}

/// How many of a prompt's pictures have no label in its text.
pub fn unnamed_pictures(prompt: &str, pictures: usize) -> usize {
    pictures.saturating_sub(prompt.matches(LABEL).count())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_names_a_picture_in_one_short_line() {
        let picture = Picture { mime: "image/png", data: "".into() };
        let sized = SizedPicture { picture, width: 640, height: 480 };
        assert_eq!(sized.label("a.png"), "[picture a.png 640×480]");
        assert_eq!(SizedPicture::label_unread("a b.png"), "[picture a b.png …]");
        for odd in ["a\nb\u{1b}[2J].png", &"中".repeat(300)] {
            let label = sized.label(odd);
            assert!(text::width(&label) <= NAME + 18, "{label}");
            assert_eq!(label.matches([']', '\n', '\u{1b}']).count(), 1, "{label}");
        }
        let prompt = format!("{} and {}", sized.label("a"), sized.label("b"));
        assert_eq!((unnamed_pictures(&prompt, 3), unnamed_pictures(&prompt, 1)), (1, 0));
    }
}
