//! The store: conversations and the prompt history, kept between starts. Decides nothing.

#![warn(missing_docs)]

mod belongings;
mod empty_sessions;
mod holder;
mod holder_note;
mod session_store;

mod index;
mod log_line;
mod recorded_session;
mod session_index;
mod session_log;

mod model_marks_file;
mod prompt_history;

mod error;

#[cfg(test)]
mod tests;

pub use error::StoreError;
pub use log_line::LiveWords;
pub use model_marks_file::ModelMarksFile;
pub use prompt_history::PromptHistory;
pub use recorded_session::RecordedSession;
pub use session_index::{CheckedSession, SessionIndex};
pub use session_log::SessionLog;
pub use session_store::{LogOrigin, OpenedSession, SessionStore};
