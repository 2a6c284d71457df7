//! Trying again: how often, how long after, and when not.

use std::time::Duration;

use crate::protocol::{AlarmId, EventKind, Problem, Retry, SampleId};

use super::Session;
use super::effect::{Effect, Effects};
use super::turn::{Phase, Turn};

/// Tries after the first, for one step.
const LIMIT: u32 = 5;
const FIRST_WAIT: Duration = Duration::from_millis(200);

/// What a turn has spent on trying again.
#[derive(Debug, Default)]
pub(super) struct Retries {
    /// Of the step that runs.
    attempt: u32,
    credential: Credential,
    stream: Stream,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum Credential {
    #[default]
    AsItWas,
    /// Once a turn; a second 401 is final.
    Renewed,
}

#[derive(Debug, Default, PartialEq, Eq)]
enum Stream {
    #[default]
    Up,
    TryingAgain,
    /// The request goes out again with another credential or without a picture; nobody was told of a break.
    Resending,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Decision {
    GiveUp,
    Renew,
    Wait(Duration),
}

impl Retries {
    pub(super) fn decide(&mut self, retry: Retry) -> Decision {
        match retry {
            Retry::Never | Retry::WithoutPictures => Decision::GiveUp,
            Retry::Credential if self.credential == Credential::Renewed => Decision::GiveUp,
            Retry::Credential => {
                self.credential = Credential::Renewed;
                self.resend();
                Decision::Renew
            }
            Retry::Backoff | Retry::After(_) if self.attempt >= LIMIT => Decision::GiveUp,
            Retry::Backoff => {
                let wait = FIRST_WAIT * 2u32.pow(self.attempt);
                self.again(wait)
            }
            Retry::After(wait) => self.again(wait),
        }
    }

    /// The same step is asked for again, at once.
    pub(super) fn resend(&mut self) {
        // A break that was told is still to be told over.
        if self.stream == Stream::Up {
            self.stream = Stream::Resending;
        }
    }

    fn again(&mut self, wait: Duration) -> Decision {
        self.attempt += 1;
        self.stream = Stream::TryingAgain;
        Decision::Wait(wait)
    }

    /// A response came to its end.
    pub(super) fn succeeded(&mut self) {
        self.attempt = 0;
        self.stream = Stream::Up;
    }

    pub(super) fn trying_again(&self) -> bool {
        self.stream != Stream::Up
    }

    /// Whether these are the first words after a break that was told.
    pub(super) fn resumed(&mut self) -> bool {
        std::mem::replace(&mut self.stream, Stream::Up) == Stream::TryingAgain
    }
}

impl Session {
    /// Sets the time to try again, and says so.
    pub(super) fn wait(&mut self, turn: &mut Turn, problem: Problem, wait: Duration, effects: &mut Effects) {
        let alarm = self.names.alarm();
        effects.tell(EventKind::Retrying { attempt: turn.retries.attempt, of: LIMIT, wait, problem });
        effects.push(Effect::SetAlarm { id: alarm, after: wait });
        turn.phase = Phase::Waiting(alarm);
    }

    pub(super) fn ring(&mut self, alarm: AlarmId, effects: &mut Effects) {
        let Some(mut turn) = self.turn.take() else { return };
        if matches!(turn.phase, Phase::Waiting(waited) if waited == alarm) {
            self.sample(&mut turn, effects);
        }
        self.turn = Some(turn);
    }

    pub(super) fn renewed(&mut self, sample: SampleId, effects: &mut Effects) {
        let Some(mut turn) = self.turn.take() else { return };
        if matches!(turn.phase, Phase::Renewing(waited) if waited == sample) {
            self.sample(&mut turn, effects);
        }
        self.turn = Some(turn);
    }

    pub(super) fn not_renewed(&mut self, sample: SampleId, problem: Problem, effects: &mut Effects) {
        let Some(turn) = &self.turn else { return };
        if matches!(turn.phase, Phase::Renewing(waited) if waited == sample) {
            let id = turn.id;
            self.fail_turn(id, problem, effects);
        }
    }
}
