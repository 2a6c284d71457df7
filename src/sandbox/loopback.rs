//! The loopback of a conversation: a network namespace with nothing but its own loopback device, in
//! which commands without a network reach the ports of each other.
//!
//! No process holds it. A helper makes it with the first command that shares it, sends descriptors
//! of it to the program and ends; the program hands them to each supervisor, which enters before it
//! starts its child. It is gone when the program lets go of them, or ends, and the last command in
//! it has ended.

#[cfg(target_os = "linux")]
use std::io;
#[cfg(target_os = "linux")]
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
#[cfg(target_os = "linux")]
use std::os::unix::net::UnixStream;
#[cfg(target_os = "linux")]
use std::path::{Path, PathBuf};
#[cfg(target_os = "linux")]
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;
#[cfg(target_os = "linux")]
use std::sync::OnceLock;

#[cfg(target_os = "linux")]
use super::process::handed_over;
#[cfg(target_os = "linux")]
use super::program::LOOPBACK;
#[cfg(target_os = "linux")]
use super::spec::child_spec::Network;
#[cfg(target_os = "linux")]
use super::walls::namespaces;
#[cfg(target_os = "linux")]
use super::walls::namespaces::NamespaceError;
#[cfg(target_os = "linux")]
use crate::base::start;
#[cfg(target_os = "linux")]
use nix::sched::{CloneFlags, setns};

/// The loopback that the commands of one conversation share. Clones are the same one; nothing is
/// made before it is needed, and it ends when the last clone is dropped.
#[derive(Clone, Debug, Default)]
pub struct Loopback(Arc<Held>);

#[cfg(target_os = "linux")]
type Held = OnceLock<Option<SharedNetwork>>;
#[cfg(not(target_os = "linux"))]
type Held = ();

impl PartialEq for Loopback {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Loopback {}

#[cfg(target_os = "linux")]
impl Loopback {
    /// Its namespaces, made the first time; `None` where they cannot be had: each command has a
    /// loopback for itself then.
    pub(in crate::sandbox) fn network(&self, program: &Path) -> Option<&SharedNetwork> {
        let made = || match make(program) {
            Ok(network) => Some(network),
            Err(error) => {
                tracing::warn!(%error, "commands share no loopback");
                None
            }
        };
        self.0.get_or_init(made).as_ref()
    }
}

/// Descriptors of the namespaces.
#[cfg(target_os = "linux")]
#[derive(Debug)]
pub struct SharedNetwork {
    network: OwnedFd,
    /// The namespace of users that the other one belongs to, where one had to be made: only from
    /// there can it be entered.
    users: Option<OwnedFd>,
}

#[cfg(target_os = "linux")]
const NETWORK: &str = "/proc/self/ns/net";
#[cfg(target_os = "linux")]
const USERS: &str = "/proc/self/ns/user";

#[cfg(target_os = "linux")]
impl SharedNetwork {
    /// Sends the descriptors.
    ///
    /// # Errors
    ///
    /// Fails if the other end is gone.
    pub fn hand_over(&self, to: impl AsFd) -> io::Result<()> {
        let all: Vec<BorrowedFd<'_>> =
            [&self.network].into_iter().chain(&self.users).map(AsFd::as_fd).collect();
        handed_over::hand_over(to, &all)
    }

    /// Waits for what [`SharedNetwork::hand_over`] sends.
    ///
    /// # Errors
    ///
    /// Fails if the other end closes before they came.
    pub fn take(from: impl AsFd) -> io::Result<Self> {
        let mut all = handed_over::take(from).into_iter();
        let network = all.next().ok_or_else(|| io::Error::other("its network did not come"))?;
        Ok(Self { network, users: all.next() })
    }

    /// As [`namespaces::prepare`], with this process in the shared network afterwards. Where it
    /// cannot be entered, what this process starts has a closed network for itself.
    ///
    /// # Errors
    ///
    /// Fails where [`namespaces::prepare`] does.
    pub fn prepare(&self) -> Result<Network, NamespaceError> {
        let before = own(NETWORK);
        match &self.users {
            Some(users) if setns(users, CloneFlags::CLONE_NEWUSER).is_ok() => {
                namespaces::hand_down_rights()?;
            }
            Some(_) => {
                namespaces::prepare()?;
                return Ok(Network::Closed);
            }
            None => namespaces::prepare()?,
        }
        let is_entered = setns(&self.network, CloneFlags::CLONE_NEWNET).is_ok();
        // Nothing is taken on trust that would leave a command in everybody's network.
        let is_another =
            matches!((before, own(NETWORK)), (Some(before), Some(now)) if before != now);
        Ok(if is_entered && is_another { Network::Shared } else { Network::Closed })
    }
}

/// The namespace of that kind that this process is in.
#[cfg(target_os = "linux")]
fn own(kind: &str) -> Option<PathBuf> {
    std::fs::read_link(kind).ok()
}

#[cfg(target_os = "linux")]
fn make(program: &Path) -> io::Result<SharedNetwork> {
    let (ours, theirs) = UnixStream::pair()?;
    let mut helper = Command::new(program);
    helper.arg(LOOPBACK).stdin(OwnedFd::from(theirs)).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = start::start(&mut helper)?;
    // It holds the helper's end.
    drop(helper);
    let taken = SharedNetwork::take(&ours);
    child.wait()?;
    taken
}

/// Makes the namespaces, sends them to standard input and ends. It sends nothing where one of them
/// cannot be made.
#[cfg(target_os = "linux")]
pub fn serve(closed: io::Result<()>) -> ExitCode {
    let made = closed.and_then(|()| begin()).and_then(|made| made.hand_over(io::stdin()));
    if made.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[cfg(target_os = "linux")]
fn begin() -> io::Result<SharedNetwork> {
    let before = own(USERS);
    namespaces::prepare().map_err(io::Error::other)?;
    namespaces::begin_network().map_err(io::Error::other)?;
    let open = |kind: &str| std::fs::File::open(kind).map(OwnedFd::from);
    let users = if own(USERS) == before { None } else { Some(open(USERS)?) };
    Ok(SharedNetwork { network: open(NETWORK)?, users })
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_helper_that_makes_nothing_leaves_each_command_to_itself() {
        let loopback = Loopback::default();
        assert!(loopback.network(Path::new("/bin/false")).is_none());
        // It is not tried with every command.
        assert!(loopback.clone().network(Path::new("/not/there")).is_none());
        assert_ne!(loopback, Loopback::default());
    }

    #[test]
    fn descriptors_arrive_or_it_is_said_that_they_did_not() {
        let (ours, theirs) = UnixStream::pair().unwrap();
        let open = |kind: &str| OwnedFd::from(std::fs::File::open(kind).unwrap());
        for users in [None, Some(open(USERS))] {
            let sent = SharedNetwork { network: open(NETWORK), users };
            sent.hand_over(&theirs).unwrap();
            let taken = SharedNetwork::take(&ours).unwrap();
            assert_eq!(taken.users.is_some(), sent.users.is_some());
        }
        drop(theirs);
        assert!(SharedNetwork::take(&ours).is_err());
    }
}
