//! Whether this system can keep a command in, and which program to start for it. Knows no command.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
#[cfg(target_os = "linux")]
use std::process::Stdio;
use std::sync::{Mutex, PoisonError};

use crate::protocol::Sandbox;

/// What keeps commands in that this program starts.
pub fn present() -> Sandbox {
    found(&program())
}

/// What keeps commands in that a program starts: tried once for each, by a process that gives up its own rights; after that it costs nothing.
pub fn found(program: &Path) -> Sandbox {
    static FOUND: Mutex<BTreeMap<PathBuf, Sandbox>> = Mutex::new(BTreeMap::new());
    let mut all = FOUND.lock().unwrap_or_else(PoisonError::into_inner);
    match all.get(program) {
        Some(found) => *found,
        None => {
            let found = probe(program);
            all.insert(program.to_owned(), found);
            found
        }
    }
}

/// What keeps commands in here: the best that works, found by doing it. `program` is this program.
#[cfg(target_os = "linux")]
pub fn probe(program: &Path) -> Sandbox {
    let tried = |sandbox: Sandbox| {
        let mut command = std::process::Command::new(program);
        command.args([super::order::PROBE, sandbox.as_str()]).stdin(Stdio::null()).stderr(Stdio::null());
        command.output().is_ok_and(|output| output.stdout == WORKS)
    };
    if tried(Sandbox::Namespaces) {
        return Sandbox::Namespaces;
    }
    if keeps_in() { Sandbox::Landlock } else { Sandbox::Absent }
}

#[cfg(not(target_os = "linux"))]
pub fn probe(_program: &Path) -> Sandbox {
    if keeps_in() { Sandbox::Seatbelt } else { Sandbox::Absent }
}

#[cfg(target_os = "linux")]
const WORKS: &[u8] = b"works\n";

/// What a probe is told that is to be the first process of its namespace.
#[cfg(target_os = "linux")]
const INSIDE: &str = "inside";

/// Goes through all that a command goes through, and runs none.
#[cfg(target_os = "linux")]
pub fn serve_probe(mut arguments: impl Iterator<Item = std::ffi::OsString>) -> std::process::ExitCode {
    use std::io::Write;
    use std::process::{Command, ExitCode};

    let sandbox = arguments.next().and_then(|name| Sandbox::named(name.to_str()?)).unwrap_or(Sandbox::Absent);
    let tried = if arguments.next().is_some_and(|word| word == INSIDE) {
        super::cell::keep_in(sandbox, &[], &super::cell::Places::default())
    } else {
        let inside = || Command::new(program()).args([super::order::PROBE, sandbox.as_str(), INSIDE]).status();
        let prepared = super::namespaces::prepare().and_then(|()| super::namespaces::begin_processes());
        match prepared.map_err(super::cell::not_set_up).and_then(|()| inside()) {
            // It has answered for both.
            Ok(_) => return ExitCode::SUCCESS,
            Err(error) => Err(error),
        }
    };
    let told = match tried {
        Ok(()) => std::io::stdout().write_all(WORKS),
        Err(error) => writeln!(std::io::stdout(), "{error}"),
    };
    if told.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
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
    use super::fence::{self, Covered, Ground};
    use super::namespaces::Rights;

    // Rights are a thread's own until it starts a process.
    let attempt = std::thread::Builder::new().name("sandbox-trial".to_owned()).spawn(|| {
        let kept = fence::enter(&Ground { writable: &[], hidden: &[], shown: &[], covered: Covered::No, rights: Rights::AsBefore });
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
