//! Where a watched path leads, and the folders in which the system has to be watched for it.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// Where a path leads now. All of it is free of links.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Placement {
    /// Where its name stands, or would; `None` for a path without one, as `/`.
    pub entry: Option<PathBuf>,
    /// The file or folder behind it, where there is one.
    pub target: Option<PathBuf>,
    /// The folders to look at. What is nearest to the path has to be looked at, what is farther away as far as that is allowed.
    pub folders: BTreeMap<PathBuf, Depth>,
}

/// What is looked at in a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// Names that come and go, far from the path.
    Names,
    /// The same nearest to the path.
    Nearest,
    /// What is in files, too.
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

    /// Looks at a folder and all that it stands in: each of them may be moved away.
    fn look_above(&mut self, folder: &Path, depth: Depth) {
        for (far, folder) in folder.ancestors().enumerate() {
            let depth = if far == 0 { depth } else { Depth::Names };
            let known = self.folders.entry(folder.to_owned()).or_insert(depth);
            *known = depth.max(*known);
        }
    }

    /// Whether it is one of the places that the path is at.
    pub fn is_at(&self, place: &Path) -> bool {
        [&self.entry, &self.target].into_iter().flatten().any(|own| own == place)
    }

    /// Whether the path is at this place, or somewhere in it.
    pub fn is_in(&self, place: &Path) -> bool {
        [&self.entry, &self.target].into_iter().flatten().any(|own| own.starts_with(place))
    }
}

/// The folders of a path that are there, without links, and the rest.
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

/// Whether it only says that a folder is not there any more.
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
