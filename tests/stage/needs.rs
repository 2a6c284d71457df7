//! Needs of stories that not every machine meets. `.cargo/build.rs` looks for those that containers
//! often lack, and stories are ignored without them. A test that runs knows no third result beside
//! passed and failed: where anything else is missing, it fails and names that.

use std::path::Path;
use std::process::{Command, Stdio};

use codling::protocol::Sandbox;
use codling::sandbox::{found, keeps_contents};

/// Brings namespaces to most systems without them.
const NAMESPACES: &str =
    "`sysctl -w kernel.apparmor_restrict_unprivileged_userns=0`, or a container with CAP_SYS_ADMIN";

/// Whether everything is to be tried, as a release does, and not only what has walls of its own.
pub fn is_whole() -> bool {
    std::env::var_os("CODLING_TEST_TABLE").is_some()
}

/// Fails unless the machine has what a story needs; `missing` says what that is, and how it comes.
#[track_caller]
pub fn demand(is_here: bool, missing: &str) {
    assert!(is_here, "this machine lacks {missing}; `cargo test -- --skip NAME` leaves a test out");
}

/// The sandbox of the program here. Fails unless it fits.
#[track_caller]
pub fn demand_sandbox(fits: impl Fn(Sandbox) -> bool) -> Sandbox {
    let found = found(Path::new(env!("CARGO_BIN_EXE_codling"))).sandbox;
    demand(fits(found), &format!("a sandbox for this beside {found:?}: {NAMESPACES}"));
    found
}

/// Fails unless contents are kept here before commands destroy them.
#[track_caller]
pub fn demand_traces() {
    let keeps = keeps_contents(Path::new(env!("CARGO_BIN_EXE_codling")));
    demand(keeps, "a kernel that shows calls of commands: Linux 5.19 and namespaces");
}

/// Fails unless a program can be found; tools of shells as well.
#[track_caller]
pub fn demand_program(name: &str) {
    demand(has(name), &format!("`{name}`: install it"));
}

/// Whether a program can be found.
pub fn has(name: &str) -> bool {
    let mut look = Command::new("sh");
    look.args(["-c", "command -v -- \"$0\"", name]).stdout(Stdio::null());
    look.status().is_ok_and(|status| status.success())
}

/// Fails unless the tests run as root.
#[track_caller]
pub fn demand_root() {
    demand(rustix::process::geteuid().is_root(), "root, who gives files to others");
}
