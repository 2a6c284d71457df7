//! What a command can do to files: Landlock rules for the thread that calls, and for all that it starts. Knows no command.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use landlock::{
    ABI, Access, AccessFs, BitFlags, CompatLevel, Compatible, LandlockStatus, PathBeneath, PathFd, Ruleset, RulesetAttr, RulesetCreated,
    RulesetCreatedAttr, RulesetStatus, Scope,
};

use rustix::thread::{CapabilitySet, CapabilitySets};

use super::calls::{self, Attributes, Sockets, Truncation};
use super::mounts::DEVICES;

/// The newest one whose rights were looked at one by one.
const KNOWN: ABI = ABI::V9;

/// A file is hidden by naming all that is beside the way to it. With more names than this, starting a command would take too long, and it is not
/// started.
const RULES: usize = 16_384;

/// Devices that hold nothing.
const SINKS: [&str; 3] = ["/dev/full", "/dev/null", "/dev/zero"];

/// What root may keep: rights over files, which the rules bound. Others look into every process, or change the system itself.
const KEPT: CapabilitySet = CapabilitySet::CHOWN
    .union(CapabilitySet::DAC_OVERRIDE)
    .union(CapabilitySet::FOWNER)
    .union(CapabilitySet::FSETID)
    .union(CapabilitySet::KILL)
    .union(CapabilitySet::SETGID)
    .union(CapabilitySet::SETUID);

#[derive(Clone, Copy, Debug)]
pub struct Ground<'a> {
    pub writable: &'a [&'a Path],
    /// As [`places`] says.
    pub hidden: &'a [PathBuf],
    pub shown: &'a [PathBuf],
    /// Whether what is hidden is covered as well.
    pub covered: Covered,
    pub rights: Rights,
    pub sockets: Sockets,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Covered {
    No,
    Yes,
}

/// Which rights of root a command keeps: whoever was given some to arrange namespaces with has none outside of them, and needs none in them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rights {
    None,
    OverFiles,
}

#[derive(Debug, thiserror::Error)]
pub enum FenceError {
    #[error("the rights of root could not be given up: {source}")]
    Capabilities { source: rustix::io::Errno },
    #[error("the kernel's filter for system calls: {source}")]
    Calls { source: calls::CallsError },
    #[error("the kernel has no Landlock, or it is not switched on")]
    NoLandlock,
    #[error("Landlock: {source}")]
    Rules { source: landlock::RulesetError },
    #[error("too many files lie beside what is to be hidden from it, in `{}`", folder.display())]
    TooMany { folder: PathBuf },
}

/// Gives up, for good, whatever the ground does not name: writing, reading what is hidden, the network, signals to others, ways out.
pub fn enter(ground: &Ground<'_>) -> Result<(), FenceError> {
    let readable = match readable(ground.hidden) {
        // Two walls where that can be, and one where the second would be too long.
        Err(FenceError::TooMany { .. }) if ground.covered == Covered::Yes => None,
        readable => readable?,
    };
    let status = restrict(ground, readable.as_deref()).map_err(|source| FenceError::Rules { source })?;
    let LandlockStatus::Available { effective_abi, .. } = status.landlock else { return Err(FenceError::NoLandlock) };
    if status.ruleset == RulesetStatus::NotEnforced || !status.no_new_privs {
        return Err(FenceError::NoLandlock);
    }
    let truncation = if effective_abi < ABI::V3 { Truncation::ByFilter } else { Truncation::ByLandlock };
    let kept = if ground.rights == Rights::None { CapabilitySet::empty() } else { KEPT };
    give_up_capabilities(kept).map_err(|source| FenceError::Capabilities { source })?;
    let attributes = if ground.covered == Covered::Yes { Attributes::ByMounts } else { Attributes::ByFilter };
    calls::forbid(truncation, attributes, ground.sockets).map_err(|source| FenceError::Calls { source })
}

/// With new privileges out of reach, they do not come back with the next program either.
fn give_up_capabilities(kept: CapabilitySet) -> rustix::io::Result<()> {
    let now = rustix::thread::capabilities(None)?;
    let (effective, permitted, inheritable) = (now.effective & kept, now.permitted & kept, now.inheritable & kept);
    rustix::thread::set_capabilities(None, CapabilitySets { effective, permitted, inheritable })
}

fn restrict(ground: &Ground<'_>, readable: Option<&[PathBuf]>) -> Result<landlock::RestrictionStatus, landlock::RulesetError> {
    let mut rules = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_write(KNOWN))?
        .scope(Scope::from_all(KNOWN))?;
    if readable.is_some() {
        rules = rules.handle_access(AccessFs::ReadFile)?;
    }
    let mut rules = rules.create()?;
    for folder in ground.writable {
        rules = allow(rules, folder, writing())?;
    }
    if ground.covered == Covered::Yes {
        for device in DEVICES {
            rules = allow(rules, Path::new(device), writing())?;
        }
    }
    for device in SINKS {
        rules = allow(rules, Path::new(device), AccessFs::WriteFile | AccessFs::Truncate | AccessFs::IoctlDev)?;
    }
    for path in readable.into_iter().flat_map(|all| all.iter().chain(ground.shown)) {
        rules = allow(rules, path, AccessFs::ReadFile.into())?;
    }
    rules.restrict_self()
}

/// All but making devices, which would lead to every disk where the program runs as root.
fn writing() -> BitFlags<AccessFs> {
    AccessFs::from_write(KNOWN) & !(AccessFs::MakeBlock | AccessFs::MakeChar)
}

