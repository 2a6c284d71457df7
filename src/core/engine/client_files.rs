//! Files for clients that sit elsewhere: read and changed beside the loop, and watched for them.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::task::JoinSet;

use crate::protocol::{ClientId, Event, EventKind, FileWork, FilesCommand, ReplyResult, WatchId};
use crate::workspace::{self, WatchEvent, Watcher};

use super::link::client::Replier;
use super::link::engine_message::{EngineMessage, EngineSender};
use super::link::inbox::{InboxSender, Incoming};
use super::problem;

/// The file work and the watches of all clients. While no path is watched, nothing is requested
/// from the system.
#[derive(Default)]
pub(super) struct ClientFiles {
    /// Work that ends by itself and is not to be cut off.
    working: JoinSet<()>,
    /// The watcher's numbers for the watches.
    watches: HashMap<(ClientId, WatchId), u64>,
    /// The watcher; it exists while anything is watched.
    watcher: Option<Watcher>,
    /// The number of the last watch.
    last: u64,
}

impl ClientFiles {
    pub(super) fn command(
        &mut self,
        client: (ClientId, Arc<InboxSender>),
        command: FilesCommand,
        sender: &EngineSender,
        replier: Replier,
    ) {
        let (client, inbox) = client;
        match command {
            FilesCommand::Unwatch(id) => {
                self.end([(client, id)]);
                replier.done();
            }
            FilesCommand::Watch { id, path } => {
                let watcher = match self.watcher.take().map_or_else(|| Watcher::start(&path), Ok) {
                    Ok(watcher) => self.watcher.insert(watcher),
                    Err(error) => return replier.refuse(problem::of_watch(&error)),
                };
                self.last += 1;
                if let Some(before) = self.watches.insert((client, id), self.last) {
                    watcher.remove(before);
                }
                let on_event = Box::new(move |event| notify(&inbox, id, event));
                let on_added =
                    Box::new(move |added: Result<(), workspace::WatchError>| match added {
                        Ok(()) => replier.done(),
                        Err(error) => replier.refuse(problem::of_watch(&error)),
                    });
                watcher.add(self.last, path, on_event, on_added);
            }
            FilesCommand::Work(work) => {
                let sender = sender.clone();
                while self.working.try_join_next().is_some() {}
                self.working.spawn_blocking(move || {
                    let message = EngineMessage::Answer(replier, perform(work));
                    let _loop_ended = sender.send(message);
                });
            }
        }
    }

    /// Ends the watches of a client that is gone.
    pub(super) fn leave(&mut self, client: ClientId) {
        let gone = self.watches.keys().copied().filter(|(of, _)| *of == client);
        self.end(gone.collect::<Vec<_>>());
    }

    fn end(&mut self, watches: impl IntoIterator<Item = (ClientId, WatchId)>) {
        for watch in watches {
            if let (Some(number), Some(watcher)) = (self.watches.remove(&watch), &self.watcher) {
                watcher.remove(number);
            }
        }
        if self.watches.is_empty() {
            self.watcher = None;
        }
    }

    /// Resolves once all work has come to its end.
    pub(super) async fn settle(&mut self) {
        while self.working.join_next().await.is_some() {}
    }
}

fn perform(work: FileWork) -> ReplyResult {
    workspace::perform(work).map_err(|error| problem::of_client_file(&error))
}

/// Tells the client that watches, on the watcher's thread.
fn notify(inbox: &InboxSender, watch: WatchId, event: WatchEvent) {
    let kind = match event {
        WatchEvent::Changed(paths) => EventKind::FilesChanged { watch, paths },
        WatchEvent::Lost(why) => EventKind::WatchLimited { watch, why },
    };
    // Only sessions have snapshots.
    _ = inbox.push(Incoming::Event(Event { session: None, seq: 0, kind }));
}
