//! One question to the engine, and the news up to its answer.

use std::path::PathBuf;

use jiff::tz::TimeZone;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::base::{Clock, Console};
use crate::engine::{Client, Inbox, Incoming};
use crate::protocol::{
    AccountCommand, AccountList, Command, Event, EventKind, Exit, Notice, Problem, ProblemKind,
    Reply, Surroundings, in_shell,
};

/// What every one of the `codling auth` commands stands on.
pub struct EngineQuestion<'a> {
    pub client: &'a Client,
    pub inbox: Inbox,
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

impl EngineQuestion<'_> {
    /// Asks for the accounts; a failure or a stop is told, and is the exit.
    pub async fn accounts(&mut self) -> Result<AccountList, Exit> {
        match self.answer(AccountCommand::List).await? {
            Reply::Accounts(list) => Ok(list),
            _ => Err(self.fail(&engine_gone())),
        }
    }

    /// Asks, and waits for the answer. Notices on the way go to stderr.
    pub async fn answer(&mut self, command: AccountCommand) -> Result<Reply, Exit> {
        let request = self.client.send(Command::Account(command));
        loop {
            let incoming = tokio::select! {
                biased;
                Some(()) = self.stops.recv() => return Err(Exit::Interrupted),
                incoming = self.inbox.next() => incoming,
            };
            match incoming {
                Some(Incoming::Event(Event { kind: EventKind::Notice(notice), .. })) => {
                    self.notice(&notice)
                }
                Some(Incoming::Reply(answered, result)) if answered == request => {
                    return result.map_err(|problem| self.fail(&problem));
                }
                Some(_) => {}
                None => return Err(self.fail(&engine_gone())),
            }
        }
    }

    /// Tells the notices that came right behind the last answer.
    pub fn warn(&mut self) {
        while let Some(incoming) = self.inbox.try_next() {
            if let Incoming::Event(Event { kind: EventKind::Notice(notice), .. }) = incoming {
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
