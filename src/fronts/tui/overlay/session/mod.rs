//! Dialogs of what goes on in the open conversation: its running commands and its queued prompts.

mod jobs;
mod queue;

pub use jobs::JobsDialog;
pub use queue::QueueDialog;
