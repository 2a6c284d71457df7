//! Extensions of a folder or a home, read as values: MCP servers, slash commands, skills, and the
//! trust that their programs need. Nothing here runs anything.

#![warn(missing_docs)]

pub mod mcp;
mod trust;
mod trust_error;

pub use trust::{Definition, DefinitionKind, TrustState, TrustStore};
pub use trust_error::TrustError;
