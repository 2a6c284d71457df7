//! The words that rooms agree on: commands in, events out, and the plain data they carry.
//!
//! They depend on no JSON, runtime, clock or screen: each wire converts at its own edge. What two
//! programs that have one session open tell each other has serde's derives; secrets have none.

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
