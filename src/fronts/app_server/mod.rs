//! The app-server: the engine for editors and SDKs, in the protocol of Codex's app-server. Many
//! clients share one engine; all decisions are the engine's.

#![warn(missing_docs)]

pub mod client;

mod setup;

mod schema;

mod events;
mod life;
mod machines;
mod methods;
mod outside;
mod serve;
mod server;

mod request;
mod transport;

mod absent;
mod accounts;
mod commands;
mod config;
mod files;
mod handshake;
mod thread;
mod threads;

pub use schema::{Gated, write as write_schema};
pub use serve::serve;
pub use setup::{ConfigWarning, ServerSetup};
pub use transport::listen::{Listen, ServeError, TokenChoice};

#[cfg(test)]
mod tests;
