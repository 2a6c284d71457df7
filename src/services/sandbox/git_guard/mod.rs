//! The git guard: settings and hooks that git follows wherever it is run, also outside of the
//! sandbox, of the folder's repositories. As they were before a command, and put back after it;
//! where there were none, what would run something is set aside. Knows no command.
//!
//! Other commands of the folder may still run and change what is on the way: all of it is done by
//! [`crate::base::folder_handle`].

mod arrivals;
mod content;
mod pointer;
mod rebase_steps;
mod repositories;
mod search;
mod settings;

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};

use crate::base::folder_handle::{ASIDE, FolderHandle, ListedName, NodeStat};

pub use arrivals::Arrivals;
use content::{Content, content, open_up, restore};
pub use content::{GuardOutcome, GuardedChange};
use pointer::Lead;
use repositories::{repositories, scripts};
pub use search::Search;
use settings::{inert, is_tracking};

/// A folder that a command may write in, opened before it begins.
#[derive(Debug)]
pub struct GuardedFolder {
    path: PathBuf,
    held: FolderHandle,
}

impl GuardedFolder {
    /// # Errors
    ///
    /// Where the path leads over a link: it did not when the command was allowed.
    pub fn open(path: &Path) -> io::Result<Self> {
        Ok(Self { path: path.to_owned(), held: FolderHandle::at(path)? })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn held(&self) -> &FolderHandle {
        &self.held
    }
}

/// Only what [`GitGuard::put_back`] brings back: a repository that was not there is not kept from
/// being made.
#[derive(Debug)]
pub struct GitGuard<'a> {
    folder: &'a GuardedFolder,
    /// Everything called `.git`, by the path of the folder that holds it.
    pointers: Vec<(PathBuf, FolderHandle, Content)>,
    repositories: Vec<GuardedRepository>,
    since: Arrivals,
}

/// A folder with settings and hooks.
#[derive(Debug)]
struct GuardedRepository {
    /// Within the guarded folder.
    path: PathBuf,
    /// As it was opened before the command, wherever it is by now.
    held: FolderHandle,
    stat: Option<NodeStat>,
    /// By their names in it.
    files: BTreeMap<OsString, Content>,
    hooks: BTreeMap<OsString, Content>,
    /// The steps that a rebase would go on with.
    steps: Content,
}

/// The folder of a repository's hooks.
const HOOKS: &str = "hooks";
const FILES: [&str; 4] = ["commondir", "config", "config.worktree", HOOKS];

impl<'a> GitGuard<'a> {
    /// Looks at the repository whose work tree is this folder, and at others in it: `known` are
    /// places that are called `.git`.
    pub fn of(folder: &'a GuardedFolder, known: &[PathBuf]) -> Self {
        let own = folder.path.join(".git");
        let since = Arrivals::since_now();
        let mut guard = Self { folder, pointers: Vec::new(), repositories: Vec::new(), since };
        for git in std::iter::once(&own).chain(known.iter().filter(|git| **git != own)) {
            guard.look(git);
        }
        guard
    }

    fn look(&mut self, git: &Path) {
        let Some(inner) = git.strip_prefix(&self.folder.path).ok() else { return };
        let Ok((holder, name)) = self.folder.held.holder(inner) else { return };
        let found = content(&holder, name);
        let leads = match &found {
            Content::Folder => Some(inner.to_owned()),
            Content::Nothing => return,
            // A place outside of the folder that a file or a link leads to is out of a command's
            // reach.
            _ => {
                match pointer::lead(&[self.folder], (&holder, git.parent().unwrap_or(git)), name) {
                    Lead::To(git) => pointer::within(&[self.folder], &git).map(|(_, inner)| inner),
                    Lead::Nowhere | Lead::Unclear => None,
                }
            }
        };
        for (path, held) in
            leads.into_iter().flat_map(|leads| repositories(&self.folder.held, leads))
        {
            if !self.repositories.iter().any(|known| known.path == path) {
                self.repositories.push(GuardedRepository::of(path, held));
            }
        }
        let path = inner.parent().unwrap_or(Path::new("")).to_owned();
        self.pointers.push((path, holder, found));
    }

    /// Whether that is a git folder which was there before; what a rebase in it would have gone on
    /// with.
    fn covers(&self, git: &NodeStat) -> Option<&Content> {
        let mut all = self.repositories.iter();
        all.find(|one| one.stat.is_some_and(|stat| stat.is_same_node(git))).map(|one| &one.steps)
    }

