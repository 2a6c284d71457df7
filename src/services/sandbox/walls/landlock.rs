//! Access to files by Landlock: rules for the thread that calls, and for all that it
//! starts.

use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access, AccessFs, BitFlags, CompatLevel, Compatible, LandlockStatus, PathBeneath, PathFd,
    Ruleset, RulesetAttr, RulesetCreated, RulesetCreatedAttr, RulesetStatus, Scope,
};

use rustix::thread::{CapabilitySet, CapabilitySets};

use super::hidden::{Beside, Hidden};
use super::mounts::DEVICES;
use super::seccomp;
use super::seccomp::{AllowedSockets, Attributes, OtherWalls, Others, Shared, Truncation};

/// The newest one whose rights were looked at one by one.
const KNOWN: ABI = ABI::V9;

/// Devices that hold nothing, and the terminal that a command was given, if any: it leads a session
/// of its own, and so has no other.
const SINKS: [&str; 4] = ["/dev/full", "/dev/null", "/dev/tty", "/dev/zero"];

/// The rights that root may keep: rights over files, which the rules bound. Others look into every
/// process, or change the system itself.
const KEPT: CapabilitySet = CapabilitySet::CHOWN
    .union(CapabilitySet::DAC_OVERRIDE)
    .union(CapabilitySet::FOWNER)
    .union(CapabilitySet::FSETID)
    .union(CapabilitySet::KILL)
    .union(CapabilitySet::SETGID)
    .union(CapabilitySet::SETUID);

#[derive(Clone, Copy, Debug)]
pub struct SandboxPaths<'a> {
    pub writable: &'a [&'a Path],
    pub hidden: &'a Hidden,
    pub shown: &'a [PathBuf],
    /// Whether what is hidden is covered as well.
    pub covered: Covered,
    pub rights: Rights,
    pub shared: Shared,
    pub others: Others,
    pub sockets: AllowedSockets,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Covered {
    No,
    Yes,
}

/// Which rights of root a command keeps: whoever was given some to arrange namespaces with has none
/// outside of them, and needs none in them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rights {
    None,
    OverFiles,
}

#[derive(Debug, thiserror::Error)]
pub enum LandlockError {
    #[error("the rights of root could not be given up: {source}")]
    Capabilities { source: rustix::io::Errno },
    #[error("the kernel's filter for system calls: {source}")]
    Calls { source: seccomp::SeccompError },
    #[error("the kernel has no Landlock, or it is not switched on")]
    NoLandlock,
    #[error("Landlock: {source}")]
    Rules { source: landlock::RulesetError },
    #[error("too many files lie beside what is to be hidden from it, in `{}`", folder.display())]
    TooMany { folder: PathBuf },
}

/// Gives up, for good, whatever the paths does not name: writing, reading what is hidden, the
/// network, signals to others, ways out.
///
/// # Errors
///
/// Fails if the kernel does not enforce Landlock, if too many files would have to be named, or if a
/// step is refused. Part of the rights may be gone then: this process must end.
pub fn enter(paths: &SandboxPaths<'_>) -> Result<(), LandlockError> {
    let readable = match &paths.hidden.beside {
        Beside::Everything => None,
        Beside::Names(names) => Some(names.as_slice()),
        // Two walls where that can be, and one where the second would be too long.
        Beside::TooMany { .. } if paths.covered == Covered::Yes => None,
        Beside::TooMany { folder } => {
            return Err(LandlockError::TooMany { folder: folder.clone() });
        }
    };
    let status = restrict(paths, readable).map_err(|source| LandlockError::Rules { source })?;
    let LandlockStatus::Available { effective_abi, .. } = status.landlock else {
        return Err(LandlockError::NoLandlock);
    };
    if status.ruleset == RulesetStatus::NotEnforced || !status.no_new_privs {
        return Err(LandlockError::NoLandlock);
    }
    let truncation =
        if effective_abi < ABI::V3 { Truncation::ByFilter } else { Truncation::ByLandlock };
    let kept = if paths.rights == Rights::None { CapabilitySet::empty() } else { KEPT };
    give_up_capabilities(kept).map_err(|source| LandlockError::Capabilities { source })?;
    let attributes =
        if paths.covered == Covered::Yes { Attributes::ByMounts } else { Attributes::ByFilter };
    let SandboxPaths { shared, others, sockets, .. } = *paths;
    seccomp::forbid(&OtherWalls { truncation, attributes, shared, others, sockets })
        .map_err(|source| LandlockError::Calls { source })
}

/// With new privileges out of reach, they do not come back with the next program either.
fn give_up_capabilities(kept: CapabilitySet) -> rustix::io::Result<()> {
    let now = rustix::thread::capabilities(None)?;
    let (effective, permitted, inheritable) =
        (now.effective & kept, now.permitted & kept, now.inheritable & kept);
    rustix::thread::set_capabilities(None, CapabilitySets { effective, permitted, inheritable })
}

fn restrict(
    paths: &SandboxPaths<'_>,
    readable: Option<&[PathBuf]>,
) -> Result<landlock::RestrictionStatus, landlock::RulesetError> {
    let mut rules = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_write(KNOWN))?
        .scope(Scope::from_all(KNOWN))?;
    if readable.is_some() {
        rules = rules.handle_access(AccessFs::ReadFile)?;
    }
    let mut rules = rules.create()?;
    for folder in paths.writable {
        rules = allow(rules, folder, writing())?;
    }
    if paths.covered == Covered::Yes {
        for device in DEVICES {
            rules = allow(rules, Path::new(device), writing())?;
        }
    }
    for device in SINKS {
        rules = allow(
            rules,
            Path::new(device),
            AccessFs::WriteFile | AccessFs::Truncate | AccessFs::IoctlDev,
        )?;
    }
    for path in readable.into_iter().flat_map(|all| all.iter().chain(paths.shown)) {
        // A right over files alone, whatever the path is.
        rules = add(rules, path, AccessFs::ReadFile.into())?;
    }
    rules.restrict_self()
}

/// All but making devices, which would lead to every disk where the program runs as root.
fn writing() -> BitFlags<AccessFs> {
    AccessFs::from_write(KNOWN) & !(AccessFs::MakeBlock | AccessFs::MakeChar)
}

fn allow(
    rules: RulesetCreated,
    path: &Path,
    rights: BitFlags<AccessFs>,
) -> Result<RulesetCreated, landlock::RulesetError> {
    add(rules, path, if path.is_dir() { rights } else { rights & AccessFs::from_file(KNOWN) })
}

/// A place that does not exist, or is gone by now, needs no rule.
fn add(
    rules: RulesetCreated,
    path: &Path,
    rights: BitFlags<AccessFs>,
) -> Result<RulesetCreated, landlock::RulesetError> {
    match PathFd::new(path) {
        Ok(opened) => rules.add_rule(PathBeneath::new(opened, rights)),
        Err(_gone) => Ok(rules),
    }
}
