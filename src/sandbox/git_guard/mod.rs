//! What git follows wherever it is run, also outside of the sandbox: the settings and the hooks of the folder's repositories. As they were before a command,
//! and put back after it; where there were none, what would run something is set aside. Knows no command.

mod arrivals;
mod repositories;
mod settings;

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use crate::base::{files, git};

pub use arrivals::{Arrivals, Search};
use repositories::{repositories, scripts};
use settings::is_tracking;

/// Larger files are not kept: nobody's settings are.
const LARGEST: u64 = 1 << 20;
/// What a changed file is kept as beside its place, where git does not look for it.
const ASIDE: &str = ".set-aside";

/// Only what [`GitGuard::put_back`] brings back: a repository that was not there is not kept from being made.
#[derive(Debug, Default)]
pub struct GitGuard {
    places: BTreeMap<PathBuf, Content>,
    repositories: Vec<PathBuf>,
}

/// What a command changed.
#[derive(Debug, PartialEq, Eq)]
pub struct GuardedChange {
    pub path: PathBuf,
    pub now: GuardOutcome,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GuardOutcome {
    AsBefore,
    /// It could not be put back.
    Changed,
}

#[derive(Debug, PartialEq, Eq)]
enum Content {
    File {
        bytes: Vec<u8>,
        mode: u32,
    },
    Folder,
    Link(PathBuf),
    Nothing,
    /// Too large, or closed: it cannot be brought back.
    Other,
}

impl GitGuard {
    /// Looks at the repository whose work tree is this folder, and at others in it: `known` are places that are called `.git`.
    pub fn of(folder: &Path, known: &[PathBuf]) -> Self {
        let mut git_guard = Self::default();
        let own = folder.join(".git");
        for git in std::iter::once(&own)
            .chain(known.iter().filter(|git| git.starts_with(folder) && **git != own))
        {
            let found = content(git);
            // What a file or a link leads to outside of the folder is out of a command's reach.
            let leads = git::folder(git)
                .and_then(|git| git.canonicalize().ok())
                .filter(|leads| leads.starts_with(folder));
            let leads = if found == Content::Folder { Some(git.clone()) } else { leads };
            for git in leads.into_iter().flat_map(repositories) {
                if !git_guard.repositories.contains(&git) {
                    git_guard.repositories.push(git);
                }
            }
            if found != Content::Nothing {
                git_guard.places.insert(git.clone(), found);
            }
        }
        git_guard.look();
        git_guard
    }

    /// Whether that is a git folder which was there before.
    pub fn covers(&self, git: &Path) -> bool {
        self.repositories.iter().any(|one| one == git)
    }

    fn look(&mut self) {
        for git in &self.repositories {
            let named =
                ["commondir", "config", "config.worktree", "hooks"].map(|name| git.join(name));
            let places = named.into_iter().chain(scripts(git));
            self.places.extend(places.map(|place| (place.clone(), content(&place))));
        }
    }

    /// Puts back what is other than it was, and answers what that is. What was found in its place is kept beside it.
    pub fn put_back(&self) -> Vec<GuardedChange> {
        for git in &self.repositories {
            open_up(git);
            open_up(&git.join("hooks"));
        }
        let mut put_back = Vec::new();
        for (path, before) in &self.places {
            let now = content(path);
            let is_fine = match (before, &now) {
                (Content::Other, _) | (Content::Nothing, Content::Folder) => true,
                // A repository that is gone is followed by nobody.
                (Content::Folder, Content::Nothing) => path.ends_with(".git"),
                _ => now == *before || is_tracking(before, &now),
            };
            if is_fine || !path.parent().is_some_and(Path::is_dir) {
                continue;
            }
            put_back.push(restore(path.clone(), before));
        }
        for hook in self.repositories.iter().flat_map(|git| scripts(git)) {
            if !self.places.contains_key(&hook) {
                put_back.push(restore(hook, &Content::Nothing));
            }
        }
        put_back
    }
}

fn restore(path: PathBuf, before: &Content) -> GuardedChange {
    let mut aside = path.as_os_str().to_owned();
    aside.push(ASIDE);
    let restored = set_aside(&path, Path::new(&aside)).and_then(|()| match before {
        Content::File { bytes, mode } => write(&path, bytes, *mode),
        // What stood in a repository that was moved away cannot be found again.
        Content::Folder if path.ends_with(".git") => Ok(()),
        Content::Folder => fs::create_dir(&path),
        Content::Link(to) => symlink(to, &path),
        Content::Nothing | Content::Other => Ok(()),
    });
    GuardedChange {
        path,
        now: if restored.is_ok() { GuardOutcome::AsBefore } else { GuardOutcome::Changed },
    }
}

/// A folder that a command closed can be looked into and written to again.
fn open_up(folder: &Path) {
    const OWN: u32 = 0o700;
    let closed = fs::symlink_metadata(folder)
        .ok()
        .filter(|about| about.is_dir() && about.permissions().mode() & OWN != OWN);
    if let Some(about) = closed {
        // Where that is not allowed, what is in it cannot be put back, and that is told.
        let _refused =
            fs::set_permissions(folder, Permissions::from_mode(about.permissions().mode() | OWN));
    }
}

fn content(path: &Path) -> Content {
    let about = match fs::symlink_metadata(path) {
        Ok(about) => about,
        Err(error) if error.kind() == ErrorKind::NotFound => return Content::Nothing,
        Err(_closed) => return Content::Other,
    };
    if about.is_symlink() {
        return fs::read_link(path).map_or(Content::Other, Content::Link);
    }
    if about.is_dir() {
        return Content::Folder;
    }
    match files::read(path, LARGEST) {
        Ok(bytes) => Content::File { bytes, mode: about.permissions().mode() & 0o7777 },
        Err(_no_file) => Content::Other,
    }
}

/// The next command's changes take the place of the last one's.
fn set_aside(path: &Path, aside: &Path) -> io::Result<()> {
    match fs::symlink_metadata(aside) {
        Ok(about) if about.is_dir() => fs::remove_dir_all(aside)?,
        Ok(_) => fs::remove_file(aside)?,
        Err(_nothing) => {}
    }
    match fs::rename(path, aside) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn write(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.set_permissions(Permissions::from_mode(mode))
}

#[cfg(test)]
mod tests;
