//! Approvals and questions on the screen.

pub mod answering;
pub mod approvals;
mod early;
mod questions;
mod too_soon;
mod traps;
mod unseen;
