//! Looking at the folder that a conversation is about: its git branch and state, the instructions
//! that were written down for agents (`AGENTS.md`), and what the model is told of where it works.
//! Changes nothing, and has git run no program that a repository names.

mod agents_md;
mod branch;
mod environment_context;
mod git_settings;
mod git_state;
mod nested_guidance;
mod quiet_git;
#[cfg(test)]
pub(crate) mod testing;

pub use branch::branch;
pub use environment_context::{EnvironmentContext, environment_context};
pub use git_state::own_programs;
pub use quiet_git::Programs;
