//! Ports of the machine's own loopback that a person opened to the commands of a conversation: each
//! has a listener at the same address in their network, and what arrives there is carried to the
//! machine's. Reads nothing of what goes through.

use std::collections::{HashMap, HashSet};
use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use crate::sandbox::proxy::{Seats, carry};

/// Connections to one port at once, of two descriptors each. More than that wait until one has
/// ended.
const SEATS: usize = 64;
const DIAL: Duration = Duration::from_secs(10);
/// A pool holds a connection to a database for as long as it likes.
const IDLE: Duration = Duration::from_secs(24 * 60 * 60);
/// After a connection could not be taken, for want of descriptors perhaps.
const PAUSE: Duration = Duration::from_millis(100);

/// The ports that are open, or could not be opened. When this is dropped, they are closed, with all
/// connections to them.
#[derive(Debug, Default)]
pub struct MachinePorts(Mutex<KnownPorts>);

#[derive(Debug, Default)]
struct KnownPorts {
    tried: HashMap<SocketAddr, io::Result<OpenPort>>,
    /// The only ones that may be opened, since a person opened or closed one: a command may be on
    /// its way with what was open before.
    allowed: Option<HashSet<SocketAddr>>,
}

/// Listens at an address in the network of the commands.
type Listen<'a> = &'a dyn Fn(SocketAddr) -> io::Result<TcpListener>;

impl MachinePorts {
    /// Opens a port that is not open; where that failed before, it is tried again.
    pub fn open(&self, at: SocketAddr, listen: Listen<'_>) {
        let mut known = self.known();
        let may = known.allowed.as_ref().is_none_or(|allowed| allowed.contains(&at));
        if may && !matches!(known.tried.get(&at), Some(Ok(_))) {
            let opened = listen(at).and_then(|door| OpenPort::begin(door, at));
            if let Err(error) = &opened {
                tracing::warn!(%error, %at, "a port of the machine stays closed to commands");
            }
            known.tried.insert(at, opened);
        }
    }

    /// Closes all ports but these, which alone can be opened from now on.
    pub fn allow_only(&self, allowed: HashSet<SocketAddr>) {
        let mut known = self.known();
        known.tried.retain(|at, _| allowed.contains(at));
        known.allowed = Some(allowed);
    }

    /// Why a port is not reached: one sentence without a full stop. `None` where it is.
    pub fn refused(&self, at: SocketAddr) -> Option<String> {
        match self.known().tried.get(&at) {
            Some(Ok(_)) => None,
            Some(Err(error)) if error.kind() == io::ErrorKind::AddrInUse => Some(format!(
                "Another command of this conversation listens on port {} itself",
                at.port()
            )),
            Some(Err(error)) => Some(format!("The system refuses a listener: {error}")),
            None => Some("No command has begun since it was opened".to_owned()),
        }
    }

    fn known(&self) -> MutexGuard<'_, KnownPorts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One of them.
#[derive(Debug)]
struct OpenPort {
    door: Arc<TcpListener>,
    connections: Arc<Connections>,
}

impl OpenPort {
    /// Starts the thread that answers.
    fn begin(door: TcpListener, to: SocketAddr) -> io::Result<Self> {
        let (door, connections) = (Arc::new(door), Arc::new(Connections::default()));
        let (served, open) = (Arc::clone(&door), Arc::clone(&connections));
        thread::Builder::new().name("port".to_owned()).spawn(move || serve(&served, to, &open))?;
        Ok(Self { door, connections })
    }
}

impl Drop for OpenPort {
    fn drop(&mut self) {
        self.connections.close();
        // It wakes the thread that waits there, and nobody can connect from here on.
        if let Err(error) = rustix::net::shutdown(&self.door, rustix::net::Shutdown::Both) {
            tracing::warn!(%error, "a port of the machine cannot be closed");
        }
    }
}

/// Both ends of each connection that is open; `None` once no other may be.
#[derive(Debug)]
struct Connections(Mutex<Option<Vec<[Arc<TcpStream>; 2]>>>);

impl Default for Connections {
    fn default() -> Self {
        Self(Mutex::new(Some(Vec::new())))
    }
}

impl Connections {
    fn is_closed(&self) -> bool {
        self.all().is_none()
    }

