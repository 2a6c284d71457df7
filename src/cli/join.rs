//! Makes an engine from the settings and puts the screen before it; no other file does.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::task::JoinHandle;

use crate::acp::{AcpSetup, BrowserUse};
use crate::app_server::{self, ServerSetup};
use crate::base::{TerminalKind, screen_name, terminal_path};
use crate::config::{ConfigWarning, Env, KeepRunning, LoadedSettings, Settings, SettingsSource};
use crate::engine::{Client, ClientFacts, Engine, EngineEnd, Inbox, Setup, Waker, command_limits};
use crate::protocol::{
    ApprovalMode, Presence, Problem, ProblemKind, SessionId, SessionSelector, SignInPatience,
    Surroundings,
};
use crate::sandbox;
use crate::tui::{self, Beginning, ColorEnv, CopyEnv, Farewell, StartInfo, Telling, TuiError};

use super::front_runtime::find_sandbox;
#[cfg(unix)]
use super::hold::{self, Hold, HoldEnd, Shell};
use super::intent::Server;
use super::stage::Backend;

/// How long work that cannot be called off may take after the screen was left.
const LAST_WORK: Duration = Duration::from_secs(5);

/// Starts the engine inside the running runtime, with a client for a front that asks a person
/// nothing. The handle ends when the engine has.
pub fn engine(
    loaded: LoadedSettings,
    source: Option<SettingsSource>,
) -> (Engine, Client, Inbox, JoinHandle<()>) {
    let facts = facts(&loaded, Presence::Unattended, "codling run".into());
    let (engine, ended) = Engine::start(setup(quiet(loaded), source));
    let (client, inbox) = engine.client(facts, None);
    (engine, client, inbox, ended)
}

/// Starts the engine for an app-server: its clients' people are asked, and open the browser
/// themselves.
pub fn server_engine(
    loaded: LoadedSettings,
    source: SettingsSource,
) -> (Engine, Client, Inbox, JoinHandle<()>) {
    let facts = ClientFacts {
        presence: Presence::Attended,
        surroundings: Surroundings::default(),
        patience: SignInPatience::Program,
        name: "app-server".into(),
    };
    let (engine, ended) = Engine::start(setup(quiet(loaded), Some(source)));
    let (client, inbox) = engine.client(facts, None);
    (engine, client, inbox, ended)
}

/// Starts the engine for an editor's agent: the person at the editor is asked, and a browser opens
/// where they see it.
pub fn acp_engine(
    loaded: LoadedSettings,
    browser: BrowserUse,
) -> (Engine, Client, Inbox, JoinHandle<()>) {
    let surroundings = match browser {
        BrowserUse::Near => loaded.settings.surroundings.clone(),
        BrowserUse::Never => Surroundings::default(),
    };
    let patience = SignInPatience::OneCode;
    let name = "editor".into();
    let facts = ClientFacts { presence: Presence::Attended, surroundings, patience, name };
    let (engine, ended) = Engine::start(setup(quiet(loaded), None));
    let (client, inbox) = engine.client(facts, None);
    (engine, client, inbox, ended)
}

/// Returns the settings that an editor's agent needs.
pub fn acp_setup(
    env: &Env,
    settings: &Settings,
    mode: Option<ApprovalMode>,
    server: &Server,
) -> AcpSetup {
    // A terminal's `codling auth login` would sign in to OpenAI, not to the stand-in.
    let terminal_sign_in: &[&str] = match server {
        Server::Real => &["auth", "login", "--device"],
        Server::Demo { .. } => &[],
    };
    AcpSetup {
        model: settings.model.clone(),
        mode,
        providers: Arc::clone(&settings.providers),
        sign_in_rule: settings.sign_in_rule.clone(),
        browser: browser(env, &settings.surroundings),
        terminal_sign_in: terminal_sign_in.iter().map(ToString::to_string).collect(),
    }
}

/// Returns whether the person sees a browser that is opened on this machine.
fn browser(env: &Env, surroundings: &Surroundings) -> BrowserUse {
    match surroundings.browser_is_near() && !env.has("NO_BROWSER") {
        true => BrowserUse::Near,
        false => BrowserUse::Never,
    }
}

