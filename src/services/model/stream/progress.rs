//! Whether an answer gets on: the idle limit of a stream, which words, reasoning and calls begin
//! anew, and comments or unknown events do not.

use std::time::Duration;

use tokio::time::Instant;

use super::answer::AnswerCut;
use super::bounds::AnswerSize;

/// Events after which others have their turn: what was told of them is then on its way, and does
/// not pile up.
const BURST: u32 = 64;

#[derive(Debug)]
pub struct IdleWatch {
    idle: Duration,
    before: AnswerSize,
    events: u32,
    last: Option<Instant>,
    /// When the stream counts as broken.
    pub deadline: Instant,
}

impl IdleWatch {
    pub fn new(idle: Duration) -> Self {
        Self {
            idle,
            before: AnswerSize::default(),
            events: 0,
            last: None,
            deadline: Instant::now() + idle,
        }
    }

    /// When it is over whatever comes, counted from the first time this is asked.
    pub fn end_within(&mut self, grace: Duration) -> Instant {
        *self.last.get_or_insert_with(|| Instant::now() + grace)
    }

    /// Takes note of one more event, after which the answer has brought `tally`; fails when the
    /// time for more is over. Events that come without a pause leave no timer a turn, so that it
    /// has to be looked at here.
    ///
    /// # Errors
    ///
    /// The time for more is over.
    pub async fn note(&mut self, tally: AnswerSize) -> Result<(), AnswerCut> {
        if tally != self.before {
            self.before = tally;
            self.deadline = Instant::now() + self.idle;
        }
        self.events += 1;
        if self.events >= BURST {
            self.events = 0;
            tokio::task::yield_now().await;
            if Instant::now() > self.last.unwrap_or(self.deadline) {
                return Err(AnswerCut::Idle);
            }
        }
        Ok(())
    }
}
