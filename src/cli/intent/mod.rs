//! The arguments as meant: one command with all it needs.

mod mcp;
mod servers;

use std::io;
use std::path::{Path, PathBuf};

use crate::app_server::Gated;
use crate::auth_cli::{Login, LoginWay};
use crate::base::Reader;
use crate::config::Flags;
use crate::engine::review::ReviewTarget;
use crate::exec::{FindingsForm, OutputForm};
use crate::protocol::{
    ApprovalMode, KeyCheck, OnUsageLimit, ProviderId, SessionSelector, ToolFace,
};
use crate::sessions_cli::{Consent, ListForm, ListScope};

use super::args::{
    self, AcpArgs, AcpSub, AppServerArgs, AppServerSub, Args, AuthArgs, DemoSub, ModeChoice, Sub,
};
use super::error::CliError;
use mcp::mcp;
use servers::{acp, app_server, app_server_client};

pub use mcp::{McpAction, McpIntent};
pub use servers::{AcpIntent, AppServerIntent, ClientAction, ClientIntent};

#[derive(Debug, PartialEq, Eq)]
pub enum Intent {
    Eval(EvalIntent),
    /// Prints what completes words in this shell.
    Completion(String),
    /// Opens the settings in an editor, and checks them.
    Config,
    /// Looks the installation over.
    Doctor(args::DoctorArgs),
    /// Serves an editor that runs agents.
    Acp(AcpIntent),
    /// Serves editors and SDKs.
    AppServer(AppServerIntent),
    /// Speaks to an app-server.
    AppServerClient(ClientIntent),
    /// Writes the JSON Schema of the app-server's messages into a folder.
    AppServerSchema(PathBuf, Gated),
    /// Shows a topic of the guide, or looks for words in it.
    Guide(String),
    List,
    /// Lists commands that go on running, or ends one.
    Jobs(args::JobsArgs),
    /// Asks the codlings that have conversations open.
    Live(LiveIntent),
    Login(Login),
    /// Serves a client as a small MCP server.
    McpServer,
    Logout(Option<ProviderId>),
    /// A command about MCP servers.
    Mcp(McpIntent),
    /// Writes a conversation as a script for the stand-in.
    Record(RecordIntent),
    /// Restores the terminal.
    Reset,
    Review(ReviewIntent),
    Run(RunIntent),
    Screen(ScreenIntent),
    /// Shows what keeps commands in; with a command, runs it there.
    Sandbox(args::SandboxArgs),
    Sessions(SessionsIntent),
    Status,
    /// Replaces this program by another release.
    Update(args::UpdateArgs),
}

/// A folder of tasks.
#[derive(Debug, PartialEq, Eq)]
pub struct EvalIntent {
    pub folder: PathBuf,
    pub flags: Flags,
    pub mode: Option<ApprovalMode>,
    /// Models and efforts that were typed; empty for the choice of the settings.
    pub models: Vec<String>,
    pub efforts: Vec<String>,
    pub faces: Vec<ToolFace>,
    pub repeats: u32,
    /// Names of tasks; empty for all of them.
    pub only: Vec<String>,
    /// How many attempts run at a time.
    pub jobs: usize,
    pub json: Option<PathBuf>,
    pub resume: Option<PathBuf>,
    pub subject: EvalSubject,
}

/// The subject of an evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EvalSubject {
    Models,
    /// The tasks themselves, by their solutions.
    Tasks,
}

/// An earlier conversation, and the file its script goes to.
#[derive(Debug, PartialEq, Eq)]
pub struct RecordIntent {
    pub which: SessionSelector,
    pub file: PathBuf,
}

/// One prompt without a screen.
#[derive(Debug, PartialEq, Eq)]
pub struct RunIntent {
    pub server: Server,
    pub folder: PathBuf,
    pub flags: Flags,
    pub mode: Option<ApprovalMode>,
    pub form: OutputForm,
    pub prompt: PromptSource,
    /// Absolute paths, like those of the other files.
    pub images: Vec<PathBuf>,
    pub schema: Option<PathBuf>,
    pub last_message: Option<PathBuf>,
    pub on_usage_limit: OnUsageLimit,
    pub past: WhichSession,
}

/// A review without a screen.
#[derive(Debug, PartialEq, Eq)]
pub struct ReviewIntent {
    pub folder: PathBuf,
    pub flags: Flags,
    pub target: ReviewTarget,
    pub findings: FindingsForm,
}

