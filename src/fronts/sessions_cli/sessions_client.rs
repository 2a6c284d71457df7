//! The engine as the commands use it, and the wait for its answers.

use std::path::PathBuf;

use tokio::sync::mpsc::UnboundedReceiver;

use crate::base::{Console, Timestamp};
use crate::engine::{Client, Inbox, Incoming};
use crate::protocol::{
    Command, Event, EventKind, Exit, Problem, ProblemKind, Reply, SessionCommand,
};

/// The engine, the console and the surroundings of a `codling sessions` command.
#[allow(missing_docs, reason = "their names say it")]
pub struct SessionsClient<'a> {
    pub client: &'a Client,
    pub inbox: Inbox,
    /// Each message asks the command to stop.
    pub stops: UnboundedReceiver<()>,
    pub console: &'a mut Console,
    /// The time that ages are counted to.
    pub now: Timestamp,
    /// The current folder, with links followed.
    pub folder: PathBuf,
    /// The home folder, which is shown as `~`.
    pub home: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EngineAnswer {
    No,
    Yes,
}

impl SessionsClient<'_> {
    /// Sends a command and waits for the answer, from which `pick` takes the value. A failure or a
    /// stop is printed, and returned as the exit.
    pub(super) async fn ask<T>(
        &mut self,
        command: SessionCommand,
        pick: impl FnOnce(Reply) -> Option<T>,
    ) -> Result<T, Exit> {
        let request = self.client.send(Command::Session(command));
        loop {
            let incoming = tokio::select! {
                biased;
                Some(()) = self.stops.recv() => return Err(Exit::Interrupted),
                incoming = self.inbox.next() => incoming,
            };
            match incoming {
                Some(Incoming::Event(Event { kind: EventKind::Notice(notice), .. })) => {
                    let next = notice.next.map(|next| format!(". {next}")).unwrap_or_default();
                    self.console.note(&format!("{}{next}", notice.message));
                }
                Some(Incoming::Reply(answered, result)) if answered == request => {
                    let answer = result.map_err(|problem| self.fail(&problem))?;
                    return pick(answer).ok_or_else(|| self.fail(&engine_gone()));
                }
                Some(_) => {}
                None => return Err(self.fail(&engine_gone())),
            }
        }
    }

    /// Asks for a yes; any other answer is a no. A stop changes nothing, and is returned as the
    /// exit.
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

fn engine_gone() -> Problem {
    Problem::new(ProblemKind::Internal, "The engine ended before it answered")
}
