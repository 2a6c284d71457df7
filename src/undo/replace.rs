//! One file's way back, in two steps: all that can fail is done before the first file changes. Does not know why it goes back.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::{Builder, TempPath};

use super::glance::{Found, Stamp, glance};

pub(super) struct Draft {
    path: PathBuf,
    /// The file that stands there, if one does.
    was: Option<Stamp>,
    /// What is to stand there, whole and with its mode; `None` removes it.
    coming: Option<TempPath>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Done,
    /// Somebody was quicker: it stays as it is.
    Overtaken,
}

impl Draft {
    /// `content` comes with its permission bits. Fails where the folder cannot be written to.
    pub(super) fn begin(path: &Path, was: Option<Stamp>, content: Option<(Vec<u8>, u32)>) -> io::Result<Self> {
        // In a folder that is there already: missing ones are made only when all is ready. A rename works within one disk.
        let is_folder = |above: &&Path| fs::symlink_metadata(above).is_ok_and(|about| about.is_dir());
        let folder = path.ancestors().skip(1).find(is_folder).unwrap_or(Path::new("."));
        let mut temporary = Builder::new().prefix(".codling-").suffix(".tmp").tempfile_in(folder)?;
        let coming = match content {
            Some((bytes, mode)) => {
                temporary.write_all(&bytes)?;
                set_mode(temporary.as_file(), mode)?;
                temporary.as_file().sync_all()?;
                Some(temporary.into_temp_path())
            }
            None => None,
        };
        Ok(Self { path: path.to_owned(), was, coming })
    }

    /// Files that go come first.
    pub(super) fn comes(&self) -> bool {
        self.coming.is_some()
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Folders within `within` that are left empty are removed; missing ones are made.
    pub(super) fn commit(self, within: &Path) -> io::Result<Outcome> {
        let is_as_it_was = match (glance(&self.path), self.was) {
            (Found::File(now), Some(was)) => now == was,
            (Found::Nothing, None) => true,
            _ => false,
        };
        if !is_as_it_was {
            return Ok(Outcome::Overtaken);
        }
        match self.coming {
            Some(coming) => {
                if let Some(folder) = self.path.parent() {
                    fs::create_dir_all(folder)?;
                }
                match self.was {
                    Some(_) => coming.persist(&self.path)?,
                    None => coming.persist_noclobber(&self.path)?,
                }
            }
            None => {
                fs::remove_file(&self.path)?;
                let left = self.path.ancestors().skip(1).take_while(|above| above.starts_with(within) && *above != within);
                // The first that still holds something ends it.
                left.map(fs::remove_dir).take_while(Result::is_ok).for_each(drop);
            }
        }
        Ok(Outcome::Done)
    }
}

fn set_mode(file: &File, mode: u32) -> io::Result<()> {
    #[cfg(unix)]
    if mode != 0 {
        file.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(mode))?;
    }
    #[cfg(not(unix))]
    let _no_modes = (file, mode);
    Ok(())
}
