//! The program from its arguments to its exit code: the only file that looks at the process itself.

use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::{CommandFactory, Parser};

use crate::app_server;
use crate::auth_cli::{self, CredentialFile, EngineQuestion, LoginInput, LoginWay};
use crate::base::{
    Advice, Clock, Console, Hidden, Reader, columns, screen_name, system_zone, terminal_path,
};
use crate::config::{Env, Flags, Settings, SettingsSource, load};
use crate::demo;
use crate::engine::review::ReviewAnswer;
use crate::engine::{self, command_limits, picture};
use crate::eval::{self, EvalRequest, Grid, ResumeError, SolutionRequest};
use crate::exec::{self, RunRequest};
use crate::mcp_cli;
use crate::protocol::{
    ApprovalMode, Effort, Exit, ModelName, OnUsageLimit, OpenOptions, SessionId, SessionSelector,
};
use crate::sandbox;
use crate::sessions_cli;
use crate::tui::{self, Beginning, Farewell, GuideOutput, ScreenEnd};

use super::args::{Args, JobsArgs};
use super::error::CliError;
use super::front_runtime::{
    LAST_WORK, begin_log, find_sandbox, with_engine, with_settings, without_engine,
};
use super::help::{completion, version};
#[cfg(unix)]
use super::hold;
use super::intent::{
    EvalIntent, EvalSubject, Here, Intent, LiveIntent, McpAction, McpIntent, ReviewIntent,
    RunIntent, ScreenIntent, Server, SessionsIntent, WhichSession,
};
use super::join::ScreenSetup;
use super::kept_in;
use super::stage::{Backend, SignedIn};
use super::{input, join, record, servers, upkeep};

/// How long revoking the previous sign-in may take after a new one.
const LAST_REVOCATION: Duration = Duration::from_secs(10);

const SIGHUP: u8 = 1;

/// Runs the whole program.
pub fn main() -> ExitCode {
    // This goes first: as a supervisor or a sandboxed child the process is another program.
    if let Some(exit) = sandbox::serve(std::env::args_os()) {
        return exit;
    }
    if let Some(exit) = engine::serve_patch(std::env::args_os()) {
        return exit;
    }
    #[cfg(unix)]
    if let Some(exit) = hold::serve(std::env::args_os()) {
        return exit;
    }
    let env = Env::of_process();
    let mut console = Console::of_process();
    if env.has("NO_COLOR") || is_dumb(&env) {
        console = console.plain();
    }
    if let Some(exit) = completion::serve(&env) {
        return ExitCode::from(exit.code());
    }
    if let Some(version) = version::asked_as_json(std::env::args_os()) {
        console.line(&version);
        return ExitCode::from(or_lost(Exit::Done, &mut console).code());
    }
    if let Some(shadowed) = shadowed(std::env::args_os()) {
        console.note(&shadowed);
    }
    let exit = match Args::try_parse_from(std::env::args_os()) {
        Ok(args) => act(args, &env, &mut console).unwrap_or_else(|error| {
            console.problem(&error.to_string(), error.next_step().as_deref());
            error.exit()
        }),
        Err(answer) => say(&answer, &mut console),
    };
    ExitCode::from(or_lost(exit, &mut console).code())
}

/// A note where the only argument may mean a folder, too.
fn shadowed(mut typed: impl Iterator<Item = OsString>) -> Option<String> {
    let (word, None) = (typed.nth(1)?, typed.next()) else { return None };
    let word = word.to_str().filter(|word| Path::new(word).is_dir())?;
    let is_command = Args::command().find_subcommand(word).is_some();
    is_command
        .then(|| format!("`{word}` is taken as the command; `codling ./{word}` opens the folder"))
}

/// Turns success into failure if output could not be written, unless its reader closed the pipe.
fn or_lost(exit: Exit, console: &mut Console) -> Exit {
    let lost = console
        .lost()
        .filter(|error| error.kind() != io::ErrorKind::BrokenPipe)
        .map(ToString::to_string);
    match lost {
        Some(error) if exit == Exit::Done => {
            console.problem(&format!("standard output could not be written to: {error}"), None);
            Exit::Failed
        }
        _ => exit,
    }
}

