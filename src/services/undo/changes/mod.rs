//! Changes: how two listings differ, and who made the difference.

pub mod arrivals;
pub mod attribution;
pub mod comparison;
pub mod destroyed;
pub mod difference;
pub mod early_digests;
pub mod other_calls;
pub mod other_hands;
pub mod pending_calls;
pub mod touched;
