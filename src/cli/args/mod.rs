//! The arguments as typed.

mod client;
mod mcp;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{ArgGroup, Args as Group, Parser, Subcommand};
use clap_complete::ArgValueCandidates;

use crate::exec::Severity;
use crate::protocol::{ApprovalMode, Confinement, ToolFace};

use super::help::completion::{SHELLS, models, modes, sessions, topics};
use super::help::text::{ACP, COMPLETION, DEMO_EXAMPLES, EVAL, EXAMPLES, JSON, RUN_EXAMPLES};
use super::help::version::VERSION;
pub use client::{ApprovalAnswer, ClientArgs, ClientSub};
pub use mcp::{McpAddArgs, McpArgs};

/// A coding client for your terminal
#[derive(Debug, Parser)]
#[command(name = "codling", version = VERSION, after_help = EXAMPLES)]
#[command(override_usage = "codling [OPTIONS] [DIR]\n       codling [OPTIONS] <COMMAND>")]
pub struct Args {
    #[command(flatten)]
    pub choice: ModeChoice,
    /// Continue the last conversation in this folder
    #[arg(short = 'c', long = "continue", conflicts_with = "resume")]
    pub latest: bool,
    /// Continue this conversation (an id or a part of one); without an id, choose from the list
    #[arg(short, long, value_name = "ID", num_args = 0..=1, add = ArgValueCandidates::new(sessions))]
    pub resume: Option<Option<String>>,
    /// End other screens that have the conversation, instead of joining them
    #[arg(long)]
    pub take: bool,
    /// Send this as the first prompt
    #[arg(long, value_name = "TEXT")]
    pub prompt: Option<String>,
    // Takes several so that an error can suggest what was likely meant.
    /// The folder to talk about; the one you are in when left out
    #[arg(value_name = "DIR", num_args = 0..)]
    pub dirs: Vec<PathBuf>,
    #[command(subcommand)]
    pub command: Option<Sub>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Group)]
pub struct ModeChoice {
    /// The model to use, by its id
    #[arg(short, long, add = ArgValueCandidates::new(models))]
    pub model: Option<String>,
    /// The reasoning effort: minimal, low, medium, high, xhigh, ... as the model has them
    #[arg(long)]
    pub effort: Option<String>,
    /// The verbosity, where the model lets it be set: low, medium or high
    #[arg(long, value_name = "LEVEL")]
    pub verbosity: Option<String>,
    /// The speed, where the plan has a choice: fast or standard
    #[arg(long, value_name = "TIER")]
    pub service_tier: Option<String>,
    /// Which actions run without asking: read-only, ask, auto or full
    #[arg(long, value_name = "MODE", value_parser = mode, add = ArgValueCandidates::new(modes))]
    pub approval_mode: Option<ApprovalMode>,
    /// Another folder to read and change as the own one; may be given again for more
    #[arg(long = "add-dir", value_name = "DIR")]
    pub add_dirs: Vec<PathBuf>,
    /// Say yes to the programs that the folder brings as they are now (MCP servers, commands in
    /// slash commands), and print their hashes
    #[arg(long)]
    pub trust_project: bool,
}

impl ModeChoice {
    /// Fills in what this one leaves open with what was typed before.
    pub fn or(self, before: Self) -> Self {
        Self {
            model: self.model.or(before.model),
            effort: self.effort.or(before.effort),
            verbosity: self.verbosity.or(before.verbosity),
            service_tier: self.service_tier.or(before.service_tier),
            approval_mode: self.approval_mode.or(before.approval_mode),
            add_dirs: before.add_dirs.into_iter().chain(self.add_dirs).collect(),
            trust_project: self.trust_project || before.trust_project,
        }
    }
}

fn mode(word: &str) -> Result<ApprovalMode, String> {
    ApprovalMode::named(word)
        .ok_or_else(|| "it is one of `read-only`, `ask`, `auto` and `full`".into())
}