    /// Puts back what is other than it was, and answers what that is. What was found in its place
    /// is kept beside it.
    pub fn put_back(&self) -> Vec<GuardedChange> {
        let mut put_back = Vec::new();
        for (path, held, before) in &self.pointers {
            for holder in self.places(path, held) {
                put_back.extend(self.restored(&holder, path, OsStr::new(".git"), before));
            }
        }
        for repository in &self.repositories {
            for git in self.places(&repository.path, &repository.held) {
                self.put_back_in(&git, repository, &mut put_back);
            }
        }
        put_back
    }

    /// The folder that was opened before, unless it is gone, and the one that has its path by now.
    fn places(&self, path: &Path, held: &FolderHandle) -> Vec<FolderHandle> {
        let stat = held.stat().ok().filter(|stat| stat.links > 0);
        let walked = self.folder.held.walk(path).ok();
        let is_other = |now: &FolderHandle| {
            !stat.is_some_and(|stat| now.stat().is_ok_and(|now| now.is_same_node(&stat)))
        };
        let walked = walked.filter(is_other);
        let held = stat.and_then(|_| held.walk(Path::new("")).ok());
        held.into_iter().chain(walked).collect()
    }

    fn put_back_in(
        &self,
        git: &FolderHandle,
        before: &GuardedRepository,
        put_back: &mut Vec<GuardedChange>,
    ) {
        open_up(git);
        for (name, file) in &before.files {
            put_back.extend(self.restored(git, &before.path, name, file));
        }
        let Ok(hooks) = git.subfolder(OsStr::new(HOOKS)) else { return };
        open_up(&hooks);
        let path = before.path.join(HOOKS);
        for (name, hook) in &before.hooks {
            put_back.extend(self.restored(&hooks, &path, name, hook));
        }
        for name in scripts(&hooks).into_iter().filter(|name| !before.hooks.contains_key(name)) {
            put_back.extend(self.restored(&hooks, &path, &name, &Content::Nothing));
        }
    }

    fn restored(
        &self,
        holder: &FolderHandle,
        path: &Path,
        name: &OsStr,
        before: &Content,
    ) -> Option<GuardedChange> {
        let now = content(holder, name);
        let is_fine = match (before, &now) {
            (Content::Other, _) => true,
            // A hooks folder counts by its content; settings that are a folder cannot be read.
            (Content::Nothing, Content::Folder) => !path.ends_with(HOOKS),
            // A repository that is gone is followed by nobody.
            (Content::Folder, Content::Nothing) => name == ".git",
            _ => now == *before || is_tracking(before, &now),
        };
        if is_fine {
            return None;
        }
        let is_trap = |content: &Content| is_trap(name, content);
        let before = match before {
            armed if is_trap(armed) && self.was_set_aside(holder, name, armed) => &Content::Nothing,
            before => before,
        };
        let is_harmless = *before == Content::Nothing && now != Content::Nothing && !is_trap(&now);
        if now == *before || is_harmless && name == "config" {
            return None;
        }
        Some(restore(holder, &self.folder.path.join(path), name, before))
    }

    /// Whether the guard of another command found that it came while that one ran, and set it aside
    /// since: then it is not put back.
    fn was_set_aside(&self, holder: &FolderHandle, name: &OsStr, before: &Content) -> bool {
        let prefix = [name, OsStr::new(ASIDE)].into_iter().collect::<OsString>();
        let is_it = |listed: &ListedName| {
            listed.name.as_encoded_bytes().starts_with(prefix.as_encoded_bytes())
                && self.since.is_name_new(holder, &listed.name)
                && content(holder, &listed.name) == *before
        };
        holder.list().is_ok_and(|names| names.iter().any(is_it))
    }
}

/// Whether git could run something because of it.
fn is_trap(name: &OsStr, content: &Content) -> bool {
    match content {
        Content::Nothing | Content::Folder => false,
        Content::File { bytes, .. } if name == "config" || name == "config.worktree" => {
            inert(bytes).is_none_or(|worktrees| !worktrees.is_empty())
        }
        Content::File { .. } | Content::Link(_) | Content::Other => name != ".git",
    }
}

impl GuardedRepository {
    fn of(path: PathBuf, held: FolderHandle) -> Self {
        let files = FILES.map(|name| (name.into(), content(&held, OsStr::new(name)))).into();
        let hooks = held.subfolder(OsStr::new(HOOKS)).ok();
        let hooks = hooks.iter().flat_map(|hooks| {
            scripts(hooks).into_iter().map(|name| {
                let hook = content(hooks, &name);
                (name, hook)
            })
        });
        let steps = rebase_steps::of(&held);
        Self { hooks: hooks.collect(), stat: held.stat().ok(), path, held, files, steps }
    }
}

#[cfg(test)]
mod tests;
