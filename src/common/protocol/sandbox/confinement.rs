//! The sandbox: what keeps commands in on this system, and how far.

use serde::{Deserialize, Serialize};

/// How far a command is kept in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Confinement {
    /// It writes only in the folder and a private temporary folder, and has no network.
    Folder,
    /// Nothing keeps it in: it may do all that the person's own account may.
    Free,
    /// It writes only in a private temporary folder, and has no network.
    ReadOnly,
}

/// The sandbox that keeps a command in on this system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sandbox {
    /// Nothing on this system can keep a command in.
    Absent,
    /// Landlock and a filter for system calls, which Linux allows every user.
    Landlock,
    /// The same as `Namespaces`, made by `/usr/bin/bwrap` where the system allows them only to that
    /// program.
    Bubblewrap,
    /// The rules of `Landlock`, in namespaces of its own: places that are not writable are mounted
    /// read-only, and secrets are covered.
    Namespaces,
    /// `Namespaces` without some of them.
    NamespacesBut(SharedNamespaces),
    /// `sandbox-exec` of macOS.
    Seatbelt,
}

/// The namespaces that the system refuses a command, which shares those with all other processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SharedNamespaces {
    /// Neither a network nor a process namespace.
    Both,
    /// No network namespace.
    Network,
    /// No process namespace.
    Processes,
}

impl Sandbox {
    /// Every kind of sandbox, in the order of their names.
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

    /// Whether anything keeps a command in.
    pub fn is_present(self) -> bool {
        self != Self::Absent
    }

    /// `absent`, `bubblewrap`, `landlock`, `namespaces`, `seatbelt`; `namespaces` is followed by
    /// what it is without.
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

    /// The sandbox of that name, as [`Self::as_str`] gives it; `None` where there is no such one.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sandbox| sandbox.as_str() == name)
    }

    /// Whether mounts of the command's own cover what it must not read or change.
    pub fn has_mounts(self) -> bool {
        matches!(self, Self::Bubblewrap | Self::Namespaces | Self::NamespacesBut(_))
    }

    /// Whether a command sees no processes but its own, and all of them end when the first one
    /// does.
    pub fn has_processes(self) -> bool {
        matches!(
            self,
            Self::Bubblewrap | Self::Namespaces | Self::NamespacesBut(SharedNamespaces::Network)
        )
    }

    /// Whether a command has a network of its own without a way out, beside the system calls that
    /// are forbidden.
    pub fn has_network(self) -> bool {
        matches!(
            self,
            Self::Bubblewrap | Self::Namespaces | Self::NamespacesBut(SharedNamespaces::Processes)
        )
    }

    /// Whether the commands of a conversation can share one such network.
    pub fn shares_network(self) -> bool {
        self.has_network() && self != Self::Bubblewrap
    }

    /// How well it protects, from 1, the best, to 4.
    pub fn tier(self) -> u8 {
        match self {
            Self::Namespaces | Self::NamespacesBut(_) => 1,
            Self::Bubblewrap => 2,
            Self::Landlock | Self::Seatbelt => 3,
            Self::Absent => 4,
        }
    }

    /// The protection that it lacks, unlike the best one: one sentence without a full stop.
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
