//! Namespaces of a command's own (tier 1): of users where that is needed, processes, mounts,
//! network and IPC. Starts nothing; Landlock and the filter for calls come on top.

use std::fs;
use std::io;

use nix::sched::{CloneFlags, unshare};
use rustix::thread::{CapabilitySet, CapabilitySets};

use crate::protocol::Sandbox;

use super::home::OwnCaches;
use super::mounts;
use super::mounts::{MountError, MountView};
use super::seccomp::Shared;
use crate::sandbox::proxy;
use crate::sandbox::proxy::LoopbackError;
use crate::sandbox::spec::child_spec::Network;

/// The stages of setting up namespaces, in their order; a system may refuse each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NamespaceStage {
    Mounts,
    Network,
    Processes,
    Users,
}

#[derive(Debug, thiserror::Error)]
pub enum NamespaceError {
    #[error("a namespace of {}: {source}", kind.as_str())]
    Unshare { kind: NamespaceStage, source: nix::errno::Errno },
    #[error("root may not make namespaces here")]
    Root,
    #[error("`{name}` of its namespace of users: {source}")]
    Map { name: &'static str, source: io::Error },
    #[error("the rights to arrange its namespaces: {source}")]
    Rights { source: rustix::io::Errno },
    #[error("{source}")]
    Loopback { source: LoopbackError },
    #[error("{source}")]
    Mount { source: MountError },
    #[error("a `/proc` of its own: {source}")]
    Proc { source: MountError },
}

impl NamespaceStage {
    pub const ALL: [Self; 4] = [Self::Mounts, Self::Network, Self::Processes, Self::Users];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mounts => "mounts",
            Self::Network => "network",
            Self::Processes => "processes",
            Self::Users => "users",
        }
    }
}

impl NamespaceError {
    /// Where it failed.
    pub fn stage(&self) -> NamespaceStage {
        match self {
            Self::Unshare { kind, .. } => *kind,
            Self::Root | Self::Map { .. } | Self::Rights { .. } => NamespaceStage::Users,
            Self::Loopback { .. } => NamespaceStage::Network,
            Self::Mount { .. } => NamespaceStage::Mounts,
            Self::Proc { .. } => NamespaceStage::Processes,
        }
    }
}

/// The rights that a child needs to arrange its mounts and its network, and gives up before it
/// starts anything.
const ARRANGING: [CapabilitySet; 4] = [
    CapabilitySet::DAC_OVERRIDE,
    CapabilitySet::DAC_READ_SEARCH,
    CapabilitySet::NET_ADMIN,
    CapabilitySet::SYS_ADMIN,
];

/// Lets what this process starts [`enter`] namespaces of its own. There must be one thread alone,
/// which is in a user namespace afterwards where it has no right to make others without.
///
/// # Errors
///
/// Fails if this is root without the right to mount, or if the kernel refuses a user namespace or
/// its maps.
pub fn prepare() -> Result<(), NamespaceError> {
    let (own, group) = (rustix::process::geteuid(), rustix::process::getegid());
    let may = rustix::thread::capabilities(None)
        .is_ok_and(|sets| sets.effective.contains(CapabilitySet::SYS_ADMIN));
    if !may {
        // In a user namespace, root could not write the files of others, which it could before.
        if own.is_root() {
            return Err(NamespaceError::Root);
        }
        separate(NamespaceStage::Users, CloneFlags::CLONE_NEWUSER)?;
        let write = |name: &'static str, text: String| {
            fs::write(format!("/proc/self/{name}"), text)
                .map_err(|source| NamespaceError::Map { name, source })
        };
        write("setgroups", "deny".to_owned())?;
        write("uid_map", format!("{0} {0} 1", own.as_raw()))?;
        write("gid_map", format!("{0} {0} 1", group.as_raw()))?;
        hand_down_rights()?;
    }
    Ok(())
}

/// Puts this process, which [`prepare`] made way for, into a network of its own that has nothing
/// but its loopback device, switched on.
///
/// # Errors
///
/// Fails if the kernel refuses the namespace, or if loopback cannot be switched on.
pub fn begin_network() -> Result<(), NamespaceError> {
    separate(NamespaceStage::Network, CloneFlags::CLONE_NEWNET)?;
    proxy::switch_on_loopback().map_err(|source| NamespaceError::Loopback { source })
}

/// Lets what this process starts have the rights that it needs in this namespace of users, although
/// it is not root.
///
/// # Errors
///
/// Fails if this process does not have them.
pub fn hand_down_rights() -> Result<(), NamespaceError> {
    hand_down().map_err(|source| NamespaceError::Rights { source })
}

/// Makes the next process that this thread starts the first of a namespace of processes. No thread
/// can be started any more.
///
/// # Errors
///
/// Fails if the kernel refuses a namespace of processes.
pub fn begin_processes() -> Result<(), NamespaceError> {
    separate(NamespaceStage::Processes, CloneFlags::CLONE_NEWPID)
}

fn hand_down() -> rustix::io::Result<()> {
    let all = ARRANGING.into_iter().fold(CapabilitySet::empty(), |all, one| all | one);
    let CapabilitySets { effective, permitted, inheritable } = rustix::thread::capabilities(None)?;
    rustix::thread::set_capabilities(
        None,
        CapabilitySets { effective, permitted, inheritable: inheritable | all },
    )?;
    ARRANGING
        .into_iter()
        .try_for_each(|one| rustix::thread::configure_capability_in_ambient_set(one, true))
}

/// Puts this process, which [`prepare`] made way for, into those namespaces of its own that
/// `sandbox` has, for good; nothing is mounted yet. Where one of IPC is refused, it is left to the
/// filter for calls.
///
/// # Errors
///
/// Fails if the kernel refuses a namespace of mounts or of the network, or if loopback cannot be
/// switched on.
pub fn enter(sandbox: Sandbox, network: Network) -> Result<Shared, NamespaceError> {
    // Mounts come first, because the rest is worth nothing without them.
    separate(NamespaceStage::Mounts, CloneFlags::CLONE_NEWNS)?;
    let shared = if unshare(CloneFlags::CLONE_NEWIPC).is_ok() {
        Shared::ByNamespace
    } else {
        Shared::ByFilter
    };
    match network {
        Network::Closed | Network::Proxied if sandbox.has_network() => begin_network()?,
        // In the shared one, whoever started this process has put it there.
        _ => {}
    }
    Ok(shared)
}

/// Makes the mounts of namespaces that were [entered](enter). What comes back are the caches that
/// the command has for itself.
///
/// # Errors
///
/// Fails at the first mount that the kernel refuses.
pub fn arrange(sandbox: Sandbox, view: &MountView<'_>) -> Result<OwnCaches, NamespaceError> {
    let caches = mounts::arrange(view).map_err(|source| NamespaceError::Mount { source })?;
    if sandbox.has_processes() {
        mounts::processes().map_err(|source| NamespaceError::Proc { source })?;
    }
    Ok(caches)
}

fn separate(kind: NamespaceStage, flags: CloneFlags) -> Result<(), NamespaceError> {
    unshare(flags).map_err(|source| NamespaceError::Unshare { kind, source })
}
