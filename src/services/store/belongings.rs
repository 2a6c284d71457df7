//! The folder of a session beside its log.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

use crate::base::files::FileError;

/// A folder without a log may belong to a copy that waits for its first prompt, so it is kept for
/// this long.
const LEFT_OVER: Duration = Duration::from_secs(7 * 86_400);

/// Removes a session's folder with all its files. Removes links without following them.
pub(super) fn remove(folder: &Path) -> Result<(), FileError> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        result => result.map_err(|source| FileError::Write { path: folder.to_owned(), source }),
    }
}

/// Removes folders without a log that are older than [`LEFT_OVER`].
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
