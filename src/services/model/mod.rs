//! Talking to the model: request bodies, the SSE decoder, error mapping, rate limits, the
//! catalogue. Stores no credential and runs no tool.

#![warn(missing_docs)]

mod client;
mod stream;

mod anthropic;
mod chat;
mod dialect;
mod dialect_table;
mod header_names;
mod messages;
mod parallel_calls;
mod responses;

mod error;

mod limits;

mod catalogue;

#[cfg(test)]
mod lines;
#[cfg(test)]
mod responder;

pub use catalogue::describe;
pub use client::{Api, ApiOptions};
/// The decoders of answers, which the benches time.
pub use dialect_table::count_deltas;
pub use dialect_table::names as dialects;
pub use error::ModelError;
/// The decoder of event streams, which the benches time.
pub use stream::sse;
