//! Talking to the model: request bodies, the SSE decoder, error mapping, rate limits, the catalogue. Stores no credential and runs no tool.

mod client;

mod http_headers;

mod answer;
mod bounds;
pub mod sse;

mod destination;
mod dialect;
mod responses;

mod error;
mod error_mapping;
mod local_time;
mod progress;
mod refusal;
mod wait;

mod limits;

mod cache;
mod catalogue;
mod family;
mod listing;

#[cfg(test)]
mod lines;
#[cfg(test)]
mod responder;

pub(crate) use catalogue::describe;
pub(crate) use client::{Api, ApiOptions};
pub(crate) use dialect::names as dialects;
pub(crate) use error::ModelError;
