//! Polling for conditions that cannot be awaited: a file or a process of another program. The pause
//! grows, so that a waiting test leaves the processor to the others.

use std::thread;
use std::time::{Duration, Instant};

const FIRST_PAUSE: Duration = Duration::from_micros(200);
const LONGEST_PAUSE: Duration = Duration::from_millis(10);

/// Polls until there is a value. Panics with `awaited` after `limit`.
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

/// Polls until the condition holds.
pub fn until(limit: Duration, awaited: &str, mut holds: impl FnMut() -> bool) {
    find(limit, awaited, || holds().then_some(()));
}
