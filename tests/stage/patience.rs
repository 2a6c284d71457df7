//! Waiting for what cannot be waited on: a file of another process, a process of somebody else's. The time between two looks grows, so that a story that
//! waits leaves the machine to those it waits for.

use std::thread;
use std::time::{Duration, Instant};

const FIRST_PAUSE: Duration = Duration::from_micros(200);
const LONGEST_PAUSE: Duration = Duration::from_millis(10);

/// Looks until there is something. Panics with what was `awaited` when it did not come within `limit`.
pub fn find<T>(limit: Duration, awaited: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + limit;
    let mut pause = FIRST_PAUSE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "it did not come to that within {limit:?}: {awaited}");
        thread::park_timeout(pause);
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Looks until it holds.
pub fn until(limit: Duration, awaited: &str, mut holds: impl FnMut() -> bool) {
    find(limit, awaited, || holds().then_some(()));
}
