//! The process that becomes the command, or the first one of its namespace: a session of its own, its rights given up, then the command.

use std::ffi::OsString;
#[cfg(target_os = "linux")]
use std::fs::File;
use std::io::{self, Write};
#[cfg(target_os = "linux")]
use std::net::TcpListener;
use std::os::fd::AsFd;
use std::os::unix::process::CommandExt;
#[cfg(target_os = "linux")]
use std::path::Path;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

use crate::protocol::Confinement;
#[cfg(target_os = "linux")]
use crate::protocol::Sandbox;

use super::child_spec::ChildSpec;
#[cfg(target_os = "linux")]
use super::child_spec::Network;
#[cfg(target_os = "linux")]
use super::hidden::Hidden;
use super::home::{self, OwnCaches};
use super::spec_transfer;

/// As shells say it of a command that cannot be run.
const CANNOT_RUN: u8 = 126;
const NOT_FOUND: u8 = 127;

/// Where it could not close what it inherited, it says so and runs nothing.
pub fn serve(closed: io::Result<()>) -> ExitCode {
    let Err(why) = closed.and_then(|()| become_command()) else { return ExitCode::SUCCESS };
    // It has to be told where the command's own errors go; there is no other ear.
    let _unheard = writeln!(io::stderr(), "codling: the command was not run: {why}");
    ExitCode::from(if why.kind() == io::ErrorKind::NotFound { NOT_FOUND } else { CANNOT_RUN })
}

/// What it is told to do.
fn spec(told: impl AsFd) -> io::Result<ChildSpec> {
    ChildSpec::parse(spec_transfer::receive(told)?.into_iter()).ok_or_else(untold)
}

fn untold() -> io::Error {
    io::Error::other("what is to be done was not told whole")
}

/// Comes back only when it failed, or when a command that it stayed with has ended.
#[cfg(target_os = "linux")]
fn become_command() -> io::Result<()> {
    use rustix::process::{Signal, set_parent_process_death_signal, setsid};

    use super::child_channel::{ChannelEvent, ChildChannel, ChildMessage};
    use super::child_spec::{Tracing, has_processes};
    use super::init::Group;
    use super::trace::WhenUnseen;

    setsid()?;
    set_parent_process_death_signal(Some(Signal::KILL))?;
    let line = ChildChannel::own()?;
    let ChannelEvent::Message(ChildMessage::Spec(told)) = line.hear()? else {
        return Err(untold());
    };
    let terms = &spec(told)?;
    let hidden = match terms.confinement {
        Confinement::Free => None,
        Confinement::Folder | Confinement::ReadOnly => match line.hear()? {
            ChannelEvent::Message(ChildMessage::Hidden(hidden)) => Some(hidden),
            _ => return Err(untold()),
        },
    };
    // No file can be opened for writing any more later on.
    let nothing = File::options().read(true).write(true).open("/dev/null")?;
    let (input, group) = match line.hear()? {
        ChannelEvent::Message(ChildMessage::Input(input)) => (input, Group::OfItsOwn),
        ChannelEvent::Message(ChildMessage::Terminal(terminal)) => {
            rustix::process::ioctl_tiocsctty(&terminal)?;
            // The terminal heeds one group, and that is this one.
            (terminal, Group::Ours)
        }
        ChannelEvent::Nothing => (nothing.try_clone()?.into(), Group::OfItsOwn),
        _ => return Err(io::Error::other("the process that watches over it has ended")),
    };
    let mut command = command(terms.command.iter().cloned())?;
    if let Some(writable) = terms.writable() {
        let hidden = hidden.ok_or_else(untold)?;
        // Its private folder is not among what was found beside what is hidden: it may have been made after that.
        let shown: Vec<PathBuf> = terms.shown.iter().chain([&terms.temporary]).cloned().collect();
        let temporary = Some(terms.temporary.as_path());
        let places =
            ChildPaths { writable: &writable, kept: &terms.kept, shown: &shown, temporary };
        let hidden = || Hidden::receive(hidden);
        let KeptIn { door, caches, git_settings } =
            keep_in(terms.sandbox, places, hidden, terms.network)?;
        command.envs(variables(terms, &caches));
        command.envs(told_of_git(terms, git_settings)?);
        if let Some(door) = door {
            command.envs(super::proxy::variables(door.local_addr()?));
            line.send(ChildMessage::Door(door.into()))?;
        }
    }
    // The last thing: from here on, the supervisor is asked about every file that is changed.
    match terms.tracing {
        Tracing::Off => {}
        Tracing::On => super::trace::begin(&line, WhenUnseen::GoOn)?,
        Tracing::Required => super::trace::begin(&line, WhenUnseen::Fail)?,
    }
    if has_processes(terms.confinement, terms.sandbox) {
        command.stdin(input);
        return super::init::serve(command, group, &line, &nothing);
    }
    rustix::stdio::dup2_stdin(&input)?;
    Err(command.exec())
}

