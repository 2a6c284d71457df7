//! Approvals: what may happen without asking, what is asked, and what a person answers. Decides
//! nothing.

use std::sync::Arc;

use super::{AskId, CallId, FileDiff, SandboxOpening};

/// Who works: the same model with other tools.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Agent {
    #[default]
    Build,
    /// Changes nothing: calls that would are refused.
    Plan,
}

/// What may happen without asking.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    Attended,
    /// What only asks is not offered to the model.
    Unattended,
}

/// What keeps a command in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Confinement {
    /// It writes only in the folder and a private temporary folder, and has no network.
    Folder,
    Free,
    /// It writes only in a private temporary folder, and has no network.
    ReadOnly,
}

/// How far a call may reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathScope {
    /// Also outside of the folder, and to addresses of this machine and of private networks: a person or a rule allowed it.
    Anywhere,
    Folder,
}

/// Whether files that may hold secrets are shown to a call that does not name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretAccess {
    /// A person or a rule allowed it.
    All,
    Plain,
}

/// What a call was allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    pub confinement: Confinement,
    pub git: GitAccess,
    pub paths: PathScope,
    pub secrets: SecretAccess,
}

/// Whether a command that is kept in may write to the `.git` of the folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GitAccess {
    ReadOnly,
    /// All but its settings and hooks: the line is nothing else than git commands after which everything committed can still be reached.
    Writable,
}

/// What keeps a command in on this system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sandbox {
    Absent,
    /// Landlock and a filter for system calls: what Linux lets everybody have.
    Landlock,
    /// The same as `Namespaces`, made by `/usr/bin/bwrap` where the system allows them to that program alone.
    Bubblewrap,
    /// Namespaces of its own around the same: what is not writable is a read-only mount, and secrets are covered.
    Namespaces,
    /// The same without some of them.
    NamespacesBut(SharedNamespaces),
    /// `sandbox-exec` of macOS.
    Seatbelt,
}

/// Namespaces that a system refuses to a command, which shares them with everybody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SharedNamespaces {
    Both,
    Network,
    Processes,
}

/// How a session works now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionMode {
    pub agent: Agent,
    pub approval_mode: ApprovalMode,
    pub sandbox: Sandbox,
}

/// What a person said beforehand about calls of one sort. Among rules that fit, the last one counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    pub subject: RuleSubject,
    /// A glob: `*` is any text, `?` one letter; of a command line, a path relative to the folder (or absolute), an address, or the name of a tool.
    pub pattern: String,
    pub ruling: Ruling,
}

/// What a rule is about. opencode's names are in brackets where they are others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleSubject {
    /// Every subject (`*`).
    Any,
    /// A change of a file, by whichever tool: `edit`.
    Edit,
    /// A file or folder outside of the folder: `external_directory`.
    Outside,
    /// Reading a file: `read`.
    Read,
    /// The same call again and again: `doom_loop`.
    Repeat,
    /// A command: `shell` (`bash`).
    Shell,
    /// A tool of a tool source, by its name.
    Tool,
    /// An address: `webfetch`.
    WebFetch,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ruling {
    Allow,
    Ask,
    Deny,
}

/// A call that waits for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    pub id: AskId,
    pub call: CallId,
    /// `shell`, `apply_patch`, …
    pub tool: String,
    /// In one line: `src/main.rs`, or the command's first line.
    pub title: String,
    pub subject: ApprovalSubject,
    /// Where a command would run, or a path outside of the folder; for people.
    pub place: Option<String>,
    /// Why it is asked: one sentence without a full stop.
    pub why: String,
    /// The model's own reason, where it gave one. Not to be believed.
    pub reason: Option<String>,
    /// What "always" would learn; empty where nothing can be learned.
    pub learn: Arc<[Rule]>,
    /// What of the sandbox could be opened for it to run there; empty where nothing would do.
    pub opens: Arc<[SandboxOpening]>,
    /// What keeps it in when it is allowed.
    pub confinement: Confinement,
}

/// What would be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApprovalSubject {
    Change(Vec<FileDiff>),
    /// The whole command line as it would run: control characters and all.
    Command(String),
    /// A tool of a tool source, with the JSON that it is called with.
    External {
        server: String,
        tool: String,
        arguments: String,
    },
    Fetch(String),
    /// Paths as they are shown.
    Look(Vec<String>),
}

/// What is answered to an [`Approval`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ApprovalResponse {
    /// And whatever fits what it would learn, until the session is closed.
    Always,
    /// As `Always`, and in every later session in this folder.
    AlwaysHere,
    No,
    /// With words for the model.
    NoBecause(String),
    /// There is nobody to ask.
    Nobody,
    Once,
    /// In the sandbox, with that opened to all commands there until the session is closed.
    Open,
}