/// What is not there, or is gone by now, needs no rule.
fn allow(rules: RulesetCreated, path: &Path, rights: BitFlags<AccessFs>) -> Result<RulesetCreated, landlock::RulesetError> {
    let rights = if path.is_dir() { rights } else { rights & AccessFs::from_file(KNOWN) };
    match PathFd::new(path) {
        Ok(opened) => rules.add_rule(PathBeneath::new(opened, rights)),
        Err(_gone) => Ok(rules),
    }
}

/// All that is not hidden, in as few names as possible; `None` is everything. What appears on the way to something hidden while the command runs
/// cannot be read by it: a rule is about what is there.
fn readable(places: &[PathBuf]) -> Result<Option<Vec<PathBuf>>, FenceError> {
    if places.is_empty() {
        return Ok(None);
    }
    beside(places).map(Some)
}

fn beside(hidden: &[PathBuf]) -> Result<Vec<PathBuf>, FenceError> {
    let at = Names::by_folder(hidden);
    let above: HashSet<&OsStr> = hidden.iter().flat_map(|hidden| hidden.ancestors().skip(1)).map(Path::as_os_str).collect();
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from("/")];
    while let Some(folder) = folders.pop() {
        let here = at.get(folder.as_os_str());
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if here.is_some_and(|names| names.fit(&entry.file_name())) {
                continue;
            }
            // A link leads to what has rules of its own, or to what is hidden.
            if entry.file_type().is_ok_and(|kind| kind.is_symlink()) {
                continue;
            }
            if above.contains(path.as_os_str()) {
                folders.push(path)
            } else {
                found.push(path)
            }
            if found.len() > RULES {
                return Err(FenceError::TooMany { folder });
            }
        }
    }
    Ok(found)
}

/// What there is of hidden places now, and what stands beside them under their names.
pub fn standing(places: &[PathBuf]) -> Vec<PathBuf> {
    let entries = |folder: &OsStr| fs::read_dir(folder).into_iter().flatten().flatten().collect::<Vec<_>>();
    let found = Names::by_folder(places).into_iter().flat_map(|(folder, names)| {
        entries(folder).into_iter().filter(move |entry| names.fit(&entry.file_name())).map(|entry| entry.path())
    });
    found.collect()
}

/// Names of hidden files of one folder.
#[derive(Debug, Default)]
struct Names<'a>(BTreeSet<&'a [u8]>);

impl<'a> Names<'a> {
    /// By their bytes, which are compared much faster than parts of paths; they are real paths, each of which is written in one way.
    fn by_folder(places: &'a [PathBuf]) -> HashMap<&'a OsStr, Self> {
        let mut all: HashMap<&OsStr, Self> = HashMap::new();
        for place in places {
            if let (Some(folder), Some(name)) = (place.parent(), place.file_name()) {
                all.entry(folder.as_os_str()).or_default().0.insert(name.as_bytes());
            }
        }
        all
    }

    /// Whether a name is one of these, or begins with one, with or without a dot before it: drafts, copies.
    fn fit(&self, name: &OsStr) -> bool {
        let name = name.as_bytes();
        let fits = |name: &[u8]| (1..=name.len()).any(|end| self.0.contains(&name[..end]));
        fits(name) || name.strip_prefix(b".").is_some_and(fits)
    }
}

/// By where each stands and by where it leads; what has no folder yet needs no hiding.
pub fn places(hidden: &[PathBuf]) -> Vec<PathBuf> {
    let mut folders: HashMap<&OsStr, Option<PathBuf>> = HashMap::new();
    let mut places = Vec::with_capacity(hidden.len());
    for path in hidden {
        let Some((folder, name)) = path.parent().zip(path.file_name()) else { continue };
        let Some(folder) = folders.entry(folder.as_os_str()).or_insert_with(|| fs::canonicalize(folder).ok()) else { continue };
        let named = folder.join(name);
        if fs::symlink_metadata(&named).is_ok_and(|about| about.is_symlink()) {
            places.extend(fs::canonicalize(&named));
        }
        places.push(named);
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_but_the_hidden_file_and_its_copies_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        fs::create_dir_all(root.join("data/codling")).unwrap();
        for name in ["beside", "data/beside", "data/codling/auth.json", "data/codling/.auth.json.x.tmp", "data/codling/other"] {
            fs::write(root.join(name), "").unwrap();
        }
        std::os::unix::fs::symlink("data", root.join("link")).unwrap();
        std::os::unix::fs::symlink("data/codling/auth.json", root.join("alias")).unwrap();
        let found = readable(&places(&[root.join("alias")])).unwrap().unwrap();
        let mut names: Vec<_> = found.iter().filter_map(|path| path.strip_prefix(&root).ok()?.to_str()).collect();
        names.sort();
        assert_eq!(names, ["beside", "data/beside", "data/codling/other"]);
        assert!(found.iter().all(|path| !root.starts_with(path)));
    }

    #[test]
    fn nothing_to_hide_is_everything_and_too_much_beside_it_is_an_error() {
        assert_eq!(readable(&[]).unwrap(), None);
        assert_eq!(readable(&places(&["/not/there/auth.json".into()])).unwrap(), None);
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        for number in 0..=RULES {
            fs::write(root.join(number.to_string()), "").unwrap();
        }
        let error = readable(&places(&[root.join("auth.json")])).unwrap_err();
        assert!(matches!(&error, FenceError::TooMany { folder } if *folder == root), "{error}");
        let other = tempfile::tempdir().unwrap();
        fs::write(other.path().join("auth.json"), "").unwrap();
        assert!(readable(&places(&[other.path().join("auth.json"), root.join("key")])).is_err(), "one of them alone is not hidden either");
    }
}
