//! The work that runs for a session now. Letting go of an entry ends it.

use std::collections::HashMap;
use std::time::Instant;

use tokio::task::JoinHandle;

use crate::protocol::{Access, CallId, ModelRequestId, TimerId};

use super::elicitations::Elicitations;
use super::loss_questions::LossQuestions;
use super::owned_work::Work;
use super::tool_run::RunningCall;

#[derive(Default)]
pub(crate) struct RunningWork {
    pub(crate) request: Option<(ModelRequestId, Work)>,
    /// When the last turn began.
    pub(crate) turn_began: Option<Instant>,
    calls: HashMap<CallId, CallWork>,
    pub(crate) timers: HashMap<TimerId, Work>,
    pub(crate) renewal: Option<Work>,
    /// Finding out about the place.
    pub(crate) environment: Option<Work>,
    /// Having a title given.
    pub(crate) title: Option<Work>,
    /// Finding out what an undo would do.
    pub(crate) preview: Option<Work>,
    /// The questions that its commands wait for.
    pub(crate) losses: LossQuestions,
    pub(crate) elicitations: Elicitations,
    /// The access that the last model request was refused with.
    pub(crate) refused: Option<Access>,
    /// Commands that went on when their call was answered: they are not waited for before the end.
    jobs: Vec<JoinHandle<()>>,
    /// Work that was stopped and is to come to its end, or is not to be stopped at all.
    ending: Vec<JoinHandle<()>>,
}

/// Resolves when all of it has ended; however that was, there is nothing more to wait for.
pub(crate) async fn ended(works: Vec<JoinHandle<()>>) {
    for work in works {
        let _ended = work.await;
    }
}

/// A call that is being understood, or runs.
pub(crate) enum CallWork {
    Running(RunningCall),
    Understanding(#[expect(dead_code, reason = "held: dropping it ends it")] Work),
}

impl RunningWork {
    pub(crate) fn begin(&mut self, id: CallId, call: CallWork) {
        self.calls.insert(id, call);
    }

    /// Whether it still ran.
    pub(crate) fn has_ended(&mut self, id: &CallId) -> bool {
        self.calls.remove(id).is_some()
    }

    /// Ends a call; what it has changed by then is told later.
    pub(crate) fn stop(&mut self, id: &CallId) {
        self.ending.retain(|work| !work.is_finished());
        if let Some(CallWork::Running(running)) = self.calls.remove(id) {
            self.ending.push(running.end());
        }
    }

    /// A call was answered, and what it started goes on.
    pub(crate) fn goes_on(&mut self, id: &CallId) -> bool {
        self.jobs.retain(|work| !work.is_finished());
        let Some(CallWork::Running(running)) = self.calls.remove(id) else { return false };
        self.jobs.push(running.end());
        true
    }

    /// Jobs that are being ended.
    pub(crate) fn end_jobs(&mut self) {
        self.ending.append(&mut self.jobs);
    }

    /// For work that is to come to its end by itself.
    pub(crate) fn finish(&mut self, work: JoinHandle<()>) {
        self.ending.retain(|work| !work.is_finished());
        self.ending.push(work);
    }

    /// Takes the work that is to be waited for before the end.
    pub(crate) fn take_ending(&mut self) -> Vec<JoinHandle<()>> {
        std::mem::take(&mut self.ending)
    }
}