/// The terminal UI.
#[derive(Debug, PartialEq, Eq)]
pub struct ScreenIntent {
    pub server: Server,
    pub folder: PathBuf,
    pub flags: Flags,
    pub mode: Option<ApprovalMode>,
    pub past: WhichSession,
    /// Whether other screens that have the conversation end.
    pub takes: bool,
    /// The first prompt, as if it had been typed.
    pub prompt: Option<String>,
}

impl ScreenIntent {
    fn taking(self, takes: bool) -> Self {
        Self { takes, ..self }
    }

    fn asking(self, prompt: Option<String>) -> Self {
        Self { prompt, ..self }
    }
}

/// Which conversation to go on with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WhichSession {
    Choose,
    Latest,
    Named(String),
    /// A new one.
    None,
}

/// A command about earlier conversations, with the id as it was typed.
#[derive(Debug, PartialEq, Eq)]
pub enum SessionsIntent {
    Delete(String, Consent),
    Export(String),
    List(PathBuf, ListScope),
    Show(String),
}

/// A command about conversations that codlings have open.
#[derive(Debug, PartialEq, Eq)]
pub enum LiveIntent {
    /// The name of an ask and the answer, as they were typed.
    Answer(String, String),
    Asks(ListForm),
    List(ListForm),
    /// The id and the prompt, as they were typed.
    Queue(String, String),
    /// The id as it was typed.
    Stop(String),
}

/// The server that answers requests to OpenAI.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Server {
    /// The stand-in, with a home that is thrown away.
    Demo {
        /// Size of its models' context in tokens; `None` for the usual size.
        context: Option<u64>,
        /// A file with the answers that it gives first.
        script: Option<PathBuf>,
    },
    Real,
}

/// Where a prompt comes from.
#[derive(Debug, PartialEq, Eq)]
pub enum PromptSource {
    Stdin,
    Words(String),
    /// The words, then an empty line, then what is piped in.
    WordsAndStdin(String),
}

/// Where the command was typed.
#[derive(Clone, Debug)]
pub struct Here {
    pub folder: PathBuf,
    pub stdin: Reader,
    pub stdout: Reader,
}