/// Prints help and version on stdout, and errors in the arguments on stderr.
fn say(answer: &clap::Error, console: &mut Console) -> Exit {
    let text = answer.render().to_string();
    if answer.use_stderr() {
        console.complain(&text);
        return Exit::Usage;
    }
    console.print(&text);
    console.flush();
    Exit::Done
}

fn act(args: Args, env: &Env, console: &mut Console) -> Result<Exit, CliError> {
    let folder = std::env::current_dir()
        .map_err(|source| CliError::FolderUse { path: ".".into(), source })?;
    let here = Here { folder, stdin: Reader::of(&io::stdin()), stdout: Reader::of(&io::stdout()) };
    match Intent::of(args, &here)? {
        Intent::Eval(intent) => evaluate(intent, env, console),
        Intent::Record(intent) => record::record(intent, env, console),
        Intent::Acp(intent) => servers::be_agent(intent, env, console),
        Intent::AppServer(intent) => servers::serve(intent, env, console),
        Intent::AppServerClient(intent) => servers::speak(intent, env, console),
        Intent::AppServerSchema(path, gate) => {
            let written = app_server::write_schema(&path, gate)
                .map_err(|source| CliError::Schema { path, source })?;
            for path in written {
                console.note(&path.display().to_string());
            }
            Ok(Exit::Done)
        }
        Intent::Review(intent) => review(intent, env, console),
        Intent::Completion(shell) => Ok(completion::print(&shell, console)),
        Intent::Config => upkeep::edit_settings(&here, env, console),
        Intent::Doctor(args) => upkeep::doctor(&args, &here.folder, env, console),
        Intent::Run(intent) => ask(intent, env, console),
        Intent::Screen(intent) => show(intent, env, console),
        Intent::Sandbox(intent) => {
            let settings = load(env, None, &Flags::default(), &engine::dialects())?.settings;
            let limits = command_limits(&settings, sandbox::program());
            Ok(kept_in::show(intent, &here.folder, &limits, console))
        }
        Intent::Jobs(intent) => {
            let paths = load(env, None, &Flags::default(), &engine::dialects())?.settings.paths;
            Ok(match intent {
                JobsArgs::List => sessions_cli::list_jobs(&paths.state, console),
                JobsArgs::Stop { number, session } => {
                    sessions_cli::stop_job(&paths.state, number, session.as_deref(), console)
                }
            })
        }
        Intent::Live(intent) => {
            let paths = load(env, None, &Flags::default(), &engine::dialects())?.settings.paths;
            let home = env.home();
            let screen = || {
                let ssh = env.text("SSH_CONNECTION");
                screen_name(terminal_path().as_deref(), ssh.as_deref())
            };
            Ok(match intent {
                LiveIntent::Answer(name, words) => {
                    sessions_cli::answer_ask(&paths.state, (&name, &words), &screen(), console)
                }
                LiveIntent::Queue(id, text) => {
                    sessions_cli::queue_prompt(&paths.state, (&id, &text), &screen(), console)
                }
                LiveIntent::Asks(form) => {
                    sessions_cli::list_asks(&paths.state, home.as_deref(), form, console)
                }
                LiveIntent::List(form) => {
                    sessions_cli::list_running(&paths.state, home.as_deref(), form, console)
                }
                LiveIntent::Stop(id) => sessions_cli::stop_session(&paths.state, &id, console),
            })
        }
        Intent::Sessions(intent) => past(intent, env, console),
        Intent::List => account(env, console, async |engine| auth_cli::list(engine).await),
        Intent::Login(intent) => {
            let lines = if intent.way == Some(LoginWay::Device) {
                input::no_lines()
            } else {
                input::lines()
            };
            let input = LoginInput { lines, reader: here.stdin, hide: Hidden::on_stdin };
            account(env, console, async |engine| auth_cli::login(engine, input, intent).await)
        }
        Intent::Logout(provider) => {
            account(env, console, async |engine| auth_cli::logout(engine, provider).await)
        }
        Intent::Mcp(McpIntent { folder, action }) => {
            account(env, console, async |engine| match action {
                McpAction::Add(name, added) => mcp_cli::add(engine, name, added).await,
                McpAction::Get(name, form) => mcp_cli::get(engine, folder, name, form).await,
                McpAction::List(form) => mcp_cli::list(engine, folder, form).await,
                McpAction::Login { name, scopes } => {
                    let (lines, reader) = (input::lines(), here.stdin);
                    let input = LoginInput { lines, reader, hide: Hidden::on_stdin };
                    auth_cli::login_to_server(engine, input, (folder, name, scopes)).await
                }
                McpAction::Logout(name) => mcp_cli::logout(engine, name).await,
                McpAction::Remove(name) => mcp_cli::remove(engine, folder, name).await,
            })
        }
        Intent::Guide(words) => {
            let output = GuideOutput { color: join::colors(env), columns: columns() };
            Ok(tui::guide(&words, &output, console))
        }
        Intent::McpServer => {
            demo::serve_mcp().map(|()| Exit::Done).map_err(|source| CliError::McpServer { source })
        }
        Intent::Reset => {
            tui::reset().map(|()| Exit::Done).map_err(|source| CliError::Reset { source })
        }
        Intent::Update(args) => upkeep::update(args, env, console),
        Intent::Status => account(env, console, async |engine| auth_cli::status(engine).await),
    }
}

