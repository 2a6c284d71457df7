//! This program, as it starts itself: its path, and the first arguments by which it becomes a part
//! of the sandbox instead of what a person starts.

use std::path::PathBuf;

/// Stays beside a command and ends it.
#[cfg(unix)]
pub const SUPERVISOR: &str = "__supervisor";
/// Gives up its rights and becomes the command.
#[cfg(unix)]
pub const SANDBOXED_CHILD: &str = "__child";
/// Becomes a program without a terminal.
#[cfg(unix)]
pub const APART: &str = "__apart";
/// Tries what keeps commands in on this system.
#[cfg(target_os = "linux")]
pub const PROBE: &str = "__probe";
/// Makes the loopback that commands share; listens in it at the address that is named next, if
/// there is one.
#[cfg(target_os = "linux")]
pub const LOOPBACK: &str = "__loopback";
/// Follows [`PROBE`]: empties the file that is named next.
#[cfg(target_os = "linux")]
pub const EMPTIES: &str = "empties";

/// This program itself, also when its file was replaced in the meantime.
pub fn program() -> PathBuf {
    if cfg!(target_os = "linux") {
        return "/proc/self/exe".into();
    }
    // Without a path of its own, the one that is found by its name has to do.
    std::env::current_exe().unwrap_or_else(|_| "codling".into())
}
