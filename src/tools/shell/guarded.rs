//! What of a folder a command must not read that nobody was asked about: files that may hold secrets, and what links lead to outside. Reads no file.

use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::base::is_secret;

/// Names that are looked at, and how long; a command is not to wait for more.
const LOOKS: usize = 10_000;
const PATIENCE: Duration = Duration::from_millis(500);
/// Files that are found: more could not be hidden.
const FOUND: usize = 200;
/// What others made, and holds nobody's secrets.
const SKIPPED: [&str; 6] = [".git", "node_modules", "target", "vendor", ".venv", "venv"];
/// Programs and their files, which links of a project may well lead to.
const SYSTEM: [&str; 10] = ["/bin", "/dev", "/etc", "/lib", "/lib64", "/nix", "/opt", "/proc", "/sbin", "/usr"];

/// In the folder, with every link on the way to it followed, from the top down as far as there is time for.
pub fn guarded(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = VecDeque::from([folder.to_owned()]);
    let mut looks = 0;
    let began = Instant::now();
    while let Some(at) = folders.pop_front() {
        if began.elapsed() > PATIENCE {
            break;
        }
        for entry in fs::read_dir(&at).into_iter().flatten().flatten() {
            looks += 1;
            if looks > LOOKS || found.len() >= FOUND {
                return found;
            }
            let (path, kind) = (entry.path(), entry.file_type());
            if kind.as_ref().is_ok_and(fs::FileType::is_symlink) {
                found.extend(fs::canonicalize(&path).ok().filter(|real| leads_away(real, folder)));
            } else if kind.is_ok_and(|kind| kind.is_dir()) {
                if !SKIPPED.iter().any(|name| path.ends_with(name)) {
                    folders.push_back(path);
                }
            } else if is_secret(&path) {
                found.push(path);
            }
        }
    }
    found
}

/// What holds the folder itself is not kept from it.
fn leads_away(real: &Path, folder: &Path) -> bool {
    !real.starts_with(folder) && !folder.starts_with(real) && !SYSTEM.iter().any(|system| real.starts_with(system))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn secrets_and_what_links_lead_to_outside_are_found() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        let folder = root.join("work");
        let files =
            ["work/.env", "work/a/b/key.pem", "work/a/notes.md", "work/node_modules/x/.env", "work/.env.example", "diary", "elsewhere/x"];
        for file in files {
            fs::create_dir_all(root.join(file).parent().unwrap()).unwrap();
            fs::write(root.join(file), "").unwrap();
        }
        let links = [
            ("../diary", "notes"),
            ("../../elsewhere", "a/more"),
            ("a/notes.md", "inside"),
            ("/usr", "system"),
            ("..", "up"),
            ("gone", "gone"),
        ];
        for (to, link) in links {
            symlink(to, folder.join(link)).unwrap();
        }
        let mut found = guarded(&folder);
        found.sort();
        assert_eq!(found, ["diary", "elsewhere", "work/.env", "work/a/b/key.pem"].map(|name| root.join(name)));
    }
}
