//! The life of the server: when it ends, and how long that may take.

use std::time::Duration;

use tokio::time::Instant;

/// How long requests that are being answered delay the end after the only client has hung up.
pub const LAST_ANSWERS: Duration = Duration::from_millis(200);
/// How long running turns delay the end after a signal.
const LAST_TURNS: Duration = Duration::from_secs(60);

/// When the server ends by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ends {
    /// Only when a signal stops it.
    WhenTold,
    /// When its only connection closes.
    WithItsClient,
}

/// The stage that the server's life has reached.
#[derive(Debug)]
pub struct Life {
    ends: Ends,
    state: State,
    deadline: Option<Instant>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Serving,
    /// The client of the pipe has hung up.
    HungUp,
    /// A signal came: no new turn may begin.
    Draining,
    Ended,
}

/// Work that may delay the end.
#[derive(Clone, Copy, Debug)]
pub struct LeftToDo {
    pub turns_run: bool,
    pub is_answered: bool,
}

impl Life {
    pub fn new(ends: Ends) -> Self {
        Self { ends, state: State::Serving, deadline: None }
    }

    /// Whether a turn may be begun.
    pub fn is_serving(&self) -> bool {
        self.state == State::Serving || self.state == State::HungUp
    }

    pub fn has_ended(&self) -> bool {
        self.state == State::Ended
    }

    /// The latest time at which the server ends; `None` while it serves.
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// Handles a signal: the first one lets running turns finish, the second does not.
    pub fn stop(&mut self, turns_run: bool) {
        self.state = match self.state {
            State::Serving if turns_run && self.ends == Ends::WhenTold => State::Draining,
            _ => State::Ended,
        };
        self.end_within(LAST_TURNS);
    }

    /// Records that a client hung up. Returns whether it was the only one there could be.
    pub fn hang_up(&mut self) -> bool {
        let is_last = self.ends == Ends::WithItsClient;
        if is_last {
            self.state = State::HungUp;
        }
        is_last
    }

    /// Ends at once.
    pub fn end(&mut self) {
        self.state = State::Ended;
    }

    /// Ends the server if nothing delays it any longer.
    pub fn settle(&mut self, left: LeftToDo) {
        match self.state {
            State::HungUp if left.is_answered => self.end(),
            State::HungUp => self.end_within(LAST_ANSWERS),
            State::Draining if !left.turns_run => self.end(),
            State::Serving | State::Draining | State::Ended => {}
        }
    }

    fn end_within(&mut self, limit: Duration) {
        self.deadline.get_or_insert_with(|| Instant::now() + limit);
    }
}
