//! The session, what it may do, and the engine that feeds it.
#![cfg_attr(
    not(unix),
    allow(dead_code, reason = "only Unix reaches all of it; Linux finds dead code")
)]
#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "no test stops its process group"))]

use codling_common::{base, config, net, protocol};
use codling_services::{auth, extensions, mcp, model, sandbox, store, tools, undo, workspace};

pub mod engine;
mod policy;
mod session;
