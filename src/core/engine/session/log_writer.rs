//! The ordered writer of one session's log: batches go to the disk one after the other, beside the
//! loop.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::base::Advice;
use crate::base::text::sentence;
use crate::engine::work::{blocking, spawn};
use crate::protocol::{EventKind, ItemId, Notice, Record, SaveState};
use crate::store::{LiveWords, RecordedSession, SessionLog, StoreError};

/// How long words of an answer wait at the most before they are on the disk.
const WORDS_WAIT: Duration = Duration::from_secs(1);

/// How long after a failure the disk is tried again, and the longest that this doubles to.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Letting go of it lets it write what it has been given, and then lets go of the log.
pub(crate) struct Writer {
    batches: mpsc::UnboundedSender<Batch>,
    words: Arc<Mutex<WordQueue>>,
    given: u64,
    progress: watch::Receiver<Progress>,
    task: JoinHandle<Option<SessionLog>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Progress {
    /// How many batches are on the disk, or were tried in vain.
    settled: u64,
    /// Whether some of them are in memory alone.
    is_behind: bool,
}

/// Another try to write what the disk did not take.
#[derive(Clone, Copy, Debug)]
struct Retry {
    at: Instant,
    pause: Duration,
}

impl Retry {
    fn after(pause: Duration) -> Self {
        Self { at: Instant::now() + pause, pause }
    }

    /// The one after a failure: pauses grow where nothing but the time made it try.
    fn next(last: Option<Self>) -> Self {
        match last {
            None => Self::after(FIRST_PAUSE),
            Some(last) if last.is_due() => Self::after((last.pause * 2).min(LONGEST_PAUSE)),
            Some(last) => last,
        }
    }

    fn is_due(&self) -> bool {
        self.at <= Instant::now()
    }
}

enum Batch {
    /// Asks for all that was given before.
    Read(oneshot::Sender<Result<RecordedSession, StoreError>>),
    Records(Vec<Record>),
    /// Words wait from now on.
    Words,
}

/// Words of answers that are being written: a kill is not to take what was on the screen.
#[derive(Default)]
struct WordQueue {
    waiting: Vec<LiveWords>,
    /// Items of which words are on the disk, or are about to be.
    written: HashSet<ItemId>,
}

impl WordQueue {
    /// Whether these are the first that wait.
    fn add(&mut self, item: &ItemId, text: &str) -> bool {
        let was_empty = self.waiting.is_empty();
        let same = self.waiting.iter_mut().rev().find_map(|words| match words {
            LiveWords::More { item: of, text } if of == item => Some(text),
            _ => None,
        });
        match same {
            Some(so_far) => so_far.push_str(text),
            None => {
                self.waiting.push(LiveWords::More { item: item.clone(), text: text.to_owned() })
            }
        }
        was_empty
    }

    /// The item is whole, and kept as such.
    fn is_whole(&mut self, item: &ItemId) {
        self.forget(item);
        self.written.remove(item);
    }

    /// Whether it is the first that waits.
    fn void(&mut self, item: &ItemId) -> bool {
        let was_empty = self.waiting.is_empty();
        self.forget(item);
        if self.written.remove(item) {
            self.waiting.push(LiveWords::Void(item.clone()));
        }
        was_empty && !self.waiting.is_empty()
    }

    fn forget(&mut self, item: &ItemId) {
        self.waiting
            .retain(|words| !matches!(words, LiveWords::More { item: of, .. } if of == item));
    }

    fn take(&mut self) -> Vec<LiveWords> {
        for words in &self.waiting {
            if let LiveWords::More { item, .. } = words {
                self.written.insert(item.clone());
            }
        }
        std::mem::take(&mut self.waiting)
    }
}

impl Writer {
    /// `emit` hears of it when a conversation cannot be kept, once, and when it can be again.
    pub(crate) fn start(log: SessionLog, emit: impl Fn(EventKind) + Send + 'static) -> Self {
        let (batches, given) = mpsc::unbounded_channel();
        let (told, progress) = watch::channel(Progress::default());
        let words = Arc::<Mutex<WordQueue>>::default();
        let task = spawn(write(log, given, Arc::clone(&words), told, emit));
        Self { batches, words, given: 0, progress, task }
    }

    pub(crate) fn append(&mut self, records: Vec<Record>) {
        self.given += 1;
        for record in &records {
            if let Record::Item(item) = record {
                self.queue(|words| words.is_whole(&item.id));
            }
        }
        // The task ends only after this is dropped.
        let _given = self.batches.send(Batch::Records(records));
    }

    /// Reads the log, with all that was given so far; `None` where the work on it broke off.
    pub(crate) fn read(
        &self,
    ) -> impl Future<Output = Option<Result<RecordedSession, StoreError>>> + Send + 'static + use<>
    {
        let (answer, read) = oneshot::channel();
        let _given = self.batches.send(Batch::Read(answer));
        async move { read.await.ok() }
    }

