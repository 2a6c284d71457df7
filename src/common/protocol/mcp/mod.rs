//! MCP servers: how one is set up, and what is known of it while it runs.

mod definition;
mod status;

pub use definition::*;
pub use status::*;
