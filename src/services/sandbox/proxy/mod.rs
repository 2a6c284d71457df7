//! The only way out of a command's own network: it listens inside, where the child made its door,
//! and dials outside, where the supervisor is. It lets a command through to hosts that a person
//! opened, one tunnel each, and reads nothing of what goes through.

mod callers;
mod door;
mod gate;
mod request;
mod tunnel;
mod upstream_proxy;

use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::{io, thread};

use crate::protocol::AllowedHost;

pub use callers::Seats;
pub use door::{LoopbackError, open, switch_on_loopback, variables};
pub use tunnel::carry;

use callers::Callers;
use gate::ProxyGate;
use upstream_proxy::UpstreamProxy;

/// Connections at once. Where all are taken, one that has asked for nothing yet gives way; a
/// program that wants more tunnels has to wait for one to end.
const SEATS: usize = 128;

/// Waits for the door that the child makes, and then answers there as long as this process lives.
#[derive(Debug)]
pub struct Proxy {
    thread: Sender<OwnedFd>,
    unreached: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// Starts its thread, which can start others whatever becomes of the one that calls.
    ///
    /// # Errors
    ///
    /// Fails if the thread cannot be started.
    pub fn start(hosts: Vec<AllowedHost>) -> io::Result<Self> {
        let (thread, begun) = channel::<OwnedFd>();
        let upstream = UpstreamProxy::of(|name| std::env::var(name).ok());
        let gate = ProxyGate::to(hosts, upstream);
        let unreached = gate.unreached();
        thread::Builder::new().name("proxy".to_owned()).spawn(move || {
            if let Ok(door) = begun.recv() {
                serve(&TcpListener::from(door), &Arc::new(gate), &Seats::of(SEATS));
            }
        })?;
        Ok(Self { thread, unreached })
    }

    pub fn serve(&self, door: OwnedFd) {
        // Its thread waits for nothing else, and where it is gone, the door is closed with it.
        let _closed = self.thread.send(door);
    }

    /// Hosts that were asked for in vain because they are not open, as `name:port`, each once, in
    /// the order in which they were asked for.
    pub fn unreached(&self) -> Vec<String> {
        self.unreached.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Until nothing can come in any more.
fn serve(door: &TcpListener, gate: &Arc<ProxyGate>, seats: &Seats) {
    let callers = Arc::new(Callers::default());
    loop {
        let stream = match door.accept() {
            Ok((stream, _inside)) => Arc::new(stream),
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::Interrupted | io::ErrorKind::ConnectionAborted
                ) =>
            {
                continue;
            }
            Err(_) => return,
        };
        let seat = seats.try_take().unwrap_or_else(|| {
            callers.dismiss_oldest();
            seats.take()
        });
        let (gate, callers) = (Arc::clone(gate), Arc::clone(&callers));
        callers.enter(&stream);
        // Where no thread can be had, the connection is closed.
        let _closed = thread::Builder::new().name("tunnel".to_owned()).spawn(move || {
            gate.answer(&stream, &callers);
            // Closed before another one takes its seat.
            drop(stream);
            drop(seat);
        });
    }
}

#[cfg(test)]
mod tests;
