//! The tools as the engine sees them: offered as a list, run one call at a time. Does not know what any tool does.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::Semaphore;

use crate::protocol::{CallOutput, ToolCall, ToolSpec};

use super::arguments::Arguments;
use super::folder::Folder;
use super::refusal::Refusal;
use super::stop::{Stop, StopOnDrop};
use super::words::shorten;
use super::{glob, grep, list, read};

/// The read-only tools, bound to one folder: nothing outside of it is ever read.
#[derive(Clone, Debug)]
pub struct Toolbox {
    folder: PathBuf,
    private: Arc<[PathBuf]>,
    specs: Arc<[ToolSpec]>,
    seats: Arc<Semaphore>,
}

/// Calls that run at once; a response may hold thousands, and each takes a thread or a few.
const AT_ONCE: usize = 8;

/// What a running tool works with.
pub(super) struct Task<'a> {
    pub folder: &'a Folder,
    pub stop: &'a Stop,
}

struct Tool {
    spec: ToolSpec,
    run: fn(&mut Arguments, &Task<'_>) -> Result<CallOutput, Refusal>,
}

const TOOLS: [Tool; 4] = [
    Tool { spec: glob::SPEC, run: glob::run },
    Tool { spec: grep::SPEC, run: grep::run },
    Tool { spec: list::SPEC, run: list::run },
    Tool { spec: read::SPEC, run: read::run },
];

impl Toolbox {
    /// Touches nothing; a folder that is not there makes every call answer so.
    pub fn new(folder: PathBuf) -> Self {
        Self { folder, private: Arc::new([]), specs: TOOLS.map(|tool| tool.spec).into(), seats: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// The same without the contents of some files, should they lie in the folder: a model has no use for the credentials it is asked with.
    pub fn without(self, private: impl Into<Arc<[PathBuf]>>) -> Self {
        Self { private: private.into(), ..self }
    }

    /// What to offer to the model, in alphabetical order.
    pub fn specs(&self) -> Arc<[ToolSpec]> {
        Arc::clone(&self.specs)
    }

    /// Runs one call on a thread that may block. Whatever the call holds, there is an output. Dropping the future stops the work soon after.
    pub async fn run(&self, call: &ToolCall) -> CallOutput {
        let (folder, private, wish) = (self.folder.clone(), Arc::clone(&self.private), call.clone());
        // Never closed; were it, a call would only not have to wait.
        let seat = Arc::clone(&self.seats).acquire_owned().await.ok();
        on_a_thread(&call.name, move |stop| {
            // Held by the work itself: it may go on for a moment when nobody waits for it any more.
            let _seat = seat;
            answer(&folder, &private, &wish, stop)
        })
        .await
    }
}

/// Runs work where it may block; it learns of it when the future is dropped, and a panic of its becomes an answer.
async fn on_a_thread(name: &str, work: impl FnOnce(&Stop) -> CallOutput + Send + 'static) -> CallOutput {
    let stop = Stop::default();
    let _guard = StopOnDrop(stop.clone());
    let output = tokio::task::spawn_blocking(move || work(&stop)).await;
    output.unwrap_or_else(|error| {
        tracing::warn!(tool = name, cancelled = error.is_cancelled(), "a tool did not come to its end");
        let text = match error.is_cancelled() {
            true => Refusal::Stopped.to_string(),
            false => format!("`{name}` broke down on this call. It is a defect of codling; another call may work"),
        };
        CallOutput::refusal(name, text)
    })
}

fn answer(folder: &Path, private: &[PathBuf], call: &ToolCall, stop: &Stop) -> CallOutput {
    let Some(tool) = TOOLS.iter().find(|tool| tool.spec.name == call.name) else {
        let names = TOOLS.map(|tool| format!("`{}`", tool.spec.name)).join(", ");
        return CallOutput::refusal(
            shorten(&call.name, 40),
            format!("There is no tool `{}`. The tools are {names}", shorten(&call.name, 100)),
        );
    };
    match attempt(tool, folder, private, call, stop) {
        Ok(output) => output,
        Err((title, refusal)) => CallOutput::refusal(title, refusal.sentence(tool.spec.parameters)),
    }
}

fn attempt(tool: &Tool, folder: &Path, private: &[PathBuf], call: &ToolCall, stop: &Stop) -> Result<CallOutput, (String, Refusal)> {
    let mut arguments = Arguments::parse(&call.arguments).map_err(|refusal| (tool.spec.name.to_owned(), refusal))?;
    let title = arguments.subject().unwrap_or_else(|| tool.spec.name.to_owned());
    let mut run = || {
        let folder = Folder::open(folder)?.without(private);
        (tool.run)(&mut arguments, &Task { folder: &folder, stop })
    };
    run().map_err(|refusal| (title, refusal))
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn work_that_nobody_waits_for_learns_of_it() {
        let (started, has_started) = tokio::sync::oneshot::channel();
        let (ended, has_ended) = mpsc::channel();
        let work = move |stop: &Stop| {
            started.send(()).unwrap();
            while !stop.is_dropped() && !stop.is_late() {
                std::thread::yield_now();
            }
            ended.send(stop.is_dropped()).unwrap();
            CallOutput::text("", "")
        };
        tokio::select! {
            _ = on_a_thread("grep", work) => panic!("it was to be left"),
            left = has_started => left.unwrap(),
        }
        assert!(has_ended.recv_timeout(Duration::from_secs(20)).unwrap());
    }

    #[tokio::test]
    async fn a_tool_that_breaks_down_still_answers() {
        let output = on_a_thread("grep", |_| panic!("a defect")).await;
        assert!(!output.ok && output.text.starts_with("`grep` broke down"), "{}", output.text);
    }
}
