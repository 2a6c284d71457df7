//! A call that runs: what it is guarded by, what it tells while it runs, and that it ends when it is stopped. Does not know why it was allowed.

use std::sync::Arc;

use tokio::sync::oneshot;
use tokio::task::{self, JoinHandle};

use crate::protocol::{EventKind, FileChange, Notice};
use crate::session::{Errand, Guard, Input};
use crate::tools::{Progress, Toolbox};
use crate::undo::{Before, Keeper};

use super::link::Link;

/// A running call. Letting go of it ends it; what it has changed by then is still told.
#[derive(Debug)]
pub(super) struct RunningCall {
    _stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

/// What a call runs with.
pub(super) struct Bench {
    pub(super) toolbox: Toolbox,
    pub(super) keeper: Keeper,
    pub(super) link: Link,
}

impl RunningCall {
    /// Begins once `settled` says that what led to it is on the disk.
    pub(super) fn start(bench: Bench, errand: Errand, settled: impl Future<Output = ()> + Send + 'static) -> Self {
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(async move {
            settled.await;
            run(bench, errand, stopped).await;
        });
        Self { _stop: stop, task }
    }

    /// Ends it; resolves when it has.
    pub(super) fn end(self) -> JoinHandle<()> {
        self.task
    }
}

async fn run(bench: Bench, errand: Errand, stopped: oneshot::Receiver<()>) {
    let Bench { toolbox, keeper, link } = bench;
    let Errand { turn, call, leave, guard } = errand;
    let before = look(&keeper, guard).await;
    let progress: Progress = {
        let (link, call) = (link.clone(), call.id.clone());
        Arc::new(move |tail| link.send(Input::Progress { call: call.clone(), tail }))
    };
    let ran = tokio::select! {
        biased;
        // The other end is dropped to say so.
        _gone = stopped => None,
        ran = toolbox.run(&call, leave, progress, None) => Some(ran),
    };
    if let Some(before) = before {
        let (files, missed) = compare(keeper, before).await;
        if !files.is_empty() {
            link.send(Input::Changed { turn, files });
        }
        if let Some(message) = missed {
            link.tell(EventKind::Notice(Notice { message, next: None }));
        }
    }
    if let Some(ran) = ran {
        link.send(Input::Ran { call: call.id, ran });
    }
}

async fn look(keeper: &Keeper, guard: Guard) -> Option<Before> {
    let keeper = keeper.clone();
    let work: Box<dyn FnOnce() -> Before + Send> = match guard {
        Guard::None => return None,
        Guard::Files(files) => Box::new(move || keeper.before(&files)),
        Guard::Folder => Box::new(move || keeper.before_command()),
    };
    task::spawn_blocking(work).await.inspect_err(|error| tracing::error!(%error, "files could not be looked at before a call")).ok()
}

async fn compare(keeper: Keeper, before: Before) -> (Vec<FileChange>, Option<String>) {
    match task::spawn_blocking(move || keeper.after(before)).await {
        Ok(changes) => (changes.files, changes.missed),
        Err(error) => {
            tracing::error!(%error, "files could not be looked at after a call");
            (Vec::new(), Some("What the last call changed cannot be taken back: it could not be looked at".into()))
        }
    }
}
