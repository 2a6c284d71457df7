//! A person and the model: prompts, approvals, questions, settings and compaction.

pub mod approvals;
pub mod compaction;
pub mod guidance;
pub mod model_settings;
pub mod questions;
pub mod queue;
