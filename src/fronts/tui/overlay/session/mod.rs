//! Dialogs of what goes on in the open conversation: its running commands, its queued prompts, and
//! what fills the model's context.

mod context;
mod jobs;
mod queue;

pub use context::ContextDialog;
pub use jobs::JobsDialog;
pub use queue::QueueDialog;
