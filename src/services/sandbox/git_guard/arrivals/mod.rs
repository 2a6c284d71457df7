//! Repositories that a command made or brought into a folder: what git would run because of them,
//! for whoever looks into them later, is set aside. Knows what was there before only by what it is
//! told, and by the time at which files were changed last.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::base::folder_handle::{FolderHandle, NodeStat};

use super::content::{Content, GuardedChange, content, open_up, restore};
use super::pointer::{Lead, lead, line, within};
use super::repositories::scripts;
use super::search::{FoundPlace, PlaceKind, Search, search};
use super::settings::inert;
use super::{GitGuard, GuardedFolder, HOOKS, rebase_steps};

/// File systems go by a clock that is a little late.
const LATE: Duration = Duration::from_millis(20);
/// How long it looks for repositories.
const LIMIT: Duration = Duration::from_secs(2);

/// Repositories that may have come since.
#[derive(Debug)]
pub struct Arrivals {
    /// Seconds and nanoseconds.
    began: (i64, i64),
}

/// A folder that git may go to.
struct GitFolder {
    path: PathBuf,
    held: Rc<FolderHandle>,
}

/// Whether all of a repository came, or what is new in it alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Arrival {
    Whole,
    Parts,
}

impl Arrivals {
    pub fn since_now() -> Self {
        let began = SystemTime::now()
            .checked_sub(LATE)
            .and_then(|began| began.duration_since(UNIX_EPOCH).ok())
            .unwrap_or_default();
        let seconds = i64::try_from(began.as_secs()).unwrap_or_default();
        Self { began: (seconds, began.subsec_nanos().into()) }
    }

