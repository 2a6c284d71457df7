//! The arguments as meant: one command with all it needs. Starts nothing.

use std::io;
use std::path::{Path, PathBuf};

use crate::accounts::{Login, Way};
use crate::base::Reader;
use crate::config::Flags;
use crate::protocol::{Check, ProviderId};
use crate::run::Form;

use super::args::{self, Args, Auth, Choice, DemoSub, Sub};
use super::error::CliError;

#[derive(Debug, PartialEq, Eq)]
pub enum Intent {
    List,
    Login(Login),
    Logout(Option<ProviderId>),
    Run(Run),
    Screen(Screen),
    Status,
}

/// One prompt without a screen.
#[derive(Debug, PartialEq, Eq)]
pub struct Run {
    pub server: Server,
    pub folder: PathBuf,
    pub flags: Flags,
    pub form: Form,
    pub prompt: Prompt,
}

/// The terminal UI.
#[derive(Debug, PartialEq, Eq)]
pub struct Screen {
    pub server: Server,
    pub folder: PathBuf,
    pub flags: Flags,
}

/// Who answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Server {
    /// The stand-in, with a home that is thrown away.
    Demo,
    Real,
}

/// Where a prompt comes from.
#[derive(Debug, PartialEq, Eq)]
pub enum Prompt {
    Stdin,
    Words(String),
    /// What is piped in follows the words, after an empty line.
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
    pub fn of(args: Args, here: &Here) -> Result<Self, CliError> {
        Ok(match args.command {
            None => Self::Screen(screen(Server::Real, args.dir.as_deref(), args.choice, here)?),
            Some(Sub::Run(typed)) => Self::Run(run(Server::Real, typed, here)?),
            Some(Sub::Demo(args::Demo { dir, command: None })) => {
                Self::Screen(screen(Server::Demo, dir.as_deref(), Choice::default(), here)?)
            }
            Some(Sub::Demo(args::Demo { command: Some(DemoSub::Run(typed)), .. })) => Self::Run(run(Server::Demo, typed, here)?),
            Some(Sub::Auth { command: Auth::List }) => Self::List,
            Some(Sub::Auth { command: Auth::Login(typed) }) => Self::Login(login(&typed)),
            Some(Sub::Auth { command: Auth::Logout { provider } }) => Self::Logout(provider.as_deref().map(ProviderId::from)),
            Some(Sub::Auth { command: Auth::Status }) => Self::Status,
        })
    }
}

fn screen(server: Server, dir: Option<&Path>, choice: Choice, here: &Here) -> Result<Screen, CliError> {
    // A word that is no folder is told about first: it is the likelier slip, also where there is no terminal.
    let folder = folder(dir, here)?;
    if here.stdin == Reader::Program || here.stdout == Reader::Program {
        return Err(CliError::NoTerminal);
    }
    Ok(Screen { server, folder, flags: flags(choice) })
}

fn run(server: Server, typed: args::Run, here: &Here) -> Result<Run, CliError> {
    let dash = typed.prompt.iter().any(|word| word == "-");
    let words = typed.prompt.iter().filter(|word| *word != "-").map(String::as_str).collect::<Vec<_>>().join(" ");
    let words = words.trim().to_owned();
    let prompt = match (words.is_empty(), dash, here.stdin) {
        (true, true, _) | (true, false, Reader::Program) => Prompt::Stdin,
        (true, false, Reader::Terminal) => return Err(CliError::NoPrompt),
        (false, true, _) | (false, false, Reader::Program) => Prompt::WordsAndStdin(words),
        (false, false, Reader::Terminal) => Prompt::Words(words),
    };
    let form = if typed.json { Form::Json } else { Form::Text };
    Ok(Run { server, folder: folder(None, here)?, flags: flags(typed.choice), form, prompt })
}

fn login(typed: &args::Login) -> Login {
    let way = match (typed.browser, typed.device, typed.api_key) {
        (true, _, _) => Some(Way::Browser),
        (_, true, _) => Some(Way::Device),
        (_, _, true) => Some(Way::ApiKey),
        _ => None,
    };
    Login { way, check: if typed.unchecked { Check::Skip } else { Check::First } }
}

fn flags(choice: Choice) -> Flags {
    Flags { model: choice.model, effort: choice.effort }
}

/// The whole path of the folder, links followed.
fn folder(named: Option<&Path>, here: &Here) -> Result<PathBuf, CliError> {
    let path = named.map_or_else(|| here.folder.clone(), |named| here.folder.join(named));
    let shown = || named.map_or_else(|| here.folder.clone(), Path::to_path_buf);
    match std::fs::canonicalize(&path) {
        Ok(whole) if whole.is_dir() => Ok(whole),
        Ok(_) => Err(CliError::NotAFolder { path: shown() }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(CliError::Folder { path: shown() }),
        Err(source) => Err(CliError::FolderUse { path: shown(), source }),
    }
}
