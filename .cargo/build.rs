//! Links the program of development builds at a fixed address. Stories start it thousands of times,
//! and each start would adjust 300,000 addresses first, which takes half of it.
#![allow(clippy::print_stdout, reason = "cargo reads it")]

use std::env;

fn main() {
    println!("cargo:rerun-if-changed=.cargo/build.rs");
    let is = |name: &str, wanted: &str| env::var(name).is_ok_and(|value| value == wanted);
    let is_gnu = is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu");
    let features = env::var("CARGO_CFG_TARGET_FEATURE").unwrap_or_default();
    if is("PROFILE", "debug") && is_gnu && !features.contains("crt-static") {
        println!("cargo:rustc-link-arg-bin=codling=-no-pie");
    }
}
