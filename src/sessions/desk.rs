//! What each of the commands stands on: the engine, and how its answers are awaited. Knows none of the commands.

use std::path::PathBuf;

use tokio::sync::mpsc::UnboundedReceiver;

use crate::base::{Console, Timestamp};
use crate::engine::Engine;
use crate::protocol::{Command, Event, EventKind, Exit, Problem, ProblemKind, SessionCommand};

pub struct Desk<'a> {
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

impl Desk<'_> {
    /// Sends a command and waits for the event that `pick` takes. A failure or a stop is told, and is the exit.
    pub(super) async fn ask<T>(&mut self, command: SessionCommand, mut pick: impl FnMut(EventKind) -> Option<T>) -> Result<T, Exit> {
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
                Some(EventKind::Failed { request: failed, problem }) if failed == request => return Err(self.fail(&problem)),
                Some(kind) => {
                    if let Some(answer) = pick(kind) {
                        return Ok(answer);
                    }
                }
                None => return Err(self.fail(&Problem::new(ProblemKind::Internal, "The engine ended before it answered"))),
            }
        }
    }

    fn fail(&mut self, problem: &Problem) -> Exit {
        self.console.problem(&problem.message, problem.next.as_deref());
        Exit::after(&problem.kind)
    }
}
