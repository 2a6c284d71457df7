//! The runtime that a front and the engine run on, from the engine's start to the end of both, and
//! the log they write.

use std::time::Duration;

use tokio::runtime::Builder;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::JoinHandle;

use crate::base::Console;
use crate::config::{LoadedSettings, Settings, SettingsSource};
use crate::engine::{Client, Engine, Inbox};
use crate::protocol::Exit;
use crate::sandbox;

use super::error::CliError;
use super::{join, log, stops};

/// How long work that cannot be called off may take after the end.
pub const LAST_WORK: Duration = Duration::from_secs(5);

/// Runs a front that asks a person nothing, and ends the engine with it.
///
/// # Errors
///
/// Fails if there can be no runtime, or signals cannot be received.
pub fn with_engine(
    loaded: LoadedSettings,
    last_work: Duration,
    console: &mut Console,
    front: impl AsyncFnOnce(&Client, Inbox, UnboundedReceiver<()>, &mut Console) -> Exit,
) -> Result<Exit, CliError> {
    with_source(loaded, None, last_work, console, front)
}

/// The same with an engine that can change the settings.
///
/// # Errors
///
/// Fails as the above does.
pub fn with_settings(
    loaded: LoadedSettings,
    source: SettingsSource,
    last_work: Duration,
    console: &mut Console,
    front: impl AsyncFnOnce(&Client, Inbox, UnboundedReceiver<()>, &mut Console) -> Exit,
) -> Result<Exit, CliError> {
    with_source(loaded, Some(source), last_work, console, front)
}

fn with_source(
    loaded: LoadedSettings,
    source: Option<SettingsSource>,
    last_work: Duration,
    console: &mut Console,
    front: impl AsyncFnOnce(&Client, Inbox, UnboundedReceiver<()>, &mut Console) -> Exit,
) -> Result<Exit, CliError> {
    begin_log(&loaded.settings, console);
    let start = || join::engine(loaded, source);
    let (exit, _client) = on_runtime(start, last_work, async |client, inbox, stops| {
        let exit = front(&client, inbox, stops, console).await;
        // The client lives until the engine has ended.
        (exit, client)
    })?;
    Ok(exit)
}

/// Runs a front on a runtime of its own, and ends the engine with it.
///
/// # Errors
///
/// Fails if there can be no runtime, or signals cannot be received.
pub fn on_runtime<T>(
    start: impl FnOnce() -> (Engine, Client, Inbox, JoinHandle<()>),
    last_work: Duration,
    front: impl AsyncFnOnce(Client, Inbox, UnboundedReceiver<()>) -> T,
) -> Result<T, CliError> {
    without_engine(async |stops| {
        let (engine, client, inbox, ended) = start();
        let came = front(client, inbox, stops).await;
        drop(engine);
        // Tokens that are being renewed just now are still saved; nothing else is waited for.
        let _late = tokio::time::timeout(last_work, ended).await;
        came
    })
}

/// Runs a front that needs no engine.
///
/// # Errors
///
/// Fails as the above does.
pub fn without_engine<T>(
    front: impl AsyncFnOnce(UnboundedReceiver<()>) -> T,
) -> Result<T, CliError> {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|source| CliError::Runtime { source })?;
    let came = runtime.block_on(async {
        let stops = stops::listen().map_err(|source| CliError::Runtime { source })?;
        Ok(front(stops).await)
    });
    runtime.shutdown_timeout(LAST_WORK);
    came
}

/// Opens the log; if that fails, says so and goes on.
pub fn begin_log(settings: &Settings, console: &mut Console) {
    if let Err(error) = log::open(settings.log, &settings.paths.log_file()) {
        console.note(&format!("The log could not be opened: {error}"));
    }
}

/// Finds out in the background what keeps commands in, so that nothing waits for it. If that is not
/// possible, the first command finds it out.
pub fn find_sandbox(settings: &Settings) {
    sandbox::remember_in(&settings.paths.state);
    let _later =
        std::thread::Builder::new().name("sandbox-probe".to_owned()).spawn(sandbox::detect);
}
