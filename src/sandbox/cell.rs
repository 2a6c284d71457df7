//! The process that becomes the command: a session of its own, its rights given up, then the command in its place. Waits for nothing.

use std::ffi::OsString;
use std::io::{self, Write};
use std::os::unix::process::CommandExt;
#[cfg(target_os = "linux")]
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use crate::protocol::Confinement;
#[cfg(target_os = "linux")]
use crate::protocol::Sandbox;

use super::order::Terms;

/// As shells say it of a command that cannot be run.
const CANNOT_RUN: u8 = 126;

pub fn serve(arguments: impl Iterator<Item = OsString>) -> ExitCode {
    let why = match Terms::parse(arguments) {
        Some(terms) => become_command(&terms).to_string(),
        None => "its arguments are not whole".to_owned(),
    };
    // It has to be told where the command's own errors go; there is no other ear.
    let _unheard = writeln!(io::stderr(), "codling: the command was not run: {why}");
    ExitCode::from(CANNOT_RUN)
}

/// Comes back only when it failed.
fn become_command(terms: &Terms) -> io::Error {
    match prepare(terms) {
        Ok(mut command) => command.exec(),
        Err(error) => error,
    }
}

#[cfg(target_os = "linux")]
fn prepare(terms: &Terms) -> io::Result<Command> {
    use rustix::process::{Signal, getppid, set_parent_process_death_signal, setsid};

    use super::order::Tracing;

    setsid()?;
    set_parent_process_death_signal(Some(Signal::KILL))?;
    if getppid().map(|parent| parent.as_raw_nonzero().get()) != Some(terms.warden) {
        return Err(io::Error::other("the process that watches over it has ended"));
    }
    let writable = match terms.confinement {
        Confinement::Free => None,
        Confinement::Folder => Some(vec![terms.folder.as_path(), terms.temporary.as_path()]),
        Confinement::ReadOnly => Some(vec![terms.temporary.as_path()]),
    };
    if let Some(writable) = writable {
        let places = Places { kept: terms.kept.clone(), hidden: terms.hidden.clone(), shown: terms.shown.clone() };
        keep_in(terms.sandbox, &writable, &places)?;
    }
    // The last thing: from here on, the warden is asked about every file that is changed.
    if terms.tracing == Tracing::On {
        super::trace::begin()?;
    }
    command(terms.command.iter().cloned())
}

/// What a command must leave alone.
#[cfg(target_os = "linux")]
#[derive(Debug, Default)]
pub struct Places {
    pub kept: Vec<PathBuf>,
    pub hidden: Vec<PathBuf>,
    pub shown: Vec<PathBuf>,
}

/// Gives up, for good, what a command that is kept in does not have.
#[cfg(target_os = "linux")]
pub fn keep_in(sandbox: Sandbox, writable: &[&Path], places: &Places) -> io::Result<()> {
    use super::fence::{self, Covered, Ground};
    use super::namespaces::{self, Rights, View};

    let failed = |error: &dyn std::fmt::Display| io::Error::other(format!("the sandbox could not be set up: {error}"));
    let Places { kept, hidden, shown } = places;
    let (covered, rights) = match sandbox {
        Sandbox::Namespaces => {
            let rights = namespaces::enter(&View { writable, kept, hidden, shown }).map_err(|error| failed(&error))?;
            (Covered::Yes, rights)
        }
        _ => (Covered::No, Rights::AsBefore),
    };
    fence::enter(&Ground { writable, hidden, shown, covered, rights }).map_err(|error| failed(&error))
}

#[cfg(not(target_os = "linux"))]
fn prepare(terms: &Terms) -> io::Result<Command> {
    rustix::process::setsid()?;
    let words = terms.command.iter().cloned();
    #[cfg(target_os = "macos")]
    if let Some(profile) = super::seatbelt::profile(terms) {
        let sandboxed = [super::seatbelt::PROGRAM.into(), "-p".into(), profile.into(), "--".into()];
        return command(sandboxed.into_iter().chain(words));
    }
    match terms.confinement {
        Confinement::Free => command(words),
        Confinement::Folder | Confinement::ReadOnly => Err(io::Error::other("this system has no sandbox")),
    }
}

fn command(mut words: impl Iterator<Item = OsString>) -> io::Result<Command> {
    let program = words.next().ok_or_else(|| io::Error::other("there is no command"))?;
    let mut command = Command::new(program);
    command.args(words);
    Ok(command)
}
