//! Serves other programs: `codling app-server` for SDKs, `codling acp` for editors, and the client
//! that speaks to an app-server.

use std::io;
use std::path::Path;

use crate::acp;
use crate::app_server::{self, client};
use crate::base::{Advice, Console, files};
use crate::config::{
    ConfigError, ConfigWarning, Env, Flags, SettingsSource, Whence, load, load_or_default,
};
use crate::engine;
use crate::protocol::Exit;

use super::error::CliError;
use super::front_runtime::{LAST_WORK, begin_log, find_sandbox, on_runtime};
use super::intent::{AcpIntent, AppServerIntent, ClientAction, ClientIntent};
use super::join;
use super::stage::{Backend, SignedIn};

/// A token is read up to this size, in bytes.
const LONGEST_TOKEN: u64 = 64 << 10;

/// Serves editors and SDKs. Standard output belongs to the protocol; messages go to standard error.
///
/// # Errors
///
/// Fails if the settings cannot be used, if the engine cannot be started, or if the server cannot
/// listen.
pub fn serve(intent: AppServerIntent, env: &Env, console: &mut Console) -> Result<Exit, CliError> {
    let AppServerIntent { server, listen, folder, flags, mode } = intent;
    let stage = Backend::set(&server, env, SignedIn::Already)?;
    if let Some(label) = stage.label() {
        console.note(label);
    }
    let (flags, dialects) = (stage.flags(flags), engine::dialects());
    let (mut loaded, unusable) = load_or_default(&stage.env, &flags, &dialects)?;
    if let Some(error) = &unusable {
        console.note(&format!("{error}. codling goes on without it, and asks before it acts"));
    }
    let warnings = config_warnings(std::mem::take(&mut loaded.warnings), unusable);
    let source = SettingsSource::new(stage.env.clone(), flags, dialects);
    begin_log(&loaded.settings, console);
    find_sandbox(&loaded.settings);
    let setup = join::server_setup(&stage.env, &loaded.settings, folder, mode, warnings);
    let start = || join::server_engine(loaded, source);
    on_runtime(start, LAST_WORK, async |client, inbox, stops| {
        app_server::serve(client, inbox, stops, setup, listen, console).await
    })??;
    Ok(Exit::Done)
}

/// Returns the warnings for clients: settings that are ignored, or why no settings can be used.
fn config_warnings(
    ignored: Vec<ConfigWarning>,
    unusable: Option<ConfigError>,
) -> Vec<app_server::ConfigWarning> {
    let warning = |summary: String, details: Option<String>, whence: Option<&Whence>, path| {
        let place = match whence {
            Some(Whence::File { line, column, .. }) => Some((*line, *column)),
            _ => None,
        };
        app_server::ConfigWarning { summary, details, path, place }
    };
    let ignored = ignored.into_iter().map(|ConfigWarning { whence, message, next }| {
        let path = match &whence {
            Whence::File { path, .. } => Some(path.clone()),
            _ => None,
        };
        warning(message, next, Some(&whence), path)
    });
    let unusable = unusable.map(|error| {
        let path = error.path().map(Path::to_owned);
        warning(error.to_string(), error.next_step(), error.whence(), path)
    });
    unusable.into_iter().chain(ignored).collect()
}

/// Serves an editor as its agent. Standard output belongs to the protocol.
///
/// # Errors
///
/// Fails if the settings cannot be used, or if the engine or the threads for input and output
/// cannot be started.
pub fn be_agent(intent: AcpIntent, env: &Env, console: &mut Console) -> Result<Exit, CliError> {
    let AcpIntent { server, flags, mode } = intent;
    let stage = Backend::set(&server, env, SignedIn::Already)?;
    if let Some(label) = stage.label() {
        console.note(label);
    }
    let loaded = load(&stage.env, None, &stage.flags(flags), &engine::dialects())?;
    begin_log(&loaded.settings, console);
    find_sandbox(&loaded.settings);
    let setup = join::acp_setup(&stage.env, &loaded.settings, mode, &server);
    let browser = setup.browser;
    let start = || join::acp_engine(loaded, browser);
    let served = on_runtime(start, LAST_WORK, async |client, inbox, stops| {
        acp::serve(client, inbox, stops, setup).await
    })?;
    served.map_err(|source| CliError::Runtime { source })?;
    Ok(Exit::Done)
}

/// Speaks to an app-server.
///
/// # Errors
///
/// Fails if the token's file cannot be read, if no server is reached or started, or if the server
/// refuses the command.
pub fn speak(intent: ClientIntent, env: &Env, console: &mut Console) -> Result<Exit, CliError> {
    let ClientIntent { server, token_file, approvals, action } = intent;
    let program = std::env::current_exe().map_err(|source| CliError::Runtime { source })?;
    let token = match token_file {
        Some(path) => {
            let read = files::read_private(&path, LONGEST_TOKEN)
                .and_then(|bytes| String::from_utf8(bytes).map_err(io::Error::other));
            let token =
                read.map_err(|source| CliError::TokenFile { path: path.clone(), source })?;
            Some((path, client::ClientToken(token.trim().to_owned())))
        }
        None => None,
    };
    let command = match action {
        ClientAction::Ask(command) => command,
        ClientAction::Serve(listen, kill) => {
            let state =
                load(env, None, &Flags::default(), &engine::dialects())?.settings.paths.state;
            let serving = client::Serving { listen, token, state, program, kill };
            return Ok(client::serve(&serving, console)?);
        }
    };
    let state = || {
        let loaded = load(env, None, &Flags::default(), &engine::dialects()).ok()?;
        client::in_background(&loaded.settings.paths.state)
    };
    let server = server.or_else(state).unwrap_or_else(|| {
        let own = [program.display().to_string(), "app-server".to_owned()];
        client::Server::Started(own.into())
    });
    let token = token.as_ref().map(|(_, token)| token.0.as_str());
    Ok(client::run(&server, token, command, approvals, console)?)
}
