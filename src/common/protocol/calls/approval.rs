//! Approvals: what may happen without asking, what is asked, and what a person answers. Nothing is
//! decided here.

use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::base::phrases::shorten;
use crate::base::text::clean_line;

use crate::protocol::{AskId, CallId, Confinement, FileDiff, Rule, Sandbox, SandboxOpening};

/// Letters that are shown of a part of a command.
const PART: usize = 200;

/// Which agent works: the same model with other tools.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Agent {
    /// Has all tools that the approval mode allows; a session begins with it.
    #[default]
    Build,
    /// Changes nothing: calls that would are refused.
    Plan,
}

/// Which calls run without asking.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ApprovalMode {
    /// Nothing is changed; commands run where they cannot write.
    ReadOnly,
    /// Reading is free; changes and commands ask.
    #[default]
    Ask,
    /// Changes inside the folder and commands in the sandbox run; anything beyond asks.
    Auto,
    /// Nothing asks.
    Full,
}

/// Whether there is a person whom a tool can ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Presence {
    /// Somebody sits at the client and is asked.
    Attended,
    /// No person is there, and tools that ask one are not offered to the model.
    Unattended,
}

/// How far a call may reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathScope {
    /// Outside the folder as well, and to addresses of this machine and of private networks: a
    /// person or a rule allowed it.
    Anywhere,
    /// No further than the folder of the session, and public addresses.
    Folder,
}

/// Whether files that may hold secrets are shown to a call that does not name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretAccess {
    /// A person or a rule allowed it.
    All,
    /// Such files are left out, unless the call names them.
    Plain,
}

/// The access that a call was allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The confinement of the command, where the call runs one.
    pub confinement: Confinement,
    /// Whether that command may write to `.git`.
    pub git: GitAccess,
    /// Which files and addresses it may reach.
    pub paths: PathScope,
    /// Whether files that may hold secrets are shown to it.
    pub secrets: SecretAccess,
    /// Whether git may show it what was committed of such files.
    pub committed: SecretAccess,
    /// Whether a command that is kept in may destroy what undo could not bring back.
    pub losses: Losses,
}

/// Whether contents of the folder may be lost that were too much to keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Losses {
    /// A person was told, and allowed it.
    Allowed,
    /// A person is asked before they are; where that is not allowed, the command is ended.
    Refused,
}

/// Whether a command that is kept in may write to the `.git` of the folder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GitAccess {
    /// It may only read there.
    #[default]
    ReadOnly,
    /// All of it but its settings and hooks: the line consists of git commands alone, and after
    /// them everything committed can still be reached.
    Writable,
}

/// How a session works now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionMode {
    /// Which agent works: with all tools, or with those that only read.
    pub agent: Agent,
    /// Which calls run without asking.
    pub approval_mode: ApprovalMode,
    /// The sandbox that this system has.
    pub sandbox: Sandbox,
}

/// A call that waits for a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Names it in the answer and in `EventKind::AskResolved`.
    pub id: AskId,
    /// The tool call that waits.
    pub call: CallId,
    /// `shell`, `apply_patch`, …
    pub tool: String,
    /// In one line: `src/main.rs`, or the command's first line.
    pub title: String,
    /// The change, command or address that the person decides about.
    pub subject: ApprovalSubject,
    /// Where a command would run, or a path outside of the folder; for people.
    pub place: Option<String>,
    /// Why it is asked: one sentence without a full stop.
    pub why: String,
    /// The model's own reason, where it gave one; it is not to be trusted.
    pub reason: Option<String>,
    /// The rules that "always" would add; empty where none can be added.
    pub learn: Arc<[Rule]>,
    /// Openings with which the call could run in the sandbox; empty where none
    /// would help.
    pub opens: Arc<[SandboxOpening]>,
    /// The strictest approval mode in which the same call would run without being asked about;
    /// `None` where it would in none.
    pub passes_in: Option<ApprovalMode>,
    /// Its confinement when it is allowed.
    pub confinement: Confinement,
    /// Whether every yes is kept for good: it trusts a command that the project brings.
    pub trusts: bool,
    /// Parts of a command that a person should see before they answer, the gravest first.
    pub hazards: Arc<[Hazard]>,
}

