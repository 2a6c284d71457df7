//! A fresh copy of a task's repository in a temporary folder.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// The copy; dropping it removes the folder.
#[derive(Debug)]
pub struct FreshCopy {
    _root: TempDir,
    folder: PathBuf,
}

impl FreshCopy {
    /// Copies the repository; the copy's folder gets the task's name. Blocks.
    ///
    /// # Errors
    ///
    /// Any failure to read the repository or to write the copy.
    pub fn of(repo: &Path, name: &str) -> io::Result<Self> {
        let root = tempfile::Builder::new().prefix("codling-eval-").tempdir()?;
        // Links in the path are followed, as in the folders of sessions.
        let folder = fs::canonicalize(root.path())?.join(name);
        lay_over(repo, &folder)?;
        Ok(Self { _root: root, folder })
    }

    /// The folder of the copy.
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

/// Copies files, folders and links with their modes, and replaces existing ones.
///
/// # Errors
///
/// Any failure to read or write; a part may be copied by then.
pub fn lay_over(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type()?;
        let there = fs::symlink_metadata(&target).ok();
        // The model may have put a link there, which must not be written through.
        if there.is_some_and(|there| there.is_symlink() || !kind.is_dir()) {
            fs::remove_file(&target)?;
        }
        if kind.is_dir() {
            lay_over(&path, &target)?;
        } else if kind.is_symlink() {
            link(&fs::read_link(&path)?, &target)?;
        } else {
            fs::copy(&path, &target)?;
        }
    }
    Ok(())
}

#[cfg(unix)]
fn link(to: &Path, at: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(to, at)
}

#[cfg(not(unix))]
fn link(_to: &Path, _at: &Path) -> io::Result<()> {
    Err(io::Error::other("links cannot be copied on this system"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_whole_and_goes_away() {
        let repo = tempfile::tempdir().unwrap();
        fs::create_dir(repo.path().join("src")).unwrap();
        fs::write(repo.path().join("src/a.txt"), "a").unwrap();
        fs::write(repo.path().join(".hidden"), "h").unwrap();
        let copy = FreshCopy::of(repo.path(), "task").unwrap();
        let folder = copy.folder().to_owned();
        assert!(folder.ends_with("task"));
        assert_eq!(fs::read_to_string(folder.join("src/a.txt")).unwrap(), "a");
        assert_eq!(fs::read_to_string(folder.join(".hidden")).unwrap(), "h");
        fs::write(folder.join("src/a.txt"), "changed").unwrap();
        assert_eq!(fs::read_to_string(repo.path().join("src/a.txt")).unwrap(), "a");
        lay_over(repo.path(), &folder).unwrap();
        assert_eq!(fs::read_to_string(folder.join("src/a.txt")).unwrap(), "a");
        drop(copy);
        assert!(!folder.exists());
    }

    #[cfg(unix)]
    #[test]
    fn modes_and_links_are_kept_and_nothing_is_written_through_a_link() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let (repo, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(repo.path().join("run"), "x").unwrap();
        fs::set_permissions(repo.path().join("run"), fs::Permissions::from_mode(0o755)).unwrap();
        symlink("run", repo.path().join("link")).unwrap();
        let copy = FreshCopy::of(repo.path(), "task").unwrap();
        let run = copy.folder().join("run");
        assert_eq!(fs::metadata(&run).unwrap().permissions().mode() & 0o777, 0o755);
        assert_eq!(fs::read_link(copy.folder().join("link")).unwrap(), Path::new("run"));
        let other = outside.path().join("other");
        fs::write(&other, "theirs").unwrap();
        fs::remove_file(&run).unwrap();
        symlink(&other, &run).unwrap();
        lay_over(repo.path(), copy.folder()).unwrap();
        assert_eq!(fs::read_to_string(other).unwrap(), "theirs");
        assert_eq!(fs::read_to_string(run).unwrap(), "x");
        // Neither is a link to a folder.
        fs::create_dir(repo.path().join("tests")).unwrap();
        fs::write(repo.path().join("tests/t"), "t").unwrap();
        symlink(outside.path(), copy.folder().join("tests")).unwrap();
        lay_over(repo.path(), copy.folder()).unwrap();
        assert!(!outside.path().join("t").exists() && copy.folder().join("tests/t").exists());
    }
}
