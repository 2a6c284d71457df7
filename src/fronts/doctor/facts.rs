//! The facts that a doctor judges, as plain data.

use std::io;
use std::path::PathBuf;

use crate::base::{TerminalKind, Timestamp};
use crate::engine::checkup::FoundAccounts;
use crate::engine::live::LiveAnswers;
use crate::protocol::{LiveState, Notice, PortHolder, Problem, Sandbox, Surroundings};

/// The facts, gathered by whoever knows the process and the settings.
#[derive(Debug)]
pub struct DoctorFacts {
    /// This program and the system.
    pub program: Program,
    /// The home folder, which is shown as `~`.
    pub home: Option<PathBuf>,
    /// Names of the person and of the machine, which are not shown.
    pub names: Vec<String>,
    /// The time on the clock of this machine.
    pub now: Timestamp,
    /// The settings files.
    pub settings: SettingsFacts,
    /// The credentials, or why they cannot be read.
    pub accounts: Result<FoundAccounts, Problem>,
    /// The auth.json in use.
    pub auth_file: PathBuf,
    /// Whether it is opencode's too.
    pub is_shared: bool,
    /// When it was written last; `None` where there is none.
    pub auth_written: Option<Timestamp>,
    /// The ports for the browser sign-in, and who holds each.
    pub ports: Vec<(u16, Option<PortHolder>)>,
    /// The clocks of the servers; `None` where they were not to be asked.
    pub servers: Option<Vec<ServerTime>>,
    /// Variables that name proxies, with their values.
    pub proxies: Vec<(String, String)>,
    /// Variables that name certificates.
    pub certificates: Vec<Certificates>,
    /// The terminal.
    pub terminal: TerminalFacts,
    /// The kind of place.
    pub surroundings: Surroundings,
    /// The sandbox for commands.
    pub sandbox: SandboxFacts,
    /// The conversations that codlings have open.
    pub open: io::Result<LiveAnswers<LiveState>>,
}

/// The program and the system it runs on.
#[derive(Clone, Debug)]
pub struct Program {
    /// The version of codling.
    pub version: String,
    /// `linux x86_64`, with the version where it is known.
    pub system: String,
}

/// The result of reading the settings.
#[derive(Clone, Debug)]
pub struct SettingsFacts {
    /// The person's own file.
    pub file: PathBuf,
    /// Whether it is there.
    pub exists: bool,
    /// Parts that are ignored.
    pub warnings: Vec<Notice>,
    /// Mistakes that keep them from being used, each with the advice for it.
    pub problems: Vec<(String, Option<String>)>,
}

/// The host of a server, and the time on its clock.
pub type ServerTime = (String, Result<Option<Timestamp>, Problem>);

/// A variable that names certificates.
#[derive(Clone, Debug)]
pub struct Certificates {
    /// The variable.
    pub variable: &'static str,
    /// The file that it names.
    pub file: PathBuf,
    /// Whether that is a file in PEM form that can be read.
    pub is_usable: bool,
    /// Whether requests fail where it is not.
    pub is_needed: bool,
}

/// The terminal as its variables and the system describe it.
#[derive(Clone, Debug)]
pub struct TerminalFacts {
    /// `TERM`; `None` where it is not set.
    pub term: Option<String>,
    /// `TERM_PROGRAM`.
    pub program: Option<String>,
    /// `16 colours`.
    pub colours: &'static str,
    /// Columns and rows; `None` where standard output is no terminal.
    pub size: Option<(u16, u16)>,
    /// Its known abilities.
    pub kind: TerminalKind,
}

/// The sandbox for commands on this system.
#[derive(Clone, Debug)]
pub struct SandboxFacts {
    /// The best that was found.
    pub sandbox: Sandbox,
    /// Why there is no better one.
    pub refused: Vec<String>,
}
