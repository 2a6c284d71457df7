//! Talking to the model: request bodies, the SSE decoder, error mapping, rate limits, the catalogue. Stores no credential and runs no tool.

pub mod sse;
