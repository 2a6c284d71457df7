//! The one loop: feeds the sessions, performs their effects with the hands, owns running work. Decides nothing itself.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::mpsc;

use crate::protocol::{Command, RequestId};

/// The way in for a front. Dropping the last clone ends the engine and everything that runs.
#[derive(Clone, Debug)]
pub struct Engine {
    commands: mpsc::UnboundedSender<(RequestId, Command)>,
    last: Arc<AtomicU64>,
}

impl Engine {
    /// Hands a command over; never waits. What comes of it arrives as events.
    pub fn send(&self, command: Command) -> RequestId {
        let id = RequestId(self.last.fetch_add(1, Ordering::Relaxed) + 1);
        // The loop outlives every clone of this, except while the program ends.
        let _ended = self.commands.send((id, command));
        id
    }

    /// An engine that does nothing but keep the commands it is given, for tests of the fronts.
    #[cfg(test)]
    pub fn recording() -> (Self, mpsc::UnboundedReceiver<(RequestId, Command)>) {
        let (commands, kept) = mpsc::unbounded_channel();
        (Self { commands, last: Arc::default() }, kept)
    }
}
