//! Points in time, and the clock they come from.

mod zone;

pub use zone::system_zone;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// Milliseconds since 1970 UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// The time so many seconds after 1970 UTC; one that is too large becomes the last there is.
    pub fn from_seconds(seconds: i64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// The time since `earlier`; zero if `earlier` is later.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

impl std::ops::Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, more: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(more.as_millis()).unwrap_or(i64::MAX)))
    }
}

/// The current time; tests move it themselves.
#[derive(Clone, Debug)]
pub struct Clock(Hands);

#[derive(Clone, Debug)]
enum Hands {
    System,
    Set(Arc<AtomicI64>),
}

impl Clock {
    /// The clock of the system.
    pub fn system() -> Self {
        Self(Hands::System)
    }

    /// A clock that shows `at` until [`Clock::advance`] moves it.
    pub fn standing(at: Timestamp) -> Self {
        Self(Hands::Set(Arc::new(AtomicI64::new(at.0))))
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Hands::System => {
                let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                Timestamp(i64::try_from(elapsed.as_millis()).unwrap_or(i64::MAX))
            }
            Hands::Set(at) => Timestamp(at.load(Ordering::SeqCst)),
        }
    }

    /// Moves a standing clock; the system's clock ignores it.
    pub fn advance(&self, by: Duration) {
        if let Hands::Set(at) = &self.0 {
            at.fetch_add(i64::try_from(by.as_millis()).unwrap_or(i64::MAX), Ordering::SeqCst);
        }
    }
}
