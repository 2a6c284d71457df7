//! The fronts: each speaks to the engine in one vocabulary, `Command` in and `Event` out, and only
//! translates. None of them knows another, but for what they share in `host`, and `mcp_cli`, which
//! signs in on a terminal with the words of `auth_cli`; `update` needs no engine.

pub(crate) mod acp;
pub(crate) mod app_server;
pub(crate) mod auth_cli;
pub(crate) mod doctor;
pub(crate) mod eval;
pub(crate) mod exec;
mod host;
pub(crate) mod mcp_cli;
pub(crate) mod sessions_cli;
pub mod tui;
pub(crate) mod update;
