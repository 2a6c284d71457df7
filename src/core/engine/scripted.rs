//! An engine by script, to try a front out: what it asks is answered by hand, and what it hears was
//! written down before.

use std::sync::Arc;

use tokio::sync::mpsc;

use crate::protocol::{ClientId, Command, Event, EventKind, ReplyResult, SessionId};

use super::link::client::{Client, Door, FromClient, Replier};
use super::link::inbox::{Inbox, InboxSender, Incoming};

/// The engine's side of a client.
pub struct Script {
    door: mpsc::UnboundedReceiver<FromClient>,
    inbox: Arc<InboxSender>,
}

/// A command that waits for its answer.
pub struct Asked {
    /// The commands that were asked.
    pub command: Command,
    replier: Replier,
}

impl Asked {
    /// Answers it, once.
    pub fn answer(self, result: ReplyResult) {
        self.replier.answer(result);
    }
}

/// A client whose engine is this script.
pub fn engine() -> (Client, Inbox, Script) {
    let (sender, door) = mpsc::unbounded_channel();
    let inbox = Arc::new(InboxSender::default());
    let client = Client::new(ClientId(1), Door::Front(sender), Arc::clone(&inbox));
    (client, Inbox::new(Arc::clone(&inbox), || {}), Script { door, inbox })
}

impl Script {
    /// The next command; `None` when the client is gone.
    pub async fn next(&mut self) -> Option<Asked> {
        match self.door.recv().await? {
            FromClient::Asked(_, command, replier) => Some(Asked { command: *command, replier }),
            FromClient::Joined(..)
            | FromClient::Left(_)
            | FromClient::End
            | FromClient::Rest(..) => None,
        }
    }

    /// The commands that were asked already.
    pub fn try_next(&mut self) -> Option<Asked> {
        match self.door.try_recv().ok()? {
            FromClient::Asked(_, command, replier) => Some(Asked { command: *command, replier }),
            FromClient::Joined(..)
            | FromClient::Left(_)
            | FromClient::End
            | FromClient::Rest(..) => None,
        }
    }

    /// Answers every command so, and keeps it, until the client is gone.
    pub async fn answering(
        &mut self,
        commands: &mut Vec<Command>,
        answer: impl Fn(&Command) -> ReplyResult,
    ) {
        while let Some(asked) = self.next().await {
            let result = answer(&asked.command);
            commands.push(asked.command.clone());
            asked.answer(result);
        }
    }

    /// Tells the front of an event, of the program where no session is named.
    pub fn emit(&self, session: Option<SessionId>, kind: EventKind) {
        _ = self.inbox.push(Incoming::Event(Event { session, seq: 0, kind }));
    }

    /// No more will come.
    pub fn end(&self) {
        self.inbox.end();
    }
}
