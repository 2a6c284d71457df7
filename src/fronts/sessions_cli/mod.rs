//! `codling sessions` and its like: conversations, earlier and open ones, on a plain terminal.
//! Decides nothing, and opens none of them.

#![warn(missing_docs)]

mod ask_words;
mod asks;
mod commands;
mod jobs;
mod running;

#[cfg(test)]
mod tests;

pub use asks::{answer_ask, list_asks};
pub use commands::{Consent, ListScope, delete, export, list, show};
pub use jobs::{list_jobs, stop_job};
pub use running::{ListForm, list_running, queue_prompt, stop_session};
