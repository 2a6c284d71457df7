//! The process that becomes the command, or the first one of its namespace: a session of its own, its rights given up, then the command.

use std::ffi::OsString;
#[cfg(target_os = "linux")]
use std::fs::File;
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
    let terms = Terms::parse(arguments).ok_or_else(|| io::Error::other("its arguments are not whole"));
    let Err(why) = terms.and_then(|terms| become_command(&terms)) else { return ExitCode::SUCCESS };
    // It has to be told where the command's own errors go; there is no other ear.
    let _unheard = writeln!(io::stderr(), "codling: the command was not run: {why}");
    ExitCode::from(CANNOT_RUN)
}

/// Comes back only when it failed, or when a command that it stayed with has ended.
#[cfg(target_os = "linux")]
fn become_command(terms: &Terms) -> io::Result<()> {
    use rustix::process::{Signal, set_parent_process_death_signal, setsid};

    use super::line::{Heard, Line};
    use super::order::{Tracing, has_namespaces};

    setsid()?;
    set_parent_process_death_signal(Some(Signal::KILL))?;
    let line = Line::own()?;
    if matches!(line.hear()?, Heard::Gone) {
        return Err(io::Error::other("the process that watches over it has ended"));
    }
    // No file can be opened for writing any more later on.
    let nothing = File::options().read(true).write(true).open("/dev/null")?;
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
        super::trace::begin(&line)?;
    }
    let mut command = command(terms.command.iter().cloned())?;
    if has_namespaces(terms.confinement, terms.sandbox) {
        return super::init::serve(command.stdin(nothing.try_clone()?), &line, &nothing);
    }
    rustix::stdio::dup2_stdin(&nothing)?;
    Err(command.exec())
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
    use super::mounts::View;
    use super::namespaces::{self, Rights};

    let Places { kept, hidden, shown } = places;
    let (covered, rights) = match sandbox {
        Sandbox::Namespaces => {
            let rights = namespaces::enter(&View { writable, kept, hidden, shown }).map_err(not_set_up)?;
            (Covered::Yes, rights)
        }
        _ => (Covered::No, Rights::AsBefore),
    };
    fence::enter(&Ground { writable, hidden, shown, covered, rights }).map_err(not_set_up)
}

/// As it is told of a command that was not run because of it.
#[cfg(target_os = "linux")]
pub fn not_set_up(error: impl std::fmt::Display) -> io::Error {
    io::Error::other(format!("the sandbox could not be set up: {error}"))
}

#[cfg(not(target_os = "linux"))]
fn become_command(terms: &Terms) -> io::Result<()> {
    Err(prepare(terms)?.exec())
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
