//! Turns: from a prompt to the answer that ends it, by requests to the model and its tool calls.

mod turn_machine;

mod turn;

mod request;
mod summary;
mod usage_limit;
mod waiting;

mod compaction;
mod partial_output;
mod prompt_queue;
mod reconnect;
mod shown_prompt;
mod step;

pub(super) use turn_machine::{LastTurn, TurnMachine};

pub use compaction::CompactionConfig;
pub use reconnect::ReconnectConfig;
