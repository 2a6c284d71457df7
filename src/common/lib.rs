//! The rooms that all others use: words without a domain, the protocol, the HTTP clients and the
//! settings.
#![cfg_attr(
    not(unix),
    allow(dead_code, reason = "only Unix reaches all of it; Linux finds dead code")
)]
#![cfg_attr(test, allow(clippy::disallowed_methods, reason = "no test stops its process group"))]

pub mod base;
pub mod config;
pub mod net;
pub mod protocol;
