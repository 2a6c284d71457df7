//! The files that a run reads and writes.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

use crate::base::files::{FileError, StagedFile, StagingManner};
#[cfg(unix)]
use crate::base::folder_handle::FolderHandle;
use crate::base::{Advice, cause, files};

/// The limit in bytes for a schema.
const LARGEST_SCHEMA: u64 = 1 << 20;

/// Why a file that a run was given cannot be used.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs, reason = "the sentence of each variant says it")]
pub enum FilesError {
    #[error("there is no folder for the last message `{}`", path.display())]
    NoFolder { path: PathBuf },
    #[error("the last message cannot go to `{}`: it is not a file", path.display())]
    NotAFile { path: PathBuf },
    #[error("the schema `{}` cannot be read: {}", path.display(), cause(source))]
    Schema { path: PathBuf, source: io::Error },
    #[error("the schema `{}` is not a JSON object{reason}", path.display())]
    SchemaForm { path: PathBuf, reason: String },
    #[error("the last message could not be saved: {source}")]
    Write { source: FileError },
}

impl Advice for FilesError {
    fn next_step(&self) -> Option<String> {
        Some(match self {
            Self::NoFolder { .. } => "Create the folder first, or name another file".into(),
            Self::NotAFile { .. } => "Name a file; the answer itself is on standard output".into(),
            Self::Schema { .. } => "Name a file that you may read".into(),
            Self::SchemaForm { .. } => {
                "A JSON Schema begins like `{\"type\": \"object\", \"properties\": …}`".into()
            }
            Self::Write { .. } => {
                "The answer is in the conversation: `codling --continue` shows it".into()
            }
        })
    }
}

/// Reads a JSON Schema; checks only that it is an object.
///
/// # Errors
///
/// [`FilesError`] if it cannot be read or is no JSON object.
pub fn schema(path: &Path) -> Result<Arc<str>, FilesError> {
    let bytes = files::read(path, LARGEST_SCHEMA)
        .map_err(|source| FilesError::Schema { path: path.to_owned(), source })?;
    let form = |reason| FilesError::SchemaForm { path: path.to_owned(), reason };
    match serde_json::from_slice::<Value>(&bytes) {
        Ok(schema @ Value::Object(_)) => Ok(schema.to_string().into()),
        Ok(_) => Err(form(String::new())),
        Err(error) => Err(form(format!(": {error}"))),
    }
}

/// The file for the last message. Its folder is opened before the turn, because a command of the
/// turn may replace a part of the path by a link.
#[derive(Debug)]
pub struct MessageFile {
    /// The path as it was given.
    path: PathBuf,
    /// The path with links followed.
    target: PathBuf,
    #[cfg(unix)]
    folder: FolderHandle,
}

