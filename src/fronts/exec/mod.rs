//! One prompt without a screen: the answer on stdout as it streams, progress on stderr, or one JSON line per event. Decides nothing.

mod turn;

mod run_report;

mod answer;
mod json_lines;
mod last_message;
mod progress;

mod changes;
mod files;
mod nobody;

#[cfg(test)]
mod tests;

pub use files::{FilesError, MessageFile, schema};
pub use turn::{OutputForm, ResumeFrom, RunRequest, run};