/// What a command can write to, what of that it must leave alone, and what it can read in what is hidden.
#[cfg(target_os = "linux")]
#[derive(Clone, Copy, Debug, Default)]
pub struct ChildPaths<'a> {
    pub writable: &'a [&'a Path],
    pub kept: &'a [PathBuf],
    pub shown: &'a [PathBuf],
    /// One of the first, which is emptied and bounded where there are mounts.
    pub temporary: Option<&'a Path>,
}

/// What a command that is kept in has of its own.
#[cfg(target_os = "linux")]
#[derive(Debug)]
pub struct KeptIn {
    /// Where the proxy is to answer.
    pub door: Option<TcpListener>,
    pub caches: OwnCaches,
    /// The person's settings of git without secrets, where theirs are hidden.
    pub git_settings: Option<String>,
}

/// The sandbox could not be set up.
#[cfg(target_os = "linux")]
#[derive(Debug, thiserror::Error)]
pub enum NotSetUp {
    #[error("the sandbox could not be set up: {source}")]
    Door { source: io::Error },
    #[error("the sandbox could not be set up: {source}")]
    Fence {
        #[from]
        source: super::landlock::LandlockError,
    },
    #[error("the sandbox could not be set up: {source}")]
    Hidden { source: io::Error },
    #[error("the sandbox could not be set up: {source}")]
    Namespaces {
        #[from]
        source: super::namespaces::NamespaceError,
    },
}

#[cfg(target_os = "linux")]
impl From<NotSetUp> for io::Error {
    fn from(error: NotSetUp) -> Self {
        Self::other(error)
    }
}

/// Gives up, for good, what a command that is kept in does not have. What is hidden is asked for as late as can be: it is still looked for.
#[cfg(target_os = "linux")]
pub fn keep_in(
    sandbox: Sandbox,
    places: ChildPaths<'_>,
    hidden: impl FnOnce() -> io::Result<Hidden>,
    network: Network,
) -> Result<KeptIn, NotSetUp> {
    use super::landlock::{self, Covered, Rights, SandboxPaths};
    use super::mounts::MountView;
    use super::namespaces;
    use super::seccomp::{AllowedSockets, Others, Shared};

    let ChildPaths { writable, kept, shown, temporary } = places;
    let (shared, has_own_mounts) = match sandbox {
        // Made already.
        Sandbox::Bubblewrap => (Shared::ByNamespace, false),
        _ if sandbox.has_mounts() => (namespaces::enter(sandbox, network)?, true),
        _ => (Shared::ByFilter, false),
    };
    // Once for both walls.
    let hidden = &hidden().map_err(|source| NotSetUp::Hidden { source })?;
    let caches = match has_own_mounts {
        true => {
            let view = MountView { writable, kept, hidden, shown, temporary };
            namespaces::arrange(sandbox, &view)?
        }
        false => OwnCaches { read_only: hidden.caches.clone(), ..OwnCaches::default() },
    };
    // Without a network of its own, all of it stays closed.
    let (door, sockets) = match network {
        Network::Proxied if sandbox.has_network() => (
            Some(super::proxy::open().map_err(|source| NotSetUp::Door { source })?),
            AllowedSockets::Streams,
        ),
        Network::Open => (None, AllowedSockets::Internet),
        Network::Proxied | Network::Closed => (None, AllowedSockets::Local),
    };
    let covered = if sandbox.has_mounts() { Covered::Yes } else { Covered::No };
    let is_root = rustix::process::geteuid().is_root();
    let rights = if covered == Covered::Yes && !is_root { Rights::None } else { Rights::OverFiles };
    let others = if sandbox.has_processes() { Others::ByNamespace } else { Others::ByFilter };
    let git_settings = match sandbox.has_mounts() {
        true => None,
        false => person_home().and_then(|home| home::git_settings(&hidden.homes, &home)),
    };
    let writable: Vec<&Path> = writable.iter().copied().chain(caches.writable()).collect();
    let let_through = hidden.lets_through(&writable);
    let also = caches.writable().chain(let_through).map(Path::to_owned);
    let shown: Vec<PathBuf> = shown.iter().cloned().chain(also).collect();
    landlock::enter(&SandboxPaths {
        writable: &writable,
        hidden,
        shown: &shown,
        covered,
        rights,
        shared,
        others,
        sockets,
    })?;
    Ok(KeptIn { door, caches, git_settings })
}