impl MessageFile {
    /// Follows links for the last time, and checks that the file could be written.
    ///
    /// # Errors
    ///
    /// [`FilesError`] if the path cannot be used.
    pub fn open(path: &Path) -> Result<Self, FilesError> {
        let target = place(path)?;
        #[cfg(unix)]
        let folder = FolderHandle::open(folder(&target)).map_err(|source| FilesError::Write {
            source: FileError::Write { path: path.to_owned(), source },
        })?;
        Ok(Self {
            path: path.to_owned(),
            target,
            #[cfg(unix)]
            folder,
        })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Replaces the file by the last message, atomically. Keeps its permissions.
    ///
    /// # Errors
    ///
    /// [`FilesError`] if it cannot be written.
    pub fn write(&self, text: &str) -> Result<(), FilesError> {
        let failed = |source| FilesError::Write {
            source: FileError::Write { path: self.path.clone(), source },
        };
        let target = self.held().map_err(failed)?;
        let manner = match fs::symlink_metadata(&target) {
            Ok(found) if !found.is_file() => {
                return Err(FilesError::NotAFile { path: self.path.clone() });
            }
            Ok(_) => StagingManner::Like(&target),
            // Other trouble shows when it is written.
            Err(_) => StagingManner::New,
        };
        let staged = StagedFile::beside(&target, text.as_bytes(), manner);
        staged.and_then(StagedFile::put).map_err(|error| match error {
            FileError::Folder { source, .. }
            | FileError::Lock { source, .. }
            | FileError::Read { source, .. }
            | FileError::Write { source, .. } => failed(source),
        })
    }

    /// The file's path through the folder that was opened.
    #[cfg(unix)]
    fn held(&self) -> io::Result<PathBuf> {
        if let Some((fixed, name)) = self.folder.fixed_path().zip(self.target.file_name()) {
            return Ok(fixed.join(name));
        }
        let now = FolderHandle::open(folder(&self.target))?.stat()?;
        match now.is_same_node(&self.folder.stat()?) {
            true => Ok(self.target.clone()),
            false => Err(io::Error::other("another folder stands there by now")),
        }
    }

    #[cfg(not(unix))]
    fn held(&self) -> io::Result<PathBuf> {
        Ok(self.target.clone())
    }
}

/// The path with links followed.
fn place(path: &Path) -> Result<PathBuf, FilesError> {
    let target =
        files::resolve(path).map_err(|_circle| FilesError::NotAFile { path: path.to_owned() })?;
    if !folder(&target).is_dir() {
        return Err(FilesError::NoFolder { path: path.to_owned() });
    }
    match fs::metadata(&target) {
        Ok(found) if !found.is_file() => Err(FilesError::NotAFile { path: path.to_owned() }),
        // Other trouble shows when it is written.
        Ok(_) | Err(_) => Ok(target),
    }
}

fn folder(target: &Path) -> &Path {
    target.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_is_a_json_object_in_a_file() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("schema.json");
        for (text, found) in [
            ("{ \"type\": \"object\" }", Ok(r#"{"type":"object"}"#)),
            ("[]", Err("JSON object")),
            ("{", Err("JSON object: EOF")),
            ("", Err("JSON object: EOF")),
        ] {
            fs::write(&path, text).unwrap();
            match (schema(&path), found) {
                (Ok(schema), Ok(expected)) => assert_eq!(&*schema, expected),
                (Err(error), Err(said)) => assert!(error.to_string().contains(said), "{error}"),
                (got, expected) => panic!("{got:?} {expected:?}"),
            }
        }
        assert!(matches!(schema(home.path()), Err(FilesError::Schema { .. })));
        assert!(matches!(schema(&home.path().join("none")), Err(FilesError::Schema { .. })));
    }

    #[test]
    fn the_last_message_takes_the_place_of_a_file_and_of_nothing_else() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("last.md");
        for text in ["first", "second\n"] {
            MessageFile::open(&path).unwrap().write(text).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        assert!(matches!(MessageFile::open(home.path()), Err(FilesError::NotAFile { .. })));
        assert!(matches!(
            MessageFile::open(&home.path().join("none/last.md")),
            Err(FilesError::NoFolder { .. })
        ));
        assert!(matches!(
            MessageFile::open(Path::new("/dev/null")),
            Err(FilesError::NotAFile { .. })
        ));
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1, "nothing is left beside it");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_a_link_leads_to_is_replaced_and_keeps_its_mode() {
        use std::os::unix::fs::PermissionsExt;
        let home = tempfile::tempdir().unwrap();
        let (file, link) = (home.path().join("file"), home.path().join("link"));
        fs::write(&file, "old").unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o664)).unwrap();
        std::os::unix::fs::symlink("file", &link).unwrap();
        MessageFile::open(&link).unwrap().write("new").unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o664);
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    }

    #[cfg(unix)]
    #[test]
    fn what_becomes_a_link_during_the_turn_leads_the_message_nowhere_else() {
        let root = tempfile::tempdir().unwrap();
        let (out, away, outside) =
            (root.path().join("out"), root.path().join("away"), root.path().join("outside"));
        for folder in [&out, &outside] {
            fs::create_dir(folder).unwrap();
        }
        fs::write(outside.join("last.md"), "theirs").unwrap();
        let file = MessageFile::open(&out.join("last.md")).unwrap();
        std::os::unix::fs::symlink(outside.join("last.md"), out.join("last.md")).unwrap();
        assert!(matches!(file.write("message"), Err(FilesError::NotAFile { .. })));
        fs::remove_file(out.join("last.md")).unwrap();
        fs::rename(&out, &away).unwrap();
        std::os::unix::fs::symlink("outside", &out).unwrap();
        // Systems without paths to a descriptor refuse to write.
        let written = file.write("message").is_ok();
        assert_eq!(away.join("last.md").exists(), written);
        assert_eq!(fs::read_to_string(outside.join("last.md")).unwrap(), "theirs");
        assert_eq!(fs::read_dir(&outside).unwrap().count(), 1);
    }
}
