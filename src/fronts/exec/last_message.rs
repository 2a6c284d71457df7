//! The last message of the turn: kept, checked against the requested form, and written to a file.

use std::sync::Arc;

use serde::de::IgnoredAny;

use crate::base::Advice;
use crate::base::text::{clean_line, cut, sentence};
use crate::protocol::{EventKind, Item, ItemKind, Problem, ProblemKind};

use super::files::MessageFile;

/// Columns of an answer that is quoted because it has the wrong form.
const QUOTED: usize = 100;

#[derive(Debug, Default)]
pub struct LastMessage {
    text: Option<String>,
    form: AnswerForm,
    file: Option<Arc<MessageFile>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AnswerForm {
    #[default]
    Any,
    Json,
}

impl LastMessage {
    pub fn new(form: AnswerForm, file: Option<Arc<MessageFile>>) -> Self {
        Self { text: None, form, file }
    }

    pub fn take(&mut self, event: &EventKind) {
        if let EventKind::ItemDone(Item { kind: ItemKind::Assistant { text, .. }, .. }) = event
            && !text.trim().is_empty()
        {
            self.text = Some(text.clone());
        }
    }

    /// The form that the last message must have.
    pub fn form(&self) -> AnswerForm {
        self.form
    }

    /// The answer of a completed turn, after it was written to its file.
    ///
    /// # Errors
    ///
    /// A [`Problem`] if it has the wrong form or cannot be written.
    pub fn settle(&self) -> Result<Option<&str>, Problem> {
        let text = self.text.as_deref();
        if self.form == AnswerForm::Json {
            check(text)?;
        }
        if let (Some(file), Some(text)) = (&self.file, text) {
            file.write(text).map_err(|error| {
                let problem = Problem::new(ProblemKind::Answer, sentence(&error.to_string()));
                match error.next_step() {
                    Some(next) => problem.with_next(next),
                    None => problem,
                }
            })?;
        }
        Ok(text)
    }

    /// The sentence for a file that gets no message: text before a failure is no last message.
    pub fn unwritten(&self) -> Option<String> {
        self.file.as_ref().map(|file| {
            format!("There is no last message, so `{}` was not written", file.path().display())
        })
    }
}

fn check(text: Option<&str>) -> Result<(), Problem> {
    const NEXT: &str =
        "Ask again, or use another `--model`: not every model follows `--output-schema`";
    let Some(text) = text else {
        return Err(Problem::new(
            ProblemKind::Answer,
            "The model ended without an answer, but JSON was requested",
        )
        .with_next(NEXT));
    };
    serde_json::from_str::<IgnoredAny>(text.trim()).map(drop).map_err(|error| {
        let line = clean_line(text.trim());
        let message = format!("The final answer is not JSON ({error}): {}", cut(&line, QUOTED));
        Problem::new(ProblemKind::Answer, message).with_next(NEXT)
    })
}
