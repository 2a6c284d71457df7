//! An answer of the model as it streams in: its events, its limits, and whether it gets on.

pub mod answer;
pub mod bounds;
pub mod progress;
pub mod sse;
