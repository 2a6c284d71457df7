//! Builds for development. Releases get nothing from here.
#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "cargo reads it, and waits")]

use std::env;
use std::process::{Command, Stdio};

type IsHere = fn() -> bool;

/// Needs of tests that not every machine meets, and how to see whether this one does. Where one is
/// missing, tests that need it are ignored, which `cargo test` shows.
const NEEDS: [(&str, IsHere); 2] = [
    ("has_namespaces", || works("unshare", &["-U", "-r", "-m", "-n", "-p", "-f", "true"])),
    ("has_python3", || works("python3", &["--version"])),
];

fn main() {
    println!("cargo:rerun-if-changed=.cargo/build.rs");
    let is = |name: &str, wanted: &str| env::var(name).is_ok_and(|value| value == wanted);
    let is_development = is("PROFILE", "debug");
    for (name, is_here) in NEEDS {
        println!("cargo:rustc-check-cfg=cfg({name})");
        if is_development && is_here() {
            println!("cargo:rustc-cfg={name}");
        }
    }
    // Stories start the program thousands of times, and each start would adjust 300,000 addresses
    // first, which takes half of it.
    let is_gnu = is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu");
    let features = env::var("CARGO_CFG_TARGET_FEATURE").unwrap_or_default();
    if is_development && is_gnu && !features.contains("crt-static") {
        println!("cargo:rustc-link-arg-bin=codling=-no-pie");
    }
}

fn works(program: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