impl ApprovalMode {
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

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|mode| mode.as_str() == name)
    }
}

impl Sandbox {
    pub const ALL: [Self; 8] = [
        Self::Absent,
        Self::Bubblewrap,
        Self::Landlock,
        Self::Namespaces,
        Self::NamespacesBut(SharedNamespaces::Both),
        Self::NamespacesBut(SharedNamespaces::Network),
        Self::NamespacesBut(SharedNamespaces::Processes),
        Self::Seatbelt,
    ];

    pub fn is_present(self) -> bool {
        self != Self::Absent
    }

    /// `absent`, `bubblewrap`, `landlock`, `namespaces`, `seatbelt`; what `namespaces` is without stands behind it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Bubblewrap => "bubblewrap",
            Self::Landlock => "landlock",
            Self::Namespaces => "namespaces",
            Self::NamespacesBut(SharedNamespaces::Both) => {
                "namespaces without network and processes"
            }
            Self::NamespacesBut(SharedNamespaces::Network) => "namespaces without network",
            Self::NamespacesBut(SharedNamespaces::Processes) => "namespaces without processes",
            Self::Seatbelt => "seatbelt",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sandbox| sandbox.as_str() == name)
    }

    /// Whether what it must not read or change is covered by mounts of the command's own.
    pub fn has_mounts(self) -> bool {
        matches!(self, Self::Bubblewrap | Self::Namespaces | Self::NamespacesBut(_))
    }

    /// Whether a command sees no processes but its own, and all of them end when the first one does.
    pub fn has_processes(self) -> bool {
        matches!(
            self,
            Self::Bubblewrap | Self::Namespaces | Self::NamespacesBut(SharedNamespaces::Network)
        )
    }

    /// Whether a command's network is one without a way out, besides the calls that are forbidden.
    pub fn has_network(self) -> bool {
        matches!(
            self,
            Self::Bubblewrap | Self::Namespaces | Self::NamespacesBut(SharedNamespaces::Processes)
        )
    }

    /// 1 is the best.
    pub fn tier(self) -> u8 {
        match self {
            Self::Namespaces | Self::NamespacesBut(_) => 1,
            Self::Bubblewrap => 2,
            Self::Landlock | Self::Seatbelt => 3,
            Self::Absent => 4,
        }
    }

    /// What it does not hold that the best one holds: one sentence without a full stop.
    pub fn lacks(self) -> Option<&'static str> {
        match self {
            Self::Namespaces => None,
            Self::NamespacesBut(SharedNamespaces::Network) => {
                Some("The network is closed by seccomp alone")
            }
            Self::NamespacesBut(SharedNamespaces::Processes) => Some(
                "Other processes can be seen, and what a command started is not sure to end when codling is killed",
            ),
            Self::NamespacesBut(SharedNamespaces::Both) => Some(
                "The network is closed by seccomp alone, other processes can be seen, and what a command started is not sure to end when codling is killed",
            ),
            Self::Bubblewrap => Some(
                "It is made by `/usr/bin/bwrap`, and commands start more slowly, noticeably where more than 100 places have to be hidden",
            ),
            Self::Landlock => Some(
                "Modes and times of files outside of the folder can be changed; git's settings and hooks are only put back afterwards, and its objects are not protected",
            ),
            Self::Seatbelt => Some("Git's settings and hooks are only put back afterwards"),
            Self::Absent => Some("Nothing can be kept in: every command asks"),
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
}

impl Grant {
    /// Nothing beyond the folder, and no secrets.
    pub fn within(confinement: Confinement) -> Self {
        Self {
            confinement,
            git: GitAccess::ReadOnly,
            paths: PathScope::Folder,
            secrets: SecretAccess::Plain,
        }
    }

    pub fn anywhere(confinement: Confinement) -> Self {
        Self {
            confinement,
            git: GitAccess::ReadOnly,
            paths: PathScope::Anywhere,
            secrets: SecretAccess::All,
        }
    }
}

impl RuleSubject {
    /// As it is written in settings.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Any => "*",
            Self::Edit => "edit",
            Self::Outside => "external_directory",
            Self::Read => "read",
            Self::Repeat => "doom_loop",
            Self::Shell => "shell",
            Self::Tool => "tool",
            Self::WebFetch => "webfetch",
        }
    }
}

impl Rule {
    pub fn new(subject: RuleSubject, pattern: impl Into<String>, ruling: Ruling) -> Self {
        Self { subject, pattern: pattern.into(), ruling }
    }
}
