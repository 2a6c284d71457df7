//! The ways in and out of the loop: clients and their inboxes, and the messages of running work.

pub(super) mod client;
pub(super) mod inbox;
pub(super) mod subscribers;

pub(super) mod delta_queue;
pub(super) mod engine_message;
pub(super) mod session_handle;
