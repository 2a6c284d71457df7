//! The words that rooms agree on: commands in, events out, and the plain data they carry.
//!
//! Nothing here depends on JSON, a runtime, a clock or a screen: each wire converts at its own
//! edge.

#![warn(missing_docs)]

mod calls;
mod mcp;
mod models;
mod sandbox;
mod session;
mod words;

pub use calls::*;
pub use mcp::*;
pub use models::*;
pub use sandbox::*;
pub use session::*;
pub use words::*;