fn show(intent: ScreenIntent, env: &Env, console: &mut Console) -> Result<Exit, CliError> {
    let stage = Backend::set(&intent.server, env, SignedIn::NotYet)?;
    let typed = intent.flags.clone();
    let (flags, dialects) = (stage.flags(intent.flags), engine::dialects());
    let project = stage.project(&intent.folder);
    let loaded = load(&stage.env, project, &flags, &dialects)?;
    let source = SettingsSource::new(stage.env.clone(), flags, dialects)
        .of_project(project.map(Path::to_path_buf));
    begin_log(&loaded.settings, console);
    let begin = begin(intent.past, intent.takes, &intent.folder, typed);
    let mut tell = |farewell: &Farewell| {
        // The demo's conversations are deleted with its home, so its lines are left out.
        for line in farewell.lines.iter().filter(|_| intent.server == Server::Real) {
            console.note(line);
        }
    };
    let ScreenIntent { ref folder, mode, ref prompt, .. } = intent;
    let screen = ScreenSetup { folder, begin, prompt: prompt.clone(), mode, source };
    let farewell = join::screen(&stage, loaded, screen, &mut tell)?;
    tell(&farewell);
    Ok(match farewell.ending {
        ScreenEnd::Asked | ScreenEnd::Detached | ScreenEnd::TakenOver => Exit::Done,
        ScreenEnd::Signal(number) => Exit::Signal(u8::try_from(number).unwrap_or_default()),
        // A terminal that goes away would have sent this signal.
        ScreenEnd::TerminalGone => Exit::Signal(SIGHUP),
    })
}

