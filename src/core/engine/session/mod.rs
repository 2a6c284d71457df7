//! Sessions: how one is opened, what an open one owns, and which ones there are.

pub(super) mod open_session;
pub(super) mod preparation;
pub(super) mod prepared_session;

pub(super) mod active_session;
pub(super) mod audience;
mod away;
pub(super) mod log_writer;
pub(super) mod mcp_listing;
pub(super) mod mcp_servers;
pub(super) mod model_settings;

pub(super) mod session_extensions;

pub(super) mod held_sessions;
pub(super) mod session_library;
pub(super) mod session_table;
