//! Errors that keep a command from starting.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use crate::app_server::ServeError;
use crate::app_server::client::ClientError;
use crate::base::{Advice, cause, nearest};
use crate::config::ConfigError;
use crate::eval::{ResumeError, TaskError};
use crate::exec::FilesError;
use crate::protocol::{Exit, Problem};
use crate::tui::TuiError;

#[derive(Debug, Error)]
pub enum CliError {
    #[error("{source}")]
    AppServer { source: ServeError },
    #[error("{source}")]
    Client { source: ClientError },
    #[error("the token file `{}` cannot be read: {}", path.display(), cause(source))]
    TokenFile { path: PathBuf, source: io::Error },
    #[error("{source}")]
    Config { source: ConfigError },
    #[error("the demo could not be set up: {}", cause(source))]
    Demo { source: io::Error },
    #[error("there is no folder `{}`", path.display())]
    Folder { path: PathBuf },
    #[error("{source}")]
    Files { source: FilesError },
    #[error("the folder `{}` cannot be used: {}", path.display(), cause(source))]
    FolderUse { path: PathBuf, source: io::Error },
    #[error(
        "`codling {command}` does not take `--model`, `--effort` and the like, or `--approval-mode`"
    )]
    NoChoiceHere { command: &'static str },
    #[error("{source}")]
    Eval { source: TaskError },
    #[error("{source}")]
    EarlierReport { source: ResumeError },
    #[error("there is no prompt")]
    NoPrompt,
    #[error("the terminal UI needs a terminal for input and output")]
    NoTerminal,
    #[error("`{}` is not a folder", path.display())]
    NotAFolder { path: PathBuf },
    #[error("`--continue` and `--resume` are in the wrong place")]
    PastHere,
    #[error("`--prompt` is for the terminal UI alone")]
    PromptHere,
    #[error("`{}` is in no git repository", path.display())]
    NoRepository { path: PathBuf },
    #[error("{}", problem.message)]
    Review { problem: Problem },
    #[error("the demo keeps no conversations to continue")]
    PastOfDemo,
    #[error("`demo app-server` only serves")]
    ClientOfDemo,
    #[error("the path of this program is unknown: {}", cause(source))]
    OwnPath { source: io::Error },
    #[error("{}", problem.message)]
    Picture { problem: Problem },
    #[error("the prompt could not be read from stdin: {}", cause(source))]
    Prompt { source: io::Error },
    #[error("the prompt on stdin is larger than {limit} bytes")]
    PromptTooLarge { limit: u64 },
    #[error("the MCP server ended: {}", cause(source))]
    McpServer { source: io::Error },
    #[error("there is no terminal to restore: {}", cause(source))]
    Reset { source: io::Error },
    #[error("the program could not start: {}", cause(source))]
    Runtime { source: io::Error },
    #[error("{source}")]
    Screen { source: TuiError },
    #[error("the schema cannot be written to `{}`: {}", path.display(), cause(source))]
    Schema { path: PathBuf, source: io::Error },
    #[error("the script `{}` cannot be played: {reason}", path.display())]
    Script { path: PathBuf, reason: String },
    #[error("`{words}` is more than one folder")]
    SeveralFolders { words: String },
}

