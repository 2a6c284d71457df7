//! Sessions that the client has open, their prompts, and how each works.

pub mod commands;
pub mod draft;
pub mod editor;
pub mod library;
mod mcp_servers;
mod offered_commands;
pub mod offered_options;
pub mod open_sessions;
pub mod opening;
pub mod options;
pub mod prompt;
pub mod prompts;
pub mod session;