fn ask(intent: RunIntent, env: &Env, console: &mut Console) -> Result<Exit, CliError> {
    // Mistakes in the arguments are reported before anything is waited for.
    let schema = intent.schema.as_deref().map(exec::schema).transpose()?;
    let last_message = intent.last_message.as_deref().map(exec::MessageFile::open).transpose()?;
    let images = intent.images.iter().map(|path| picture(path)).collect::<Result<_, _>>();
    let images = images.map_err(|problem| CliError::Picture { problem })?;
    let prompt = input::prompt(intent.prompt, io::stdin(), console)?;
    let stage = Backend::set(&intent.server, env, SignedIn::Already)?;
    if let (Some(label), exec::OutputForm::Text) = (stage.label(), intent.form) {
        console.note(label);
    }
    let typed = intent.flags.clone();
    let loaded = load(
        &stage.env,
        stage.project(&intent.folder),
        &stage.flags(intent.flags),
        &engine::dialects(),
    )?;
    find_sandbox(&loaded.settings);
    let past = match begin(intent.past, false, &intent.folder, typed) {
        Beginning::Resume { which, model, effort, .. } => {
            Some(exec::ResumeFrom { which, model, effort })
        }
        Beginning::Choose | Beginning::New => None,
    };
    let ask = RunRequest {
        session: new_session(),
        folder: intent.folder,
        model: loaded.settings.model.clone(),
        effort: loaded.settings.effort.clone(),
        mode: intent.mode,
        prompt,
        review: None,
        findings: None,
        images,
        schema,
        on_usage_limit: intent.on_usage_limit,
        past,
        form: intent.form,
        last_message: last_message.map(Arc::new),
    };
    with_engine(loaded, LAST_WORK, console, async |client, inbox, stops, console| {
        exec::run(client, inbox, stops, ask, console).await
    })
}

/// Has changes reviewed by a model that changes nothing, and prints what it finds.
fn review(intent: ReviewIntent, env: &Env, console: &mut Console) -> Result<Exit, CliError> {
    let ReviewIntent { folder, flags, target, findings } = intent;
    let prompt = target.prompt(ReviewAnswer::Findings);
    let prompt = prompt.map_err(|problem| CliError::Review { problem })?;
    let loaded = load(env, Some(&folder), &flags, &engine::dialects())?;
    find_sandbox(&loaded.settings);
    let ask = RunRequest {
        session: new_session(),
        folder,
        model: loaded.settings.model.clone(),
        effort: loaded.settings.effort.clone(),
        mode: Some(ApprovalMode::ReadOnly),
        prompt: prompt.text,
        review: prompt.review,
        findings: Some(findings),
        images: Vec::new(),
        schema: Some(exec::FINDINGS_SCHEMA.into()),
        on_usage_limit: OnUsageLimit::End,
        past: None,
        form: exec::OutputForm::Text,
        last_message: None,
    };
    with_engine(loaded, LAST_WORK, console, async |client, inbox, stops, console| {
        exec::run(client, inbox, stops, ask, console).await
    })
}

/// Runs a folder of tasks with the person's own settings, and without those of any project.
fn evaluate(intent: EvalIntent, env: &Env, console: &mut Console) -> Result<Exit, CliError> {
    let tasks = eval::only_named(eval::tasks(&intent.folder)?, &intent.only)?;
    if intent.subject == EvalSubject::Tasks {
        let program = sandbox::program();
        let request = SolutionRequest { folder: intent.folder, tasks, jobs: intent.jobs, program };
        let checked =
            without_engine(async |stops| eval::check_tasks(stops, request, console).await)?;
        return Ok(checked?);
    }
    let resumed = intent.resume.as_ref().map(|file| {
        let attempts = eval::earlier_attempts(file)?;
        Ok::<_, ResumeError>((file.clone(), attempts))
    });
    let resumed = resumed.transpose()?;
    let mut loaded = load(env, None, &intent.flags, &engine::dialects())?;
    find_sandbox(&loaded.settings);
    // Every task has a limit of its own; this one is never lower than theirs.
    let most = tasks.iter().map(|task| task.limits.steps).max().unwrap_or_default();
    loaded.settings.max_steps = u32::try_from(most).unwrap_or(u32::MAX);
    let grid = grid(&loaded.settings, &intent, env)?;
    let request = EvalRequest {
        folder: intent.folder,
        tasks,
        grid,
        jobs: intent.jobs,
        options: OpenOptions {
            mode: Some(intent.mode.unwrap_or(ApprovalMode::Auto)),
            ..OpenOptions::default()
        },
        program: sandbox::program(),
        json: intent.json,
        resumed,
        name: new_session,
    };
    with_engine(loaded, LAST_WORK, console, async |client, inbox, stops, console| {
        eval::run(client, inbox, stops, request, console).await
    })
}

