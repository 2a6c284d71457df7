//! Where a prompt is written: the field, its menu of files and commands, and what was pasted.

mod area;
mod mention;

pub use area::{PromptArea, TypedPrompt};