/// Returns the settings that an app-server needs.
pub fn server_setup(
    env: &Env,
    settings: &Settings,
    folder: PathBuf,
    mode: Option<ApprovalMode>,
    warnings: Vec<app_server::ConfigWarning>,
) -> ServerSetup {
    let home = env.value("CODLING_HOME").and_then(|home| std::path::absolute(home).ok());
    ServerSetup {
        home: home.unwrap_or_else(|| settings.paths.data.clone()),
        folder,
        sessions: settings.paths.data.join("sessions"),
        config_file: settings.paths.config_file(),
        model: settings.model.clone(),
        mode: mode.unwrap_or(settings.approvals),
        typed_mode: mode,
        warnings,
        providers: Arc::clone(&settings.providers),
        commands: Arc::new(command_limits(settings, sandbox::program())),
    }
}

/// The parts of a screen that are typed.
pub struct ScreenSetup<'a> {
    pub folder: &'a Path,
    pub begin: Beginning,
    pub prompt: Option<String>,
    pub mode: Option<ApprovalMode>,
    pub source: SettingsSource,
}

/// An engine on its thread, once there is one.
type Running = Arc<Mutex<Option<(Engine, EngineEnd)>>>;

/// Runs the terminal UI until it is left, and goes on without it while something runs. `tell`
/// prints what is said before that.
///
/// # Errors
///
/// Fails if the terminal cannot be used or the engine cannot be started.
pub fn screen(
    stage: &Backend,
    loaded: LoadedSettings,
    screen: ScreenSetup<'_>,
    tell: &mut dyn FnMut(&Farewell),
) -> Result<Farewell, TuiError> {
    let mut start = StartInfo {
        surroundings: loaded.settings.surroundings.clone(),
        folder: screen.folder.to_owned(),
        home: stage.env.home(),
        version: env!("CARGO_PKG_VERSION").into(),
        model: loaded.settings.model.clone(),
        providers: Arc::clone(&loaded.settings.providers),
        effort: loaded.settings.effort.clone(),
        begin: screen.begin,
        prompt: screen.prompt,
        mode: screen.mode,
        banner: stage.label().map(str::to_owned),
        color: colors(&stage.env),
        copy: clipboard(&stage.env),
        telling: Telling {
            kind: TerminalKind::of(|name| stage.env.text(name)),
            notify_after: loaded.settings.notify_after,
            has_title: loaded.settings.has_title,
        },
        editor: stage.env.text("VISUAL").or_else(|| stage.env.text("EDITOR")),
        mouse: loaded.settings.mouse,
        copy_on_select: loaded.settings.copy_on_select,
        status: loaded.settings.status.clone(),
        paths: paths(&loaded.settings),
    };
    let keep = loaded.settings.keep_running;
    let ssh = stage.env.text("SSH_CONNECTION");
    let name = screen_name(terminal_path().as_deref(), ssh.as_deref()).into();
    let facts = facts(&loaded, Presence::Attended, name);
    let mut setup = Some(setup(loaded, Some(screen.source)));
    let running = Running::default();
    let farewell = loop {
        let (first, facts, kept) = (setup.take(), facts.clone(), Arc::clone(&running));
        let farewell =
            tui::run(start.clone(), move |waker| connect(first, &kept, facts, Some(waker)));
        match farewell.as_ref().ok().and_then(|left| go_on(&running, left, keep, tell)) {
            Some(AfterScreen::Again(session)) => {
                let which = SessionSelector::Named(session.as_str().to_owned());
                let (model, effort) = (None, None);
                start.prompt = None;
                start.begin = Beginning::Resume { which, model, effort, takes: false };
            }
            Some(AfterScreen::Ended) => break Ok(Farewell::default()),
            None => break farewell,
        }
    };
    if let Some((engine, ending)) = running.lock().unwrap_or_else(PoisonError::into_inner).take() {
        drop(engine);
        // Tokens that are being renewed just now are still saved.
        ending.wait(LAST_WORK);
    }
    farewell
}

/// A client of the engine, which is started for the first screen.
fn connect(
    first: Option<Setup>,
    running: &Running,
    facts: ClientFacts,
    waker: Option<Waker>,
) -> Result<(Client, Inbox), Problem> {
    let mut running = running.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(setup) = first {
        // This comes after the first frame, which it would delay.
        find_sandbox(&setup.settings);
        *running = Some(Engine::start_on_thread(setup)?);
    }
    let (engine, _) = running
        .as_ref()
        .ok_or_else(|| Problem::new(ProblemKind::Internal, "The engine has ended"))?;
    Ok(engine.client(facts, waker))
}

/// The course of the program after its screen.
enum AfterScreen {
    /// A person wants the screen of this conversation back.
    Again(SessionId),
    /// Nothing runs any more.
    Ended,
}

