//! Replacing a person's own file: the new bytes are written and synced beside it and then renamed,
//! so that the old or the new file is whole at any moment. Keeps the file's permissions; follows no
//! link.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile};

use crate::base::Attributes;

use super::FileError;
use super::folder::folder_of;
use super::replace::{bare, keep_owner, stands_for_a_file, sync_folder};

/// A file beside its target; dropping it before `put` removes it.
#[derive(Debug)]
pub struct StagedFile {
    target: PathBuf,
    temporary: NamedTempFile,
    /// Attributes of the model file that could not be set.
    refused: Vec<String>,
}

/// Where a new file takes its permissions from.
#[derive(Clone, Copy, Debug)]
pub enum StagingManner<'a> {
    /// The permissions, access control list and attributes of this file, and its owner if allowed.
    Like(&'a Path),
    /// The system's default for new files.
    New,
}

impl StagedFile {
    /// Makes the staged file. `target` is a path without links in an existing folder.
    ///
    /// # Errors
    ///
    /// [`FileError`] if the file cannot be made, or its model cannot be read.
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
        let refused = match manner {
            StagingManner::Like(model) => resemble(model, &temporary).map_err(failed)?,
            StagingManner::New => Vec::new(),
        };
        temporary.as_file().sync_all().map_err(failed)?;
        Ok(Self { target: target.to_owned(), temporary, refused })
    }

    /// Names of the model's attributes that it lacks. Its mode is narrowed in return, so that
    /// nobody gains rights.
    pub fn refused(&self) -> &[String] {
        &self.refused
    }

    /// Renames it to its target and replaces the file there.
    ///
    /// # Errors
    ///
    /// [`FileError`] if the sync or the rename fails.
    pub fn put(self) -> Result<(), FileError> {
        let Self { target, temporary, .. } = self;
        finish(target, |target| temporary.persist(target).map_err(|e| e.error))
    }

    /// Renames it to its target if nothing exists there.
    ///
    /// # Errors
    ///
    /// [`FileError`], also if the target exists.
    pub fn put_new(self) -> Result<(), FileError> {
        let Self { target, temporary, .. } = self;
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

/// Makes the temporary file: with mode 0600 until the model's mode is set, or the umask applied to
/// 0666.
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

fn resemble(model: &Path, temporary: &NamedTempFile) -> io::Result<Vec<String>> {
    keep_owner(model, temporary.as_file());
    let model_file = File::open(model);
    let permissions = fs::metadata(model)?.permissions();
    #[cfg(unix)]
    let permissions = {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};
        // Set-id bits are valid only for the owner who set them.
        let same = fs::metadata(model)?.uid() == temporary.as_file().metadata()?.uid();
        fs::Permissions::from_mode(permissions.mode() & if same { 0o7777 } else { 0o777 })
    };
    let attributes = match &model_file {
        Ok(file) => Attributes::of(file)?,
        // The file may be written but not read.
        Err(_hidden) => Attributes::default(),
    };
    // Some attributes can be set only on a writable file, and they change the mode: set them first.
    let refused = attributes.give_to(temporary.as_file())?;
    temporary.as_file().set_permissions(permissions)?;
    #[cfg(unix)]
    if !refused.is_empty() {
        use std::os::unix::fs::PermissionsExt;
        let mode = temporary.as_file().metadata()?.permissions().mode();
        let narrowed = fs::Permissions::from_mode(attributes.narrowed(mode & 0o7777));
        temporary.as_file().set_permissions(narrowed)?;
    }
    Ok(refused.into_iter().map(|name| name.to_string_lossy().into_owned()).collect())
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

    /// Runs only on disks that support attributes.
    #[cfg(target_os = "linux")]
    #[test]
    fn what_takes_a_place_has_the_attributes_of_what_stood_there_and_no_others() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("a");
        fs::write(&file, "old").unwrap();
        // Rights of the owner, a named user, the group, the mask and others.
        let entries =
            [(1, 6, u32::MAX), (2, 6, 1), (4, 4, u32::MAX), (16, 6, u32::MAX), (32, 0, u32::MAX)];
        let list: Vec<u8> = entries.iter().fold(vec![2, 0, 0, 0], |list, (tag, rights, id)| {
            let [tag, rights] = [*tag as u16, *rights as u16].map(u16::to_le_bytes);
            [&list[..], &tag, &rights, &id.to_le_bytes()].concat()
        });
        let given = [("user.note", b"x".to_vec()), ("system.posix_acl_access", list)];
        let opened = File::open(&file).unwrap();
        let refused = Attributes::from(given).give_to(&opened).unwrap();
        assert_eq!(refused.len(), 0, "the disk of temporary files keeps no attributes: set TMPDIR");
        let before = Attributes::of(&opened).unwrap();
        let put = |target: &Path| {
            let staged = StagedFile::beside(target, b"new", StagingManner::Like(target)).unwrap();
            assert!(staged.refused().is_empty());
            staged.put().unwrap();
        };
        put(&file);
        assert_eq!(Attributes::of(File::open(&file).unwrap()).unwrap(), before);
        assert_eq!(mode(&file), 0o660);
        // Gives the folder a default list for new files.
        let default = ["-d", "-m", "u:1:rwx"];
        let set = std::process::Command::new("setfacl").args(default).arg(dir.path()).status();
        if set.is_ok_and(|status| status.success()) {
            let plain = dir.path().join("plain");
            fs::write(&plain, "old").unwrap();
            Attributes::default().give_to(File::open(&plain).unwrap()).unwrap();
            fs::set_permissions(&plain, fs::Permissions::from_mode(0o664)).unwrap();
            put(&plain);
            assert!(Attributes::of(File::open(&plain).unwrap()).unwrap().is_empty());
            assert_eq!(mode(&plain), 0o664);
        }
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
