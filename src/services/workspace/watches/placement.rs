//! The places that a watched path leads to, and the folders to watch for it.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// The places that a path leads to now, without symbolic links.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Placement {
    /// The path itself, existing or not, with the links in its folder resolved; `None` for a path
    /// without a name, such as `/`.
    pub entry: Option<PathBuf>,
    /// The file or folder behind the path, if it exists.
    pub target: Option<PathBuf>,
    /// The folders to watch. The nearest one is required; farther ones are watched as far as access
    /// is allowed.
    pub folders: BTreeMap<PathBuf, Depth>,
}

/// The changes that are watched in a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// Names that come and go, in a folder far from the path.
    Names,
    /// Names that come and go, in the folder nearest to the path.
    Nearest,
    /// Names and the contents of files.
    All,
}

impl Placement {
    pub fn of(path: &Path) -> Self {
        let mut placement = Self { target: path.canonicalize().ok(), ..Self::default() };
        if let (Some(parent), Some(name)) = (path.parent(), path.file_name()) {
            let mut entry = existing(parent);
            let is_whole = entry.1.as_os_str().is_empty();
            placement.look_above(&entry.0, if is_whole { Depth::All } else { Depth::Nearest });
            entry.0.push(entry.1);
            entry.0.push(name);
            placement.entry = Some(entry.0);
        }
        if let Some(target) = placement.target.clone() {
            match (target.is_dir(), target.parent()) {
                (true, _) => placement.look_above(&target, Depth::All),
                (false, Some(parent)) => placement.look_above(parent, Depth::All),
                (false, None) => {}
            }
        }
        placement
    }

    /// Adds a folder and all folders above it, since each of them may be moved away.
    fn look_above(&mut self, folder: &Path, depth: Depth) {
        for (far, folder) in folder.ancestors().enumerate() {
            let depth = if far == 0 { depth } else { Depth::Names };
            let known = self.folders.entry(folder.to_owned()).or_insert(depth);
            *known = depth.max(*known);
        }
    }

    /// Whether the path leads to exactly this place.
    pub fn is_at(&self, place: &Path) -> bool {
        [&self.entry, &self.target].into_iter().flatten().any(|own| own == place)
    }

    /// Whether the path leads to this place or somewhere below it.
    pub fn is_in(&self, place: &Path) -> bool {
        [&self.entry, &self.target].into_iter().flatten().any(|own| own.starts_with(place))
    }
}

/// Splits a path into its existing folders, without symbolic links, and the rest.
fn existing(path: &Path) -> (PathBuf, PathBuf) {
    for there in path.ancestors() {
        if let Ok(real) = there.canonicalize()
            && real.is_dir()
            && let Ok(rest) = path.strip_prefix(there)
        {
            return (real, rest.to_owned());
        }
    }
    (PathBuf::from("/"), path.strip_prefix("/").unwrap_or(path).to_owned())
}

/// Whether the error only means that a folder no longer exists.
pub fn is_gone(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_path_is_looked_for_where_its_name_stands_and_where_it_leads() {
        let root = tempfile::tempdir().unwrap();
        let root = root.path().canonicalize().unwrap();
        fs::create_dir_all(root.join("real/sub")).unwrap();
        fs::write(root.join("real/file"), "").unwrap();
        symlink(root.join("real/file"), root.join("link")).unwrap();
        symlink(root.join("real"), root.join("folder")).unwrap();
        for (path, entry, target, all, nearest) in [
            ("real/file", "real/file", Some("real/file"), vec!["real"], None),
            ("link", "link", Some("real/file"), vec!["", "real"], None),
            ("folder/file", "real/file", Some("real/file"), vec!["real"], None),
            ("folder", "folder", Some("real"), vec!["", "real"], None),
            ("real/sub", "real/sub", Some("real/sub"), vec!["real", "real/sub"], None),
            ("folder/new", "real/new", None, vec!["real"], None),
            ("folder/a/b/c", "real/a/b/c", None, vec![], Some("real")),
            ("real/file/x", "real/file/x", None, vec![], Some("real")),
        ] {
            let place = |name: &str| root.join(name).components().collect::<PathBuf>();
            let found = Placement::of(&root.join(path));
            assert_eq!(found.entry, Some(place(entry)), "{path}");
            assert_eq!(found.target, target.map(place), "{path}");
            let with = |depth: Depth| {
                let with = found.folders.iter().filter(|(_, found)| **found == depth);
                with.map(|(folder, _)| folder.clone()).collect::<Vec<_>>()
            };
            assert_eq!(with(Depth::All), all.into_iter().map(place).collect::<Vec<_>>(), "{path}");
            assert_eq!(with(Depth::Nearest), Vec::from_iter(nearest.map(place)), "{path}");
            assert!(found.folders.contains_key(Path::new("/")), "{path}");
        }
    }
}
