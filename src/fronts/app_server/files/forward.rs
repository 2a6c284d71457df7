//! Forwards the changes of one watched path to the client, as fast as the client reads them.

use std::path::PathBuf;

use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedReceiver;

use crate::app_server::transport::connection::Listener;
use crate::app_server::transport::wire;
use crate::base::Clock;
use crate::protocol::{ChangedPaths, EventKind};

const CHANGED: &str = "fs/changed";
const WARNING: &str = "warning";

/// One watch of a client.
#[derive(Debug)]
pub struct Forward {
    pub path: PathBuf,
    pub id: String,
    pub clock: Clock,
}

#[derive(Debug, Default)]
struct Waiting {
    paths: ChangedPaths,
    lost: Option<String>,
}

impl Forward {
    /// Forwards changes until the watch ends. Changes that the client is slow to read are merged.
    pub async fn run(self, mut events: UnboundedReceiver<EventKind>, listener: Listener) {
        let mut waiting = Waiting::default();
        while let Some(one) = events.recv().await {
            waiting.take(one);
            loop {
                tokio::select! {
                    biased;
                    more = events.recv() => match more {
                        Some(more) => waiting.take(more),
                        None => return,
                    },
                    () = listener.outbox.eased() => break,
                }
            }
            self.notify(std::mem::take(&mut waiting), &listener);
        }
    }

    fn notify(&self, waiting: Waiting, listener: &Listener) {
        if let Some(why) = waiting.lost {
            let warning = json!({ "threadId": null, "message": why });
            self.send(listener, WARNING, warning);
        }
        if !waiting.paths.is_empty() {
            let changed = json!({ "watchId": self.id, "changedPaths": self.names(waiting.paths) });
            self.send(listener, CHANGED, changed);
        }
    }

    fn send(&self, listener: &Listener, method: &str, params: Value) {
        if listener.hears(method) {
            listener.outbox.notify(wire::notification(method, params, self.clock.now()));
        }
    }

    /// The changed paths as text. A name that is not Unicode is converted for display.
    fn names(&self, paths: ChangedPaths) -> Vec<String> {
        let paths = paths.named(&self.path);
        paths.iter().map(|path| path.to_string_lossy().into_owned()).collect()
    }
}

impl Waiting {
    fn take(&mut self, event: EventKind) {
        match event {
            EventKind::FilesChanged { paths, .. } => self.paths.extend(paths),
            EventKind::WatchLimited { why, .. } => self.lost = Some(why),
            _ => {}
        }
    }
}
