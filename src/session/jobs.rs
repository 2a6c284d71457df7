//! The jobs of a session: commands that went on when their call was answered. Tells the model when one has ended, and says which stand in the way of an
//! undo. Runs none.

use std::collections::BTreeMap;

use crate::protocol::{
    CallId, CallOutput, CommandExit, ContextNoteKind, EventKind, Job, JobEnd, JobId, Notice,
    Problem, Record, Reply, ReplyResult, TurnId,
};

use super::effect::{EffectQueue, SessionEffect};
use super::{Session, not_now};

/// What runs, and what the model is still to be told.
#[derive(Debug, Default)]
pub(super) struct Jobs {
    running: BTreeMap<JobId, Job>,
    news: Vec<String>,
}

impl Jobs {
    /// Of an earlier run of the program: it ended with that.
    pub(super) fn recall(&mut self, id: JobId, title: &str) {
        if self.running.contains_key(&id) {
            return;
        }
        let job = Job {
            id,
            call: CallId::from(""),
            turn: TurnId(0),
            title: title.to_owned(),
            tail: String::new(),
        };
        self.running.insert(id, job);
    }

    /// What ran when the program ended runs no more.
    pub(super) fn lose(&mut self) -> Vec<JobId> {
        let lost = std::mem::take(&mut self.running);
        self.news.extend(lost.values().map(|job| {
            format!("Session {} (`{}`) ended when codling was closed.", job.id.0, job.title)
        }));
        lost.into_keys().collect()
    }

    /// A list for the model, one line each.
    pub(super) fn list(&self) -> impl Iterator<Item = String> {
        self.running.values().map(|job| format!("- session {}: `{}`", job.id.0, job.title))
    }
}

impl Session {
    /// Notes a command that goes on, where a call was answered with one.
    pub(super) fn note_job(
        &mut self,
        turn: TurnId,
        call: &CallId,
        output: &CallOutput,
        tail: &str,
        effects: &mut EffectQueue,
    ) {
        let Some(id) = output.result.job() else { return };
        if self.jobs.running.contains_key(&id) {
            return;
        }
        let (call, title) = (call.clone(), output.title.clone());
        let job = Job { id, call, turn, title, tail: tail.to_owned() };
        self.jobs.running.insert(id, job.clone());
        effects.tell(EventKind::JobStarted(job));
    }

    /// Shows the last lines of one.
    pub(super) fn job_progress(&mut self, call: &CallId, tail: &str, effects: &mut EffectQueue) {
        if let Some(job) = self.jobs.running.values().find(|job| job.call == *call) {
            effects.tell(EventKind::JobProgress { job: job.id, tail: tail.to_owned() });
        }
    }

    pub(super) fn job_ended(&mut self, id: JobId, end: JobEnd, effects: &mut EffectQueue) {
        let Some(job) = self.jobs.running.remove(&id) else { return };
        effects.append(Record::JobEnded(id));
        let how = words(&end.exit);
        if !end.is_told {
            let notes: String = end.notes.iter().map(|note| format!(" {note}.")).collect();
            self.jobs.news.push(format!(
                "Session {} (`{}`) {how}.{notes} `write_stdin` shows what it wrote last.",
                id.0, job.title
            ));
        }
        if end.exit != CommandExit::Stopped {
            let message = format!("`{}` {how}", job.title);
            effects.tell(EventKind::Notice(Notice { message, next: None }));
        }
        effects.tell(EventKind::JobEnded { job: id, end });
    }

    /// Behind the history: what has ended since the model was last told.
    pub(super) fn tell_jobs(&mut self, effects: &mut EffectQueue) {
        let news = std::mem::take(&mut self.jobs.news);
        if !news.is_empty() {
            self.add_note(ContextNoteKind::Jobs, &format!("({})", news.join(" ")), effects);
        }
    }

    /// Ends one.
    pub(super) fn stop_job(&mut self, id: JobId, effects: &mut EffectQueue) -> ReplyResult {
        if !self.jobs.running.contains_key(&id) {
            return Err(not_now("This command has ended already"));
        }
        effects.push(SessionEffect::StopJob(id));
        Ok(Reply::Done)
    }

    /// Why a turn's changes are not known yet: a command runs on that it, or a later turn, started.
    pub(super) fn undo_in_the_way(&self, turn: TurnId) -> Option<Problem> {
        let job = self.jobs.running.values().find(|job| job.turn >= turn)?;
        let mut problem = not_now(&format!(
            "`{}` is still running, and what it changes belongs to the turn that started it",
            job.title
        ));
        problem.next = Some("Stop it with `/jobs`, then `/undo`".into());
        Some(problem)
    }
}

/// How it ended, behind its name.
fn words(exit: &CommandExit) -> String {
    match exit {
        CommandExit::Code(code) => format!("ended with exit code {code}"),
        CommandExit::Failed => "failed".to_owned(),
        CommandExit::Running(_) => "goes on".to_owned(),
        CommandExit::Signal(number) => format!("was ended by signal {number}"),
        CommandExit::Stopped => "was stopped".to_owned(),
        CommandExit::TimedOut(limit) => format!("was ended after {} s", limit.as_secs()),
    }
}