impl Advice for CliError {
    fn next_step(&self) -> Option<String> {
        match self {
            Self::AppServer { source } => source.next_step(),
            Self::Client { source } => source.next_step(),
            Self::TokenFile { .. } => Some("Name a file that you may read, and nobody else".into()),
            Self::Config { source } => source.next_step(),
            Self::Demo { .. } => Some("The demo needs a free port on 127.0.0.1 and room for temporary files".into()),
            Self::Eval { source } => source.next_step(),
            Self::EarlierReport { source } => source.next_step(),
            Self::Files { source } => source.next_step(),
            Self::Folder { path } => Some(instead(path.to_str().unwrap_or_default())),
            Self::FolderUse { .. } => Some("Name a folder that you may open".into()),
            Self::NoChoiceHere { .. } => Some("Leave them out: they are for `codling` and `codling run`".into()),
            Self::NoPrompt => Some("Write it after `codling run` or `--prompt`, or pipe it in: `codling run \"what is this?\"`".into()),
            Self::NoTerminal => Some("To ask from a script use `codling run \"…\"`; to sign in use `codling auth login`".into()),
            Self::NotAFolder { .. } => Some("Name the folder it is in; to ask about a file use `codling run \"…\"`".into()),
            Self::PastHere => Some("Write them after `run`: `codling run --continue \"…\"`; other commands do not take them".into()),
            Self::NoRepository { .. } => Some("Say in words what to look at: `codling review \"the parser\"`".into()),
            Self::Review { .. } => Some("Name a branch or a commit as git knows it".into()),
            Self::PromptHere => Some("Write the prompt after `codling run`, or leave the command out".into()),
            Self::PastOfDemo => Some("To continue one of your own, use `codling --continue`".into()),
            Self::ClientOfDemo => Some("The words behind it are for `codling app-server`, without `demo`".into()),
            Self::Picture { problem } => problem.next.clone(),
            Self::Prompt { .. } => Some("Use `< /dev/null` if stdin is not part of the prompt".into()),
            Self::PromptTooLarge { .. } => Some("Name the file in the prompt instead: the model can read it".into()),
            Self::Reset { .. } => Some("Type `codling reset` in the terminal that misbehaves".into()),
            Self::McpServer { .. } | Self::OwnPath { .. } | Self::Runtime { .. } => None,
            Self::Schema { .. } => Some("Name a folder that you may write to".into()),
            Self::Script { .. } => Some("`codling demo --record FILE` writes one".into()),
            Self::Screen { source } => source.next_step(),
            Self::SeveralFolders { words } => Some(format!("To send it as a prompt use `codling --prompt \"{words}\"`, or `codling run \"{words}\"` without a screen")),
        }
    }
}

impl CliError {
    pub fn exit(&self) -> Exit {
        match self {
            Self::AppServer { source } => source.exit(),
            Self::Client { source } => source.exit(),
            Self::Demo { .. }
            | Self::McpServer { .. }
            | Self::OwnPath { .. }
            | Self::Reset { .. }
            | Self::Runtime { .. }
            | Self::Screen { .. } => Exit::Failed,
            Self::Config { .. }
            | Self::Eval { .. }
            | Self::EarlierReport { .. }
            | Self::Files { .. }
            | Self::Folder { .. }
            | Self::FolderUse { .. }
            | Self::NoChoiceHere { .. }
            | Self::NoPrompt
            | Self::NoTerminal
            | Self::NotAFolder { .. }
            | Self::PastHere
            | Self::PromptHere
            | Self::NoRepository { .. }
            | Self::Review { .. }
            | Self::PastOfDemo
            | Self::ClientOfDemo
            | Self::Picture { .. }
            | Self::Prompt { .. }
            | Self::PromptTooLarge { .. }
            | Self::Schema { .. }
            | Self::Script { .. }
            | Self::SeveralFolders { .. }
            | Self::TokenFile { .. } => Exit::Usage,
        }
    }
}

impl From<ConfigError> for CliError {
    fn from(source: ConfigError) -> Self {
        Self::Config { source }
    }
}

impl From<ServeError> for CliError {
    fn from(source: ServeError) -> Self {
        Self::AppServer { source }
    }
}

impl From<ClientError> for CliError {
    fn from(source: ClientError) -> Self {
        Self::Client { source }
    }
}

impl From<FilesError> for CliError {
    fn from(source: FilesError) -> Self {
        Self::Files { source }
    }
}

impl From<TaskError> for CliError {
    fn from(source: TaskError) -> Self {
        Self::Eval { source }
    }
}

impl From<ResumeError> for CliError {
    fn from(source: ResumeError) -> Self {
        Self::EarlierReport { source }
    }
}

impl From<TuiError> for CliError {
    fn from(source: TuiError) -> Self {
        Self::Screen { source }
    }
}

/// Suggests what a person who typed a word that is no folder most likely wanted.
fn instead(word: &str) -> String {
    let auth = ["login", "logout", "status", "list"];
    let commands = [
        "run",
        "auth",
        "app-server",
        "acp",
        "sessions",
        "guide",
        "config",
        "doctor",
        "reset",
        "update",
        "eval",
        "demo",
        "help",
    ];
    if word.contains(char::is_whitespace) {
        return "To send it as a prompt use `codling --prompt \"…\"`, or `codling run \"…\"` without a screen".into();
    }
    match (nearest(word, commands), nearest(word, auth)) {
        (Some(command), _) => format!("Did you mean `codling {command}`?"),
        (None, Some(command)) => format!("Did you mean `codling auth {command}`?"),
        (None, None) => {
            "Name a folder that exists; to ask a question use `codling run \"…\"`".into()
        }
    }
}
