//! The prompt area: the composer, its menus of files and commands, and its history.

mod area;
mod mention;

pub use area::{PromptArea, TypedPrompt};