    /// Sets aside, below these folders, settings that came since and could have git run something,
    /// hooks, and steps of a rebase that run something. What a seal covers is left to it.
    pub fn disarm(
        &self,
        folders: &[&GuardedFolder],
        seals: &[GitGuard<'_>],
    ) -> (Vec<GuardedChange>, Search) {
        let until = Instant::now() + LIMIT;
        let mut disarmed = Vec::new();
        let mut how = Search::Whole;
        let mut seen = BTreeSet::new();
        for folder in folders {
            let is_new = |folder: &FolderHandle| self.is_folder_new(folder);
            let (found, searched) = search(&folder.held, until, &is_new);
            if searched == Search::Partial {
                how = searched;
            }
            let mut arrivals: Vec<Arrival> = Vec::with_capacity(found.len());
            for place in &found {
                let outer = place.within.map(|within| arrivals[within]);
                let arrival = match outer {
                    Some(Arrival::Whole) => Arrival::Whole,
                    _ => self.arrival(place),
                };
                arrivals.push(arrival);
                let Some(first) = self.first(folders, folder, place, &mut disarmed) else {
                    continue;
                };
                for git in leads(folders, first) {
                    let Ok(stat) = git.held.stat() else { continue };
                    let key = |arrival| (stat.device, stat.inode, arrival);
                    if seen.contains(&key(Arrival::Whole)) || !seen.insert(key(arrival)) {
                        continue;
                    }
                    let sealed = seals.iter().find_map(|seal| seal.covers(&stat));
                    self.disarm_folder(folder, &git, arrival, sealed, &mut disarmed);
                }
            }
        }
        (disarmed, how)
    }

    /// The folder that git goes to first. What leads it elsewhere in a way that is not clear is set
    /// aside.
    fn first(
        &self,
        folders: &[&GuardedFolder],
        folder: &GuardedFolder,
        place: &FoundPlace,
        disarmed: &mut Vec<GuardedChange>,
    ) -> Option<GitFolder> {
        let path = folder.path.join(&place.path);
        let (holder, name) = match &place.what {
            PlaceKind::Repository(_, held) => return Some(GitFolder { path, held: held.clone() }),
            PlaceKind::Pointer(holder, name) => (holder, name),
        };
        let above = path.parent().unwrap_or(&path);
        match lead(folders, (holder, above), name) {
            Lead::Nowhere => None,
            Lead::To(path) => led(folders, &path),
            Lead::Unclear => {
                if self.is_name_new(holder, name) {
                    disarmed.push(restore(holder, above, name, &Content::Nothing));
                }
                None
            }
        }
    }

    /// Whether a repository was not here before: a folder's own time changes with every commit, but
    /// that of what holds it does not.
    fn arrival(&self, place: &FoundPlace) -> Arrival {
        let has_come = match &place.what {
            PlaceKind::Pointer(holder, name) => self.is_name_new(holder, name),
            PlaceKind::Repository(holder, git) => {
                let is_bare =
                    !place.path.file_name().is_some_and(|name| name.eq_ignore_ascii_case(".git"));
                self.is_folder_new(git) && (is_bare || self.is_folder_new(holder))
            }
        };
        if has_come { Arrival::Whole } else { Arrival::Parts }
    }

    fn is_new(&self, about: &NodeStat) -> bool {
        let (seconds, rest) = self.began;
        // Some file systems count whole seconds.
        let rest = if about.changed.1 == 0 { 0 } else { rest };
        about.changed >= (seconds, rest)
    }

    fn is_folder_new(&self, folder: &FolderHandle) -> bool {
        folder.stat().is_ok_and(|about| self.is_new(&about))
    }

    pub(super) fn is_name_new(&self, folder: &FolderHandle, name: &OsStr) -> bool {
        folder.look(name).is_ok_and(|found| found.is_some_and(|found| self.is_new(found.stat())))
    }

    /// Sets aside what git would follow there.
    fn disarm_folder(
        &self,
        folder: &GuardedFolder,
        git: &GitFolder,
        arrival: Arrival,
        sealed: Option<&Content>,
        disarmed: &mut Vec<GuardedChange>,
    ) {
        let counts = |folder: &FolderHandle, name: &OsStr| {
            arrival == Arrival::Whole || self.is_name_new(folder, name)
        };
        let mut aside = |holder: &FolderHandle, path: &Path, name: &OsStr| {
            disarmed.push(restore(holder, path, name, &Content::Nothing));
        };
        if let Ok(steps) = git.held.subfolder(OsStr::new(rebase_steps::FOLDER)) {
            let name = OsStr::new(rebase_steps::NAME);
            let before = sealed.unwrap_or(&Content::Nothing);
            if counts(&steps, name) && rebase_steps::runs_something(&content(&steps, name), before)
            {
                aside(&steps, &git.path.join(rebase_steps::FOLDER), name);
            }
        }
        if sealed.is_some() {
            return;
        }
        let held = &git.held;
        if arrival == Arrival::Whole || self.is_folder_new(held) {
            open_up(held);
        }
        for name in ["config", "config.worktree"].map(OsStr::new) {
            let is_armed = match content(held, name) {
                Content::Nothing => false,
                Content::File { bytes, .. } => !is_harmless(&bytes, folder, git),
                _ => true,
            };
            if is_armed && counts(held, name) {
                aside(held, &git.path, name);
            }
        }
        let common = OsStr::new("commondir");
        let has_common = held.look(common).is_ok_and(|found| found.is_some());
        if has_common && counts(held, common) && line(held, common, "").is_none() {
            aside(held, &git.path, common);
        }
        let name = OsStr::new(HOOKS);
        match held.look(name) {
            Ok(Some(found)) if !found.stat().is_folder() => {
                if counts(held, name) {
                    aside(held, &git.path, name);
                }
            }
            Ok(Some(found)) => {
                let Ok(hooks) = held.subfolder(name) else { return };
                let is_folder_new = arrival == Arrival::Whole || self.is_new(found.stat());
                if is_folder_new {
                    open_up(&hooks);
                }
                for script in scripts(&hooks) {
                    if is_folder_new || counts(&hooks, &script) {
                        aside(&hooks, &git.path.join(HOOKS), &script);
                    }
                }
            }
            Ok(None) | Err(_) => {}
        }
    }
}

/// The folders that git goes to from there, of those that a command can write to.
fn leads(folders: &[&GuardedFolder], first: GitFolder) -> Vec<GitFolder> {
    let common = |git: &GitFolder| {
        let named = line(&git.held, OsStr::new("commondir"), "")?;
        led(folders, &git.held.path().unwrap_or_else(|| git.path.clone()).join(named))
    };
    let common = common(&first);
    std::iter::once(first).chain(common).collect()
}

fn led(folders: &[&GuardedFolder], path: &Path) -> Option<GitFolder> {
    let (folder, inner) = within(folders, path)?;
    let held = folder.held.walk(&inner).ok()?;
    Some(GitFolder { path: folder.path.join(inner), held: Rc::new(held) })
}

/// Whether settings can have git run nothing, and write nowhere but in the folder.
fn is_harmless(bytes: &[u8], folder: &GuardedFolder, git: &GitFolder) -> bool {
    inert(bytes)
        .is_some_and(|worktrees| worktrees.iter().all(|tree| stays_inside(tree, folder, git)))
}

/// Whether a work tree lies in the folder: over no link, and up only at the beginning.
fn stays_inside(tree: &str, folder: &GuardedFolder, git: &GitFolder) -> bool {
    if tree.is_empty() || tree.contains(['"', '\\', '#', ';']) {
        return false;
    }
    let mut at = match Path::new(tree).is_absolute() {
        true => PathBuf::new(),
        false => git.held.path().unwrap_or_else(|| git.path.clone()),
    };
    let mut is_up = true;
    for part in Path::new(tree).components() {
        match part {
            Component::RootDir => at.push("/"),
            Component::CurDir => {}
            Component::ParentDir if is_up => {
                at.pop();
            }
            Component::Normal(name) => {
                is_up = false;
                at.push(name);
            }
            Component::ParentDir | Component::Prefix(_) => return false,
        }
    }
    at.strip_prefix(&folder.path).is_ok_and(|inner| folder.held.walk(inner).is_ok())
}

#[cfg(test)]
mod tests;
