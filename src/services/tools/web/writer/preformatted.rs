//! Text whose lines and blanks stay as they are. Does not look at what is written in it.

use super::{TextForm, TextWriter};

#[derive(Debug, Default)]
pub(super) struct Preformatted {
    pub(super) language: String,
    pub(super) text: String,
}

impl TextWriter {
    pub fn is_preformatted(&self) -> bool {
        self.preformatted.is_some()
    }

    pub fn preformatted(&mut self) {
        if !self.is_in_row() && !self.is_preformatted() {
            self.preformatted = Some(Preformatted::default());
        }
    }

    /// The language of the preformatted text; empty where that is not known.
    pub fn language(&mut self, language: &str) {
        if let Some(pre) = &mut self.preformatted
            && pre.language.is_empty()
        {
            language.clone_into(&mut pre.language);
        }
    }

    pub fn end_preformatted(&mut self) {
        let Some(Preformatted { language, text }) = self.preformatted.take() else { return };
        let text = text.strip_prefix('\n').unwrap_or(&text).trim_end();
        if !text.is_empty() {
            let fence = if self.form == TextForm::Markdown {
                "`".repeat(longest_run(text).max(2) + 1)
            } else {
                String::new()
            };
            let opening = (!fence.is_empty()).then(|| format!("{fence}{language}"));
            let closing = (!fence.is_empty()).then_some(fence.as_str());
            self.block();
            for line in opening.as_deref().into_iter().chain(text.lines()).chain(closing) {
                if self.is_full() {
                    break;
                }
                self.flush();
                self.out.push_str(line);
                self.feeds = 1;
            }
        }
        self.block();
    }
}

/// The longest row of backticks.
fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or_default()
}
