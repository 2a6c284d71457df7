//! The table of tools: which there are, what a call of each would do, and what it is given to run. Runs none.

use std::pin::Pin;

use crate::protocol::{CallId, CallOutput, Deed, DeedKind, Ran, Reach, Sight, ToolCall, ToolSpec};

use super::arguments::Arguments;
use super::folder::Folder;
use super::refusal::Refusal;
use super::seen::Seen;
use super::shell::Commission;
use super::stop::Stop;
use super::toolbox::Ground;
use super::words::shorten;
use super::{edit, glob, grep, list, patch, question, read, shell, todo, view_image, webfetch, write};

/// What a call works with while it is understood, and while it runs on a thread that may block.
#[derive(Debug)]
pub(super) struct Task<'a> {
    pub folder: &'a Folder,
    pub stop: &'a Stop,
    pub seen: &'a Seen,
    pub call: &'a CallId,
    pub sight: Sight,
}

/// What a call works with that waits for the world instead of blocking a thread.
pub(super) struct Trip<'a> {
    pub call: &'a CallId,
    pub ground: &'a Ground,
    pub reach: Reach,
}

pub(super) type Answering<'a> = Pin<Box<dyn Future<Output = Result<CallOutput, Refusal>> + Send + 'a>>;

pub(super) struct Tool {
    pub spec: ToolSpec,
    /// What the call would do; it changes nothing.
    pub deed: fn(&mut Arguments, &Task<'_>) -> Result<Deed, Refusal>,
    pub run: Run,
}

pub(super) enum Run {
    Awaited(for<'a> fn(Arguments, Trip<'a>) -> Answering<'a>),
    Blocking(fn(&mut Arguments, &Task<'_>) -> Result<CallOutput, Refusal>),
    /// Starts something that is ended when nobody waits for it, and is heard while it runs.
    Commanding(fn(&mut Arguments, &Task<'_>, Commission) -> Result<Ran, Refusal>),
}

pub(super) static TOOLS: &[Tool] = &[
    Tool { spec: patch::SPEC, deed: patch::deed, run: Run::Blocking(patch::run) },
    Tool { spec: edit::SPEC, deed: edit::deed, run: Run::Blocking(edit::run) },
    Tool { spec: glob::SPEC, deed: look, run: Run::Blocking(glob::run) },
    Tool { spec: grep::SPEC, deed: look, run: Run::Blocking(grep::run) },
    Tool { spec: list::SPEC, deed: look, run: Run::Blocking(list::run) },
    Tool { spec: question::SPEC, deed: question::deed, run: Run::Blocking(question::run) },
    Tool { spec: read::SPEC, deed: look, run: Run::Blocking(read::run) },
    Tool { spec: shell::SPEC, deed: shell::deed, run: Run::Commanding(shell::run) },
    Tool { spec: todo::SPEC, deed: todo::deed, run: Run::Blocking(todo::run) },
    Tool { spec: view_image::SPEC, deed: look, run: Run::Blocking(view_image::run) },
    Tool { spec: webfetch::SPEC, deed: webfetch::deed, run: Run::Awaited(webfetch::run) },
    Tool { spec: write::SPEC, deed: write::deed, run: Run::Blocking(write::run) },
];

/// What every tool that only reads would do: look at its path.
fn look(arguments: &mut Arguments, task: &Task<'_>) -> Result<Deed, Refusal> {
    let path = arguments.path().unwrap_or_else(|| ".".to_owned());
    let target = task.folder.target(&path)?;
    let title = arguments.subject().unwrap_or_else(|| target.shown.clone());
    Ok(Deed { title, reason: None, kind: DeedKind::Look { targets: vec![target] } })
}

pub(super) fn find(call: &ToolCall) -> Result<&'static Tool, CallOutput> {
    TOOLS.iter().find(|tool| tool.spec.name == call.name).ok_or_else(|| {
        let names = TOOLS.iter().map(|tool| format!("`{}`", tool.spec.name)).collect::<Vec<_>>().join(", ");
        CallOutput::refusal(shorten(&call.name, 40), format!("There is no tool `{}`. The tools are {names}", shorten(&call.name, 100)))
    })
}
