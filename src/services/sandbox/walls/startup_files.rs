//! Files that run by themselves later, or are told to later sessions: which of them came, or became
//! others, while a command ran. Those that were there before it cannot write to where mounts keep
//! it in, but the folder that holds one may be moved away; a name that nothing has cannot be kept
//! from being taken.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::base::folder_handle::{FolderHandle, NodeStat};

use crate::sandbox::git_guard::GuardedFolder;

/// Entries of one folder that are compared, with those of its folders.
const MOST: usize = 1_000;

/// The comparison that is still needed behind the wall around a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// Which files and folders stand there: nothing can be written to them.
    Nodes,
    /// Their contents as well.
    Contents,
}

/// Such places, and what stood there.
#[derive(Debug)]
pub struct StartupFiles<'a> {
    comparison: Comparison,
    before: Vec<(&'a GuardedFolder, PathBuf, Picture)>,
}

/// Everything that stands at a place and below it, by its path from there; nothing where nothing
/// does.
type Picture = BTreeMap<PathBuf, Node>;

#[derive(Debug, PartialEq, Eq)]
enum Node {
    There {
        stat: [u64; 3],
        /// When it was changed last, where that is of interest.
        changed: Option<(i64, i64)>,
    },
    /// It cannot be looked at, or there is too much of it.
    Unseen,
}

impl<'a> StartupFiles<'a> {
    /// Picks the places that lie in the folders. A repository, and what is in it, is another
    /// matter.
    pub fn among(
        folders: &[&'a GuardedFolder],
        places: &[PathBuf],
        comparison: Comparison,
    ) -> Self {
        let is_gits = |place: &Path| place.iter().any(|name| name == ".git");
        let before = places.iter().filter(|place| !is_gits(place)).filter_map(|place| {
            let (folder, inner) = folders
                .iter()
                .find_map(|folder| Some((*folder, place.strip_prefix(folder.path()).ok()?)))?;
            Some((folder, inner.to_owned(), picture(folder.held(), inner, comparison)))
        });
        Self { comparison, before: before.collect() }
    }

    /// Where something else stands by now.
    pub fn changed(&self) -> impl Iterator<Item = PathBuf> {
        let is_other = |(folder, inner, before): &&(&GuardedFolder, PathBuf, Picture)| {
            picture(folder.held(), inner, self.comparison) != *before
        };
        self.before.iter().filter(is_other).map(|(folder, inner, _)| folder.path().join(inner))
    }
}

fn picture(root: &FolderHandle, inner: &Path, comparison: Comparison) -> Picture {
    let mut all = Picture::new();
    let looked = root.holder(inner).and_then(|(holder, name)| Ok((holder.look(name)?, holder)));
    let (found, holder) = match looked {
        Ok((Some(found), holder)) => (found, holder),
        Ok((None, _)) => return all,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return all;
        }
        Err(_closed) => {
            all.insert(PathBuf::new(), Node::Unseen);
            return all;
        }
    };
    all.insert(PathBuf::new(), node(found.stat(), comparison));
    if comparison == Comparison::Nodes || !found.stat().is_folder() {
        return all;
    }
    let Some(folder) = inner.file_name().and_then(|name| holder.subfolder(name).ok()) else {
        all.insert(PathBuf::new(), Node::Unseen);
        return all;
    };
    let mut folders = vec![(folder, PathBuf::new())];
    while let Some((folder, path)) = folders.pop() {
        let Ok(mut names) = folder.list() else {
            all.insert(path, Node::Unseen);
            continue;
        };
        names.sort_by(|one, other| one.name.cmp(&other.name));
        for listed in names {
            let path = path.join(&listed.name);
            if all.len() > MOST {
                return all;
            }
            let found = match folder.look(&listed.name) {
                Ok(Some(found)) => node(found.stat(), comparison),
                Ok(None) => continue,
                Err(_closed) => Node::Unseen,
            };
            all.insert(path.clone(), found);
            folders.extend(folder.subfolder(&listed.name).ok().map(|inner| (inner, path)));
        }
    }
    all
}

fn node(stat: &NodeStat, comparison: Comparison) -> Node {
    let kind = u64::from(stat.kind.as_raw_mode());
    // A folder's content has names of its own.
    let is_compared = comparison == Comparison::Contents && !stat.is_folder();
    Node::There {
        stat: [stat.device, stat.inode, kind],
        changed: is_compared.then_some(stat.changed),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    const PLACES: [&str; 7] =
        [".cargo/config.toml", ".envrc", ".git", ".husky", ".vscode", "AGENTS.md", "b/.git/hooks"];

    /// Which places are told after a change.
    fn reported(comparison: Comparison, change: impl Fn(&Path)) -> Vec<String> {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        for (folder, file) in
            [(".cargo", "config.toml"), (".vscode/a", "tasks.json"), (".", "AGENTS.md")]
        {
            fs::create_dir_all(root.join(folder)).unwrap();
            fs::write(root.join(folder).join(file), "ours").unwrap();
        }
        let folder = GuardedFolder::open(&root).unwrap();
        let places = PLACES.map(|name| root.join(name));
        let later = StartupFiles::among(&[&folder], &places, comparison);
        assert_eq!(later.changed().count(), 0);
        change(&root);
        later
            .changed()
            .map(|path| path.strip_prefix(&root).unwrap().to_str().unwrap().to_owned())
            .collect()
    }

    #[test]
    fn what_came_is_told_and_what_was_there_is_not() {
        for comparison in [Comparison::Nodes, Comparison::Contents] {
            let came = reported(comparison, |root| {
                for folder in [".git", ".husky", "b/.git/hooks"] {
                    fs::create_dir_all(root.join(folder)).unwrap();
                }
                std::os::unix::fs::symlink("gone", root.join(".envrc")).unwrap();
            });
            assert_eq!(came, [".envrc", ".husky"]);
        }
    }

    #[test]
    fn what_took_the_place_of_a_guarded_file_is_told_however_it_came_there() {
        for comparison in [Comparison::Nodes, Comparison::Contents] {
            let moved = reported(comparison, |root| {
                fs::rename(root.join(".cargo"), root.join("x")).unwrap();
                fs::create_dir(root.join(".cargo")).unwrap();
                fs::write(root.join(".cargo/config.toml"), "theirs").unwrap();
                fs::rename(root.join(".vscode"), root.join("y")).unwrap();
                std::os::unix::fs::symlink("y", root.join(".vscode")).unwrap();
            });
            assert_eq!(moved, [".cargo/config.toml", ".vscode"]);
        }
        let written = reported(Comparison::Contents, |root| {
            fs::write(root.join(".vscode/a/tasks.json"), "more").unwrap();
            fs::write(root.join("AGENTS.md"), "more").unwrap();
        });
        assert_eq!(written, [".vscode", "AGENTS.md"]);
        let in_folder = reported(Comparison::Contents, |root| {
            fs::write(root.join(".vscode/new.json"), "").unwrap();
        });
        assert_eq!(in_folder, [".vscode"]);
    }
}
