//! A call that runs: what it is guarded by, what it tells while it runs, and that it ends when it is stopped. Does not know why it was allowed.

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::oneshot;
use tokio::task::{self, JoinHandle};

use crate::protocol::{CallOutput, EventKind, Notice, Problem, TurnId};
use crate::session::{Errand, Guard, Input};
use crate::tools::{Circumstances, Progress, Toolbox};
use crate::undo::{Before, Changes, SnapshotStore};

use super::link::Link;
use super::undo::touched;
use super::work::guarded;

/// A running call. Letting go of it ends it; what it has changed by then is still told.
#[derive(Debug)]
pub(super) struct RunningCall {
    _stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

/// What a call runs with.
pub(super) struct Bench {
    pub(super) toolbox: Toolbox,
    pub(super) store: SnapshotStore,
    pub(super) link: Link,
}

impl RunningCall {
    /// Begins once `settled` says that what led to it is on the disk.
    pub(super) fn start(bench: Bench, errand: Errand, settled: impl Future<Output = ()> + Send + 'static) -> Self {
        let (stop, stopped) = oneshot::channel();
        let (link, call, name) = (bench.link.clone(), errand.call.id.clone(), errand.call.name.clone());
        let work = async move {
            settled.await;
            run(bench, errand, stopped).await;
        };
        let broke = move |problem: Problem| link.send(Input::Ran { call, ran: CallOutput::refusal(name, problem.message).into() });
        let task = tokio::spawn(guarded(work, broke));
        Self { _stop: stop, task }
    }

    /// Ends it; resolves when it has.
    pub(super) fn end(self) -> JoinHandle<()> {
        self.task
    }
}

async fn run(bench: Bench, errand: Errand, stopped: oneshot::Receiver<()>) {
    let Bench { toolbox, store, link } = bench;
    let Errand { turn, call, leave, guard } = errand;
    let before = look(&store, turn, guard).await;
    if let Some(message) = before.as_ref().and_then(|before| before.uncovered.clone()) {
        link.tell(EventKind::Notice(Notice { message, next: None }));
    }
    let trace = before.as_ref().and_then(Before::trace);
    let repositories = before.as_ref().map(Before::repositories).unwrap_or_default();
    let surroundings = Circumstances { trace: trace.clone(), repositories };
    let progress: Progress = {
        let (link, call) = (link.clone(), call.id.clone());
        Arc::new(move |tail| link.send(Input::Progress { call: call.clone(), tail }))
    };
    let ran = tokio::select! {
        biased;
        // The other end is dropped to say so.
        _gone = stopped => None,
        ran = toolbox.run(&call, leave, progress, surroundings) => Some(ran),
    };
    if let Some(before) = before {
        let changes = compare(store, before, trace).await;
        if !changes.files.is_empty() {
            link.send(Input::Changed { turn, id: changes.id, files: changes.files });
        }
        if let Some(message) = changes.missed {
            link.tell(EventKind::Notice(Notice { message, next: None }));
        }
    }
    if let Some(ran) = ran {
        if let Some(message) = ran.notice.clone() {
            link.tell(EventKind::Notice(Notice { message, next: None }));
        }
        link.send(Input::Ran { call: call.id, ran });
    }
}

async fn look(store: &SnapshotStore, turn: TurnId, guard: Guard) -> Option<Before> {
    let store = store.clone();
    let work: Box<dyn FnOnce() -> Before + Send> = match guard {
        Guard::None => return None,
        Guard::Files(files) => Box::new(move || store.before(turn, &files)),
        Guard::Folder => Box::new(move || store.before_command(turn)),
    };
    task::spawn_blocking(work).await.inspect_err(|error| tracing::error!(%error, "files could not be looked at before a call")).ok()
}

async fn compare(store: SnapshotStore, before: Before, trace: Option<PathBuf>) -> Changes {
    let work = move || store.after(before, trace.and_then(|trace| touched(&trace)).as_ref());
    match task::spawn_blocking(work).await {
        Ok(changes) => changes,
        Err(error) => {
            tracing::error!(%error, "files could not be looked at after a call");
            let missed = "What the last call changed cannot be taken back: it could not be looked at";
            Changes { missed: Some(missed.into()), ..Changes::default() }
        }
    }
}
