//! Repositories in a folder, for commands that no listing of undo's is there for. Reads no file and
//! follows no link.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long it looks, for a command that waits meanwhile.
const PATIENCE: Duration = Duration::from_secs(2);

/// The repositories in the folder, as far as they are known before a command begins.
#[derive(Clone, Debug, Default)]
pub enum KnownRepositories {
    /// Nothing: they are looked for.
    #[default]
    Unlisted,
    /// The `.git` entries in the folder and below.
    Listed(Vec<PathBuf>),
    /// The command is known to change nothing.
    Unneeded,
}

/// The result of the search.
#[derive(Debug, Default)]
pub struct Repositories {
    /// All `.git` entries that were found.
    pub places: Vec<PathBuf>,
    /// There was too much to look through: there may be others.
    pub is_partial: bool,
}

impl KnownRepositories {
    /// Those that a command must leave alone in the folder and in others that are `opened` to it,
    /// of which nobody lists any.
    pub fn with_those_in(self, folder: &Path, opened: &[PathBuf]) -> Repositories {
        let opened = opened.iter().map(PathBuf::as_path);
        match self {
            Self::Unlisted => repositories(std::iter::once(folder).chain(opened)),
            Self::Listed(known) => {
                let mut found = repositories(opened);
                found.places.extend(known);
                found
            }
            Self::Unneeded => Repositories::default(),
        }
    }
}

/// In these folders and below.
fn repositories<'a>(folders: impl Iterator<Item = &'a Path>) -> Repositories {
    let until = Instant::now() + PATIENCE;
    let mut found = Repositories::default();
    let mut folders: Vec<PathBuf> = folders.map(Path::to_owned).collect();
    while let Some(folder) = folders.pop() {
        if Instant::now() >= until {
            found.is_partial = true;
            break;
        }
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            if entry.file_name().eq_ignore_ascii_case(".git") {
                found.places.push(entry.path());
            } else if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(entry.path());
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repositories_are_found_however_deep_they_are_and_links_are_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        for folder in ["a/.git/x/.git", "b/c/d/.GIT", "e"] {
            fs::create_dir_all(dir.path().join(folder)).unwrap();
        }
        fs::write(dir.path().join("e/.git"), "gitdir: ../a/.git\n").unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink("..", dir.path().join("e/up")).unwrap();
        let mut found = repositories([dir.path()].into_iter());
        found.places.sort();
        let wanted = ["a/.git", "b/c/d/.GIT", "e/.git"].map(|place| dir.path().join(place));
        assert_eq!((found.places, found.is_partial), (wanted.into(), false));
        assert!(repositories(std::iter::empty()).places.is_empty());
    }
}
