//! Repositories that a command made or brought into a folder: what git would run because of them, for whoever looks into them later, is set aside. Knows
//! what was there before only by what it is told, and by the time at which files were changed last.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::base::git;

use super::repositories::{repositories, scripts};
use super::settings::runs_nothing;
use super::{Content, GitGuard, GuardedChange, content, open_up, restore};

/// File systems go by a clock that is a little late.
const LATE: Duration = Duration::from_millis(20);
/// How long it looks for repositories.
const LIMIT: Duration = Duration::from_secs(2);

/// What may have come since.
#[derive(Debug)]
pub struct Arrivals {
    /// Seconds and nanoseconds.
    began: (i64, i64),
    known: Vec<PathBuf>,
}

/// Whether all of a folder was looked through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Search {
    Partial,
    Whole,
}

impl Arrivals {
    /// Since now. `known` are places that are called `.git` and were there before.
    pub fn beside(known: Vec<PathBuf>) -> Self {
        let began = SystemTime::now()
            .checked_sub(LATE)
            .and_then(|began| began.duration_since(UNIX_EPOCH).ok())
            .unwrap_or_default();
        Self {
            began: (
                i64::try_from(began.as_secs()).unwrap_or_default(),
                began.subsec_nanos().into(),
            ),
            known,
        }
    }

    /// Sets aside, below these folders, settings that came since and could have git run something, and hooks. What a seal covers is left to it.
    pub fn disarm(&self, folders: &[&Path], seals: &[GitGuard]) -> (Vec<GuardedChange>, Search) {
        let until = Instant::now() + LIMIT;
        let mut disarmed = Vec::new();
        let mut search = Search::Whole;
        let mut seen = BTreeSet::new();
        for folder in folders {
            let (found, how) = self.search(folder, until);
            if how == Search::Partial {
                search = how;
            }
            for git in found {
                let is_sealed =
                    |place: &Path| seals.iter().any(|git_guard| git_guard.covers(place));
                let Some(places) = leads(&git, folders) else {
                    // Git may know better where it leads.
                    disarmed.extend(self.is_new(&git).then(|| restore(git, &Content::Nothing)));
                    continue;
                };
                // What is new in a repository that was there before was not there either.
                let has_come =
                    self.has_come(&git) || places.first().is_some_and(|first| is_sealed(first));
                for place in places {
                    if seen.insert(place.clone()) && !is_sealed(&place) {
                        disarmed.extend(
                            self.armed(&place, has_come)
                                .into_iter()
                                .map(|path| restore(path, &Content::Nothing)),
                        );
                    }
                }
            }
        }
        (disarmed, search)
    }

    /// All that git takes for a repository.
    fn search(&self, folder: &Path, until: Instant) -> (Vec<PathBuf>, Search) {
        let mut found = Vec::new();
        let mut folders = vec![folder.to_owned()];
        let mut search = Search::Whole;
        while let Some(folder) = folders.pop() {
            if Instant::now() >= until {
                return (found, Search::Partial);
            }
            let listed = fs::read_dir(&folder).or_else(|_closed| {
                if self.is_new(&folder) {
                    open_up(&folder);
                }
                fs::read_dir(&folder)
            });
            let Ok(listed) = listed else {
                // Closed before as well, the command could only have gone in where it had the name.
                let git = folder.join(".git");
                match self.is_new(&folder) {
                    true => search = Search::Partial,
                    false => found.extend(git.symlink_metadata().is_ok().then_some(git)),
                }
                continue;
            };
            let mut inner = Vec::new();
            let mut parts = 0;
            for entry in listed.flatten() {
                let (name, kind) = (entry.file_name(), entry.file_type());
                parts += u8::from(["HEAD", "objects", "refs"].iter().any(|part| name == *part));
                match kind.is_ok_and(|kind| kind.is_dir()) {
                    _ if name.eq_ignore_ascii_case(".git") => found.push(entry.path()),
                    true => inner.push(entry.path()),
                    false => {}
                }
            }
            match parts {
                // Without a work tree around it.
                3 => found.push(folder),
                _ => folders.extend(inner),
            }
        }
        (found, search)
    }

    /// Whether a repository was not here before: a folder's own time changes with every commit, but that of what holds it does not.
    fn has_come(&self, git: &Path) -> bool {
        let is_bare = !git.ends_with(".git");
        let holds = || git.parent().is_some_and(|holds| self.is_new(holds));
        !self.known.iter().any(|known| known == git)
            && self.is_new(git)
            && (is_bare || !git.is_dir() || git.is_symlink() || holds())
    }

    fn is_new(&self, path: &Path) -> bool {
        let Ok(about) = fs::symlink_metadata(path) else { return false };
        let (seconds, rest) = self.began;
        // Some file systems count whole seconds.
        let rest = if about.ctime_nsec() == 0 { 0 } else { rest };
        (about.ctime(), about.ctime_nsec()) >= (seconds, rest)
    }

    /// What git would follow there.
    fn armed(&self, git: &Path, has_come: bool) -> Vec<PathBuf> {
        let counts = |path: &Path| has_come || self.is_new(path);
        open_up(git);
        let settings =
            ["config", "config.worktree"].map(|name| git.join(name)).into_iter().filter(|path| {
                match content(path) {
                    Content::Nothing => false,
                    Content::File { bytes, .. } => counts(path) && !runs_nothing(&bytes),
                    _ => counts(path),
                }
            });
        let mut armed: Vec<PathBuf> = settings.collect();
        let common = git.join("commondir");
        armed.extend(Some(common).filter(|common| {
            common.symlink_metadata().is_ok() && counts(common) && line(common, "").is_none()
        }));
        let hooks = git.join("hooks");
        if hooks.is_symlink() {
            armed.extend(Some(hooks).filter(|hooks| counts(hooks)));
            return armed;
        }
        open_up(&hooks);
        let folder = counts(&hooks);
        armed.extend(scripts(git).into_iter().filter(|script| folder || self.is_new(script)));
        armed
    }
}

/// The folders that git goes to from there, of those that a command can write to. `None` where that is not clear.
fn leads(git: &Path, within: &[&Path]) -> Option<Vec<PathBuf>> {
    let inside = |path: PathBuf| {
        path.canonicalize().ok().filter(|path| within.iter().any(|folder| path.starts_with(folder)))
    };
    let first =
        if git.is_dir() { git.to_owned() } else { git.parent()?.join(line(git, "gitdir: ")?) };
    let mut all = inside(first).map(repositories).unwrap_or_default();
    for at in 0..all.len() {
        let common = all[at].join("commondir");
        if common.symlink_metadata().is_ok()
            && let Some(common) = line(&common, "").and_then(|named| inside(all[at].join(named)))
        {
            all.push(common);
        }
    }
    Some(all)
}

/// The path in a file of one line, where whatever reads it cannot but read the same.
fn line(file: &Path, before: &str) -> Option<String> {
    let text = git::line(file)?;
    let named = text.strip_prefix(before)?;
    let named = named.strip_suffix('\n').unwrap_or(named);
    let is_plain =
        !named.is_empty() && named.trim() == named && !named.chars().any(char::is_control);
    is_plain.then(|| named.to_owned())
}

#[cfg(test)]
mod tests;
