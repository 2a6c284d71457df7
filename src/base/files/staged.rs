//! New bytes for a person's file, written and synced beside it before they take its place: the old file or the new one is there, whole, at any
//! moment. Does not make a file private, and follows no link.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use super::FileError;
use super::folder::folder_of;
use super::replace::{bare, keep_owner, stands_for_a_file, sync_folder};

/// Dropped before it is put, it leaves nothing behind.
#[derive(Debug)]
pub struct StagedFile {
    target: PathBuf,
    temporary: NamedTempFile,
}

/// Whose permissions a file gets.
#[derive(Clone, Copy, Debug)]
pub enum StagingManner<'a> {
    /// Those of this file, and its owner where that can be had.
    Like(&'a Path),
    /// What the system gives to any new file.
    New,
}

impl StagedFile {
    /// `target` is a path without links, in a folder that is there.
    pub fn beside(
        target: &Path,
        bytes: &[u8],
        manner: StagingManner<'_>,
    ) -> Result<Self, FileError> {
        stands_for_a_file(target)?;
        let failed = |source| FileError::Write { path: target.to_owned(), source };
        let mut temporary =
            fresh(manner).tempfile_in(folder_of(target)).map_err(|error| failed(bare(error)))?;
        temporary.write_all(bytes).map_err(failed)?;
        if let StagingManner::Like(model) = manner {
            resemble(model, &temporary).map_err(failed)?;
        }
        temporary.as_file().sync_all().map_err(failed)?;
        Ok(Self { target: target.to_owned(), temporary })
    }

    /// Puts it in the place of what is there, if anything.
    pub fn put(self) -> Result<(), FileError> {
        let Self { target, temporary } = self;
        finish(target, |target| temporary.persist(target).map_err(|e| e.error))
    }

    /// Puts it where nothing is.
    pub fn put_new(self) -> Result<(), FileError> {
        let Self { target, temporary } = self;
        finish(target, |target| temporary.persist_noclobber(target).map_err(|e| e.error))
    }
}

fn finish<T>(target: PathBuf, put: impl FnOnce(&Path) -> io::Result<T>) -> Result<(), FileError> {
    match put(&target) {
        Ok(_file) => sync_folder(&target),
        Err(source) => return Err(FileError::Write { path: target, source }),
    }
    Ok(())
}

/// 0600 until it resembles its model, or what the umask leaves of 0666.
fn fresh(manner: StagingManner<'_>) -> Builder<'static, 'static> {
    let mut builder = Builder::new();
    builder.prefix(".codling.").suffix(".tmp");
    #[cfg(unix)]
    if matches!(manner, StagingManner::New) {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    #[cfg(not(unix))]
    let _as_it_comes = manner;
    builder
}

fn resemble(model: &Path, temporary: &NamedTempFile) -> io::Result<()> {
    keep_owner(model, temporary.as_file());
    let permissions = fs::metadata(model)?.permissions();
    #[cfg(unix)]
    let permissions = {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};
        // Set-id bits are for who owned the file, and not for whoever does now.
        let same = fs::metadata(model)?.uid() == temporary.as_file().metadata()?.uid();
        fs::Permissions::from_mode(permissions.mode() & if same { 0o7777 } else { 0o777 })
    };
    temporary.as_file().set_permissions(permissions)
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    fn names(folder: &Path) -> Vec<String> {
        fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    #[test]
    fn what_takes_a_place_has_the_permissions_of_what_stood_there() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("run.sh");
        for bits in [0o755, 0o640, 0o600, 0o4755] {
            fs::write(&file, "old").unwrap();
            fs::set_permissions(&file, fs::Permissions::from_mode(bits)).unwrap();
            StagedFile::beside(&file, b"new", StagingManner::Like(&file)).unwrap().put().unwrap();
            assert_eq!((fs::read_to_string(&file).unwrap().as_str(), mode(&file)), ("new", bits));
        }
        assert_eq!(names(dir.path()), ["run.sh"]);
    }

    #[test]
    fn a_new_file_is_like_any_new_file() {
        let dir = tempfile::tempdir().unwrap();
        let (any, file) = (dir.path().join("any"), dir.path().join("new"));
        fs::write(&any, "").unwrap();
        StagedFile::beside(&file, b"new", StagingManner::New).unwrap().put_new().unwrap();
        assert_eq!(mode(&file), mode(&any));
        let inode = fs::metadata(&file).unwrap().ino();
        assert!(
            StagedFile::beside(&file, b"other", StagingManner::New).unwrap().put_new().is_err(),
            "something is there"
        );
        assert_eq!(fs::metadata(&file).unwrap().ino(), inode);
        assert_eq!(names(dir.path()).len(), 2);
    }

    #[test]
    fn what_is_not_put_leaves_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a");
        drop(StagedFile::beside(&file, b"new", StagingManner::New).unwrap());
        let error = StagedFile::beside(&dir.path().join("gone/a"), b"new", StagingManner::New)
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("gone/a` could not be written: ") && !error.contains(" at path "),
            "{error}"
        );
        assert!(
            StagedFile::beside(dir.path(), b"new", StagingManner::New).is_err(),
            "a folder is no file"
        );
        assert!(names(dir.path()).is_empty());
    }
}
