//! The files of a folder by name, for a person who mentions one. Reads none of them.

use std::path::Path;
use std::time::Duration;

use crate::protocol::Completeness;

use super::WorkFolder;
use super::walk::walk;
use crate::tools::call::stop_signal::StopSignal;

/// More than this nobody looks through, by letters or otherwise.
const MOST: usize = 50_000;
const LIMIT: Duration = Duration::from_secs(1);

/// Relative paths with `/` between names, sorted; without what `.gitignore` names. As many as are
/// found in a second, with a word on whether that is all; none where there is no such folder.
/// Blocks on the disk.
pub fn files(folder: &Path) -> (Vec<String>, Completeness) {
    listed(folder, MOST)
}

fn listed(folder: &Path, most: usize) -> (Vec<String>, Completeness) {
    let none = (Vec::new(), Completeness::Complete);
    let Ok(folder) = WorkFolder::open(folder) else { return none };
    let Ok(place) = folder.place(".") else { return none };
    let stop = StopSignal::after(LIMIT);
    let entries = walk(&folder, &place).build().take_while(|_| !stop.is_late());
    let found = entries
        .flatten()
        .filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file() || kind.is_symlink()));
    let mut files: Vec<String> =
        found.take(most + 1).map(|entry| folder.shown(entry.path())).collect();
    let whole = if files.len() > most || stop.is_late() {
        Completeness::Truncated
    } else {
        Completeness::Complete
    };
    files.truncate(most);
    files.sort_unstable();
    (files, whole)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn files_are_told_by_name_without_what_is_ignored() {
        let dir = tempfile::tempdir().unwrap();
        for path in ["b.rs", "a/c.rs", "target/x", ".github/ci.yml", ".git/HEAD"] {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        fs::write(dir.path().join(".gitignore"), "target\n").unwrap();
        fs::write(dir.path().join("odd\nname"), "").unwrap();
        let all = [".github/ci.yml", ".gitignore", "a/c.rs", "b.rs", "odd␊name"].map(str::to_owned);
        assert_eq!(files(dir.path()), (all.to_vec(), Completeness::Complete));
        assert_eq!(listed(dir.path(), 5), (all.to_vec(), Completeness::Complete));
        let (some, whole) = listed(dir.path(), 4);
        assert_eq!((some.len(), whole), (4, Completeness::Truncated));
        assert!(files(&dir.path().join("gone")).0.is_empty());
    }
}
