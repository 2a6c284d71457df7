//! The prompt area: the composer, its menus of files and commands, and its history.

mod area;
mod command_menu;
mod dropped;
mod mention;

pub use area::{PromptArea, PromptClick, TypedPrompt};
pub use command_menu::MenuEntry;
