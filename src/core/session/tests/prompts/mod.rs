//! Prompts that are more than words: pictures, and what a slash command stands for.

mod expansions;
mod pictures;