#[derive(Debug, Subcommand)]
pub enum Sub {
    /// Come back to a conversation that goes on, and join it where it has a screen
    Attach {
        /// An id or a part of one; the last one of this folder when left out
        #[arg(add = ArgValueCandidates::new(sessions))]
        id: Option<String>,
        /// End its other screens
        #[arg(long)]
        take: bool,
    },
    /// Ask once: the answer on stdout, progress on stderr
    Run(RunArgs),
    /// Have changes reviewed, read-only: findings on stdout, exit code 1 where there are any
    Review(ReviewArgs),
    /// Sign in and out, and see who is signed in
    Auth {
        #[command(subcommand)]
        command: AuthArgs,
    },
    /// List, show, export and delete earlier conversations; see what runs, and stop it
    Sessions {
        #[command(subcommand)]
        command: SessionsArgs,
    },
    /// List what waits for you in open conversations, and answer it
    Asks {
        #[command(subcommand)]
        command: Option<AsksArgs>,
    },
    /// Queue a prompt in an open conversation, for after the turn that is running there
    Queue {
        /// The conversation's id, or a part of it
        #[arg(add = ArgValueCandidates::new(sessions))]
        id: String,
        /// The prompt
        #[arg(required = true, allow_hyphen_values = true, trailing_var_arg = true)]
        text: Vec<String>,
    },
    /// List commands that go on running in open conversations, and end one
    Jobs {
        #[command(subcommand)]
        command: Option<JobsArgs>,
    },
    /// List, add and remove MCP servers, whose tools the model may call
    Mcp {
        #[command(subcommand)]
        command: McpArgs,
    },
    /// Read the guide: a topic, or words to look for; without any, the list of topics
    Guide {
        #[arg(value_name = "TOPIC", add = ArgValueCandidates::new(topics))]
        words: Vec<String>,
    },
    /// Open your settings in the editor of `VISUAL` or `EDITOR`, and check them afterwards; without
    /// an editor or a terminal, print the file's path and what is wrong with it
    Config,
    /// Look the installation over: settings, sign-in, ports, clock, terminal, sandbox; each with a
    /// next step where one is needed, and a report for a bug tracker
    Doctor(DoctorArgs),
    /// Print what completes codling's words in a shell: commands, options, models, conversations
    #[command(after_help = COMPLETION)]
    Completion {
        #[arg(value_name = "SHELL", value_parser = SHELLS)]
        shell: String,
    },
    /// Replace this program by the latest release; where a package manager installed it, name the
    /// command that does so. Asks a server only when you call it
    Update(UpdateArgs),
    /// Restore a terminal that a killed codling left unusable: no cursor, no echo, an alternate
    /// screen
    Reset,
    /// Serve editors and SDKs that speak the protocol of Codex's app-server
    AppServer(AppServerArgs),
    /// Be the agent of an editor that speaks the Agent Client Protocol (Zed, acpx, toad, ...), over
    /// stdin and stdout
    #[command(after_help = ACP)]
    Acp(AcpArgs),
    /// Show what keeps commands in on this system, and run one in it
    Sandbox(SandboxArgs),
    /// Run a folder of tasks, each in a fresh copy of its repository, and report which the model
    /// solved
    Eval(EvalArgs),
    /// Try it with a stand-in for OpenAI on this machine: no account, nothing of yours is touched
    #[command(after_help = DEMO_EXAMPLES)]
    Demo(Box<DemoArgs>),
}

#[derive(Debug, Group, PartialEq, Eq)]
pub struct DoctorArgs {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Ask the servers of the settings whether they answer, and what time it is there
    #[arg(long)]
    pub network: bool,
}

#[derive(Debug, Group, PartialEq, Eq)]
pub struct UpdateArgs {
    /// The version to install, which may be an older one
    #[arg(long, value_name = "VERSION")]
    pub to: Option<String>,
    /// Only say which version there is
    #[arg(long)]
    pub check: bool,
}

#[derive(Debug, Group)]
pub struct AcpArgs {
    #[command(subcommand)]
    pub command: Option<AcpSub>,
}

#[derive(Debug, Subcommand)]
pub enum AcpSub {
    // Editors add these words to the command that they start the agent with.
    /// The same as `codling auth`, for editors that sign in in a terminal
    Auth {
        #[command(subcommand)]
        command: AuthArgs,
    },
}

