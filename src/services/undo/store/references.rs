//! Whether git still has the commits that its branches would name again. Reads objects, and changes
//! none.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use super::blobs::{Blobs, Digest};
use super::git::Objects;

/// The limit of packed references that are asked about.
const MOST: usize = 2_000;

/// One for each plan: git is started once for each repository.
pub struct References {
    /// Git folders whose objects come back with them.
    coming: HashSet<PathBuf>,
    /// Git folders whose branches come back.
    branches: HashSet<PathBuf>,
    open: HashMap<PathBuf, Option<Objects>>,
    known: HashMap<String, bool>,
}

impl References {
    /// `paths` come back. Objects are listed only where the whole repository is: it comes back with
    /// all of them, or not at all.
    pub fn new<'a>(paths: impl Iterator<Item = &'a Path>) -> Self {
        let [mut coming, mut branches] = [HashSet::new(), HashSet::new()];
        for path in paths {
            let Some(git) = path.ancestors().find(|above| above.ends_with(".git")) else {
                continue;
            };
            let Ok(inside) = path.strip_prefix(git) else { continue };
            if inside.starts_with("objects") {
                coming.insert(git.to_owned());
            } else if inside.starts_with("refs") {
                branches.insert(git.to_owned());
            }
        }
        Self { coming, branches, open: HashMap::new(), known: HashMap::new() }
    }

    /// Whether all commits are there that a file of git's would name; of other files, true.
    /// `digest` is what the file would hold.
    pub fn are_there(&mut self, path: &Path, blobs: &Blobs, digest: Option<Digest>) -> bool {
        let Some((git, inside)) = git_folder(path) else { return true };
        if self.coming.contains(&git) {
            return true;
        }
        if !git.join("objects").is_dir() {
            // Parts of a repository that is gone are of no use; what is only named like a git
            // folder is none.
            return !self.branches.contains(&git) && !git.join("refs").is_dir();
        }
        // Logs tell of commits that may be gone, and of none at all.
        let names_commits = !inside.starts_with("logs")
            && (inside.starts_with("refs")
                || inside == Path::new("packed-refs")
                || inside.to_str().is_some_and(|name| name.ends_with("HEAD")));
        let Some(text) = digest.filter(|_| names_commits).and_then(|digest| blobs.text(digest))
        else {
            return true;
        };
        let now = std::fs::read_to_string(path).unwrap_or_default();
        let ids =
            text.split_whitespace().filter(|word| is_id(word) && !now.contains(word)).take(MOST);
        ids.map(str::to_owned).collect::<Vec<_>>().into_iter().all(|id| self.has(&git, id))
    }

    fn has(&mut self, git: &Path, id: String) -> bool {
        if let Some(known) = self.known.get(&id) {
            return *known;
        }
        let objects = self.open.entry(git.to_owned()).or_insert_with(|| Objects::open(git).ok());
        let has = objects
            .as_mut()
            .is_some_and(|objects| objects.get(&id).is_ok_and(|found| found.is_some()));
        self.known.insert(id, has);
        has
    }
}

/// The git folder that holds the objects of what a path belongs to, and what the path is called in
/// its own.
fn git_folder(path: &Path) -> Option<(PathBuf, PathBuf)> {
    let looks_like_git = |path: &Path| path.join("HEAD").is_file() && path.join("refs").is_dir();
    // Its logs look like one too.
    let is_logs = |path: &Path| path.ends_with("logs") && path.parent().is_some_and(looks_like_git);
    let is_git =
        |above: &&Path| above.ends_with(".git") || looks_like_git(above) && !is_logs(above);
    let git = path.ancestors().find(is_git)?;
    let inside = path.strip_prefix(git).ok()?.to_owned();
    // A linked working tree has its own HEAD, and shares the rest.
    let common =
        std::fs::read_to_string(git.join("commondir")).ok().map(|named| git.join(named.trim()));
    Some((common.unwrap_or_else(|| git.to_owned()), inside))
}

fn is_id(word: &&str) -> bool {
    [40, 64].contains(&word.len()) && word.bytes().all(|byte| byte.is_ascii_hexdigit())
}
