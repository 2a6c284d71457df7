//! What belongs to a session beside its log: a folder of its name.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::time::Duration;

use crate::base::files::{FileError, create_private_folder};
use crate::protocol::{FileState, Image, NodeKind, Record};

/// A folder without a log may be that of a copy that waits for its first prompt: only after this time it is left over.
const LEFT_OVER: Duration = Duration::from_secs(7 * 86_400);

/// Gives a copy the images that its records name. They are never changed once written, so that both sessions may share them.
///
/// Images that cannot be given are told to the log alone: undo leaves what they would bring back as it is.
pub(super) fn share_images(from: &Path, to: &Path, records: &[Record]) {
    let digests = digests(records);
    if digests.is_empty() {
        return;
    }
    if let Err(error) = create_private_folder(to) {
        tracing::warn!(%error, "a copy of a session gets no images");
        return;
    }
    for digest in digests {
        let (from, to) = (from.join(digest), to.join(digest));
        let shared = fs::hard_link(&from, &to).or_else(|_no_links_here| copy(&from, &to));
        match shared {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => {
                tracing::warn!(%error, "a copy of a session lacks an image")
            }
            _ => {}
        }
    }
}

/// Removes a session's folder with all that is in it. Links are removed, and not followed.
pub(super) fn remove(folder: &Path) -> Result<(), FileError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        result => result.map_err(|source| FileError::Write { path: folder.to_owned(), source }),
    }
}

/// Removes what sessions without a log left behind, if it has been there for long.
pub(super) fn sweep(sessions: &Path) {
    let Ok(entries) = fs::read_dir(sessions) else { return };
    let names: BTreeSet<String> =
        entries.flatten().filter_map(|entry| entry.file_name().into_string().ok()).collect();
    let is_lone = |name: &&String| {
        name.starts_with("ses_") && !name.contains('.') && !names.contains(&format!("{name}.jsonl"))
    };
    for name in names.iter().filter(is_lone) {
        let folder = sessions.join(name);
        let age = fs::symlink_metadata(&folder)
            .ok()
            .filter(|about| about.is_dir())
            .and_then(|about| about.modified().ok()?.elapsed().ok());
        if age.is_some_and(|age| age > LEFT_OVER)
            && let Err(error) = remove(&folder)
        {
            tracing::warn!(%error, "what a session left behind could not be removed");
        }
    }
}

fn digests(records: &[Record]) -> BTreeSet<&str> {
    let files = records.iter().filter_map(|record| match record {
        Record::Changed { files, .. }
        | Record::UndoBegun { files, .. }
        | Record::Undone { files, .. } => Some(files),
        _ => None,
    });
    let states = files.flatten().flat_map(|change| [&change.before, &change.after]).flatten();
    states.filter_map(kept).collect()
}

/// Whatever a damaged line says, only a digest is a file's name.
fn kept(state: &FileState) -> Option<&str> {
    match &state.kind {
        NodeKind::File { digest, image: Image::Kept } => Some(&**digest).filter(|digest| {
            digest.len() == 64 && digest.bytes().all(|digit| digit.is_ascii_hexdigit())
        }),
        _ => None,
    }
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    if fs::symlink_metadata(from)?.is_file() {
        fs::copy(from, to).map(drop)
    } else {
        Err(ErrorKind::NotFound.into())
    }
}
