//! What each of the commands stands on: the engine, and how its answers are awaited. Knows none of the commands.

use std::path::PathBuf;

use tokio::sync::mpsc::UnboundedReceiver;

use crate::base::{Console, Timestamp};
use crate::engine::Engine;
use crate::protocol::{Command, Event, EventKind, Exit, Problem, ProblemKind, SessionCommand};

pub struct SessionsClient<'a> {
    pub engine: &'a Engine,
    pub events: UnboundedReceiver<Event>,
    /// Each message is a wish to stop.
    pub stops: UnboundedReceiver<()>,
    pub console: &'a mut Console,
    pub now: Timestamp,
    /// Where the command was typed; links followed.
    pub folder: PathBuf,
    /// Shown as `~`.
    pub home: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EngineAnswer {
    No,
    Yes,
}

impl SessionsClient<'_> {
    /// Sends a command and waits for the event that `pick` takes. A failure or a stop is told, and is the exit.
    pub(super) async fn ask<T>(
        &mut self,
        command: SessionCommand,
        mut pick: impl FnMut(EventKind) -> Option<T>,
    ) -> Result<T, Exit> {
        let request = self.engine.send(Command::Session(command));
        loop {
            let event = tokio::select! {
                biased;
                Some(()) = self.stops.recv() => return Err(Exit::Interrupted),
                event = self.events.recv() => event,
            };
            match event.map(|event| event.kind) {
                Some(EventKind::Notice(notice)) => {
                    let next = notice.next.map(|next| format!(". {next}")).unwrap_or_default();
                    self.console.note(&format!("{}{next}", notice.message));
                }
                Some(EventKind::Failed { request: failed, problem }) if failed == request => {
                    return Err(self.fail(&problem));
                }
                Some(kind) => {
                    if let Some(answer) = pick(kind) {
                        return Ok(answer);
                    }
                }
                None => {
                    return Err(self.fail(&Problem::new(
                        ProblemKind::Internal,
                        "The engine ended before it answered",
                    )));
                }
            }
        }
    }

    /// Asks for a yes or a no; anything but a yes is a no. A stop changes nothing, and is the exit.
    pub(super) async fn confirm(
        &mut self,
        question: &str,
        mut lines: UnboundedReceiver<String>,
    ) -> Result<EngineAnswer, Exit> {
        self.console.ask(question);
        let line = tokio::select! {
            biased;
            Some(()) = self.stops.recv() => {
                self.console.interrupted();
                self.console.note("Nothing was deleted");
                return Err(Exit::Interrupted);
            }
            line = lines.recv() => line,
        };
        if line.is_some() {
            self.console.answered();
        }
        let is_yes = line.is_some_and(|line| {
            ["y", "yes"].iter().any(|yes| line.trim().eq_ignore_ascii_case(yes))
        });
        Ok(if is_yes { EngineAnswer::Yes } else { EngineAnswer::No })
    }

    fn fail(&mut self, problem: &Problem) -> Exit {
        self.console.problem(&problem.message, problem.next.as_deref());
        Exit::after(&problem.kind)
    }
}
