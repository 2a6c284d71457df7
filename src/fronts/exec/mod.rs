//! `codling run`: one prompt without a screen, with the answer on stdout as it streams and progress
//! on stderr, or one JSON line per event. Decides nothing.

#![warn(missing_docs)]

mod turn;

mod run_report;

mod answer;
mod json_lines;
mod last_message;
mod progress;

mod files;
mod findings;
mod nobody;

#[cfg(test)]
mod tests;

pub use files::{FilesError, MessageFile, schema};
pub use findings::{FindingsForm, SCHEMA as FINDINGS_SCHEMA, Severity};
pub use turn::{OutputForm, ResumeFrom, RunRequest, run};
