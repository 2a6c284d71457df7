//! What runs for a session now. Letting go of an entry ends it.

use std::collections::HashMap;

use tokio::task::JoinHandle;

use crate::protocol::{Access, CallId, ModelRequestId, TimerId};

use super::loss_questions::LossQuestions;
use super::tool_run::RunningCall;
use super::work::Work;

#[derive(Default)]
pub(super) struct RunningWork {
    pub(super) request: Option<(ModelRequestId, Work)>,
    calls: HashMap<CallId, CallWork>,
    pub(super) timers: HashMap<TimerId, Work>,
    pub(super) renewal: Option<Work>,
    /// Finding out about the place.
    pub(super) environment: Option<Work>,
    /// Finding out what an undo would do.
    pub(super) preview: Option<Work>,
    /// What its commands wait for.
    pub(super) losses: LossQuestions,
    /// What the last model request was refused with.
    pub(super) refused: Option<Access>,
    /// Commands that went on when their call was answered: they are not waited for before the end.
    jobs: Vec<JoinHandle<()>>,
    /// What was stopped and is to come to its end, or is not to be stopped at all.
    ending: Vec<JoinHandle<()>>,
}

/// Resolves when all of it has ended; however that was, there is nothing more to wait for.
pub(super) async fn ended(works: Vec<JoinHandle<()>>) {
    for work in works {
        let _ended = work.await;
    }
}

/// A call that is being understood, or runs.
pub(super) enum CallWork {
    Running(RunningCall),
    Understanding(#[expect(dead_code, reason = "held: dropping it ends it")] Work),
}

impl RunningWork {
    pub(super) fn begin(&mut self, id: CallId, call: CallWork) {
        self.calls.insert(id, call);
    }

    /// Whether it still ran.
    pub(super) fn has_ended(&mut self, id: &CallId) -> bool {
        self.calls.remove(id).is_some()
    }

    pub(super) fn is_running(&self, id: &CallId) -> bool {
        self.calls.contains_key(id)
    }

    /// Ends a call; what it has changed by then is told later.
    pub(super) fn stop(&mut self, id: &CallId) {
        self.ending.retain(|work| !work.is_finished());
        if let Some(CallWork::Running(running)) = self.calls.remove(id) {
            self.ending.push(running.end());
        }
    }

    /// A call was answered, and what it started goes on.
    pub(super) fn goes_on(&mut self, id: &CallId) -> bool {
        self.jobs.retain(|work| !work.is_finished());
        let Some(CallWork::Running(running)) = self.calls.remove(id) else { return false };
        self.jobs.push(running.end());
        true
    }

    /// Jobs that are being ended.
    pub(super) fn end_jobs(&mut self) {
        self.ending.append(&mut self.jobs);
    }

    /// For work that is to come to its end by itself.
    pub(super) fn finish(&mut self, work: JoinHandle<()>) {
        self.ending.retain(|work| !work.is_finished());
        self.ending.push(work);
    }

    /// All that is to be waited for before the end.
    pub(super) fn take_ending(&mut self) -> Vec<JoinHandle<()>> {
        std::mem::take(&mut self.ending)
    }
}