impl Intent {
    /// Makes of arguments as typed what is meant by them. Relative paths are taken from `here`.
    ///
    /// # Errors
    ///
    /// Fails if options do not go together, or if a value such as a folder, an address or a file
    /// cannot be used.
    pub fn of(args: Args, here: &Here) -> Result<Self, CliError> {
        let choice = args.choice;
        let (past, takes) = (past(args.latest, args.resume), args.take);
        match args.command {
            Some(Sub::Demo(_)) if past != WhichSession::None => return Err(CliError::PastOfDemo),
            Some(_) if past != WhichSession::None => return Err(CliError::PastHere),
            Some(_) if args.prompt.is_some() => return Err(CliError::PromptHere),
            _ => {}
        }
        let prompt = args.prompt;
        if prompt.as_ref().is_some_and(|prompt| prompt.trim().is_empty()) {
            return Err(CliError::NoPrompt);
        }
        Ok(match args.command {
            None => match &args.dirs[..] {
                words @ ([] | [_]) => {
                    let dir = words.first().map(PathBuf::as_path);
                    let screen = screen(Server::Real, dir, choice, past, here)?;
                    Self::Screen(screen.taking(takes).asking(prompt))
                }
                words => return Err(CliError::SeveralFolders { words: joined(words) }),
            },
            Some(Sub::Attach { id, take }) => {
                let past = id.map_or(WhichSession::Latest, WhichSession::Named);
                Self::Screen(screen(Server::Real, None, choice, past, here)?.taking(take))
            }
            Some(Sub::Run(typed)) => Self::Run(run(Server::Real, None, typed, choice, here)?),
            Some(Sub::Demo(typed)) => demo(*typed, choice, here)?,
            Some(Sub::Eval(typed)) => Self::Eval(eval(typed, choice, here)?),
            Some(Sub::Auth { .. }) if choice != ModeChoice::default() => {
                return Err(CliError::NoChoiceHere { command: "auth" });
            }
            Some(Sub::Sessions { .. }) if choice != ModeChoice::default() => {
                return Err(CliError::NoChoiceHere { command: "sessions" });
            }
            Some(Sub::Review(_)) if choice != ModeChoice::default() => {
                return Err(CliError::NoChoiceHere { command: "review" });
            }
            Some(Sub::Review(typed)) => Self::Review(review(typed, here)?),
            Some(Sub::Asks { .. }) if choice != ModeChoice::default() => {
                return Err(CliError::NoChoiceHere { command: "asks" });
            }
            Some(Sub::Queue { .. }) if choice != ModeChoice::default() => {
                return Err(CliError::NoChoiceHere { command: "queue" });
            }
            Some(Sub::Jobs { .. }) if choice != ModeChoice::default() => {
                return Err(CliError::NoChoiceHere { command: "jobs" });
            }
            Some(Sub::Guide { .. }) if choice != ModeChoice::default() => {
                return Err(CliError::NoChoiceHere { command: "guide" });
            }
            Some(Sub::Mcp { .. }) if choice != ModeChoice::default() => {
                return Err(CliError::NoChoiceHere { command: "mcp" });
            }
            Some(Sub::Completion { .. }) if choice != ModeChoice::default() => {
                return Err(CliError::NoChoiceHere { command: "completion" });
            }
            Some(Sub::Config) if choice != ModeChoice::default() => {
                return Err(CliError::NoChoiceHere { command: "config" });
            }
            Some(Sub::Doctor(_)) if choice != ModeChoice::default() => {
                return Err(CliError::NoChoiceHere { command: "doctor" });
            }
            Some(Sub::Reset) if choice != ModeChoice::default() => {
                return Err(CliError::NoChoiceHere { command: "reset" });
            }
            Some(Sub::Update(_)) if choice != ModeChoice::default() => {
                return Err(CliError::NoChoiceHere { command: "update" });
            }
            Some(Sub::Sandbox(_)) if choice != ModeChoice::default() => {
                return Err(CliError::NoChoiceHere { command: "sandbox" });
            }
            Some(Sub::AppServer(AppServerArgs {
                command: Some(AppServerSub::Client(typed)),
                ..
            })) => Self::AppServerClient(app_server_client(typed, here)?),
            Some(Sub::AppServer(AppServerArgs {
                command: Some(AppServerSub::GenerateJsonSchema { out, experimental }),
                ..
            })) => {
                let gate = if experimental { Gated::Told } else { Gated::LeftOut };
                Self::AppServerSchema(here.folder.join(out), gate)
            }
            Some(Sub::AppServer(typed)) => {
                Self::AppServer(app_server(Server::Real, None, typed, choice, here)?)
            }
            Some(Sub::Acp(AcpArgs { command: Some(AcpSub::Auth { command }) })) => auth(command),
            Some(Sub::Acp(AcpArgs { command: None })) => Self::Acp(acp(Server::Real, choice)),
            Some(Sub::Auth { command }) => auth(command),
            Some(Sub::Asks { command }) => Self::Live(match command {
                Some(args::AsksArgs::Answer { name, answer }) => {
                    LiveIntent::Answer(name, answer.join(" "))
                }
                Some(args::AsksArgs::List { json }) => LiveIntent::Asks(list_form(json)),
                None => LiveIntent::Asks(ListForm::Text),
            }),
            Some(Sub::Queue { id, text }) => Self::Live(LiveIntent::Queue(id, text.join(" "))),
            Some(Sub::Jobs { command }) => Self::Jobs(command.unwrap_or(args::JobsArgs::List)),
            Some(Sub::Mcp { command }) => Self::Mcp(mcp(command, here)?),
            Some(Sub::Guide { words }) => Self::Guide(words.join(" ")),
            Some(Sub::Completion { shell }) => Self::Completion(shell),
            Some(Sub::Config) => Self::Config,
            Some(Sub::Doctor(typed)) => Self::Doctor(typed),
            Some(Sub::Reset) => Self::Reset,
            Some(Sub::Update(typed)) => Self::Update(typed),
            Some(Sub::Sandbox(typed)) => Self::Sandbox(typed),
            Some(Sub::Sessions { command }) => sessions(command, here)?,
        })
    }
}

fn past(latest: bool, resume: Option<Option<String>>) -> WhichSession {
    match (latest, resume) {
        (true, _) => WhichSession::Latest,
        (false, None) => WhichSession::None,
        (false, Some(None)) => WhichSession::Choose,
        (false, Some(Some(id))) => WhichSession::Named(id),
    }
}

