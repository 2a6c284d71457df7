//! Running work: model requests, tool calls, jobs and undo, each owned and ended when it is let go
//! of.

pub(super) mod owned_work;
pub(super) mod running_work;

pub(super) mod alarm;
pub(super) mod client_tools;
pub(super) mod elicitations;
pub(super) mod folder_diff;
pub(super) mod loss_questions;
pub(super) mod model_request;
pub(super) mod notify;
pub(super) mod standalone_command;
pub(super) mod title;
pub(super) mod tool_run;
pub(super) mod undo;

pub mod jobs;

pub(crate) use owned_work::{blocking, spawn};
