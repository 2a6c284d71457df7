//! Secrets of other projects: files in the folders beside the one that is worked in, and beside that itself. Reads no file.

use std::fs;
use std::path::{Path, PathBuf};

use crate::base::is_secret;

/// Folders that are looked into: more are no person's projects.
const FOLDERS: usize = 2_000;
/// Names that are looked at in each of them: more are at no project's top.
const NAMES: usize = 5_000;

/// With links on the way to the folder followed; no link is followed from there on.
pub fn secrets_beside(folder: &Path) -> Vec<PathBuf> {
    let Some(parent) = folder.parent().filter(|parent| parent.parent().is_some()) else {
        return Vec::new();
    };
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    let folders = entries
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .map(|entry| entry.path());
    let others = folders.filter(|other| other != folder).take(FOLDERS);
    std::iter::once(parent.to_owned()).chain(others).flat_map(|at| secrets_at_top(&at)).collect()
}

fn secrets_at_top(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().take(NAMES);
    let files = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()));
    files.map(|entry| entry.path()).filter(|path| is_secret(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_other_projects_keep_secret_is_found_and_ones_own_is_not_among_it() {
        let dir = tempfile::tempdir().unwrap();
        for file in [
            ".env",
            "mine/.env",
            "other/.env",
            "other/.env.local",
            "other/README.md",
            "other/src/.env",
            "other/server.pem",
            "third/auth.json",
            "third/id_rsa",
            "third/secrets.yml",
            "third/terraform.tfstate",
        ] {
            let path = dir.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let mut found = secrets_beside(&dir.path().join("mine"));
        found.sort();
        assert_eq!(
            found,
            [
                ".env",
                "other/.env",
                "other/.env.local",
                "other/server.pem",
                "third/auth.json",
                "third/id_rsa",
                "third/secrets.yml",
                "third/terraform.tfstate",
            ]
            .map(|name| dir.path().join(name))
        );
        assert_eq!(secrets_beside(Path::new("/")), Vec::<PathBuf>::new());
    }
}