impl Approval {
    /// Findings of policy that a person should know before they answer, and where the command
    /// runs: sentences without a full stop, for clients that show text alone.
    pub fn hazard_notes(&self) -> Vec<String> {
        let (ApprovalSubject::Command(line) | ApprovalSubject::Loss(line)) = &self.subject else {
            return Vec::new();
        };
        let mut deletes: Vec<String> = Vec::new();
        for what in self.hazards.iter().flat_map(|hazard| &hazard.deletes) {
            let what = clean_line(what).into_owned();
            if !deletes.contains(&what) {
                deletes.push(what);
            }
        }
        let deletes = (!deletes.is_empty()).then(|| format!("Deletes {}", deletes.join(", ")));
        let parts: Vec<String> = self
            .hazards
            .iter()
            .filter_map(|hazard| line.get(hazard.at.clone()))
            .map(|part| format!("`{}`", shorten(&clean_line(part.trim()), PART)))
            .collect();
        let parts = (!parts.is_empty()).then(|| format!("Look at {}", parts.join(", ")));
        let runs = match self.confinement {
            Confinement::Folder => "Runs in the sandbox: writes only to this folder, no network",
            Confinement::ReadOnly => "Runs in the sandbox: cannot write, no network",
            Confinement::Free => "Runs without a sandbox: it can do anything you can",
        };
        deletes.into_iter().chain(parts).chain([runs.to_owned()]).collect()
    }
}

/// A part of a command that may do harm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hazard {
    /// Where it stands in the command, in bytes.
    pub at: Range<usize>,
    /// Names that it deletes, for people: `` `~/precious` ``, or `untracked files`.
    pub deletes: Vec<String>,
}

/// The act that the person is asked to allow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ApprovalSubject {
    /// Files would be changed like this.
    Change(Vec<FileDiff>),
    /// The whole command line as it would run, control characters included.
    Command(String),
    /// A tool of a tool source would be called.
    External {
        /// The tool source, such as the name of an MCP server.
        server: String,
        /// The tool's name at that source.
        tool: String,
        /// JSON text as the model wrote it; it may be broken.
        arguments: String,
    },
    /// This address would be fetched.
    Fetch(String),
    /// Something would be typed into a running command.
    Input {
        /// The first line of the running command.
        command: String,
        /// The text that would be typed, control characters included.
        text: String,
    },
    /// These paths, as people are shown them, would be read.
    Look(Vec<String>),
    /// This command line runs already, and waits before it destroys what undo could not bring
    /// back.
    Loss(String),
}

/// A person's answer to an [`Approval`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ApprovalResponse {
    /// The call runs, and so does whatever fits the rules it would learn, until the session is
    /// closed.
    Always,
    /// As `Always`, and in every later session in this folder.
    AlwaysHere,
    /// The call does not run; a question is left unanswered.
    No,
    /// As `No`, with words for the model.
    NoBecause(String),
    /// There is nobody to ask.
    Nobody,
    /// This call alone.
    Once,
    /// It runs in the sandbox, with [`Approval::opens`] open to all commands there until the
    /// session is closed.
    Open,
}

impl ApprovalMode {
    /// Every mode, from the strictest to the freest.
    pub const ALL: [Self; 4] = [Self::ReadOnly, Self::Ask, Self::Auto, Self::Full];

    /// `read-only`, `ask`, `auto`, `full`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ReadOnly => "read-only",
            Self::Ask => "ask",
            Self::Auto => "auto",
            Self::Full => "full",
        }
    }

    /// The mode of that name, as [`Self::as_str`] gives it; `None` where there is no such mode.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.as_str() == name)
    }

    /// The one after it when a person goes through them; never the one in which nothing asks.
    pub fn following(self) -> Self {
        match self {
            Self::ReadOnly => Self::Ask,
            Self::Ask => Self::Auto,
            Self::Auto | Self::Full => Self::ReadOnly,
        }
    }
}

impl Agent {
    /// `Build`, `Plan`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Build => "Build",
            Self::Plan => "Plan",
        }
    }

    /// Plan for Build, and the other way round.
    pub fn other(self) -> Self {
        match self {
            Self::Build => Self::Plan,
            Self::Plan => Self::Build,
        }
    }
}

impl Grant {
    /// Nothing beyond the folder, and no secrets.
    pub fn within(confinement: Confinement) -> Self {
        Self {
            confinement,
            git: GitAccess::ReadOnly,
            paths: PathScope::Folder,
            secrets: SecretAccess::Plain,
            losses: Losses::Refused,
            committed: SecretAccess::Plain,
        }
    }

    /// Any path and address, secrets included; `.git` stays read-only to what is kept in.
    pub fn anywhere(confinement: Confinement) -> Self {
        Self {
            confinement,
            git: GitAccess::ReadOnly,
            paths: PathScope::Anywhere,
            secrets: SecretAccess::All,
            losses: Losses::Refused,
            committed: SecretAccess::All,
        }
    }
}
