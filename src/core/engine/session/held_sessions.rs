//! Which sessions' logs this engine holds, so that none is opened twice, and who waits until one is
//! let go of.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::protocol::SessionId;

/// The sessions whose logs this engine holds.
#[derive(Clone, Debug, Default)]
pub(crate) struct HeldSessions(Arc<HeldIds>);

#[derive(Debug, Default)]
struct HeldIds {
    ids: Mutex<HashMap<SessionId, Hold>>,
    /// Counts holds.
    last: AtomicU64,
    released: Notify,
}

/// One time that a session was held: the next time is another one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hold(u64);

/// The sessions that one preparation holds, to be let go of where nothing comes of it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Holds(Arc<Mutex<Vec<SessionId>>>);

impl HeldSessions {
    /// Holds a session that is not held; `first` comes before anybody hears of it. Else how it is
    /// held already.
    pub(crate) fn hold(&self, id: &SessionId, first: impl FnOnce()) -> Result<(), Hold> {
        let mut ids = self.lock();
        match ids.get(id) {
            Some(held) => Err(*held),
            None => {
                ids.insert(id.clone(), Hold(self.0.last.fetch_add(1, Ordering::Relaxed)));
                first();
                Ok(())
            }
        }
    }

    pub(crate) fn let_go(&self, id: &SessionId) {
        self.lock().remove(id);
        self.0.released.notify_waiters();
    }

    /// Resolves when this hold is over, whoever holds the session by then.
    pub(crate) async fn released(&self, id: &SessionId, hold: Hold) {
        loop {
            let released = self.0.released.notified();
            if self.lock().get(id) != Some(&hold) {
                return;
            }
            released.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<SessionId, Hold>> {
        self.0.ids.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Holds {
    pub(crate) fn add(&self, id: &SessionId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(id.clone());
    }

    pub(crate) fn take(&self) -> Vec<SessionId> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_hold_is_over_even_where_the_session_is_held_again_at_once() {
        let (held, id) = (HeldSessions::default(), SessionId::from("ses_1"));
        assert_eq!(held.hold(&id, || {}), Ok(()));
        let first = held.hold(&id, || panic!("it is held")).unwrap_err();
        held.let_go(&id);
        assert_eq!(held.hold(&id, || {}), Ok(()));
        held.released(&id, first).await;
        let second = held.hold(&id, || {}).unwrap_err();
        assert_ne!(first, second);
    }
}
