//! Talking to the model: request bodies, the SSE decoder, error mapping, rate limits, the catalogue. Stores no credential and runs no tool.

mod client;

mod request;
mod wire;

mod answer;
mod bounds;
pub mod sse;

mod draft;
mod events;
mod items;
mod shapes;

mod error;
mod judge;
mod moment;
mod progress;
mod refusal;
mod wait;

mod limits;

mod cache;
mod catalogue;
mod family;
mod listing;

#[cfg(test)]
mod responder;

pub(crate) use catalogue::describe;
pub(crate) use client::{Api, ApiOptions};
pub(crate) use error::ModelError;
