//! The engine, the one loop: feeds the sessions, performs their effects with its services, owns
//! running work. Decides nothing itself.

mod active_session;
mod engine_loop;
mod log_writer;
mod model_request;
mod open_session;
mod problem;
mod running_work;
mod services;
mod session_handle;
mod session_library;
mod sign_ins;
mod tool_run;
mod undo;
mod work;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task;

use crate::config::Settings;
use crate::protocol::{Command, Event, EventKind, Notice, Picture, Presence, Problem, RequestId};
use crate::tools::ToolSource;
use crate::{model, tools};

use engine_loop::EngineLoop;

/// What the engine starts from.
#[derive(Clone, Debug)]
pub struct Setup {
    pub settings: Settings,
    /// What reading the settings had to say; told as the first events.
    pub notices: Vec<Notice>,
    /// Whether the front puts questions to a person.
    pub presence: Presence,
    /// Where tools come from besides the built-in ones.
    pub tool_sources: Vec<Arc<dyn ToolSource>>,
}

/// Where events go. Called on the engine's thread: it must not block.
pub type EventSink = Arc<dyn Fn(Event) + Send + Sync>;

/// How long a thread that read a file waits for the next: an idle program has none to wake for.
const KEEP_ALIVE: Duration = Duration::from_secs(1);

/// The end of an engine on a thread of its own.
#[derive(Debug)]
pub struct EngineEnd(std::sync::mpsc::Receiver<()>);

impl EngineEnd {
    /// Waits until the engine has ended with nothing left undone, `limit` at the most. It ends when the last [`Engine`] is dropped.
    pub fn wait(self, limit: Duration) {
        // Whichever comes first, the end or the limit, there is nothing more to wait for.
        let _ended = self.0.recv_timeout(limit);
    }
}

/// The way in for a front. Dropping the last clone ends the engine and everything that runs.
#[derive(Clone, Debug)]
pub struct Engine {
    commands: mpsc::UnboundedSender<(RequestId, Command)>,
    last: Arc<AtomicU64>,
}

impl Engine {
    /// Starts the loop as a task of the runtime this is called in. The handle ends when the engine has, with nothing left undone.
    pub fn start(setup: Setup, tell: EventSink) -> (Self, task::JoinHandle<()>) {
        let (engine, commands) = Self::recording();
        (engine, tokio::spawn(run(setup, commands, tell)))
    }

    /// Starts the loop on a thread of its own, for a front that has no runtime.
    pub fn start_on_thread(setup: Setup, tell: EventSink) -> Result<(Self, EngineEnd), Problem> {
        let (engine, commands) = Self::recording();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .thread_keep_alive(KEEP_ALIVE)
            .build()
            .map_err(|error| problem::of_start(&error))?;
        let (ended, ending) = std::sync::mpsc::channel();
        let body = move || {
            runtime.block_on(run(setup, commands, tell));
            // Waits for files that are being written just now.
            drop(runtime);
            drop(ended);
        };
        thread::Builder::new()
            .name("engine".into())
            .spawn(body)
            .map_err(|error| problem::of_start(&error))?;
        Ok((engine, EngineEnd(ending)))
    }

    /// An engine that carries nothing out: what is sent to it can be read from the other end.
    pub fn recording() -> (Self, mpsc::UnboundedReceiver<(RequestId, Command)>) {
        let (commands, received) = mpsc::unbounded_channel();
        (Self { commands, last: Arc::default() }, received)
    }

    /// Hands a command over; never waits. What comes of it arrives as events.
    pub fn send(&self, command: Command) -> RequestId {
        let id = RequestId(self.last.fetch_add(1, Ordering::Relaxed) + 1);
        // The loop outlives every clone of this, except while the program ends.
        let _ended = self.commands.send((id, command));
        id
    }
}

/// The wire dialects that a provider of the settings can speak, by name.
pub fn dialects() -> Vec<&'static str> {
    model::dialects().collect()
}

/// Reads a picture that a person wants to send along. Blocks on the disk.
pub fn picture(path: &Path) -> Result<Picture, Problem> {
    tools::picture(path).map_err(|error| problem::of_picture(&error))
}

async fn run(
    setup: Setup,
    commands: mpsc::UnboundedReceiver<(RequestId, Command)>,
    tell: EventSink,
) {
    for notice in setup.notices {
        tell(Event { session: None, kind: EventKind::Notice(notice) });
    }
    EngineLoop::new(setup.settings, setup.presence, setup.tool_sources.into(), tell)
        .run(commands)
        .await;
}
