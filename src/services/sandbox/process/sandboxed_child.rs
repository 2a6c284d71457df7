//! The process that becomes the command, or the first one of its namespace: a session of its own,
//! its rights given up, then the command.

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
use std::sync::Arc;

use signal_hook::consts::{SIGINT, SIGQUIT};

use crate::protocol::Confinement;
#[cfg(target_os = "linux")]
use crate::protocol::Sandbox;

use crate::sandbox::spec::child_spec::ChildSpec;
#[cfg(target_os = "linux")]
use crate::sandbox::spec::child_spec::Network;
use crate::sandbox::spec::spec_transfer;
#[cfg(target_os = "linux")]
use crate::sandbox::walls::hidden::Hidden;
use crate::sandbox::walls::home;
use crate::sandbox::walls::home::OwnCaches;

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

/// Receives its spec.
fn spec(message: impl AsFd) -> io::Result<ChildSpec> {
    ChildSpec::parse(spec_transfer::receive(message)?.into_iter()).ok_or_else(untold)
}

fn untold() -> io::Error {
    io::Error::other("what is to be done was not told whole")
}

/// Comes back only when it failed, or when a command that it stayed with has ended.
#[cfg(target_os = "linux")]
fn become_command() -> io::Result<()> {
    use rustix::process::{Signal, set_parent_process_death_signal, setsid};

    use super::init::Group;
    use crate::sandbox::spec::child_channel::{ChannelEvent, ChildChannel, ChildMessage};
    use crate::sandbox::spec::child_spec::{Tracing, has_processes};
    use crate::sandbox::trace::WhenUnseen;

    setsid()?;
    set_parent_process_death_signal(Some(Signal::KILL))?;
    heed_interrupts()?;
    let line = ChildChannel::own()?;
    let ChannelEvent::Message(ChildMessage::Spec(message)) = line.receive()? else {
        return Err(untold());
    };
    let spec = &spec(message)?;
    let hidden = match spec.confinement {
        Confinement::Free => None,
        Confinement::Folder | Confinement::ReadOnly => match line.receive()? {
            ChannelEvent::Message(ChildMessage::Hidden(hidden)) => Some(hidden),
            _ => return Err(untold()),
        },
    };
    // No file can be opened for writing any more later on.
    let nothing = File::options().read(true).write(true).open("/dev/null")?;
    let (input, group) = match line.receive()? {
        ChannelEvent::Message(ChildMessage::Input(input)) => (input, Group::OfItsOwn),
        ChannelEvent::Message(ChildMessage::Terminal(terminal)) => {
            rustix::process::ioctl_tiocsctty(&terminal)?;
            // The terminal heeds one group, and that is this one.
            (terminal, Group::Ours)
        }
        ChannelEvent::Nothing => (nothing.try_clone()?.into(), Group::OfItsOwn),
        _ => return Err(io::Error::other("the process that watches over it has ended")),
    };
    let mut command = command(spec.command.iter().cloned())?;
    if let Some(writable) = spec.writable() {
        let hidden = hidden.ok_or_else(untold)?;
        // Its private folder is not among what was found beside what is hidden: it may have been
        // made after that.
        let shown: Vec<PathBuf> = spec.shown.iter().chain([&spec.temporary]).cloned().collect();
        let temporary = Some(spec.temporary.as_path());
        let places = ChildPaths { writable: &writable, kept: &spec.kept, shown: &shown, temporary };
        let hidden = || Hidden::receive(hidden);
        let KeptIn { door, caches, git_settings } =
            keep_in(spec.sandbox, places, hidden, spec.network)?;
        command.envs(variables(spec, &caches));
        command.envs(told_of_git(spec, git_settings)?);
        if let Some(door) = door {
            command.envs(crate::sandbox::proxy::variables(door.local_addr()?, spec.network));
            line.send(ChildMessage::Door(door.into()))?;
        }
    }
    // The last thing: from here on, the supervisor is asked about every file that is changed.
    match spec.tracing {
        Tracing::Off => {}
        Tracing::On => crate::sandbox::trace::begin(&line, WhenUnseen::GoOn)?,
        Tracing::Required => crate::sandbox::trace::begin(&line, WhenUnseen::Fail)?,
    }
    if has_processes(spec.confinement, spec.sandbox) {
        command.stdin(input);
        return super::init::serve(command, group, &line, &nothing);
    }
    rustix::stdio::dup2_stdin(&input)?;
    Err(command.exec())
}

/// The paths that a command can write to, those of them that it must leave alone, and those that it
/// can read in what is hidden.
#[cfg(target_os = "linux")]
#[derive(Clone, Copy, Debug, Default)]
pub struct ChildPaths<'a> {
    pub writable: &'a [&'a Path],
    pub kept: &'a [PathBuf],
    pub shown: &'a [PathBuf],
    /// One of the first, which is emptied and bounded where there are mounts.
    pub temporary: Option<&'a Path>,
}

/// The place of its own that a command has that is kept in.
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
        source: crate::sandbox::walls::landlock::LandlockError,
    },
    #[error("the sandbox could not be set up: {source}")]
    Hidden { source: io::Error },
    #[error("the sandbox could not be set up: {source}")]
    Namespaces {
        #[from]
        source: crate::sandbox::walls::namespaces::NamespaceError,
    },
}

