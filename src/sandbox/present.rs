//! Whether this system can keep a command in, and which program to start for it. Knows no command.

use std::path::PathBuf;
use std::sync::OnceLock;

use crate::protocol::Sandbox;

/// Tried once, by a thread that gives up its own rights; after that it costs nothing.
pub fn present() -> Sandbox {
    static PRESENT: OnceLock<Sandbox> = OnceLock::new();
    *PRESENT.get_or_init(|| if keeps_in() { Sandbox::Present } else { Sandbox::Absent })
}

/// This program itself, also when its file was replaced in the meantime.
pub fn program() -> PathBuf {
    if cfg!(target_os = "linux") {
        return "/proc/self/exe".into();
    }
    // Without a path of its own, the one that is found by its name has to do.
    std::env::current_exe().unwrap_or_else(|_| "codling".into())
}

#[cfg(target_os = "linux")]
fn keeps_in() -> bool {
    use super::fence::{self, Ground};

    // Rights are a thread's own until it starts a process.
    let attempt = std::thread::Builder::new().name("sandbox-trial".to_owned()).spawn(|| {
        let kept = fence::enter(&Ground { writable: &[], hidden: &[], shown: &[] });
        kept.inspect_err(|error| tracing::info!(%error, "commands cannot be kept in on this system")).is_ok()
    });
    attempt.is_ok_and(|trial| trial.join().unwrap_or(false))
}

#[cfg(target_os = "macos")]
fn keeps_in() -> bool {
    std::path::Path::new(super::seatbelt::PROGRAM).is_file()
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn keeps_in() -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_trial_takes_no_rights_from_the_program() {
        assert_eq!(present(), present());
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("free"), "still").unwrap();
        assert!(std::net::TcpListener::bind("127.0.0.1:0").is_ok());
    }
}
