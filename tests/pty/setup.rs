//! The setup of a program: a fresh home and folder, and an empty environment.

use std::path::{Path, PathBuf};

use portable_pty::CommandBuilder;
use tempfile::TempDir;

use super::replies::Replies;
use super::terminal::Terminal;

pub struct Setup {
    program: PathBuf,
    arguments: Vec<String>,
    variables: Vec<(String, String)>,
    pub(super) size: (u16, u16),
    pub(super) replies: Replies,
    home: TempDir,
    folder: TempDir,
    /// The folder to start in, if not the fresh one.
    elsewhere: Option<PathBuf>,
}

impl Setup {
    /// 80x24, a terminal that answers like xterm with a dark background, an empty home and an empty
    /// folder.
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self {
            program: program.into(),
            arguments: Vec::new(),
            variables: Vec::new(),
            size: (80, 24),
            replies: Replies::xterm(),
            home: TempDir::new().expect("a temporary home"),
            folder: TempDir::new().expect("a temporary folder"),
            elsewhere: None,
        }
    }

    /// The program under test, with `CODLING_HOME` in the fresh home.
    pub fn codling() -> Self {
        let setup = Self::new(env!("CARGO_BIN_EXE_codling"));
        let home = setup.home.path().join("codling").display().to_string();
        setup.env("CODLING_HOME", &home)
    }

    /// `sh` with a script, as a stand-in for the program.
    pub fn sh(script: &str) -> Self {
        Self::new("/bin/sh").args(["-c", script])
    }

    pub fn args<S: Into<String>>(mut self, arguments: impl IntoIterator<Item = S>) -> Self {
        self.arguments.extend(arguments.into_iter().map(Into::into));
        self
    }

    /// Sets a variable; the last value counts.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn envs<'a>(self, variables: impl IntoIterator<Item = (&'a str, String)>) -> Self {
        variables.into_iter().fold(self, |setup, (name, value)| setup.env(name, &value))
    }

    pub fn size(mut self, columns: u16, rows: u16) -> Self {
        self.size = (columns, rows);
        self
    }

    /// Sets the terminal's replies.
    pub fn replies(mut self, replies: Replies) -> Self {
        self.replies = replies;
        self
    }

    /// Starts in a folder of the caller instead of the fresh one.
    pub fn folder_at(mut self, folder: impl Into<PathBuf>) -> Self {
        self.elsewhere = Some(folder.into());
        self
    }

    /// The program's `HOME`.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// The folder in which the program starts.
    pub fn folder(&self) -> &Path {
        self.elsewhere.as_deref().unwrap_or(self.folder.path())
    }

    /// Puts a file into the folder.
    pub fn file(self, path: &str, text: &str) -> Self {
        let path = self.folder().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("the folder of a file");
        std::fs::write(path, text).expect("a file");
        self
    }

    pub fn start(self) -> Terminal {
        Terminal::start(self)
    }

    pub(super) fn command(&self) -> CommandBuilder {
        let mut command = CommandBuilder::new(&self.program);
        command.args(&self.arguments);
        command.cwd(self.folder());
        command.env_clear();
        let defaults = [
            ("HOME", self.home().to_str()),
            ("LANG", Some("C.UTF-8")),
            ("PATH", Some("/usr/local/bin:/usr/bin:/bin")),
            ("TERM", Some("xterm-256color")),
        ];
        for (name, value) in defaults {
            command.env(name, value.unwrap_or_default());
        }
        for (name, value) in &self.variables {
            command.env(name, value);
        }
        command
    }
}
