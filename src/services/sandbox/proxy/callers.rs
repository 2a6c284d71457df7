//! How many connections the proxy serves at once, and which of them gives way: one that has asked
//! for nothing yet. Reads nothing.

use std::collections::VecDeque;
use std::net::{Shutdown, TcpStream};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};

/// Connections whose request has not come whole, the oldest first.
#[derive(Debug, Default)]
pub struct Callers(Mutex<VecDeque<Arc<TcpStream>>>);

impl Callers {
    pub fn enter(&self, caller: &Arc<TcpStream>) {
        self.with(|all| all.push_back(Arc::clone(caller)));
    }

    pub fn leave(&self, caller: &Arc<TcpStream>) {
        self.with(|all| all.retain(|one| !Arc::ptr_eq(one, caller)));
    }

    /// Closes the one that has kept silent longest, so that its seat becomes free.
    pub fn dismiss_oldest(&self) {
        if let Some(oldest) = self.with(VecDeque::pop_front) {
            // It may have gone by itself.
            let _gone = oldest.shutdown(Shutdown::Both);
        }
    }

    fn with<T>(&self, change: impl FnOnce(&mut VecDeque<Arc<TcpStream>>) -> T) -> T {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// How many may be inside at once.
#[derive(Debug)]
pub struct Seats {
    give: SyncSender<()>,
    take: Arc<Mutex<Receiver<()>>>,
}

/// Given back when it is dropped.
#[derive(Debug)]
pub struct Seat(Arc<Mutex<Receiver<()>>>);

impl Seats {
    pub fn of(count: usize) -> Self {
        let (give, take) = sync_channel(count);
        Self { give, take: Arc::new(Mutex::new(take)) }
    }

    /// One, where there is one.
    pub fn try_take(&self) -> Option<Seat> {
        self.give.try_send(()).ok().map(|()| Seat(Arc::clone(&self.take)))
    }

    /// Waits for one.
    pub fn take(&self) -> Seat {
        // The other end is held here as well.
        let _held = self.give.send(());
        Seat(Arc::clone(&self.take))
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let _given_back = self.0.lock().unwrap_or_else(PoisonError::into_inner).try_recv();
    }
}
