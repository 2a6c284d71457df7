//! What the model may ask to be done, and what came of it.

use std::sync::Arc;

use super::CallId;

/// A tool as it is offered to the model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolSpec {
    pub name: &'static str,
    /// What the model reads about it.
    pub description: &'static str,
    /// A JSON Schema of the arguments, as text.
    pub parameters: &'static str,
}

/// The model's wish to run a tool. Neither the name nor the arguments are known to be good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolCall {
    pub id: CallId,
    pub name: String,
    /// JSON text, as the model wrote it; it may be broken.
    pub arguments: String,
}

/// What goes back to the model, and what a person sees of it. Every call gets exactly one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallOutput {
    /// Short, for the head of a cell: `src/main.rs` or `12 matches for fn`.
    pub title: String,
    /// What the model reads.
    pub text: String,
    pub images: Vec<Image>,
    /// Whether the tool did what was asked; a refusal or a failure is an answer too.
    pub ok: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// `image/png`, `image/jpeg`, `image/gif` or `image/webp`.
    pub mime: &'static str,
    /// Base64, with padding.
    pub data: Arc<str>,
}

impl CallOutput {
    /// An answer that says what went wrong, for the model to act on.
    pub fn refusal(title: impl Into<String>, text: impl Into<String>) -> Self {
        Self { title: title.into(), text: text.into(), images: Vec::new(), ok: false }
    }

    pub fn text(title: impl Into<String>, text: impl Into<String>) -> Self {
        Self { title: title.into(), text: text.into(), images: Vec::new(), ok: true }
    }
}
