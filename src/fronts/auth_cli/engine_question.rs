//! One question to the engine and the events up to its answer.

use std::path::PathBuf;

use jiff::tz::TimeZone;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::base::{Clock, Console};
use crate::engine::Engine;
use crate::protocol::{
    Account, AccountCommand, Command, Event, EventKind, Exit, Notice, Problem, ProblemKind,
    RequestId, Surroundings, in_shell,
};

/// What every one of the `codling auth` commands stands on.
pub struct EngineQuestion<'a> {
    pub engine: &'a Engine,
    pub events: UnboundedReceiver<Event>,
    /// Each message is a wish to stop.
    pub stops: UnboundedReceiver<()>,
    pub console: &'a mut Console,
    pub place: CredentialFile,
}

/// Where and when this runs, for words that depend on it.
#[derive(Clone, Debug)]
pub struct CredentialFile {
    pub clock: Clock,
    pub zone: TimeZone,
    /// Shown as `~`.
    pub home: Option<PathBuf>,
    /// Columns of the terminal, when it is one.
    pub columns: Option<u16>,
    pub surroundings: Surroundings,
}

/// Who is signed in, as the engine answers.
pub struct SignedInList {
    pub accounts: Vec<Account>,
    /// opencode is signed in to OpenAI and codling is not.
    pub opencode_offer: bool,
}

impl EngineQuestion<'_> {
    /// Asks for the accounts; a failure or a stop is told, and is the exit.
    pub async fn accounts(&mut self) -> Result<SignedInList, Exit> {
        let request = self.engine.send(Command::Account(AccountCommand::List));
        self.answer(request, |kind| match kind {
            EventKind::Accounts { accounts, opencode_offer, .. } => {
                Some(SignedInList { accounts, opencode_offer })
            }
            _ => None,
        })
        .await
    }

    /// Waits for the event that `pick` takes. Notices on the way go to stderr.
    pub async fn answer<T>(
        &mut self,
        request: RequestId,
        mut pick: impl FnMut(EventKind) -> Option<T>,
    ) -> Result<T, Exit> {
        loop {
            let event = tokio::select! {
                biased;
                Some(()) = self.stops.recv() => return Err(Exit::Interrupted),
                event = self.events.recv() => event,
            };
            match event.map(|event| event.kind) {
                Some(EventKind::Notice(notice)) => self.notice(&notice),
                Some(EventKind::Failed { request: failed, problem }) if failed == request => {
                    return Err(self.fail(&problem));
                }
                Some(kind) => {
                    if let Some(answer) = pick(kind) {
                        return Ok(answer);
                    }
                }
                None => return Err(self.fail(&engine_gone())),
            }
        }
    }

    /// Tells the notices that came right behind the last answer.
    pub fn warn(&mut self) {
        while let Ok(event) = self.events.try_recv() {
            if let EventKind::Notice(notice) = event.kind {
                self.notice(&notice);
            }
        }
    }

    pub fn notice(&mut self, notice: &Notice) {
        self.console.note(&match &notice.next {
            Some(next) => format!("{}. {}", notice.message, in_shell(next)),
            None => notice.message.clone(),
        });
    }

    /// Tells a problem, and gives the exit that follows from it.
    pub fn fail(&mut self, problem: &Problem) -> Exit {
        self.console.problem(&problem.message, problem.next.as_deref().map(in_shell).as_deref());
        Exit::after(&problem.kind)
    }
}

pub fn engine_gone() -> Problem {
    Problem::new(ProblemKind::Internal, "The engine ended before it answered")
}