fn demo(typed: args::DemoArgs, before: ModeChoice, here: &Here) -> Result<Intent, CliError> {
    let args::DemoArgs { choice, latest, resume, script, record, session, dir, context, command } =
        typed;
    if let Some(file) = record {
        let which = match session {
            Some(name) => SessionSelector::Named(name),
            None => SessionSelector::Latest(folder(dir.as_deref(), here)?),
        };
        return Ok(Intent::Record(RecordIntent { which, file: here.folder.join(file) }));
    }
    let script = script.map(|file| here.folder.join(file));
    let (choice, dir, server) =
        (choice.or(before), dir.as_deref(), Server::Demo { context, script });
    let resumes = |run: &args::RunArgs| run.latest || run.resume.is_some();
    match command {
        _ if past(latest, resume) != WhichSession::None => Err(CliError::PastOfDemo),
        None => Ok(Intent::Screen(screen(server, dir, choice, WhichSession::None, here)?)),
        Some(DemoSub::Acp) => Ok(Intent::Acp(acp(server, choice))),
        Some(DemoSub::AppServer(typed)) if typed.command.is_some() => Err(CliError::ClientOfDemo),
        Some(DemoSub::AppServer(typed)) => {
            Ok(Intent::AppServer(app_server(server, dir, typed, choice, here)?))
        }
        Some(DemoSub::McpServer) => Ok(Intent::McpServer),
        Some(DemoSub::Run(typed)) if resumes(&typed) => Err(CliError::PastOfDemo),
        Some(DemoSub::Run(typed)) => Ok(Intent::Run(run(server, dir, typed, choice, here)?)),
    }
}

/// Returns what `eval` means; options typed after the word take precedence over those before it.
fn eval(typed: args::EvalArgs, before: ModeChoice, here: &Here) -> Result<EvalIntent, CliError> {
    let args::EvalArgs { choice, face, repeat, only, jobs, json, resume, check_tasks, dir } = typed;
    let mut choice = choice.or(before);
    let file = |named: Option<PathBuf>| named.map(|file| here.folder.join(file));
    Ok(EvalIntent {
        folder: folder(Some(&dir), here)?,
        mode: choice.approval_mode,
        models: parts(choice.model.take()),
        efforts: parts(choice.effort.take()),
        faces: face,
        repeats: repeat,
        only,
        flags: flags(choice),
        jobs: usize::from(jobs),
        json: file(json),
        resume: file(resume),
        subject: if check_tasks { EvalSubject::Tasks } else { EvalSubject::Models },
    })
}

