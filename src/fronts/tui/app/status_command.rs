//! When the person's own command for the status line runs: after what it is told has changed, and
//! at most every two seconds. While nothing happens it does not run.

use std::time::Duration;

use crate::base::Timestamp;
use crate::engine;
use crate::protocol::{Limits, SessionView, StatusChoice};
use crate::tui::messages::{Cmd, Msg};

/// The least time between two looks at what it would be told.
const EVERY: Duration = Duration::from_secs(2);

/// The command and the line that it printed last.
#[derive(Clone, Debug)]
pub struct StatusCommand {
    choice: StatusChoice,
    /// The facts that it was told last.
    told: String,
    line: Option<String>,
    /// When it may run again; `None` while it runs.
    next: Option<Timestamp>,
    /// Whether something has happened since the last look.
    stale: bool,
    /// Whether its failure was said.
    has_failed: bool,
}

impl StatusCommand {
    pub fn new(choice: StatusChoice) -> Self {
        let (told, line, next) = (String::new(), None, Some(Timestamp(0)));
        Self { choice, told, line, next, stale: false, has_failed: false }
    }

    pub fn choice(&self) -> &StatusChoice {
        &self.choice
    }

    /// The line that it printed last; `None` until it has printed one.
    pub fn line(&self) -> Option<&str> {
        self.line.as_deref()
    }

    /// Records that something happened which it may be told.
    pub fn happened(&mut self, msg: &Msg) {
        let is_news = !matches!(msg, Msg::Tick(_) | Msg::Rest | Msg::StatusPrinted(_));
        self.stale |= is_news && !self.choice.command.is_empty();
    }

    /// Runs it, if it is time and what it is told has changed.
    pub fn run(&mut self, view: &SessionView, limits: &Limits, now: Timestamp) -> Option<Cmd> {
        if !self.stale || self.next.is_none_or(|next| now < next) {
            return None;
        }
        self.stale = false;
        self.next = Some(now + EVERY);
        let facts = engine::status_facts(view, limits);
        if facts == self.told {
            return None;
        }
        self.next = None;
        self.told.clone_from(&facts);
        Some(Cmd::RunStatus { command: self.choice.command.clone(), facts })
    }

    /// Takes what it printed; returns what is to be said of its first failure.
    pub fn ended(&mut self, printed: Result<String, String>, now: Timestamp) -> Option<String> {
        self.next = Some(now + EVERY);
        match printed {
            Ok(line) => {
                self.line = Some(line).filter(|line| !line.is_empty());
                None
            }
            Err(why) => {
                self.line = None;
                let is_first = !std::mem::replace(&mut self.has_failed, true);
                is_first.then(|| format!("The status line's command: {why}"))
            }
        }
    }

    /// When there is something to look at; `None` while nothing has happened or it runs.
    pub fn wakes(&self) -> Option<Timestamp> {
        self.next.filter(|_| self.stale)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command() -> StatusCommand {
        let command = ["branch-of".to_owned()].into();
        StatusCommand::new(StatusChoice { command, ..StatusChoice::default() })
    }

    #[test]
    fn it_runs_when_something_changed_and_not_sooner_than_after_two_seconds() {
        let (mut status, limits) = (command(), Limits::default());
        let mut view = SessionView::new("ses_1".into());
        assert!(status.run(&view, &limits, Timestamp(0)).is_none());
        let key = Msg::Shown;
        status.happened(&key);
        assert!(matches!(status.run(&view, &limits, Timestamp(0)), Some(Cmd::RunStatus { .. })));
        view.title = "other".into();
        status.happened(&key);
        // It is still running.
        assert!(status.run(&view, &limits, Timestamp(9_000)).is_none());
        assert_eq!(status.wakes(), None);
        assert_eq!(status.ended(Ok("plants".into()), Timestamp(9_000)), None);
        assert_eq!((status.line(), status.wakes()), (Some("plants"), Some(Timestamp(11_000))));
        assert!(status.run(&view, &limits, Timestamp(10_999)).is_none());
        assert!(status.run(&view, &limits, Timestamp(11_000)).is_some());
        status.ended(Ok(String::new()), Timestamp(11_001));
        // The facts are the same.
        status.happened(&key);
        assert!(status.run(&view, &limits, Timestamp(20_000)).is_none());
        assert_eq!((status.line(), status.wakes()), (None, None));
    }

    #[test]
    fn its_failure_is_said_once() {
        let mut status = command();
        assert!(status.ended(Err("late".into()), Timestamp(0)).is_some());
        assert_eq!(status.ended(Err("late".into()), Timestamp(0)), None);
    }
}
