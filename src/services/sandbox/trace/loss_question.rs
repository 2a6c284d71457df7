//! The question whether a command may go on that is about to destroy what could not be kept: it
//! goes from the supervisor to the program on the line of the kill switch, and the answer goes
//! back. Nobody who could answer, or an answer to another question, lets nothing go on.

use std::fmt;
#[cfg(unix)]
use std::io::Write;
#[cfg(unix)]
use std::os::unix::net::UnixStream;
use std::sync::Arc;

use super::unkept::Unkept;

/// News of commands that wait.
#[derive(Debug)]
pub enum LossNews {
    /// A command waits until this is answered.
    Asked(LossQuestion),
    /// It waits no more: it was answered, or what waited has ended.
    Settled,
}

/// A question whether a command may destroy a file that cannot be kept. Dropping it refuses.
#[derive(Debug)]
pub struct LossQuestion {
    /// The file that would be lost.
    pub unkept: Unkept,
    answer: Option<LossAnswer>,
}

/// A person's answer to a [`LossQuestion`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LossDecision {
    /// The command goes on, and what is too much to keep may be lost from then on.
    GoOn,
    /// The call is never carried out, and the command is ended.
    Refuse,
}

/// Hears the questions of one command.
#[derive(Clone)]
pub struct LossListener(Arc<dyn Fn(LossNews) + Send + Sync>);

/// Which question is answered, and where.
#[derive(Debug)]
struct LossAnswer {
    number: u8,
    #[cfg(unix)]
    line: UnixStream,
}

const GO_ON: u8 = b'y';
const REFUSE: u8 = b'n';

impl LossDecision {
    pub(in crate::sandbox) fn byte(self) -> u8 {
        match self {
            Self::GoOn => GO_ON,
            Self::Refuse => REFUSE,
        }
    }

    /// Only a clear yes lets the command go on.
    #[cfg(target_os = "linux")]
    pub(in crate::sandbox) fn of(byte: u8) -> Self {
        if byte == GO_ON { Self::GoOn } else { Self::Refuse }
    }
}

impl LossListener {
    /// Calls `receive` for each news.
    pub fn new(receive: impl Fn(LossNews) + Send + Sync + 'static) -> Self {
        Self(Arc::new(receive))
    }

    /// Passes news on.
    pub fn receive(&self, news: LossNews) {
        (self.0)(news);
    }
}

impl fmt::Debug for LossListener {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("LossListener")
    }
}

impl LossQuestion {
    /// The question of that number, which is answered on the line.
    #[cfg(unix)]
    pub(in crate::sandbox) fn new(unkept: Unkept, number: u8, line: UnixStream) -> Self {
        Self { unkept, answer: Some(LossAnswer { number, line }) }
    }

    /// Lets the command go on or refuses it.
    pub fn answer(mut self, decision: LossDecision) {
        if let Some(answer) = self.answer.take() {
            answer.give(decision);
        }
    }
}

impl Drop for LossQuestion {
    fn drop(&mut self) {
        if let Some(answer) = self.answer.take() {
            answer.give(LossDecision::Refuse);
        }
    }
}

impl LossAnswer {
    fn give(self, decision: LossDecision) {
        let Self { number, .. } = self;
        #[cfg(unix)]
        if let Err(error) = (&self.line).write_all(&[decision.byte(), number]) {
            tracing::debug!(%error, "the command that waited has ended");
        }
        #[cfg(not(unix))]
        let (_no_command, _waits) = (number, decision);
    }
}
