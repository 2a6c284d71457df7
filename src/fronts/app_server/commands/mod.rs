//! Commands that clients run outside of all threads.

pub mod captured;
pub mod exec;
pub mod permissions;
pub mod running;
