//! The files of a folder by name, for a person who mentions one. Reads none of them.

use std::path::Path;
use std::time::Duration;

use super::folder::Folder;
use super::stop::Stop;
use super::walk::walk;

/// More than this nobody looks through, by letters or otherwise.
const MOST: usize = 50_000;
const LIMIT: Duration = Duration::from_secs(1);

/// Relative paths with `/` between names, sorted; without what `.gitignore` names. As many as are found in a second, none where there is no such
/// folder. Blocks on the disk.
pub fn files(folder: &Path) -> Vec<String> {
    let Ok(folder) = Folder::open(folder) else { return Vec::new() };
    let Ok(place) = folder.place(".") else { return Vec::new() };
    let stop = Stop::after(LIMIT);
    let entries = walk(&folder, &place).build().take_while(|_| !stop.is_late());
    let found = entries.flatten().filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file() || kind.is_symlink()));
    let mut files: Vec<String> = found.take(MOST).map(|entry| folder.shown(entry.path())).collect();
    files.sort_unstable();
    files
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
        assert_eq!(files(dir.path()), [".github/ci.yml", ".gitignore", "a/c.rs", "b.rs", "odd␊name"]);
        assert!(files(&dir.path().join("gone")).is_empty());
    }
}