    /// Words of an item that is not whole yet: on the disk within a second.
    pub(crate) fn words(&self, item: &ItemId, text: &str) {
        if self.queue(|words| words.add(item, text)) {
            let _given = self.batches.send(Batch::Words);
        }
    }

    /// The words of this item are on the screen no more.
    pub(crate) fn void_words(&self, item: &ItemId) {
        if self.queue(|words| words.void(item)) {
            let _given = self.batches.send(Batch::Words);
        }
    }

    fn queue<T>(&self, act: impl FnOnce(&mut WordQueue) -> T) -> T {
        act(&mut self.words.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Resolves when all that was given so far is on the disk. A disk that takes no more does not
    /// hold the conversation up: it was told.
    pub(crate) fn settled(&self) -> impl Future<Output = ()> + Send + 'static + use<> {
        let (mut progress, given) = (self.progress.clone(), self.given);
        async move {
            let _gone = progress.wait_for(|so_far| so_far.settled >= given).await;
        }
    }

    /// Whether some of it is in memory alone, because the disk did not take it. It is tried again.
    pub(crate) fn is_behind(&self) -> bool {
        self.progress.borrow().is_behind
    }

    /// Ends with the log when everything is written; without it where the work on it broke off.
    pub(crate) fn close(self) -> JoinHandle<Option<SessionLog>> {
        self.task
    }
}

async fn write(
    mut log: SessionLog,
    mut given: mpsc::UnboundedReceiver<Batch>,
    words: Arc<Mutex<WordQueue>>,
    progress: watch::Sender<Progress>,
    emit: impl Fn(EventKind),
) -> Option<SessionLog> {
    let mut retry: Option<Retry> = None;
    let mut due = None;
    loop {
        let first = tokio::select! {
            biased;
            batch = given.recv() => match batch {
                Some(batch) => Some(batch),
                None => break,
            },
            () = time(due.into_iter().chain(retry.map(|retry| retry.at)).min()) => None,
        };
        let (mut records, mut batches, mut readers) = (Vec::new(), 0, Vec::new());
        let is_due = due.is_some_and(|at| at <= Instant::now());
        for batch in first.into_iter().chain(std::iter::from_fn(|| given.try_recv().ok())) {
            match batch {
                Batch::Read(reader) => readers.push(reader),
                Batch::Records(more) => {
                    records.extend(more);
                    batches += 1;
                }
                Batch::Words => due = due.or(Some(Instant::now() + WORDS_WAIT)),
            }
        }
        let mut live = Vec::new();
        if is_due {
            due = None;
            live = words.lock().unwrap_or_else(PoisonError::into_inner).take();
        }
        // Tries again what the disk did not take, before somebody reads it back.
        let is_again = retry.is_some_and(|retry| retry.is_due() || !readers.is_empty());
        let has_records = batches > 0 || is_again;
        if !has_records && live.is_empty() && readers.is_empty() {
            continue;
        }
        let written = blocking(move || {
            // Words first: what is whole by now was taken out of them.
            let words = if live.is_empty() { Ok(()) } else { log.append_words(&live) };
            let result = if has_records { log.append(&records) } else { words };
            for reader in readers {
                // Who asked may have stopped waiting.
                let _gone = reader.send(log.read());
            }
            (log, result)
        });
        let Ok((back, result)) = written.await else {
            tracing::error!("the writer of a session ended early");
            emit(EventKind::SaveState(SaveState::NotYet));
            emit(EventKind::Notice(Notice {
                message: "This conversation is not being kept any more".into(),
                next: None,
            }));
            return None;
        };
        log = back;
        let was_behind = retry.is_some();
        retry = result.is_err().then(|| Retry::next(retry));
        // Before it is told, since whoever hears of it may ask.
        progress.send_modify(|so_far| so_far.is_behind = retry.is_some());
        match result {
            Ok(()) if was_behind => {
                let message =
                    "This conversation is being kept again, and nothing of it is missing".into();
                emit(EventKind::SaveState(SaveState::OnDisk));
                emit(EventKind::Notice(Notice { message, next: None }));
            }
            Ok(()) => {}
            Err(error) if !was_behind => {
                emit(EventKind::SaveState(SaveState::NotYet));
                emit(EventKind::Notice(notice(&error)));
            }
            Err(error) => tracing::warn!("a session is not kept: {error}"),
        }
        progress.send_modify(|so_far| so_far.settled += batches);
    }
    Some(log)
}

async fn time(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due).await,
        None => std::future::pending().await,
    }
}

fn notice(error: &StoreError) -> Notice {
    Notice {
        message: format!("This conversation is not being kept: {}", sentence(&error.to_string())),
        next: error.next_step(),
    }
}
