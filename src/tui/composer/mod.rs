//! A text field edited by grapheme: multi-line for prompts, single-line for filters, masked for keys. Does not know what its text is for.

mod edit;
mod field;
mod folds;
mod history;
mod rows;
mod view;

pub use field::{Composer, Form, Masking, Reply};
pub use history::History;

#[cfg(test)]
mod tests;
