//! Tool runs: a call that runs, with the snapshot around it and its progress, and that ends when it
//! is stopped.

use std::sync::Arc;

use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::engine::work::{blocking, spawn};
use crate::protocol::{
    CallOutput, Confinement, EventKind, FileState, Grant, Losses, Notice, Problem, ToolFace, TurnId,
};
use crate::sandbox::{KeepSpec, TraceSpec, WhenUnkept, read_kept};
use crate::session::{SessionInput, SnapshotScope, ToolRun};
use crate::tools::{CallSurroundings, KnownRepositories, ProgressSink, Toolbox, UnsavedTexts};
use crate::undo::{BeforeCall, Changes, EarlyReader, SnapshotStore};

use super::super::link::session_handle::SessionHandle;
use super::elicitations::Elicitations;
use super::loss_questions::LossQuestions;
use super::owned_work::guarded;
use super::undo::touched;

/// A running call. Letting go of it ends it; what it has changed by then is still told.
#[derive(Debug)]
pub(crate) struct RunningCall {
    _stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

/// The services that a call runs with.
pub(crate) struct ToolServices {
    pub(crate) toolbox: Toolbox,
    pub(crate) store: SnapshotStore,
    pub(crate) link: SessionHandle,
    pub(crate) losses: LossQuestions,
    pub(crate) elicitations: Elicitations,
    /// The tools that the model is offered, in whose form calls are answered.
    pub(crate) face: ToolFace,
}

impl RunningCall {
    /// Begins once `settled` says that what led to it is on the disk.
    pub(crate) fn start(
        tool_services: ToolServices,
        tool_run: ToolRun,
        settled: impl Future<Output = ()> + Send + 'static,
    ) -> Self {
        let (stop, stopped) = oneshot::channel();
        let (link, call, name) =
            (tool_services.link.clone(), tool_run.call.id.clone(), tool_run.call.name.clone());
        let work = async move {
            settled.await;
            run(tool_services, tool_run, stopped).await;
        };
        let broke = move |problem: Problem| {
            link.send(SessionInput::CallEnded {
                call,
                call_result: CallOutput::refusal(name, problem.message).into(),
            })
        };
        let task = spawn(guarded(work, broke));
        Self { _stop: stop, task }
    }