#[derive(Debug, Group)]
pub struct AppServerArgs {
    /// Where clients are waited for: stdio://, ws://IP:PORT or unix://PATH
    #[arg(long, value_name = "ADDRESS", default_value = "stdio://")]
    pub listen: String,
    /// The same as `--listen stdio://`
    #[arg(long, conflicts_with = "listen")]
    pub stdio: bool,
    /// How clients of ws:// prove who they are; without it only programs on this machine may
    /// connect, whichever user runs them. The connection is not encrypted
    #[arg(long, value_name = "KIND", value_parser = ["capability-token"])]
    pub ws_auth: Option<String>,
    /// The file that holds the token, which clients send as `Authorization: Bearer TOKEN`; only you
    /// may read it
    #[arg(long, value_name = "FILE", conflicts_with = "ws_token_sha256")]
    pub ws_token_file: Option<PathBuf>,
    /// The SHA-256 of the token, in hexadecimal
    #[arg(long, value_name = "HEX")]
    pub ws_token_sha256: Option<String>,
    // Editors pass this flag to Codex; codling accepts it and ignores it.
    #[arg(long, hide = true)]
    pub analytics_default_enabled: bool,
    #[command(subcommand)]
    pub command: Option<AppServerSub>,
}

#[derive(Debug, Subcommand)]
pub enum AppServerSub {
    /// Speak to an app-server, codling's or Codex's: try the protocol out
    Client(ClientArgs),
    /// Write the JSON Schema of all messages that the server takes and sends
    GenerateJsonSchema {
        /// The folder for the files, made where it is missing
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        /// Include what only clients that declare `experimentalApi` may use
        #[arg(long)]
        experimental: bool,
    },
}

#[derive(Debug, Group, PartialEq, Eq)]
pub struct SandboxArgs {
    /// Where the command may write: with `auto` in the folder, with `read-only` in a temporary
    /// folder only
    #[arg(long, value_name = "MODE", value_parser = kept_in, default_value = "auto")]
    pub mode: Confinement,
    /// Another file or folder that it must not read; may be given again for more
    #[arg(long, value_name = "PATH")]
    pub hide: Vec<PathBuf>,
    /// Let it read this as well, whatever else is hidden; may be given again for more
    #[arg(long, value_name = "PATH")]
    pub show: Vec<PathBuf>,
    /// Let it write to the folder's `.git` as well, but for git's settings and hooks
    #[arg(long)]
    pub git: bool,
    /// The command and its arguments; it ends as the command does (128 + N for signal N), or with
    /// 125 to 127 where that was not run. Left out, the tier is shown, and why it is no better
    #[arg(last = true, value_name = "CMD")]
    pub command: Vec<OsString>,
}

fn kept_in(word: &str) -> Result<Confinement, String> {
    match word {
        "auto" => Ok(Confinement::Folder),
        "read-only" => Ok(Confinement::ReadOnly),
        _ => Err("it is `read-only` or `auto`".into()),
    }
}

#[derive(Debug, PartialEq, Eq, Subcommand)]
pub enum AsksArgs {
    /// Each with all that is to be known before it is answered, and the name to answer it by
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Answer one: `yes` allows it this once, `no` refuses it, other words refuse it and say why;
    /// a question of the model is answered by any words
    Answer {
        /// Its name in the list, or the part behind the colon
        name: String,
        /// `yes`, `no`, the reason for a no, or the answer to a question
        #[arg(required = true, allow_hyphen_values = true, trailing_var_arg = true)]
        answer: Vec<String>,
    },
}

#[derive(Debug, PartialEq, Eq, Subcommand)]
pub enum JobsArgs {
    /// One line each: conversation, number, how long, command, the ports it listens on (Linux)
    List,
    /// End one, with all that it started
    Stop {
        /// Its number
        number: u64,
        /// A part of the conversation's id, where several have a command of that number
        #[arg(long)]
        session: Option<String>,
    },
}

