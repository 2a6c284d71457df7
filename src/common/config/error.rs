//! Errors in settings, and where they stand.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::base::files::FileError;
use crate::base::{Advice, cause};
use crate::protocol::{Notice, OriginError, ProviderId};

/// Settings that cannot be used; the program does not start with them.
#[derive(Debug, Error)]
#[allow(missing_docs, reason = "the sentence of each variant says it")]
pub enum ConfigError {
    #[error("`{}` cannot be added: it is no folder, or one that holds a home, secrets or the system", path.display())]
    AddedFolder { path: PathBuf },
    #[error("{whence}: `{key}`: {source}")]
    Address { whence: Whence, key: String, source: OriginError },
    #[error(
        "{whence}: `{key}` is `{found}`, a wire dialect that codling does not speak: it speaks {known}"
    )]
    Dialect { whence: Whence, key: String, found: String, known: String },
    #[error(
        "{whence}: there is no provider `{provider}` for the model `{model}`{}",
        known_providers(known)
    )]
    NoProvider { whence: Whence, provider: ProviderId, model: String, known: Vec<ProviderId> },
    #[error("`{}` is not text that a settings file can hold", path.display())]
    FolderName { path: PathBuf },
    #[error("{whence} is not valid TOML: {detail}")]
    Malformed { whence: Whence, detail: String },
    #[error("there is no home folder to keep files in")]
    NoHome,
    #[error("`HOME` is `{}`, which is not an absolute path", path.display())]
    RelativeHome { path: PathBuf },
    #[error("{whence}: {source}")]
    Origin { whence: Whence, source: OriginError },
    #[error("`{}` cannot be made an absolute path: {}", path.display(), cause(source))]
    Place { path: PathBuf, source: io::Error },
    #[error("the settings file `{}` cannot be read: {}", path.display(), cause(source))]
    Read { path: PathBuf, source: io::Error },
    #[error("the settings file `{}` is larger than {limit} bytes", path.display())]
    TooLarge { path: PathBuf, limit: u64 },
    /// `key` is empty for flags and variables, which name themselves.
    #[error("{} must be {expected}, and is {found}", subject(whence, key))]
    Value { whence: Whence, key: String, expected: String, found: String },
    #[error("the settings cannot be kept: {source}")]
    Write { source: FileError },
}

impl ConfigError {
    /// Where in a file, a flag or a variable it is, where that is known.
    pub fn whence(&self) -> Option<&Whence> {
        match self {
            Self::Address { whence, .. }
            | Self::Dialect { whence, .. }
            | Self::NoProvider { whence, .. }
            | Self::Malformed { whence, .. }
            | Self::Origin { whence, .. }
            | Self::Value { whence, .. } => Some(whence),
            Self::AddedFolder { .. }
            | Self::FolderName { .. }
            | Self::NoHome
            | Self::RelativeHome { .. }
            | Self::Place { .. }
            | Self::Read { .. }
            | Self::TooLarge { .. }
            | Self::Write { .. } => None,
        }
    }

    /// The settings file that cannot be used.
    pub fn path(&self) -> Option<&Path> {
        match (self, self.whence()) {
            (_, Some(Whence::File { path, .. }))
            | (Self::Read { path, .. } | Self::TooLarge { path, .. }, _) => Some(path),
            _ => None,
        }
    }
}

impl Advice for ConfigError {
    fn next_step(&self) -> Option<String> {
        Some(match self {
            Self::Address { source, .. } => return source.next_step(),
            Self::Dialect { whence, .. } => format!("Change it in {}, or remove the provider there", whence.holder()),
            Self::NoProvider { provider, model, .. } => format!("Name it in your own `config.toml` as `[provider.{provider}]`; an id of OpenAI's with a slash is written `openai/{model}`"),
            Self::AddedFolder { .. } => "Name a folder of one project after `--add-dir`".into(),
            Self::FolderName { .. } => "Give the folder a name in UTF-8".into(),
            Self::Malformed { whence, .. } => format!("Correct {}", whence.holder()),
            Self::RelativeHome { .. } => "Set `HOME` to an absolute path, or set `CODLING_HOME` to a folder for codling's files".into(),
            Self::NoHome => "Set `HOME`, or set `CODLING_HOME` to a folder for codling's files".into(),
            Self::Origin { source, .. } => return source.next_step(),
            Self::Place { .. } => "Give an absolute path".into(),
            Self::Read { path, .. } => format!("Make `{}` a file you can read, or remove it", path.display()),
            Self::TooLarge { path, .. } => format!("Make `{}` shorter; a settings file holds a few lines", path.display()),
            Self::Value { whence: Whence::Flag(_), .. } => "`codling --help` shows how it is written".into(),
            Self::Value { whence, .. } => format!("Change it in {}, or remove it there", whence.holder()),
            Self::Write { source } => return source.next_step(),
        })
    }
}

fn known_providers(known: &[ProviderId]) -> String {
    let names: Vec<String> = known.iter().map(|id| format!("`{id}`")).collect();
    match names.as_slice() {
        [] => String::new(),
        names => format!(": the providers are `openai`, {}", names.join(", ")),
    }
}

/// A flag or a variable is named once: it is its own key.
fn subject(whence: &Whence, key: &str) -> String {
    match whence {
        Whence::File { .. } => format!("{whence}: `{key}`"),
        Whence::Flag(_) | Whence::Variable(_) => whence.holder(),
    }
}

/// Where a setting was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whence {
    /// Line and column count from 1; columns are characters.
    #[allow(missing_docs, reason = "their names say it")]
    File { path: PathBuf, line: usize, column: usize },
    /// As it is typed: `--model`.
    Flag(&'static str),
    /// The name of an environment variable.
    Variable(&'static str),
}

impl Whence {
    /// The place of a byte in a file's text.
    pub(super) fn at(path: &Path, text: &str, offset: usize) -> Self {
        let mut offset = offset.min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        let before = &text[..offset];
        let start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let column = before[start..].chars().filter(|c| *c != '\u{feff}').count() + 1;
        Self::File { path: path.to_path_buf(), line: before.matches('\n').count() + 1, column }
    }

    /// The file, flag or variable, without the place in it.
    fn holder(&self) -> String {
        match self {
            Self::File { path, .. } => format!("`{}`", path.display()),
            Self::Flag(name) => format!("`{name}`"),
            Self::Variable(name) => format!("the environment variable `{name}`"),
        }
    }
}

impl fmt::Display for Whence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, line, column } => {
                write!(f, "`{}`, line {line}, column {column}", path.display())
            }
            Self::Flag(_) | Self::Variable(_) => f.write_str(&self.holder()),
        }
    }
}

/// A setting that is ignored; the program goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigWarning {
    /// The setting's place.
    pub whence: Whence,
    /// The reason, as a sentence without its first capital and its full stop.
    pub message: String,
    /// Advice for the person.
    pub next: Option<String>,
}

impl ConfigWarning {
    /// In the words the fronts can show.
    pub fn notice(&self) -> Notice {
        Notice { message: format!("{}: {}", self.whence, self.message), next: self.next.clone() }
    }
}