#[cfg(target_os = "linux")]
impl From<NotSetUp> for io::Error {
    fn from(error: NotSetUp) -> Self {
        Self::other(error)
    }
}

/// Gives up, for good, what a command that is kept in does not have. What is hidden is asked for as
/// late as can be: it is still looked for.
///
/// # Errors
///
/// Fails at the first wall that cannot be set up. The command must not be started then.
#[cfg(target_os = "linux")]
pub fn keep_in(
    sandbox: Sandbox,
    places: ChildPaths<'_>,
    hidden: impl FnOnce() -> io::Result<Hidden>,
    network: Network,
) -> Result<KeptIn, NotSetUp> {
    use crate::sandbox::walls::landlock;
    use crate::sandbox::walls::landlock::{Covered, Rights, SandboxPaths};
    use crate::sandbox::walls::mounts::MountView;
    use crate::sandbox::walls::namespaces;
    use crate::sandbox::walls::seccomp::{AllowedSockets, Others, Shared};

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
    let door = || crate::sandbox::proxy::open().map_err(|source| NotSetUp::Door { source });
    // A network that ends at its loopback device leads nowhere. Without one of its own, all of it
    // stays closed.
    let (door, sockets) = match network {
        Network::Proxied if sandbox.has_network() => (Some(door()?), AllowedSockets::Streams),
        Network::SharedProxied => (Some(door()?), AllowedSockets::Internet),
        Network::Open | Network::Shared => (None, AllowedSockets::Internet),
        Network::Closed if sandbox.has_network() => (None, AllowedSockets::Internet),
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

/// Has the command end by the keys of its terminal, also where codling was started with their
/// signals ignored, as shells start programs in the background: `exec` gives a signal that is
/// handled its default.
fn heed_interrupts() -> io::Result<()> {
    for signal in [SIGINT, SIGQUIT] {
        signal_hook::flag::register(signal, Arc::default())?;
    }
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn become_command() -> io::Result<()> {
    heed_interrupts()?;
    let spec = spec(io::stdin())?;
    let mut command = prepare(&spec)?;
    if spec.confinement != Confinement::Free {
        command.envs(variables(&spec, &OwnCaches::default()));
    }
    // Its output is a terminal if it is to have one of its own, and a pipe otherwise.
    if io::IsTerminal::is_terminal(&io::stdout()) {
        rustix::process::ioctl_tiocsctty(io::stdout())?;
        rustix::stdio::dup2_stdin(io::stdout())?;
    } else {
        command.stdin(std::process::Stdio::null());
    }
    Err(command.exec())
}

#[cfg(not(target_os = "linux"))]
fn prepare(spec: &ChildSpec) -> io::Result<Command> {
    rustix::process::setsid()?;
    let words = spec.command.iter().cloned();
    #[cfg(target_os = "macos")]
    if spec.confinement != Confinement::Free {
        let access = home::HomeAccess::of_person(person_home().as_deref());
        let around = home::Surroundings {
            writable: std::iter::once(&spec.folder).chain(&spec.opened).cloned().collect(),
            readable: spec.shown.clone(),
            settings: home::SettingsMode::OnlyClean,
        };
        let homes = home::look(&access, &around);
        let git = person_home().and_then(|home| home::git_settings(&homes.views, &home));
        let profile = crate::sandbox::walls::seatbelt::profile(spec, &homes).into();
        let sandboxed =
            [crate::sandbox::walls::seatbelt::PROGRAM.into(), "-p".into(), profile, "--".into()];
        let mut command = command(sandboxed.into_iter().chain(words))?;
        command.envs(told_of_git(spec, git)?);
        return Ok(command);
    }
    match spec.confinement {
        Confinement::Free => command(words),
        Confinement::Folder | Confinement::ReadOnly => {
            Err(io::Error::other("this system has no sandbox"))
        }
    }
}

/// Variables that lead git to settings, which are written to a file for it.
fn told_of_git(
    spec: &ChildSpec,
    settings: Option<String>,
) -> io::Result<Option<(&'static str, PathBuf)>> {
    let Some(settings) = settings else { return Ok(None) };
    let path = spec.temporary.join("gitconfig");
    std::fs::write(&path, settings)?;
    Ok(Some((home::GIT_SETTINGS, path)))
}

fn person_home() -> Option<PathBuf> {
    std::env::var_os("HOME").map(PathBuf::from)
}

/// Variables that lead tools to caches that they can write to.
fn variables(spec: &ChildSpec, caches: &OwnCaches) -> Vec<(&'static str, PathBuf)> {
    let own = |name: &str| std::env::var_os(name);
    home::variables(&spec.temporary, &spec.own_folders(), caches, own)
}

fn command(mut words: impl Iterator<Item = OsString>) -> io::Result<Command> {
    let program = words.next().ok_or_else(|| io::Error::other("there is no command"))?;
    let mut command = Command::new(program);
    command.args(words);
    Ok(command)
}
