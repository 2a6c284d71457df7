//! One attempt at a task: a fresh copy, one turn without a person, and the check.

use std::path::Path;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{sleep_until, timeout};

use crate::engine::Client;
use crate::protocol::{
    Command, EventKind, OpenOptions, Problem, ProblemKind, SessionCommand, SessionId, TurnCommand,
    TurnOutcome, Usage, UserPrompt,
};

use super::check::{CheckEnd, check};
use super::fresh_copy::{FreshCopy, lay_over};
use super::task::Task;

/// How long an interrupted turn may take to end by itself.
const GRACE: Duration = Duration::from_secs(5);

/// The outcome of a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttemptOutcome {
    Passed,
    /// The turn ended, and the check failed with this output.
    NotPassed(String),
    CheckTimedOut,
    OutOfSteps,
    OutOfTime,
    OutOfTokens,
    /// The turn failed, or the task could not be started.
    Broken(Problem),
    /// Somebody stopped the evaluation.
    Interrupted,
}

/// A finished task.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The index of the task.
    pub task: usize,
    pub session: SessionId,
    pub outcome: AttemptOutcome,
    pub usage: Usage,
    /// Answered requests to the model.
    pub steps: u64,
    /// The turn's duration, without the check.
    pub took: Duration,
}

/// The engine and the request that attempts share.
pub struct Bench<'a> {
    pub client: &'a Client,
    pub program: &'a Path,
    pub options: OpenOptions,
}

/// Counts of the running turn.
#[derive(Default)]
struct Meter {
    usage: Usage,
    steps: u64,
}

impl Bench<'_> {
    /// Runs a task from the copy to the check. `events` are those of its session.
    pub async fn attempt(
        &self,
        at: usize,
        task: &Task,
        session: SessionId,
        events: UnboundedReceiver<EventKind>,
    ) -> Attempt {
        let mut meter = Meter::default();
        let begun = Instant::now();
        let mut took = Duration::ZERO;
        let (repo, name) = (task.repo.clone(), task.name.clone());
        let copied = tokio::task::spawn_blocking(move || FreshCopy::of(&repo, &name)).await;
        let outcome = match copied.map_err(std::io::Error::other).flatten() {
            Ok(copy) => {
                let stopped = self.turn(task, &session, copy.folder(), events, &mut meter).await;
                took = begun.elapsed();
                match stopped {
                    Some(outcome) => outcome,
                    None => self.check(task, copy).await,
                }
            }
            Err(error) => broken(&format!("The repository could not be copied: {error}")),
        };
        let Meter { usage, steps } = meter;
        Attempt { task: at, session, outcome, usage, steps, took }
    }

    /// Runs the turn; `None` if it ended by itself.
    async fn turn(
        &self,
        task: &Task,
        session: &SessionId,
        folder: &Path,
        events: UnboundedReceiver<EventKind>,
        meter: &mut Meter,
    ) -> Option<AttemptOutcome> {
        let own = task.model.clone();
        let options =
            OpenOptions { model: own.or(self.options.model.clone()), ..self.options.clone() };
        let open = SessionCommand::Open { id: session.clone(), folder: folder.into(), options };
        let prompt = UserPrompt::from(task.prompt.clone());
        let begin =
            [Command::Session(open), Command::Turn(session.clone(), TurnCommand::Submit(prompt))];
        for command in begin {
            if let Err(problem) = self.client.request(command).await {
                return Some(AttemptOutcome::Broken(problem));
            }
        }
        let stopped = self.follow(task, session, events, meter).await;
        let close = Command::Session(SessionCommand::Close(session.clone()));
        // A session that cannot be closed ends with the engine.
        let _closed = self.client.request(close).await;
        stopped
    }

    async fn follow(
        &self,
        task: &Task,
        session: &SessionId,
        mut events: UnboundedReceiver<EventKind>,
        meter: &mut Meter,
    ) -> Option<AttemptOutcome> {
        let mut until = tokio::time::Instant::now() + task.limits.time;
        let mut stopped: Option<AttemptOutcome> = None;
        loop {
            let event = tokio::select! {
                event = events.recv() => event,
                () = sleep_until(until) => {
                    if stopped.is_some() {
                        return stopped;
                    }
                    self.interrupt(session);
                    until += GRACE;
                    stopped = Some(AttemptOutcome::OutOfTime);
                    continue;
                }
            };
            let Some(event) = event else {
                // The channel closed: the evaluation was stopped, or the engine ended.
                return Some(stopped.unwrap_or(AttemptOutcome::Interrupted));
            };
            if let EventKind::TurnEnded { outcome, .. } = event {
                return stopped.or(match outcome {
                    TurnOutcome::Done => None,
                    TurnOutcome::Failed(problem) => Some(AttemptOutcome::Broken(problem)),
                    TurnOutcome::Interrupted => Some(AttemptOutcome::Interrupted),
                    TurnOutcome::MaxSteps => Some(AttemptOutcome::OutOfSteps),
                });
            }
            if stopped.is_none()
                && let Some(over) = meter.count(&event, task)
            {
                self.interrupt(session);
                until = tokio::time::Instant::now() + GRACE;
                stopped = Some(over);
            }
        }
    }

    fn interrupt(&self, session: &SessionId) {
        self.client.send(Command::Turn(session.clone(), TurnCommand::Interrupt));
    }

    async fn check(&self, task: &Task, copy: FreshCopy) -> AttemptOutcome {
        let (overlay, folder) = (task.overlay.clone(), copy.folder().to_owned());
        let laid = tokio::task::spawn_blocking(move || {
            overlay.map_or(Ok(()), |overlay| lay_over(&overlay, &folder))
        });
        if let Err(error) = laid.await.map_err(std::io::Error::other).flatten() {
            return AttemptOutcome::NotPassed(format!(
                "the check's files could not be laid over: {error}"
            ));
        }
        match check(self.program, &task.check, copy.folder(), task.limits.check_time).await {
            CheckEnd::Passed => AttemptOutcome::Passed,
            CheckEnd::Failed(said) => AttemptOutcome::NotPassed(said),
            CheckEnd::TimedOut => AttemptOutcome::CheckTimedOut,
        }
    }
}

impl Meter {
    /// Counts an event; returns the outcome if it exhausts a limit.
    fn count(&mut self, event: &EventKind, task: &Task) -> Option<AttemptOutcome> {
        match event {
            EventKind::Usage(usage) => {
                self.usage.add(*usage);
                self.steps += 1;
                (self.usage.input + self.usage.output > task.limits.tokens)
                    .then_some(AttemptOutcome::OutOfTokens)
            }
            // A call in the last response needs one more request.
            EventKind::CallStarted(_) => {
                (self.steps >= task.limits.steps).then_some(AttemptOutcome::OutOfSteps)
            }
            _ => None,
        }
    }
}

fn broken(message: &str) -> AttemptOutcome {
    AttemptOutcome::Broken(Problem::new(ProblemKind::Internal, message))
}

/// Waits for a stopped attempt to close its session.
pub async fn wind_up(attempts: impl Future<Output = ()>) {
    let _late = timeout(GRACE, attempts).await;
}
