//! The composer: a text field edited by grapheme, multi-line for prompts, single-line for filters,
//! masked for keys.

mod edit;
mod field;
mod folds;
mod history;
mod rows;
mod view;

pub use field::{Composer, FieldForm, FieldReply, Masking};
pub use folds::{ChipId, ChipOrigin, ChipSource};
pub use history::PromptRecall;

#[cfg(test)]
mod tests;
