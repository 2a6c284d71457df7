//! How running work learns that nobody waits for it any more, or that it takes too long.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::refusal::ToolRefusal;

/// A walk or a search that takes longer ends with what it has.
const LIMIT: Duration = Duration::from_secs(30);

/// Asked between two steps of any work that may be long.
#[derive(Clone, Debug)]
pub struct StopSignal {
    dropped: Arc<Dropped>,
    deadline: Instant,
}

#[derive(Debug, Default)]
struct Dropped {
    flag: AtomicBool,
    news: Notify,
}

/// Raises the flag when the one who waits goes away.
pub struct StopOnDrop(pub StopSignal);

impl Default for StopSignal {
    fn default() -> Self {
        Self::after(LIMIT)
    }
}

impl StopSignal {
    pub fn after(limit: Duration) -> Self {
        Self { dropped: Arc::default(), deadline: Instant::now() + limit }
    }

    /// Whether the output will never be seen.
    pub fn is_dropped(&self) -> bool {
        self.dropped.flag.load(Ordering::Acquire)
    }

    /// Resolves when the output will never be seen.
    pub async fn dropped(&self) {
        let mut news = std::pin::pin!(self.dropped.news.notified());
        // Whatever is told from here on is heard.
        news.as_mut().enable();
        if !self.is_dropped() {
            news.await;
        }
    }

    pub fn is_late(&self) -> bool {
        Instant::now() >= self.deadline
    }

    /// For `?` where work that nobody waits for may end.
    ///
    /// # Errors
    ///
    /// Fails with [`ToolRefusal::Stopped`] once nobody waits for the call.
    pub fn check(&self) -> Result<(), ToolRefusal> {
        if self.is_dropped() { Err(ToolRefusal::Stopped) } else { Ok(()) }
    }

    /// A reader that fails once the work is to end, so that even one endless file does not keep a
    /// thread.
    pub fn reader<R: io::Read>(&self, inner: R) -> impl io::Read {
        Stoppable { inner, stop: self.clone() }
    }
}

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.dropped.flag.store(true, Ordering::Release);
        self.0.dropped.news.notify_waiters();
    }
}

struct Stoppable<R> {
    inner: R,
    stop: StopSignal,
}

impl<R: io::Read> io::Read for Stoppable<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.stop.is_dropped() || self.stop.is_late() {
            // `Interrupted` would be tried again by every caller.
            return Err(io::Error::other("stopped"));
        }
        self.inner.read(buffer)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn dropping_the_guard_ends_a_read_in_the_middle() {
        let stop = StopSignal::default();
        let guard = StopOnDrop(stop.clone());
        let mut reader = stop.reader(io::repeat(b'x'));
        assert_eq!(reader.read(&mut [0; 8]).unwrap(), 8);
        drop(guard);
        assert!(reader.read(&mut [0; 8]).is_err());
        assert!(matches!(stop.check(), Err(ToolRefusal::Stopped)));
    }

    #[tokio::test]
    async fn dropping_the_guard_wakes_whoever_waits() {
        let stop = StopSignal::default();
        let guard = StopOnDrop(stop.clone());
        let waiting = tokio::spawn({
            let stop = stop.clone();
            async move { stop.dropped().await }
        });
        tokio::task::yield_now().await;
        drop(guard);
        waiting.await.unwrap();
        stop.dropped().await;
    }

    #[test]
    fn the_deadline_passes_without_anybody_leaving() {
        let stop = StopSignal::after(Duration::ZERO);
        assert!(stop.is_late());
        assert!(stop.check().is_ok());
    }
}