#[cfg(not(target_os = "linux"))]
fn become_command() -> io::Result<()> {
    let terms = spec(io::stdin())?;
    let mut command = prepare(&terms)?;
    if terms.confinement != Confinement::Free {
        command.envs(variables(&terms, &OwnCaches::default()));
    }
    // What it writes to is a terminal where it is to have one of its own, and a pipe otherwise.
    if io::IsTerminal::is_terminal(&io::stdout()) {
        rustix::process::ioctl_tiocsctty(io::stdout())?;
        rustix::stdio::dup2_stdin(io::stdout())?;
    } else {
        command.stdin(std::process::Stdio::null());
    }
    Err(command.exec())
}

#[cfg(not(target_os = "linux"))]
fn prepare(terms: &ChildSpec) -> io::Result<Command> {
    rustix::process::setsid()?;
    let words = terms.command.iter().cloned();
    #[cfg(target_os = "macos")]
    if terms.confinement != Confinement::Free {
        let access = home::HomeAccess::of_person(person_home().as_deref());
        let around = home::Surroundings {
            writable: std::iter::once(&terms.folder).chain(&terms.opened).cloned().collect(),
            readable: terms.shown.clone(),
            settings: home::SettingsMode::OnlyClean,
        };
        let homes = home::look(&access, &around);
        let git = person_home().and_then(|home| home::git_settings(&homes.views, &home));
        let profile = super::seatbelt::profile(terms, &homes).into();
        let sandboxed = [super::seatbelt::PROGRAM.into(), "-p".into(), profile, "--".into()];
        let mut command = command(sandboxed.into_iter().chain(words))?;
        command.envs(told_of_git(terms, git)?);
        return Ok(command);
    }
    match terms.confinement {
        Confinement::Free => command(words),
        Confinement::Folder | Confinement::ReadOnly => {
            Err(io::Error::other("this system has no sandbox"))
        }
    }
}

/// What tells git of settings, which are written down for it.
fn told_of_git(
    terms: &ChildSpec,
    settings: Option<String>,
) -> io::Result<Option<(&'static str, PathBuf)>> {
    let Some(settings) = settings else { return Ok(None) };
    let path = terms.temporary.join("gitconfig");
    std::fs::write(&path, settings)?;
    Ok(Some((home::GIT_SETTINGS, path)))
}

fn person_home() -> Option<PathBuf> {
    std::env::var_os("HOME").map(PathBuf::from)
}

/// What tells tools of caches that they can write to.
fn variables(terms: &ChildSpec, caches: &OwnCaches) -> Vec<(&'static str, PathBuf)> {
    let own = |name: &str| std::env::var_os(name);
    home::variables(&terms.temporary, &terms.own_folders(), caches, own)
}

fn command(mut words: impl Iterator<Item = OsString>) -> io::Result<Command> {
    let program = words.next().ok_or_else(|| io::Error::other("there is no command"))?;
    let mut command = Command::new(program);
    command.args(words);
    Ok(command)
}