/// The words between commas.
fn parts(list: Option<String>) -> Vec<String> {
    let list = list.unwrap_or_default();
    list.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

fn sessions(command: args::SessionsArgs, here: &Here) -> Result<Intent, CliError> {
    Ok(Intent::Sessions(match command {
        args::SessionsArgs::Delete { id, yes } => {
            let consent = match (yes, here.stdin) {
                (true, _) => Consent::Given,
                (false, Reader::Terminal) => Consent::Ask,
                (false, Reader::Program) => Consent::NobodyToAsk,
            };
            SessionsIntent::Delete(id, consent)
        }
        args::SessionsArgs::Export { id } => SessionsIntent::Export(id),
        args::SessionsArgs::List { running: true, json, .. } => {
            return Ok(Intent::Live(LiveIntent::List(list_form(json))));
        }
        args::SessionsArgs::List { all, .. } => SessionsIntent::List(
            folder(None, here)?,
            if all { ListScope::All } else { ListScope::Here },
        ),
        args::SessionsArgs::Show { id } => SessionsIntent::Show(id),
        args::SessionsArgs::Stop { id } => return Ok(Intent::Live(LiveIntent::Stop(id))),
    }))
}

fn list_form(json: bool) -> ListForm {
    if json { ListForm::Json } else { ListForm::Text }
}

fn auth(command: AuthArgs) -> Intent {
    match command {
        AuthArgs::List => Intent::List,
        AuthArgs::Login(typed) => Intent::Login(login(&typed)),
        AuthArgs::Logout { provider } => Intent::Logout(provider.as_deref().map(ProviderId::from)),
        AuthArgs::Status => Intent::Status,
    }
}

fn screen(
    server: Server,
    dir: Option<&Path>,
    choice: ModeChoice,
    past: WhichSession,
    here: &Here,
) -> Result<ScreenIntent, CliError> {
    // The folder is checked first: a mistyped word is the likelier slip, also where there is no
    // terminal.
    let folder = folder(dir, here)?;
    if here.stdin == Reader::Program || here.stdout == Reader::Program {
        return Err(CliError::NoTerminal);
    }
    Ok(ScreenIntent {
        server,
        folder,
        mode: choice.approval_mode,
        flags: flags(choice),
        past,
        takes: false,
        prompt: None,
    })
}

/// Returns what `run` means; options typed after the word take precedence over those before it.
fn run(
    server: Server,
    dir: Option<&Path>,
    typed: args::RunArgs,
    before: ModeChoice,
    here: &Here,
) -> Result<RunIntent, CliError> {
    let dash = typed.prompt.iter().any(|word| word == "-");
    let words = typed
        .prompt
        .iter()
        .filter(|word| *word != "-")
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(" ");
    let words = words.trim().to_owned();
    let prompt = match (words.is_empty(), dash, here.stdin) {
        (true, true, _) | (true, false, Reader::Program) => PromptSource::Stdin,
        (true, false, Reader::Terminal) => return Err(CliError::NoPrompt),
        (false, true, _) | (false, false, Reader::Program) => PromptSource::WordsAndStdin(words),
        (false, false, Reader::Terminal) => PromptSource::Words(words),
    };
    let choice = typed.choice.or(before);
    let form = if typed.json { OutputForm::Json } else { OutputForm::Text };
    let whole = |path: PathBuf| here.folder.join(path);
    Ok(RunIntent {
        server,
        folder: folder(dir, here)?,
        mode: choice.approval_mode,
        flags: flags(choice),
        form,
        prompt,
        images: typed.images.into_iter().map(whole).collect(),
        schema: typed.output_schema.map(whole),
        last_message: typed.output_last_message.map(whole),
        on_usage_limit: match typed.wait_for_limit {
            true => OnUsageLimit::Wait,
            false => OnUsageLimit::End,
        },
        past: past(typed.latest, typed.resume.map(Some)),
    })
}

fn review(typed: args::ReviewArgs, here: &Here) -> Result<ReviewIntent, CliError> {
    let args::ReviewArgs { model, effort, base, commit, staged, json, severity, words } = typed;
    let target = match (base, commit, staged, words.is_empty()) {
        (Some(branch), ..) => ReviewTarget::Base(branch),
        (_, Some(sha), ..) => ReviewTarget::Commit(sha, None),
        (_, _, true, _) => ReviewTarget::Staged,
        (.., true) => ReviewTarget::Uncommitted,
        (.., false) => ReviewTarget::Custom(words.join(" ")),
    };
    let folder = folder(None, here)?;
    if target.needs_git() && !folder.ancestors().any(|folder| folder.join(".git").exists()) {
        return Err(CliError::NoRepository { path: folder });
    }
    let choice = ModeChoice { model, effort, ..ModeChoice::default() };
    let findings = FindingsForm { json, least: severity };
    Ok(ReviewIntent { folder, flags: flags(choice), target, findings })
}

fn flags(choice: ModeChoice) -> Flags {
    let ModeChoice { model, effort, verbosity, service_tier, add_dirs, trust_project, .. } = choice;
    Flags { model, effort, verbosity, service_tier, add_dirs, trust_project }
}

fn login(typed: &args::LoginArgs) -> Login {
    let way = match (typed.browser, typed.device, typed.api_key) {
        (true, _, _) => Some(LoginWay::Browser),
        (_, true, _) => Some(LoginWay::Device),
        (_, _, true) => Some(LoginWay::ApiKey),
        _ => None,
    };
    let provider = typed.provider.as_deref().map_or_else(ProviderId::openai, ProviderId::new);
    // Others take keys alone.
    let way = way.or((!provider.is_openai()).then_some(LoginWay::ApiKey));
    let check = if typed.unchecked { KeyCheck::Skip } else { KeyCheck::First };
    Login { provider, way, check }
}

fn joined(words: &[PathBuf]) -> String {
    words.iter().map(|word| word.display().to_string()).collect::<Vec<_>>().join(" ")
}

/// Returns the absolute path of the folder, with links resolved.
fn folder(named: Option<&Path>, here: &Here) -> Result<PathBuf, CliError> {
    let path = named.map_or_else(|| here.folder.clone(), |named| here.folder.join(named));
    let shown = || named.map_or_else(|| here.folder.clone(), Path::to_path_buf);
    match std::fs::canonicalize(&path) {
        Ok(whole) if whole.is_dir() => Ok(whole),
        Ok(_) => Err(CliError::NotAFolder { path: shown() }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(CliError::Folder { path: shown() })
        }
        Err(source) => Err(CliError::FolderUse { path: shown(), source }),
    }
}
