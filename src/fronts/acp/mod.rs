//! The Agent Client Protocol (ACP): the engine for editors that run agents, one client over a pipe.
//! It converts and asks; nothing is decided here.

mod setup;

mod agent;
mod events;
mod failure;
mod ids;

mod auth_methods;
mod initialize;
mod sign_in;

mod library;
mod models;
mod options;
mod session;
mod sessions;

mod commands;
mod draft;
mod prompt;
mod prompts;

mod content;
mod sent_updates;
mod tool_call;

mod editor;
mod permission;
mod question;

mod pipe;
mod serve;

pub use serve::serve;
pub use setup::{AcpSetup, BrowserUse};
