//! A value that threads and tasks wait on.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

/// Every [`Watched::change`] wakes those who wait, on threads and in tasks alike.
#[derive(Debug)]
pub(super) struct Watched<T> {
    value: Mutex<T>,
    changed: Condvar,
    bell: watch::Sender<()>,
}

impl<T> Watched<T> {
    pub fn new(value: T) -> Self {
        Self { value: Mutex::new(value), changed: Condvar::new(), bell: watch::Sender::new(()) }
    }

    pub fn look<R>(&self, look: impl FnOnce(&T) -> R) -> R {
        look(&self.hold())
    }

    pub fn change<R>(&self, change: impl FnOnce(&mut T) -> R) -> R {
        let result = change(&mut self.hold());
        self.changed.notify_all();
        self.bell.send_replace(());
        result
    }

    /// Blocks the thread until `find` finds something, at most for `limit`.
    pub fn wait<R>(&self, limit: Duration, mut find: impl FnMut(&T) -> Option<R>) -> Option<R> {
        let end = Instant::now() + limit;
        let mut held = self.hold();
        loop {
            if let Some(found) = find(&held) {
                return Some(found);
            }
            let left = end.checked_duration_since(Instant::now())?;
            held = self.changed.wait_timeout(held, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// The same in a task, without a limit: the caller has its own.
    pub async fn until<R>(&self, mut find: impl FnMut(&T) -> Option<R>) -> R {
        let mut bell = self.bell.subscribe();
        loop {
            if let Some(found) = self.look(&mut find) {
                return found;
            }
            // The sender is a field of `self`: it cannot be gone.
            let _rung = bell.changed().await;
        }
    }

    fn hold(&self) -> MutexGuard<'_, T> {
        self.value.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
