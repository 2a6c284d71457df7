//! The engine, the one loop: feeds the sessions, performs their effects with its services, owns
//! running work. Decides nothing itself.

#![warn(missing_docs)]

mod engine_loop;

mod link;
mod model_marks;
mod remote;
mod session;
mod sign_ins;
mod work;

pub mod checkup;
mod client_files;
mod config_file;
mod followed_sessions;
mod known_words;
mod model_lists;
mod problem;
pub mod review;
mod services;
mod status_command;

#[cfg(any(test, debug_assertions))]
pub mod scripted;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task;

use crate::config::{Settings, SettingsSource};
use crate::engine::work::spawn;
use crate::protocol::{ClientId, Notice, Picture, Problem, SizedPicture};
use crate::tools::ToolSource;
use crate::{model, tools};

pub use known_words::{known_models, known_sessions};
pub use link::client::{Client, ClientFacts, Rest};
pub use link::inbox::{Arrival, Inbox, Incoming, Waker};
pub use remote::live;
pub use status_command::{status_facts, status_line};
pub use work::jobs;
pub use work::standalone_command::{
    BoundCommand, CommandLimits, NetworkAccess, OutputStream, RunningCommand, StandaloneCommand,
    StandaloneEnd, StandaloneReport, StandaloneStage, WriteRefusal, command_limits, missed_by_own,
};

pub use crate::tools::{is_built_in, serve_patch};

use engine_loop::EngineLoop;
use link::client::{self, Door, FromClient, WhenToTell};

/// Everything that the engine starts from.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The settings as they were read at the start.
    pub settings: Settings,
    /// Where they come from; without it they can be neither read again nor changed.
    pub source: Option<SettingsSource>,
    /// Notices about the settings that were read; the first client is told them first.
    pub notices: Vec<Notice>,
    /// Where tools come from besides the built-in ones.
    pub tool_sources: Vec<Arc<dyn ToolSource>>,
    /// This program, or another that serves `crate::sandbox::serve`: it is started anew to keep
    /// each command in.
    pub program: PathBuf,
}

/// How long a thread that read a file waits for the next: an idle program has none to wake for.
const KEEP_ALIVE: Duration = Duration::from_secs(1);

/// The end of an engine on a thread of its own.
#[derive(Debug)]
pub struct EngineEnd(std::sync::mpsc::Receiver<()>);

impl EngineEnd {
    /// Waits until the engine has ended with nothing left undone, `limit` at the most. It ends when
    /// the [`Engine`] is dropped.
    pub fn wait(self, limit: Duration) {
        // Whichever comes first, the end or the limit, there is nothing more to wait for.
        let _ended = self.0.recv_timeout(limit);
    }
}

/// The owner's handle to the engine, which lives as long as this does, with or without clients.
/// Dropping it ends everything that runs.
#[derive(Debug)]
pub struct Engine {
    door: mpsc::UnboundedSender<FromClient>,
    clients: AtomicU64,
}

impl Engine {
    /// Starts the loop as a task of the runtime this is called in. The handle ends when the engine
    /// has, with nothing left undone.
    pub fn start(setup: Setup) -> (Self, task::JoinHandle<()>) {
        let (engine, door) = Self::new();
        (engine, spawn(run(setup, door)))
    }

    /// Starts the loop on a thread of its own, for a front that has no runtime.
    ///
    /// # Errors
    ///
    /// Fails if the runtime or its thread cannot be started.
    pub fn start_on_thread(setup: Setup) -> Result<(Self, EngineEnd), Problem> {
        let (engine, door) = Self::new();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .thread_keep_alive(KEEP_ALIVE)
            .build()
            .map_err(|error| problem::of_start(&error))?;
        let (ended, ending) = std::sync::mpsc::channel();
        let body = move || {
            runtime.block_on(run(setup, door));
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

    fn new() -> (Self, mpsc::UnboundedReceiver<FromClient>) {
        let (door, incoming) = mpsc::unbounded_channel();
        (Self { door, clients: AtomicU64::new(0) }, incoming)
    }

    /// Calls `tell` as soon as nothing runs: no turn, no queue and no job.
    pub fn rested(&self, tell: impl FnOnce(Rest) + Send + 'static) {
        let message = FromClient::Rest(WhenToTell::AtRest, Box::new(tell));
        // Where it has ended, nothing runs, and nobody is told.
        let _ended = self.door.send(message);
    }

    /// The work that runs now; `None` where the engine has ended or does not answer.
    pub fn rest(&self) -> Option<Rest> {
        let (sender, rest) = std::sync::mpsc::channel();
        let tell = move |rest| _ = sender.send(rest);
        self.door.send(FromClient::Rest(WhenToTell::Now, Box::new(tell))).ok()?;
        rest.recv_timeout(KEEP_ALIVE).ok()
    }

    /// A new client and its inbox. `waker` is for a front that cannot wait for the inbox itself.
    pub fn client(&self, facts: ClientFacts, waker: Option<Waker>) -> (Client, Inbox) {
        let id = ClientId(self.clients.fetch_add(1, Ordering::Relaxed) + 1);
        client::join(id, &Door::Front(self.door.clone()), facts, waker)
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        // It may have ended by a panic.
        let _ended = self.door.send(FromClient::End);
    }
}

/// The wire dialects that a provider of the settings can speak, by name.
pub fn dialects() -> Vec<&'static str> {
    model::dialects().collect()
}

/// Reads a picture that a command or a program names. Blocks on the disk.
///
/// # Errors
///
/// Fails if the file cannot be read, is too large, or is no picture of a known format.
pub fn picture(path: &Path) -> Result<Picture, Problem> {
    tools::picture(path).map(|it| it.picture).map_err(|error| problem::of_picture(&error))
}

/// Reads a picture that a person attaches to a prompt about this folder. Blocks on the disk.
///
/// # Errors
///
/// Fails as [`picture`] does, and for files outside of the folder that are named like secrets.
pub fn picture_for(folder: &Path, path: &Path) -> Result<SizedPicture, Problem> {
    tools::picture_for(folder, path).map_err(|error| problem::of_picture(&error))
}

/// Makes a picture of bytes that a program sends along for a person; `name` is for people. Takes
/// its time where the picture is large.
///
/// # Errors
///
/// Fails if the bytes are too many, or are no picture of a known format.
pub fn picture_of_bytes(name: &str, bytes: &[u8]) -> Result<SizedPicture, Problem> {
    tools::picture_of_bytes(name, bytes).map_err(|error| problem::of_picture(&error))
}

async fn run(setup: Setup, door: mpsc::UnboundedReceiver<FromClient>) {
    EngineLoop::new(setup).run(door).await;
}