#[derive(Debug, Subcommand)]
pub enum SessionsArgs {
    /// One line each, newest first: id, how long ago, prompts, title
    List {
        /// Include the conversations of all folders
        #[arg(short, long)]
        all: bool,
        /// The conversations that codlings have open now, in any folder: how far each is, since
        /// when, and its last line
        #[arg(long, conflicts_with = "all")]
        running: bool,
        /// With --running: print JSON
        #[arg(long, requires = "running")]
        json: bool,
    },
    /// Interrupt the turn of a conversation that a codling has open
    Stop {
        /// An id, or a part of one that no other has
        #[arg(add = ArgValueCandidates::new(sessions))]
        id: String,
    },
    /// Print a whole conversation
    Show {
        /// An id, or a part of one that no other has
        #[arg(add = ArgValueCandidates::new(sessions))]
        id: String,
    },
    /// Print a conversation as Markdown, without what looks like a secret
    Export {
        /// An id, or a part of one that no other has
        #[arg(add = ArgValueCandidates::new(sessions))]
        id: String,
    },
    /// Delete a conversation for good; asks first
    Delete {
        /// An id, or a part of one that no other has
        #[arg(add = ArgValueCandidates::new(sessions))]
        id: String,
        /// Do not ask first; needed where there is no terminal
        #[arg(short, long)]
        yes: bool,
    },
}

#[derive(Debug, Group)]
#[command(after_help = RUN_EXAMPLES, after_long_help = JSON)]
pub struct RunArgs {
    #[command(flatten)]
    pub choice: ModeChoice,
    /// Continue the last conversation in this folder
    #[arg(short = 'c', long = "continue", conflicts_with = "resume")]
    pub latest: bool,
    /// Continue this conversation: an id, or a part of one that no other has
    #[arg(short, long, value_name = "ID", add = ArgValueCandidates::new(sessions))]
    pub resume: Option<String>,
    /// One JSON object per line on stdout, for programs
    #[arg(long)]
    pub json: bool,
    /// Have the final answer be JSON that fits the JSON Schema in this file
    #[arg(long, value_name = "FILE")]
    pub output_schema: Option<PathBuf>,
    /// Write the last message to this file as well
    #[arg(long, value_name = "FILE")]
    pub output_last_message: Option<PathBuf>,
    /// Send a PNG, JPEG, GIF or WebP picture along; may be given again for more
    #[arg(short, long = "image", value_name = "FILE")]
    pub images: Vec<PathBuf>,
    /// Where your plan's usage limit stops the turn, wait for its reset and go on
    #[arg(long)]
    pub wait_for_limit: bool,
    /// The prompt; `-` reads it from stdin, and piped stdin joins what is typed
    pub prompt: Vec<String>,
}

#[derive(Debug, Group)]
#[command(group(ArgGroup::new("target").args(["base", "commit", "staged", "words"])))]
pub struct ReviewArgs {
    /// The model to use, by its id
    #[arg(short, long, add = ArgValueCandidates::new(models))]
    pub model: Option<String>,
    /// The reasoning effort
    #[arg(long)]
    pub effort: Option<String>,
    /// The work here against where it parted from this branch
    #[arg(long, value_name = "BRANCH")]
    pub base: Option<String>,
    /// The changes of one commit
    #[arg(long, value_name = "SHA")]
    pub commit: Option<String>,
    /// The staged changes
    #[arg(long)]
    pub staged: bool,
    /// Print JSON: summary, findings (each file, line, severity, title, body)
    #[arg(long)]
    pub json: bool,
    /// The least severity that is printed and counts: critical, high, medium or low
    #[arg(long, value_name = "LEVEL", default_value = "low", value_parser = severity)]
    pub severity: Severity,
    /// The changes in words; those that are not committed when left out
    pub words: Vec<String>,
}

fn severity(word: &str) -> Result<Severity, String> {
    let found = Severity::ALL.into_iter().find(|severity| severity.as_str() == word);
    found.ok_or_else(|| "it is one of `critical`, `high`, `medium` and `low`".into())
}