    /// Carries what comes to the machine's port, and back, until both have said all.
    fn answer(&self, inside: TcpStream, to: SocketAddr) {
        let Ok(outside) = TcpStream::connect_timeout(&to, DIAL) else {
            // As near as can be to a port on which nobody listens.
            let _ended = rustix::net::sockopt::set_socket_linger(&inside, Some(Duration::ZERO));
            return;
        };
        let ends = [inside, outside].map(Arc::new);
        match &mut *self.all() {
            Some(all) => all.push(ends.clone()),
            None => return,
        }
        let [inside, outside] = &ends;
        if let Err(error) = carry(inside, outside, IDLE) {
            tracing::debug!(%error, %to, "a connection to a port of the machine has broken");
        }
        if let Some(all) = &mut *self.all() {
            all.retain(|[other, _]| !Arc::ptr_eq(other, inside));
        }
    }

    /// Ends all of them for good.
    fn close(&self) {
        let all = self.all().take();
        for end in all.into_iter().flatten().flatten() {
            // It may have ended by itself.
            let _gone = end.shutdown(Shutdown::Both);
        }
    }

    fn all(&self) -> MutexGuard<'_, Option<Vec<[Arc<TcpStream>; 2]>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Until the port is closed.
fn serve(door: &TcpListener, to: SocketAddr, connections: &Arc<Connections>) {
    let seats = Seats::of(SEATS);
    while !connections.is_closed() {
        let inside = match door.accept() {
            Ok((inside, _)) => inside,
            Err(error) => {
                tracing::debug!(%error, %to, "nothing is taken at a port of the machine");
                thread::sleep(if connections.is_closed() { Duration::ZERO } else { PAUSE });
                continue;
            }
        };
        let (seat, connections) = (seats.take(), Arc::clone(connections));
        // Where no thread can be had, the connection is closed.
        let _closed = thread::Builder::new().name("port-tunnel".to_owned()).spawn(move || {
            connections.answer(inside, to);
            drop(seat);
        });
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};

    use super::*;

    fn listener() -> (TcpListener, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let at = listener.local_addr().unwrap();
        (listener, at)
    }

    /// Ports of which one leads to `to`, and where it is found in this test's own network.
    fn opened(to: SocketAddr) -> (MachinePorts, SocketAddr) {
        let (ports, (door, at)) = (MachinePorts::default(), listener());
        ports.open(to, &|_| door.try_clone());
        assert_eq!(ports.refused(to), None);
        (ports, at)
    }

    #[test]
    fn what_arrives_is_carried_both_ways_and_the_end_of_one_side_is_no_end_of_the_other() {
        let (machine, to) = listener();
        let (_ports, at) = opened(to);
        for _ in 0..2 {
            let mut inside = TcpStream::connect(at).unwrap();
            let (mut outside, _) = machine.accept().unwrap();
            inside.write_all(b"question").unwrap();
            inside.shutdown(Shutdown::Write).unwrap();
            let mut heard = String::new();
            outside.read_to_string(&mut heard).unwrap();
            outside.write_all(b"answer").unwrap();
            drop(outside);
            inside.read_to_string(&mut heard).unwrap();
            assert_eq!(heard, "questionanswer");
        }
    }

    #[test]
    fn a_port_that_is_closed_takes_its_connections_along() {
        let (machine, to) = listener();
        let (ports, at) = opened(to);
        let mut inside = TcpStream::connect(at).unwrap();
        let (mut outside, _) = machine.accept().unwrap();
        outside.write_all(b"x").unwrap();
        inside.read_exact(&mut [0]).unwrap();
        ports.allow_only([to].into());
        assert_eq!(ports.refused(to), None);
        ports.allow_only(HashSet::new());
        assert!(ports.refused(to).is_some());
        // A command that was on its way opens nothing.
        ports.open(to, &|_| unreachable!("it was closed"));
        assert!(ports.refused(to).is_some());
        assert!(matches!(inside.read(&mut [0]), Ok(0) | Err(_)));
        assert!(matches!(outside.read(&mut [0]), Ok(0) | Err(_)));
        assert!(TcpStream::connect(at).is_err());
    }

    #[test]
    fn a_port_on_which_nobody_listens_any_more_ends_the_connection() {
        let (machine, to) = listener();
        let (_ports, at) = opened(to);
        drop(machine);
        let mut inside = TcpStream::connect(at).unwrap();
        assert_ne!(inside.read(&mut [0]).ok(), Some(1));
    }

    #[test]
    fn a_port_that_could_not_be_opened_says_why_and_is_tried_again() {
        let (ports, (door, at)) = (MachinePorts::default(), listener());
        assert!(ports.refused(at).is_some());
        ports.open(at, &|_| Err(io::ErrorKind::AddrInUse.into()));
        assert!(ports.refused(at).is_some_and(|why| why.starts_with("Another command")));
        ports.open(at, &|_| door.try_clone());
        assert_eq!(ports.refused(at), None);
        ports.open(at, &|_| unreachable!("it is open"));
    }
}