    /// Ends it; resolves when it has.
    pub(crate) fn end(self) -> JoinHandle<()> {
        self.task
    }
}

async fn run(tool_services: ToolServices, tool_run: ToolRun, stopped: oneshot::Receiver<()>) {
    let ToolServices { toolbox, store, link, losses, elicitations, face } = tool_services;
    let ToolRun { turn, call, grant, scope: guard, edits } = tool_run;
    let is_command = matches!(guard, SnapshotScope::Folder);
    let changes_nothing = matches!(guard, SnapshotScope::None);
    let mut before = look(&store, turn, guard, (grant, toolbox.clone())).await;
    if let Some(message) = before.as_ref().and_then(|before| before.uncovered.clone()) {
        link.emit(EventKind::Notice(Notice { message, next: None }));
    }
    let is_kept = keeps_contents(grant, toolbox.clone()).await;
    let trace = trace(before.as_ref(), is_kept && is_command);
    if let Some(before) = before.as_mut().filter(|_| is_command) {
        before.reader = trace.as_ref().and_then(|trace| reader(trace.keep.as_ref()?));
    }
    let repositories = match (&before, changes_nothing) {
        (None, true) => KnownRepositories::Unneeded,
        (None, false) => KnownRepositories::Unlisted,
        (Some(before), _) => {
            before.repositories().map_or(KnownRepositories::Unlisted, KnownRepositories::Listed)
        }
    };
    let (ended, end) = oneshot::channel();
    let unsaved = UnsavedTexts::default();
    let surroundings = CallSurroundings {
        trace: trace.clone(),
        losses: Some(losses.listener(link.clone(), call.id.clone())),
        elicitor: Some(elicitations.elicitor(link.clone(), call.id.clone())),
        repositories,
        ended: Some(ended),
        unsaved: unsaved.clone(),
        edits,
        face,
    };
    let progress: ProgressSink = {
        let (link, call) = (link.clone(), call.id.clone());
        Arc::new(move |tail| link.send(SessionInput::Progress { call: call.clone(), tail }))
    };
    let call_result = tokio::select! {
        biased;
        // The other end is dropped to say so.
        _gone = stopped => None,
        call_result = toolbox.run(&call, grant, progress, surroundings) => Some(call_result),
    };
    let id = call_result.as_ref().and_then(|call_result| call_result.output.result.job());
    // Held on to: by the time it is asked how it ended, the table may have forgotten it.
    let job = id.and_then(|id| toolbox.jobs().find(id).ok());
    let (call_result, warning) = match call_result {
        Some(call_result) if id.is_some() => {
            // The turn goes on; what the command changes is known when it has ended.
            link.send(SessionInput::CallEnded { call: call.id.clone(), call_result });
            (None, end.await.unwrap_or_default())
        }
        Some(call_result) => {
            let warning = call_result.notice.clone();
            (Some(call_result), warning)
        }
        // Until nothing of it runs any more, and what it left is harmless.
        None => (None, end.await.unwrap_or_default()),
    };
    if let Some(mut before) = before {
        before.unsaved = unsaved.take();
        let changes = compare(store, before, trace).await;
        if is_command {
            for change in &changes.files {
                let held = |state: &Option<FileState>| state.as_ref()?.digest().map(str::to_owned);
                if let Some(before) = held(&change.before) {
                    let after = held(&change.after);
                    toolbox.changed_by_command(&change.path, &before, after.as_deref());
                }
            }
        }
        if !changes.files.is_empty() {
            link.send(SessionInput::Changed { turn, id: changes.id, files: changes.files });
        }
        if let Some(message) = changes.missed {
            link.emit(EventKind::Notice(Notice { message, next: None }));
        }
    }
    if let Some(message) = warning {
        link.emit(EventKind::Notice(Notice { message, next: None }));
    }
    if let Some(call_result) = call_result {
        link.send(SessionInput::CallEnded { call: call.id, call_result });
    }
    if let Some(job) = job
        && let Some(end) = job.ended()
    {
        link.send(SessionInput::JobEnded(job.id, end));
    }
}

async fn look(
    store: &SnapshotStore,
    turn: TurnId,
    guard: SnapshotScope,
    (grant, toolbox): (Grant, Toolbox),
) -> Option<BeforeCall> {
    let store = store.clone();
    let work: Box<dyn FnOnce() -> BeforeCall + Send> = match guard {
        SnapshotScope::None => return None,
        SnapshotScope::Files(files) => Box::new(move || store.before(turn, &files)),
        SnapshotScope::Folder => Box::new(move || {
            let mut before = store.before_command(turn);
            let is_kept = before.uncovered.is_some()
                && grant.confinement == Confinement::Folder
                && toolbox.keeps_contents();
            // Contents that are kept just before they are lost need no warning.
            before.uncovered = before.uncovered.filter(|_| !is_kept);
            before
        }),
    };
    blocking(work)
        .await
        .inspect_err(|error| tracing::error!(%error, "files could not be looked at before a call"))
        .ok()
}

/// A path at which nothing can be made.
const NOWHERE: &str = "/dev/null/nowhere";

/// Says what is to be known of a call's processes, and kept of what they destroy. Without a place
/// for either, a command that must lose nothing waits before each loss.
fn trace(before: Option<&BeforeCall>, is_kept: bool) -> Option<TraceSpec> {
    let otherwise = if is_kept { WhenUnkept::Ask } else { WhenUnkept::GoOn };
    let places = before.and_then(|before| Some((before.trace()?, before.keeping()?)));
    if places.is_none() && !is_kept {
        return None;
    }
    let nowhere = || (NOWHERE.into(), (NOWHERE.into(), Vec::new()));
    let (file, (store, exempt)) = places.unwrap_or_else(nowhere);
    Some(TraceSpec { file, keep: Some(KeepSpec { store, exempt, otherwise }) })
}

/// Reads what is kept of a command while it runs.
fn reader(keep: &KeepSpec) -> Option<EarlyReader> {
    let store = keep.store.clone();
    EarlyReader::begin(move || read_kept(&store))
        .inspect_err(|error| tracing::warn!(%error, "kept contents are not read early"))
        .ok()
}

/// Whether a call must lose nothing that was not kept first. Where contents cannot be kept, policy
/// asks before it runs.
async fn keeps_contents(grant: Grant, toolbox: Toolbox) -> bool {
    let is_kept_in = grant.confinement == Confinement::Folder && grant.losses == Losses::Refused;
    is_kept_in
        && blocking(move || toolbox.keeps_contents())
            .await
            .inspect_err(
                |error| tracing::error!(%error, "it could not be tried whether contents are kept"),
            )
            .unwrap_or(true)
}

async fn compare(
    store: SnapshotStore,
    mut before: BeforeCall,
    trace: Option<TraceSpec>,
) -> Changes {
    let work = move || {
        let keep = trace.as_ref().and_then(|trace| trace.keep.as_ref());
        before.destroyed = keep.map(|keep| read_kept(&keep.store)).unwrap_or_default();
        let own = trace.and_then(|trace| touched(&trace.file));
        store.after(before, own.as_ref(), &touched)
    };
    match blocking(work).await {
        Ok(changes) => changes,
        Err(error) => {
            tracing::error!(%error, "files could not be looked at after a call");
            let missed =
                "What the last call changed cannot be taken back: it could not be looked at";
            Changes { missed: Some(missed.into()), ..Changes::default() }
        }
    }
}
