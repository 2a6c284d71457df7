//! The ordered writer of one session's log: batches go to the disk one after the other, beside the
//! loop.

use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;

use crate::base::Advice;
use crate::base::text::sentence;
use crate::protocol::{EventKind, Notice, Record, SaveState};
use crate::store::{SessionLog, StoreError};

/// Letting go of it lets it write what it has been given, and then lets go of the log.
pub(super) struct Writer {
    batches: mpsc::UnboundedSender<Vec<Record>>,
    given: u64,
    /// How many batches are on the disk, or were given up.
    settled: watch::Receiver<u64>,
    task: JoinHandle<Option<SessionLog>>,
}

impl Writer {
    /// `tell` hears of it when a conversation cannot be kept, once, and when it can be again.
    pub(super) fn start(log: SessionLog, tell: impl Fn(EventKind) + Send + 'static) -> Self {
        let (batches, given) = mpsc::unbounded_channel();
        let (done, settled) = watch::channel(0);
        Self { batches, given: 0, settled, task: tokio::spawn(write(log, given, done, tell)) }
    }

    pub(super) fn append(&mut self, records: Vec<Record>) {
        self.given += 1;
        // The task ends only after this is dropped.
        let _given = self.batches.send(records);
    }

    /// Resolves when all that was given so far is on the disk. A disk that takes no more does not hold the conversation up: it was told.
    pub(super) fn settled(&self) -> impl Future<Output = ()> + Send + 'static + use<> {
        let (mut settled, given) = (self.settled.clone(), self.given);
        async move {
            let _gone = settled.wait_for(|done| *done >= given).await;
        }
    }

    /// Ends with the log when everything is written; without it where the work on it broke off.
    pub(super) fn close(self) -> JoinHandle<Option<SessionLog>> {
        self.task
    }
}

async fn write(
    mut log: SessionLog,
    mut given: mpsc::UnboundedReceiver<Vec<Record>>,
    done: watch::Sender<u64>,
    tell: impl Fn(EventKind),
) -> Option<SessionLog> {
    let mut told = false;
    while let Some(mut records) = given.recv().await {
        let mut batches = 1;
        while let Ok(more) = given.try_recv() {
            records.extend(more);
            batches += 1;
        }
        let written = tokio::task::spawn_blocking(move || {
            let result = log.append(&records);
            (log, result)
        });
        let Ok((back, result)) = written.await else {
            tracing::error!("the writer of a session ended early");
            tell(EventKind::SaveState(SaveState::NotYet));
            tell(EventKind::Notice(Notice {
                message: "This conversation is not being kept any more".into(),
                next: None,
            }));
            return None;
        };
        log = back;
        match result {
            Ok(()) if told => {
                told = false;
                let message =
                    "This conversation is being kept again, and nothing of it is missing".into();
                tell(EventKind::SaveState(SaveState::OnDisk));
                tell(EventKind::Notice(Notice { message, next: None }));
            }
            Ok(()) => {}
            Err(error) if !told => {
                told = true;
                tell(EventKind::SaveState(SaveState::NotYet));
                tell(EventKind::Notice(notice(&error)));
            }
            Err(error) => tracing::warn!("a session is not kept: {error}"),
        }
        done.send_modify(|count| *count += batches);
    }
    Some(log)
}

fn notice(error: &StoreError) -> Notice {
    Notice {
        message: format!("This conversation is not being kept: {}", sentence(&error.to_string())),
        next: error.next_step(),
    }
}
