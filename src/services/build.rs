//! Looks what tests of this crate need. Where it is missing, `cargo test` shows them as ignored.
#![allow(clippy::print_stdout, reason = "cargo reads it")]

use std::net::TcpListener;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-check-cfg=cfg(has_ipv6)");
    let is_development = std::env::var("PROFILE").is_ok_and(|profile| profile == "debug");
    if is_development && TcpListener::bind("[::1]:0").is_ok() {
        println!("cargo:rustc-cfg=has_ipv6");
    }
}
