//! The settings, as clients read and write them.

pub mod mcp_servers;
pub mod settings;
pub mod write;
