//! Where paths really are, for many paths in few folders: each folder is resolved once, and nothing
//! is asked about what a missing one holds.

use std::collections::HashMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

/// Folders that were resolved by now; `None` where nothing is.
#[derive(Debug, Default)]
pub(super) struct RealPaths(HashMap<OsString, Option<PathBuf>>);

impl RealPaths {
    /// As `canonicalize`; `None` where that fails.
    pub(super) fn of(&mut self, path: &Path) -> Option<PathBuf> {
        let (Some(above), Some(name), true) = (path.parent(), path.file_name(), path.is_absolute())
        else {
            return path.canonicalize().ok();
        };
        let found = self.folder(above)?.join(name);
        if fs::symlink_metadata(&found).ok()?.is_symlink() {
            return found.canonicalize().ok();
        }
        Some(found)
    }

    fn folder(&mut self, folder: &Path) -> Option<&Path> {
        if !self.0.contains_key(folder.as_os_str()) {
            let real = self.of(folder);
            self.0.insert(folder.into(), real);
        }
        self.0.get(folder.as_os_str())?.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn every_path_leads_where_the_system_says() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        fs::create_dir_all(root.join("a/b")).unwrap();
        fs::write(root.join("a/b/file"), "").unwrap();
        symlink("a/b", root.join("link")).unwrap();
        symlink("gone", root.join("broken")).unwrap();
        symlink("loop", root.join("loop")).unwrap();
        let mut paths = RealPaths::default();
        for name in [
            "a",
            "a/b",
            "a/b/file",
            "a/b/file/x",
            "a/b/none",
            "none/x/y",
            "link",
            "link/file",
            "link/../b",
            "a/../link/file",
            "a//b/./file",
            "broken",
            "broken/x",
            "loop",
            "loop/x",
            "link/",
            ".",
        ] {
            let path = root.join(name);
            for path in [path.as_path(), Path::new(name), Path::new("/"), Path::new("")] {
                assert_eq!(paths.of(path), path.canonicalize().ok(), "{}", path.display());
            }
        }
    }
}
