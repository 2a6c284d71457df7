//! The jobs of a session: commands that went on when their call was answered. Tells the model when
//! one has ended, and says which stand in the way of an undo.

use std::collections::BTreeMap;

use crate::protocol::{
    CallId, CallOutput, CommandExit, EventKind, Job, JobEnd, JobId, Notice, Problem, Record, Reply,
    ReplyResult, TurnId,
};

use super::effect::{EffectQueue, SessionEffect, not_now};

/// The jobs that run, and the news that the model is still to be told.
#[derive(Debug, Default)]
pub(super) struct Jobs {
    running: BTreeMap<JobId, Job>,
    news: Vec<String>,
}

impl Jobs {
    /// Notes a job of an earlier run of the program, which ended with that.
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

    /// Ends all jobs that ran when the program ended.
    pub(super) fn lose(&mut self) -> Vec<JobId> {
        let lost = std::mem::take(&mut self.running);
        self.news.extend(lost.values().map(|job| {
            format!("Session {} (`{}`) ended when codling was closed.", job.id.0, job.title)
        }));
        lost.into_keys().collect()
    }

    /// A list for the model, one line each.
    pub(super) fn list(&self) -> Vec<String> {
        let line = |job: &Job| format!("- session {}: `{}`", job.id.0, job.title);
        self.running.values().map(line).collect()
    }

    /// Notes a command that goes on, where a call was answered with one.
    pub(super) fn note_started(
        &mut self,
        turn: TurnId,
        call: &CallId,
        output: &CallOutput,
        tail: &str,
        effects: &mut EffectQueue,
    ) {
        let Some(id) = output.result.job() else { return };
        if self.running.contains_key(&id) {
            return;
        }
        let (call, title) = (call.clone(), output.title.clone());
        let job = Job { id, call, turn, title, tail: tail.to_owned() };
        self.running.insert(id, job.clone());
        effects.emit(EventKind::JobStarted(job));
    }

    /// Shows the last lines of the job that this call became.
    pub(super) fn progress(&mut self, call: &CallId, tail: &str, effects: &mut EffectQueue) {
        if let Some(job) = self.running.values().find(|job| job.call == *call) {
            effects.emit(EventKind::JobProgress { job: job.id, tail: tail.to_owned() });
        }
    }

    pub(super) fn ended(&mut self, id: JobId, end: JobEnd, effects: &mut EffectQueue) {
        let Some(job) = self.running.remove(&id) else { return };
        effects.append(Record::JobEnded(id));
        let how = words(&end.exit);
        if !end.is_told {
            let notes: String = end.notes.iter().map(|note| format!(" {note}.")).collect();
            self.news.push(format!(
                "Session {} (`{}`) {how}.{notes} `write_stdin` shows what it wrote last.",
                id.0, job.title
            ));
        }
        if end.exit != CommandExit::Stopped {
            let message = format!("`{}` {how}", job.title);
            effects.emit(EventKind::Notice(Notice { message, next: None }));
        }
        effects.emit(EventKind::JobEnded { job: id, end });
    }

    /// Takes the sentence for the model about the jobs that have ended since it was last told.
    pub(super) fn take_news(&mut self) -> Option<String> {
        let news = std::mem::take(&mut self.news);
        (!news.is_empty()).then(|| format!("({})", news.join(" ")))
    }

    /// Ends one.
    pub(super) fn stop(&mut self, id: JobId, effects: &mut EffectQueue) -> ReplyResult {
        if !self.running.contains_key(&id) {
            return Err(not_now("This command has ended already"));
        }
        effects.push(SessionEffect::StopJob(id));
        Ok(Reply::Done)
    }

    /// The problem of undoing a turn while a command runs that it, or a later turn, started.
    pub(super) fn hinder_undo(&self, turn: TurnId) -> Option<Problem> {
        let job = self.running.values().find(|job| job.turn >= turn)?;
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
