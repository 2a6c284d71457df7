//! Looking at a conversation's folder: its git branch and state, its instructions for agents
//! (`AGENTS.md`), and the environment that the model is told about. Lets git start no program that
//! a repository names. Files of clients that sit elsewhere are read, changed and watched here too.

#![warn(missing_docs)]

mod agents_md;
mod branch;
mod client_files;
mod environment_context;
mod git_command;
mod git_diff;
mod git_programs;
mod git_settings;
mod git_state;
mod nested_guidance;
#[cfg(any(test, debug_assertions))]
#[allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "only tests call it")]
pub mod testing;
mod watches;

pub use agents_md::{AgentsFiles, add_line, repository};
pub use branch::branch;
pub use client_files::{ClientFileError, perform};
pub use environment_context::{EnvironmentContext, environment_context};
pub use git_command::GitError;
pub use git_diff::{FolderChanges, LARGEST_FILE, SECRET, changes, has_repository};
pub use git_programs::Programs;
pub use git_state::own_programs;
pub use watches::{WatchError, WatchEvent, Watcher};
