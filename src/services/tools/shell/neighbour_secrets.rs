//! Secrets of other projects: files in the folders beside the one that is worked in, and beside
//! that itself, also where links lead to them. Reads no file. What cannot be looked at whole is a
//! secret as a whole.

use std::collections::BTreeSet;
use std::fs::{self, DirEntry};
use std::path::{Path, PathBuf};

use crate::base::is_secret;

use super::protected_files::is_of_programs;

/// Folders that are looked into: more are no person's projects, and are hidden as they are.
const FOLDERS: usize = 2_000;
/// Names that are looked at in each of them: a folder with more at its top is hidden.
const NAMES: usize = 5_000;

/// With links on the way to the folder followed. Places that hold the folder are not among them,
/// nor are those in it.
pub fn secrets_beside(folder: &Path) -> Vec<PathBuf> {
    let Some(parent) = folder.parent().filter(|parent| parent.parent().is_some()) else {
        return Vec::new();
    };
    let mut found = BTreeSet::new();
    let mut others = Vec::new();
    // All of its names: it holds the folder, so that it cannot be hidden.
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        match leads(&entry, folder) {
            Some(Place::File(file)) => found.extend(secret(&entry, file)),
            Some(Place::Folder(other)) => others.push(other),
            None => {}
        }
    }
    others.sort();
    others.dedup();
    for (at, other) in others.into_iter().enumerate() {
        match if at < FOLDERS { secrets_at_top(&other, folder) } else { Err(TooMuch) } {
            Ok(secrets) => found.extend(secrets),
            Err(TooMuch) if is_of_programs(&other) => {}
            Err(TooMuch) => _ = found.insert(other),
        }
    }
    found.into_iter().collect()
}

/// There are more names than are looked at.
struct TooMuch;

/// Where a name leads.
enum Place {
    File(PathBuf),
    Folder(PathBuf),
}

fn secrets_at_top(other: &Path, own: &Path) -> Result<Vec<PathBuf>, TooMuch> {
    let mut found = Vec::new();
    for (at, entry) in fs::read_dir(other).into_iter().flatten().flatten().enumerate() {
        if at >= NAMES {
            return Err(TooMuch);
        }
        match leads(&entry, own) {
            Some(Place::File(file)) => found.extend(secret(&entry, file)),
            // A link that is called like a secret leads to one, but not where programs are.
            Some(Place::Folder(inner)) if !is_of_programs(&inner) => {
                found.extend(secret(&entry, inner));
            }
            Some(Place::Folder(_)) | None => {}
        }
    }
    Ok(found)
}

/// A file whose name says that it is a secret, or the target of a link whose name says nothing.
fn secret(entry: &DirEntry, place: PathBuf) -> Option<PathBuf> {
    (is_secret(&entry.path()) || is_secret(&place)).then_some(place)
}

/// With links followed; `None` for what is in the folder itself or holds it, and for links to
/// nowhere.
fn leads(entry: &DirEntry, own: &Path) -> Option<Place> {
    let (path, kind) = (entry.path(), entry.file_type().ok()?);
    let (real, is_folder) = match kind.is_symlink() {
        true => {
            let real = fs::canonicalize(path).ok()?;
            let is_folder = real.is_dir();
            (real, is_folder)
        }
        false => (path, kind.is_dir()),
    };
    let is_own = real.starts_with(own) || own.starts_with(&real);
    let place = if is_folder { Place::Folder(real) } else { Place::File(real) };
    (!is_own).then_some(place)
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

    #[cfg(unix)]
    #[test]
    fn what_links_lead_to_is_looked_at_and_what_is_too_much_is_hidden_whole() {
        use std::os::unix::fs::symlink;

        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        for file in [
            "src/mine/.env",
            "src/other/x",
            "src/many/.env",
            "far/away/.env",
            "far/app.cfg",
            "far/id_rsa",
        ] {
            fs::create_dir_all(root.join(file).parent().unwrap()).unwrap();
            fs::write(root.join(file), "").unwrap();
        }
        // Names of one file are made sooner than files.
        for number in 0..NAMES {
            fs::hard_link(root.join("src/other/x"), root.join(format!("src/many/{number}")))
                .unwrap();
        }
        for (to, link) in [
            ("../../far/app.cfg", "src/other/.env"),
            ("../../far/id_rsa", "src/other/notes"),
            ("../mine/.env", "src/other/.env.own"),
            ("../gone", "src/other/.env.gone"),
            ("../far/away", "src/linked"),
            ("mine", "src/self"),
            ("..", "src/up"),
            ("/usr", "src/system"),
        ] {
            symlink(to, root.join(link)).unwrap();
        }
        assert_eq!(
            secrets_beside(&root.join("src/mine")),
            ["far/app.cfg", "far/away/.env", "far/id_rsa", "src/many"].map(|name| root.join(name))
        );
        fs::remove_file(root.join("src/many/0")).unwrap();
        assert!(secrets_beside(&root.join("src/mine")).contains(&root.join("src/many/.env")));
    }
}
