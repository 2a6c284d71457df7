//! Looking at a conversation's folder: its git branch and state, its instructions for agents
//! (`AGENTS.md`), and the environment that the model is told about. Changes nothing, and lets git
//! start no program that a repository names.

#![warn(missing_docs)]

mod agents_md;
mod branch;
mod environment_context;
mod git_programs;
mod git_settings;
mod git_state;
mod nested_guidance;
#[cfg(test)]
pub(crate) mod testing;

pub use branch::branch;
pub use environment_context::{EnvironmentContext, environment_context};
pub use git_programs::Programs;
pub use git_state::own_programs;
