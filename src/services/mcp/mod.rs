//! MCP servers: a client of each, as a source of tools. Starts what it is told to, keeps it running
//! and ends it; who may start what is decided before.
//!
//! A `connection` is one server that runs, shared by all sessions whose command, variables and
//! folder are the same. A `source` is what one session makes of it: the tools it offers, and what
//! it shows of the server.

#![warn(missing_docs)]

mod connection;
mod error;
mod lines;
mod source;
mod tools;

pub use connection::{McpPool, McpSurroundings, McpTokens, TokenAnswer};
pub use source::{McpAdmission, McpSource};
