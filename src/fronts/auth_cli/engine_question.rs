//! One request to the engine, with the notices that arrive before its answer.

use std::path::PathBuf;

use jiff::tz::TimeZone;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::base::{Clock, Console};
use crate::engine::{Client, Inbox, Incoming};
use crate::protocol::{
    AccountCommand, AccountList, Command, Event, EventKind, Exit, Notice, Problem, ProblemKind,
    Reply, Surroundings, in_shell,
};

/// The engine, the console and the stop channel of a command about accounts, MCP servers or
/// conversations.
#[allow(missing_docs, reason = "their names say it")]
pub struct EngineQuestion<'a> {
    pub client: &'a Client,
    pub inbox: Inbox,
    /// Each message asks the command to stop.
    pub stops: UnboundedReceiver<()>,
    pub console: &'a mut Console,
    pub place: CredentialFile,
}

/// The credential file and the surroundings that the output depends on.
#[derive(Clone, Debug)]
pub struct CredentialFile {
    /// Tells how long a sign-in or a code is still valid.
    pub clock: Clock,
    /// The zone in which times are printed.
    pub zone: TimeZone,
    /// The home folder, which is shown as `~`.
    pub home: Option<PathBuf>,
    /// The width of the terminal; `None` if there is none.
    pub columns: Option<u16>,
    /// Decide which way to sign in is suggested, and which hints are printed.
    pub surroundings: Surroundings,
}

impl EngineQuestion<'_> {
    /// Asks for the accounts. A failure or a stop is printed, and returned as the exit.
    ///
    /// # Errors
    ///
    /// The exit of the command.
    pub async fn accounts(&mut self) -> Result<AccountList, Exit> {
        self.pick(Command::Account(AccountCommand::List), |reply| match reply {
            Reply::Accounts(list) => Some(list),
            _ => None,
        })
        .await
    }

    /// Sends a command and waits for its answer, from which `pick` takes the value.
    ///
    /// # Errors
    ///
    /// The exit of the command.
    pub async fn pick<T>(
        &mut self,
        command: Command,
        pick: impl FnOnce(Reply) -> Option<T>,
    ) -> Result<T, Exit> {
        let reply = self.ask(command).await?;
        pick(reply).ok_or_else(|| self.fail(&engine_gone()))
    }

    /// Sends a command and waits for its answer. Notices on the way are printed to stderr.
    ///
    /// # Errors
    ///
    /// The exit of the command.
    pub async fn answer(&mut self, command: AccountCommand) -> Result<Reply, Exit> {
        self.ask(Command::Account(command)).await
    }

    /// The same with any command.
    ///
    /// # Errors
    ///
    /// The exit of the command.
    pub async fn ask(&mut self, command: Command) -> Result<Reply, Exit> {
        let request = self.client.send(command);
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

    /// Prints the notices that came right behind the last answer.
    pub fn warn(&mut self) {
        while let Some(incoming) = self.inbox.try_next() {
            if let Incoming::Event(Event { kind: EventKind::Notice(notice), .. }) = incoming {
                self.notice(&notice);
            }
        }
    }

    /// Prints a notice with its advice.
    pub fn notice(&mut self, notice: &Notice) {
        self.console.note(&match &notice.next {
            Some(next) => format!("{}. {}", notice.message, in_shell(next)),
            None => notice.message.clone(),
        });
    }

    /// Prints a problem and returns the exit for it.
    pub fn fail(&mut self, problem: &Problem) -> Exit {
        self.console.problem(&problem.message, problem.next.as_deref().map(in_shell).as_deref());
        Exit::after(&problem.kind)
    }
}

/// The problem of an engine that ended before its answer.
pub(super) fn engine_gone() -> Problem {
    Problem::new(ProblemKind::Internal, "The engine ended before it answered")
}
