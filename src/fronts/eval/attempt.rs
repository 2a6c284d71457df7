//! One attempt at a task: a fresh copy, one turn without a person, and the check.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{sleep_until, timeout};

use crate::engine::Client;
use crate::protocol::{
    Command, DiffBase, Effort, EventKind, FileDiff, ModelName, OpenOptions, Reply, SessionCommand,
    SessionId, TurnCommand, TurnOutcome, UserPrompt,
};

use super::check::{Outcome, check};
use super::fresh_copy::WorkPlace;
use super::grid::AttemptKey;
use super::meter::Meter;
use super::report::record::{AttemptRecord, DiffSize, Verdict, rounded};
use super::setup::set_up;
use super::task::Task;

/// How long an interrupted turn may take to end by itself.
const GRACE: Duration = Duration::from_secs(5);

/// The engine and the request that attempts share.
pub struct Bench<'a> {
    pub client: &'a Client,
    pub program: &'a Path,
    pub options: OpenOptions,
}

/// The beginning of an attempt.
pub struct Begun<'a> {
    pub task: &'a Task,
    pub key: AttemptKey,
    pub session: SessionId,
    pub place: &'a WorkPlace,
    /// Places that neither the model nor its code may read.
    pub hidden: Arc<Vec<PathBuf>>,
    /// The events of its session.
    pub events: UnboundedReceiver<EventKind>,
}

impl Bench<'_> {
    /// Runs an attempt from the copy to the check.
    pub async fn attempt(&self, begun: Begun<'_>) -> AttemptRecord {
        let Begun { task, key, session, place, hidden, mut events } = begun;
        let record = AttemptRecord::new(key.clone(), session.as_str().to_owned());
        let ready = match set_up(task, place, self.program, &hidden).await {
            Ok(ready) => ready,
            Err(outcome) => return record.ended(outcome),
        };
        let options = OpenOptions {
            model: key.combination.model.as_deref().map(ModelName::parse),
            effort: key.combination.effort.clone().map(Effort),
            tool_face: key.combination.tool_face(),
            hidden: Arc::clone(&hidden),
            ..self.options.clone()
        };
        let face = options.tool_face;
        let mut meter = Meter::default();
        let begun = Instant::now();
        let folder = ready.copy.folder().to_owned();
        let open = SessionCommand::Open { id: session.clone(), folder, options };
        let stopped = self.turn(task, &session, open, &mut events, &mut meter).await;
        let seconds = rounded(begun.elapsed().as_secs_f64());
        let diff = self.diff(&session).await;
        let close = Command::Session(SessionCommand::Close(session.clone()));
        // A session that cannot be closed ends with the engine.
        let _closed = self.client.request(close).await;
        let record = AttemptRecord { seconds, diff, ..meter.fill(record, face) };
        match stopped {
            Some(outcome) => record.ended(outcome),
            None => {
                let answer = meter.answer().to_owned();
                record.ended(check(task, &ready, answer, self.program, &hidden).await)
            }
        }
    }

    /// Runs the turn; `None` if it ended by itself.
    async fn turn(
        &self,
        task: &Task,
        session: &SessionId,
        open: SessionCommand,
        events: &mut UnboundedReceiver<EventKind>,
        meter: &mut Meter,
    ) -> Option<Outcome> {
        let prompt = UserPrompt::from(task.prompt.clone());
        let begin =
            [Command::Session(open), Command::Turn(session.clone(), TurnCommand::Submit(prompt))];
        for command in begin {
            if let Err(problem) = self.client.request(command).await {
                return Some((Verdict::Broken, Some(problem.message)));
            }
        }
        let mut until = tokio::time::Instant::now() + task.limits.time;
        let mut stopped: Option<Outcome> = None;
        loop {
            let event = tokio::select! {
                event = events.recv() => event,
                () = sleep_until(until) => {
                    if stopped.is_some() {
                        return stopped;
                    }
                    self.interrupt(session);
                    until += GRACE;
                    stopped = Some((Verdict::OutOfTime, None));
                    continue;
                }
            };
            let Some(event) = event else {
                // The channel closed: the evaluation was stopped, or the engine ended.
                return Some(stopped.unwrap_or((Verdict::Interrupted, None)));
            };
            if let EventKind::TurnEnded { outcome, .. } = event {
                return stopped.or(match outcome {
                    TurnOutcome::Done => None,
                    TurnOutcome::Failed(problem) => Some((Verdict::Broken, Some(problem.message))),
                    TurnOutcome::Interrupted => Some((Verdict::Interrupted, None)),
                    TurnOutcome::MaxSteps => Some((Verdict::OutOfSteps, None)),
                });
            }
            let over = meter.count(&event, &task.limits);
            if let (Some(over), None) = (over, &stopped) {
                self.interrupt(session);
                until = tokio::time::Instant::now() + GRACE;
                stopped = Some((over, None));
            }
        }
    }

    fn interrupt(&self, session: &SessionId) {
        self.client.send(Command::Turn(session.clone(), TurnCommand::Interrupt));
    }

    /// The size of the changes of the conversation, whatever it committed meanwhile.
    async fn diff(&self, session: &SessionId) -> Option<DiffSize> {
        let ask = Command::Turn(session.clone(), TurnCommand::Diff(DiffBase::Start));
        let Ok(Reply::Diff(diff)) = self.client.request(ask).await else { return None };
        let lines = |count: fn(&FileDiff) -> u32| {
            diff.files.iter().map(|file| u64::from(count(&file.diff))).sum()
        };
        Some(DiffSize {
            files: diff.files.len() as u64 + diff.more,
            added: lines(|file| file.added),
            removed: lines(|file| file.removed),
        })
    }
}

/// Waits for stopped attempts to close their sessions.
pub async fn wind_up(attempts: impl Future<Output = ()>) {
    let _late = timeout(GRACE, attempts).await;
}