/// The values that were typed, or else those of the settings.
fn grid(settings: &Settings, intent: &EvalIntent, env: &Env) -> Result<Grid, CliError> {
    let named = |model: &String| {
        // Each has to have a provider that is known.
        let flags = Flags { model: Some(model.clone()), ..intent.flags.clone() };
        let settings = load(env, None, &flags, &engine::dialects())?.settings;
        Ok(settings.model.map_or_else(|| model.clone(), |model| model.to_string()))
    };
    let efforts: Vec<_> = intent.efforts.iter().cloned().map(Some).collect();
    let faces: Vec<_> = intent.faces.iter().copied().map(Some).collect();
    let effort = settings.effort.as_ref().map(ToString::to_string);
    Ok(Grid {
        models: intent.models.iter().map(named).collect::<Result<_, CliError>>()?,
        model: settings.model.as_ref().map(ToString::to_string),
        efforts: if efforts.is_empty() { vec![effort] } else { efforts },
        faces: if faces.is_empty() { vec![settings.tool_face] } else { faces },
        repeats: intent.repeats,
    })
}

/// Returns an id that no other session has.
fn new_session() -> SessionId {
    SessionId::new(format!("ses_{}", uuid::Uuid::now_v7().simple()))
}

/// Returns the conversation to begin with. Only typed options change the model of an earlier one;
/// settings are for new ones.
fn begin(past: WhichSession, takes: bool, folder: &Path, typed: Flags) -> Beginning {
    let which = match past {
        WhichSession::Choose => return Beginning::Choose,
        WhichSession::None => return Beginning::New,
        WhichSession::Latest => SessionSelector::Latest(folder.to_owned()),
        WhichSession::Named(name) => SessionSelector::Named(name),
    };
    Beginning::Resume {
        which,
        model: typed.model.as_deref().map(ModelName::parse),
        effort: typed.effort.map(Effort),
        takes,
    }
}

/// Runs a command about earlier conversations, all of them on this machine.
fn past(intent: SessionsIntent, env: &Env, console: &mut Console) -> Result<Exit, CliError> {
    with_own_settings(env, LAST_WORK, console, async |engine| match intent {
        SessionsIntent::Delete(id, consent) => {
            sessions_cli::delete(engine, id, consent, input::lines).await
        }
        SessionsIntent::Export(id) => sessions_cli::export(engine, id).await,
        SessionsIntent::List(folder, scope) => sessions_cli::list(engine, &folder, scope).await,
        SessionsIntent::Show(id) => sessions_cli::show(engine, id).await,
    })
}

/// Runs a command about accounts or MCP servers.
fn account(
    env: &Env,
    console: &mut Console,
    command: impl AsyncFnOnce(EngineQuestion<'_>) -> Exit,
) -> Result<Exit, CliError> {
    with_own_settings(env, LAST_REVOCATION, console, command)
}

/// Runs a command with an engine that has the person's own settings, without the folder's.
fn with_own_settings(
    env: &Env,
    last_work: Duration,
    console: &mut Console,
    command: impl AsyncFnOnce(EngineQuestion<'_>) -> Exit,
) -> Result<Exit, CliError> {
    let loaded = load(env, None, &Flags::default(), &engine::dialects())?;
    let place = CredentialFile {
        clock: Clock::system(),
        zone: system_zone(),
        home: env.home(),
        columns: columns().filter(|_| !is_dumb(env)),
        surroundings: loaded.settings.surroundings.clone(),
    };
    let source = SettingsSource::new(env.clone(), Flags::default(), engine::dialects());
    with_settings(loaded, source, last_work, console, async |client, inbox, stops, console| {
        command(EngineQuestion { client, inbox, stops, console, place }).await
    })
}

fn is_dumb(env: &Env) -> bool {
    env.text("TERM").is_some_and(|term| term == "dumb")
}
