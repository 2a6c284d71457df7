//! The fronts: each speaks to the engine in one vocabulary, `Command` in and `Event` out, and only
//! translates. None of them knows another, but for what they share in `host`, and `mcp_cli`, which
//! signs in on a terminal with the words of `auth_cli`; `update` needs no engine.
#![cfg_attr(
    not(unix),
    allow(dead_code, reason = "only Unix reaches all of it; Linux finds dead code")
)]
#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "no test stops its process group"))]

use codling_common::{base, net, protocol};
use codling_core::engine;

pub mod acp;
pub mod app_server;
pub mod auth_cli;
pub mod doctor;
pub mod eval;
pub mod exec;
mod host;
pub mod mcp_cli;
pub mod sessions_cli;
pub mod tui;
pub mod update;
