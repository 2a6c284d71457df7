//! What people have lying about for coding clients: files that describe MCP servers, read into
//! values. Starts nothing and decides nothing.

#![warn(missing_docs)]

pub mod mcp;