/// Goes on without a screen, where something runs that is to go on; `None` where nothing does.
#[cfg(unix)]
fn go_on(
    running: &Running,
    left: &Farewell,
    keep: KeepRunning,
    tell: &mut dyn FnMut(&Farewell),
) -> Option<AfterScreen> {
    use crate::tui::ScreenEnd;

    let running = running.lock().unwrap_or_else(PoisonError::into_inner);
    let (engine, _) = running.as_ref()?;
    let rest = engine.rest().filter(|rest| rest.is_busy)?;
    let keeps = keep == KeepRunning::Turn;
    let shell = match left.ending {
        ScreenEnd::Asked => rest.is_joined.then_some(Shell::Waits)?,
        ScreenEnd::Detached | ScreenEnd::TakenOver => Shell::Waits,
        ScreenEnd::TerminalGone => keeps.then_some(Shell::Gone)?,
        ScreenEnd::Signal(number) => {
            let is_hang_up = number == signal_hook::consts::SIGHUP;
            (is_hang_up && keeps).then_some(Shell::Gone)?
        }
    };
    if shell == Shell::Waits {
        let advice = hold::logout_advice().map(str::to_owned);
        let lines = left.lines.iter().cloned().chain(advice).collect();
        tell(&Farewell { lines, ..left.clone() });
    }
    let hold = Hold::begin();
    let went = hold::let_terminal_go().and_then(|()| match shell {
        Shell::Gone => Ok(shell),
        Shell::Waits => hold::give_prompt_back(),
    });
    let shell = went.unwrap_or_else(|error| {
        tracing::warn!(%error, "the terminal is kept");
        Shell::Gone
    });
    match (hold.wait(engine, shell), &left.session) {
        (HoldEnd::Foreground, Some(session)) if hold::take_terminal_back().is_ok() => {
            Some(AfterScreen::Again(session.clone()))
        }
        _ => Some(AfterScreen::Ended),
    }
}

/// Where there are no such terminals, nothing goes on.
#[cfg(not(unix))]
fn go_on(
    _: &Running,
    _: &Farewell,
    _: KeepRunning,
    _: &mut dyn FnMut(&Farewell),
) -> Option<AfterScreen> {
    None
}

/// Without the person's command for news: programs tell those who started them.
fn quiet(mut loaded: LoadedSettings) -> LoadedSettings {
    loaded.settings.notify = [].into();
    loaded
}

fn setup(loaded: LoadedSettings, source: Option<SettingsSource>) -> Setup {
    Setup {
        source,
        notices: loaded.warnings.iter().map(ConfigWarning::notice).collect(),
        settings: loaded.settings,
        tool_sources: Vec::new(),
        program: sandbox::program(),
    }
}

fn facts(loaded: &LoadedSettings, presence: Presence, name: Arc<str>) -> ClientFacts {
    let patience = SignInPatience::Person;
    ClientFacts { presence, surroundings: loaded.settings.surroundings.clone(), patience, name }
}

pub(super) fn colors(env: &Env) -> ColorEnv {
    ColorEnv {
        colorfgbg: env.text("COLORFGBG"),
        colorterm: env.text("COLORTERM"),
        no_color: env.text("NO_COLOR"),
        sty: env.text("STY"),
        term: env.text("TERM"),
        term_program: env.text("TERM_PROGRAM"),
        wt_session: env.text("WT_SESSION"),
    }
}

fn clipboard(env: &Env) -> CopyEnv {
    CopyEnv { sty: env.text("STY"), term: env.text("TERM"), tmux: env.text("TMUX") }
}

/// Returns the paths that `/status` shows.
fn paths(settings: &Settings) -> Vec<(String, PathBuf)> {
    [
        ("credentials", settings.auth_file.clone()),
        ("settings", settings.paths.config_file()),
        ("state", settings.paths.state.clone()),
        ("cache", settings.paths.cache.clone()),
    ]
    .map(|(name, path)| (name.to_owned(), path))
    .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_is_near_unless_a_variable_or_the_place_says_otherwise() {
        let env = Env::default();
        let desk = Surroundings { display: true, ..Surroundings::default() };
        let far = Surroundings { ssh: true, ..desk.clone() };
        assert_eq!(browser(&env, &desk), BrowserUse::Near);
        assert_eq!(browser(&env, &far), BrowserUse::Never);
        assert_eq!(browser(&env.with("NO_BROWSER", "1"), &desk), BrowserUse::Never);
    }
}
