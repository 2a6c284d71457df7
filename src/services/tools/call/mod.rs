//! One tool call: its arguments, what it is handed, how it is stopped, and why it is refused.

pub mod arguments;
pub mod blocking_work;
pub mod refusal;
pub mod stop_signal;
pub mod surroundings;
