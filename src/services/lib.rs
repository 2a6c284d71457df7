//! The rooms that touch the world for the engine.
#![cfg_attr(
    not(unix),
    allow(dead_code, reason = "only Unix reaches all of it; Linux finds dead code")
)]
#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "no test stops its process group"))]

use codling_common::{base, net, protocol};

pub mod auth;
pub mod extensions;
pub mod mcp;
pub mod model;
pub mod sandbox;
pub mod store;
pub mod tools;
pub mod undo;
pub mod workspace;
