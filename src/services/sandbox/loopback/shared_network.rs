//! The namespaces of a shared loopback, and what is open in them.

use std::ffi::{OsStr, OsString};
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::{Arc, OnceLock};

use nix::sched::{CloneFlags, setns};

use super::machine_ports::MachinePorts;
use crate::base::start;
use crate::protocol::{AllowedHost, SandboxOpenings};
use crate::sandbox::process::handed_over;
use crate::sandbox::program::LOOPBACK;
use crate::sandbox::spec::child_spec::Network;
use crate::sandbox::walls::namespaces::{self, NamespaceError};

/// The loopback that the commands of one conversation share. Clones are the same one; nothing is
/// made before it is needed, and it ends when the last clone is dropped.
#[derive(Clone, Debug, Default)]
pub struct Loopback(Arc<Held>);

#[derive(Debug, Default)]
struct Held {
    network: OnceLock<Option<SharedNetwork>>,
    ports: MachinePorts,
}
impl PartialEq for Loopback {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Loopback {}

impl Loopback {
    /// Its namespaces, made the first time, with those of the hosts that are ports of the machine's
    /// loopback; `None` where they cannot be had: each command has a loopback for itself then.
    pub(in crate::sandbox) fn network(
        &self,
        program: &Path,
        hosts: &[AllowedHost],
    ) -> Option<&SharedNetwork> {
        let made = || match make(program) {
            Ok(network) => Some(network),
            Err(error) => {
                tracing::warn!(%error, "commands share no loopback");
                None
            }
        };
        let network = self.0.network.get_or_init(made).as_ref()?;
        for at in hosts.iter().filter_map(AllowedHost::on_loopback) {
            self.0.ports.open(at, &|at| network.listen(program, at));
        }
        Some(network)
    }

    /// Closes the ports of the machine that are not among these openings, with all connections to
    /// them. No command opens them again, also none that is on its way.
    pub fn close_others(&self, open: &SandboxOpenings) {
        self.0.ports.allow_only(open.hosts.iter().filter_map(AllowedHost::on_loopback).collect());
    }

    /// Why a port of the machine is not reached that is open: one sentence without a full stop.
    /// `None` where it is reached.
    pub fn unopened(&self, at: SocketAddr) -> Option<String> {
        match self.0.network.get() {
            Some(Some(_)) => self.0.ports.refused(at),
            Some(None) | None => Some("Commands share no network on this system".to_owned()),
        }
    }
}

/// Descriptors of the namespaces.
#[derive(Debug)]
pub struct SharedNetwork {
    network: OwnedFd,
    /// The namespace of users that the other one belongs to, where one had to be made: only from
    /// there can it be entered.
    users: Option<OwnedFd>,
}

const NETWORK: &str = "/proc/self/ns/net";
const USERS: &str = "/proc/self/ns/user";

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

    /// As [`namespaces::prepare`], with the rights to enter the shared network. To be called before
    /// there is another thread.
    ///
    /// # Errors
    ///
    /// Fails where [`namespaces::prepare`] does.
    pub fn prepare(&self) -> Result<(), NamespaceError> {
        match &self.users {
            Some(users) if setns(users, CloneFlags::CLONE_NEWUSER).is_ok() => {
                namespaces::hand_down_rights()
            }
            _ => namespaces::prepare(),
        }
    }

    /// Puts this thread, which leads the process, into the shared network. Returns the network that
    /// was wanted, or, where it cannot be entered, the same without the other commands.
    pub fn enter(&self, wanted: Network) -> Network {
        let before = own(NETWORK);
        let is_entered = setns(&self.network, CloneFlags::CLONE_NEWNET).is_ok();
        // Nothing is taken on trust that would leave a command in everybody's network.
        let is_another =
            matches!((before, own(NETWORK)), (Some(before), Some(now)) if before != now);
        if is_entered && is_another { wanted } else { wanted.apart() }
    }

    /// A listener in it, which a helper makes.
    fn listen(&self, program: &Path, at: SocketAddr) -> io::Result<TcpListener> {
        let (ours, theirs) = UnixStream::pair()?;
        let mut helper = Command::new(program);
        helper.arg(LOOPBACK).arg(at.to_string());
        let mut child = start_with(helper, theirs)?;
        let handed = self.hand_over(&ours);
        let taken = handed_over::take(&ours).pop();
        let ended = child.wait()?;
        handed?;
        let refused = || match ended.code() {
            Some(number @ 1..) => io::Error::from_raw_os_error(number),
            _ => io::Error::other("no listener came"),
        };
        taken.map(TcpListener::from).ok_or_else(refused)
    }
}

/// The namespace of that kind that this process is in.
fn own(kind: &str) -> Option<PathBuf> {
    std::fs::read_link(kind).ok()
}

fn make(program: &Path) -> io::Result<SharedNetwork> {
    let (ours, theirs) = UnixStream::pair()?;
    let mut helper = Command::new(program);
    helper.arg(LOOPBACK);
    let mut child = start_with(helper, theirs)?;
    let taken = SharedNetwork::take(&ours);
    child.wait()?;
    taken
}

/// Starts a helper with its end of a line, which nothing else holds then.
fn start_with(mut helper: Command, line: UnixStream) -> io::Result<Child> {
    helper.stdin(OwnedFd::from(line)).stdout(Stdio::null()).stderr(Stdio::null());
    start::start(&mut helper)
}

/// Makes the namespaces, or a listener in those that it is sent, sends them to standard input and
/// ends. Where one of them cannot be made, it sends nothing and ends with the number of the error.
pub fn serve(closed: io::Result<()>, address: Option<OsString>) -> ExitCode {
    let done = closed.and_then(|()| match address {
        None => begin()?.hand_over(io::stdin()),
        Some(address) => handed_over::hand_over(io::stdin(), &[listener_at(&address)?.as_fd()]),
    });
    let Err(error) = done else { return ExitCode::SUCCESS };
    let number = error.raw_os_error().and_then(|number| u8::try_from(number).ok());
    number.map_or(ExitCode::FAILURE, ExitCode::from)
}

/// A listener in the network that comes on standard input, and in no other one.
fn listener_at(address: &OsStr) -> io::Result<TcpListener> {
    let address: Option<SocketAddr> = address.to_str().and_then(|address| address.parse().ok());
    let network = SharedNetwork::take(io::stdin())?;
    network.prepare().map_err(io::Error::other)?;
    match (address, network.enter(Network::Shared)) {
        (Some(address), Network::Shared) => TcpListener::bind(address),
        _ => Err(io::ErrorKind::InvalidInput.into()),
    }
}

fn begin() -> io::Result<SharedNetwork> {
    let before = own(USERS);
    namespaces::prepare().map_err(io::Error::other)?;
    namespaces::begin_network().map_err(io::Error::other)?;
    let open = |kind: &str| std::fs::File::open(kind).map(OwnedFd::from);
    let users = if own(USERS) == before { None } else { Some(open(USERS)?) };
    Ok(SharedNetwork { network: open(NETWORK)?, users })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_helper_that_makes_nothing_leaves_each_command_to_itself() {
        let loopback = Loopback::default();
        let at = "127.0.0.1:80".parse().unwrap();
        assert!(loopback.unopened(at).is_some());
        assert!(loopback.network(Path::new("/bin/false"), &[]).is_none());
        // It is not tried with every command.
        assert!(loopback.clone().network(Path::new("/not/there"), &[]).is_none());
        assert!(loopback.unopened(at).is_some());
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
