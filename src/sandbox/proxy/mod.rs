//! The only way out of a command's own network: it listens inside, where the child made its door,
//! and dials outside, where the supervisor is. It lets a command through to hosts that a person opened,
//! one tunnel each, and reads nothing of what goes through.

mod door;
mod gate;
mod outer;
mod request;
mod tunnel;

use std::net::TcpListener;
use std::os::fd::OwnedFd;
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::{io, thread};

use crate::protocol::AllowedHost;

pub use door::{LoopbackError, open, switch_on_loopback, variables};

use gate::{ProxyGate, Seats};
use outer::Outer;

/// Tunnels at once; a program that wants more of them has to wait for one to end.
const SEATS: usize = 128;

/// Waits for the door that the child makes, and then answers there as long as this process lives.
#[derive(Debug)]
pub struct Proxy {
    thread: Sender<OwnedFd>,
    unreached: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// Starts its thread, which can start others whatever becomes of the one that calls.
    pub fn start(hosts: Vec<AllowedHost>) -> io::Result<Self> {
        let (thread, begun) = channel::<OwnedFd>();
        let outer = Outer::of(|name| std::env::var(name).ok());
        let gate = ProxyGate::to(hosts, outer);
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

    /// Hosts that were asked for in vain because they are not open, as `name:port`, each once, in the order in which they were asked for.
    pub fn unreached(&self) -> Vec<String> {
        self.unreached.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Until nothing can come in any more.
fn serve(door: &TcpListener, gate: &Arc<ProxyGate>, seats: &Seats) {
    loop {
        let stream = match door.accept() {
            Ok((stream, _inside)) => stream,
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
        let seat = seats.take();
        let gate = Arc::clone(gate);
        // Where no thread can be had, the connection is closed.
        let _closed = thread::Builder::new().name("tunnel".to_owned()).spawn(move || {
            gate.answer(stream);
            drop(seat);
        });
    }
}

#[cfg(test)]
mod tests;
