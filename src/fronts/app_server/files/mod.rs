//! Methods on files, for clients that run elsewhere.

mod forward;
pub mod requests;
pub mod watch_requests;
pub mod watches;
