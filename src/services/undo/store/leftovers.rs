//! Files on their way that a killed undo left behind: noted before, removed at the next start.

use std::collections::HashSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use crate::base::files::{self, Lock};

use crate::undo::path_handle::PathHandle;

/// Names of files on their way begin and end so, with sixteen digits between.
const DRAFT: (&str, &str) = (".codling.", ".tmp");
const NOTE: &str = "undo-";

/// A name for a file on its way.
pub fn draft_name() -> OsString {
    let digits = uuid::Uuid::new_v4().simple().to_string();
    format!("{}{}{}", DRAFT.0, &digits[16..], DRAFT.1).into()
}

/// Removes itself when the undo is over.
pub struct LeftoverNote {
    path: PathBuf,
    _alive: Lock,
}

/// Notes the folders that an undo writes in.
pub fn note(place: &Path, folders: &HashSet<&Path>) -> Option<LeftoverNote> {
    let path = place.join(format!("{NOTE}{}", uuid::Uuid::now_v7().simple()));
    let bytes: Vec<u8> = folders
        .iter()
        .flat_map(|folder| [folder.as_os_str().as_encoded_bytes(), b"\0"].concat())
        .collect();
    let noted = files::create_private(&path, &bytes).and_then(|()| Lock::try_take(&path));
    match noted {
        Ok(lock) => lock.map(|alive| LeftoverNote { path, _alive: alive }),
        Err(error) => {
            tracing::warn!(%error, "an undo could not be noted");
            None
        }
    }
}

impl Drop for LeftoverNote {
    fn drop(&mut self) {
        remove(&self.path);
    }
}

/// Removes what undos that are over left in the folder.
pub fn clear(place: &Path) {
    let Ok(entries) = fs::read_dir(place) else { return };
    let notes = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_none() && named(path).starts_with(NOTE));
    for note in notes {
        let Ok(Some(_over)) = Lock::try_take(&note) else { continue };
        for folder in fs::read(&note).unwrap_or_default().split(|byte| *byte == 0) {
            sweep(&path_of(folder));
        }
        remove(&note);
    }
}

fn sweep(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        let name = named(&path);
        let digits = name.strip_prefix(DRAFT.0).and_then(|rest| rest.strip_suffix(DRAFT.1));
        let is_hex = |digit: u8| digit.is_ascii_hexdigit();
        if digits.is_some_and(|digits| digits.len() == 16 && digits.bytes().all(is_hex)) {
            let removed = PathHandle::of(&path).and_then(|place| match place.look()? {
                Some(left) => place.remove(&left),
                None => Ok(()),
            });
            tracing::info!(?path, ok = removed.is_ok(), "what a cut-off undo left is cleared away");
        }
    }
}

fn remove(note: &Path) {
    for file in [note.to_owned(), note.with_extension("lock")] {
        let _not_there = fs::remove_file(file);
    }
}

fn named(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

#[cfg(unix)]
fn path_of(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    std::ffi::OsStr::from_bytes(bytes).into()
}

#[cfg(not(unix))]
fn path_of(bytes: &[u8]) -> PathBuf {
    String::from_utf8_lossy(bytes).into_owned().into()
}