#[derive(Debug, Group)]
#[command(after_help = EVAL)]
pub struct EvalArgs {
    #[command(flatten)]
    pub choice: ModeChoice,
    /// The tools that models are offered, one or several: codex, own; those that fit the model
    /// when left out
    #[arg(long, value_name = "FACE", value_delimiter = ',', value_parser = face)]
    pub face: Vec<ToolFace>,
    /// Attempts at each task with each combination of model, effort and tools
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub repeat: u32,
    /// Only tasks with one of these names, in which `*` fits any text
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub only: Vec<String>,
    /// Attempts at a time
    #[arg(short, long, value_name = "N", default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=64))]
    pub jobs: u16,
    /// Write the report to this file as JSON as well, after every attempt
    #[arg(long, value_name = "FILE")]
    pub json: Option<PathBuf>,
    /// Make only the attempts that this earlier report lacks; the new report holds both
    #[arg(long, value_name = "FILE")]
    pub resume: Option<PathBuf>,
    /// Check the tasks themselves, without a model: their right solutions pass, and neither the
    /// wrong ones nor doing nothing does
    #[arg(long, conflicts_with_all = ["face", "repeat", "json", "resume"])]
    pub check_tasks: bool,
    /// The folder of tasks
    pub dir: PathBuf,
}

fn face(word: &str) -> Result<ToolFace, String> {
    match word {
        "codex" => Ok(ToolFace::Codex),
        "own" => Ok(ToolFace::Own),
        _ => Err("it is `codex` or `own`".into()),
    }
}

#[derive(Debug, Group)]
pub struct DemoArgs {
    #[command(flatten)]
    pub choice: ModeChoice,
    // Accepted so that an error can say why the demo has nothing to continue.
    #[arg(short = 'c', long = "continue", hide = true)]
    pub latest: bool,
    #[arg(short, long, hide = true, num_args = 0..=1)]
    pub resume: Option<Option<String>>,
    /// Have the stand-in answer as this file says, request by request, before its rules do
    #[arg(long, value_name = "FILE", conflicts_with = "record")]
    pub script: Option<PathBuf>,
    /// Write an earlier conversation of yours to this file as a script, without what looks like a
    /// secret, your paths, names and accounts
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// With --record: which conversation (an id, or a part of one); the last in this folder when
    /// left out
    #[arg(long, value_name = "ID", requires = "record")]
    pub session: Option<String>,
    /// The folder to talk about; the one you are in when left out
    pub dir: Option<PathBuf>,
    // Small numbers show how a long conversation is summed up.
    /// Size of the stand-in's context, in tokens
    #[arg(long, value_name = "TOKENS", hide = true, value_parser = clap::value_parser!(u64).range(1000..))]
    pub context: Option<u64>,
    #[command(subcommand)]
    pub command: Option<DemoSub>,
}

#[derive(Debug, Subcommand)]
pub enum DemoSub {
    /// Be the agent of an editor, with the stand-in behind
    Acp,
    /// Serve editors and SDKs, with the stand-in behind
    AppServer(AppServerArgs),
    /// Be a small MCP server over standard input and output
    McpServer,
    /// Ask the stand-in once
    Run(RunArgs),
}

#[derive(Debug, Subcommand)]
pub enum AuthArgs {
    /// Show all credentials: whose, until when, where from, and which one is used
    List,
    /// Sign in to OpenAI; asks which way when none is named
    Login(LoginArgs),
    /// Sign out: revoke the tokens and remove the entry
    Logout {
        /// The provider as `codling auth list` names it; openai when left out
        provider: Option<String>,
    },
    /// One line; exit code 0 when signed in, 3 when not
    Status,
}

#[derive(Debug, Group)]
#[command(group = ArgGroup::new("way"))]
pub struct LoginArgs {
    /// The provider whose key is saved, as `/connect` names it; openai when left out
    pub provider: Option<String>,
    /// ChatGPT Plus/Pro with the browser of this machine, or an address pasted from another one
    #[arg(long, group = "way")]
    pub browser: bool,
    /// ChatGPT Plus/Pro with a code for any other device; works over SSH
    #[arg(long, group = "way")]
    pub device: bool,
    /// An API key, read from stdin
    #[arg(long, group = "way")]
    pub api_key: bool,
    /// Save the key without trying it out, for when there is no network
    #[arg(long, requires = "api_key", conflicts_with_all = ["browser", "device"])]
    pub unchecked: bool,
}
