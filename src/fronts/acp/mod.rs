//! The Agent Client Protocol (ACP): the engine for editors that run agents, one client over a pipe.
//! It converts messages and passes them on; it decides nothing.

#![warn(missing_docs)]

mod setup;

mod agent;
mod events;
mod failure;
mod ids;
mod machines;
mod outside;
mod pipe;
mod serve;

mod account;
mod asks;
mod sessions;
mod updates;

pub use serve::serve;
pub use setup::{AcpSetup, BrowserUse};
