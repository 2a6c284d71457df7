//! Protected files: the files of a folder that a command must not read without an approval, because
//! they may hold secrets, and the targets of links to outside. Reads no file.

use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::base::is_secret;

/// Names that are looked at, and how long; a command is not to wait for more.
const LOOKS: usize = 500_000;
const PATIENCE: Duration = Duration::from_secs(2);
/// Files that are found: hiding more would take too long.
const FOUND: usize = 2_000;
/// Folders that programs fill: a secret may stand at their top, and below that there is too much to
/// look through before each command.
const OF_OTHERS: [&str; 6] = [".git", "node_modules", "target", "vendor", ".venv", "venv"];
/// Programs and their files, which links of a project may well lead to.
const SYSTEM: [&str; 10] =
    ["/bin", "/dev", "/etc", "/lib", "/lib64", "/nix", "/opt", "/proc", "/sbin", "/usr"];

/// How far a folder is looked into.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Depth {
    All,
    Top,
}

/// The folder holds too much to be looked through: some of it may be secret, and nobody knows what.
#[derive(Debug, PartialEq, Eq)]
pub struct TooMuch;

/// In the folder, with every link on the way to it followed.
///
/// # Errors
///
/// Fails if the folder holds too much to look through.
pub fn find(folder: &Path) -> Result<Vec<PathBuf>, TooMuch> {
    let mut found = Vec::new();
    let mut folders = VecDeque::from([(folder.to_owned(), Depth::All)]);
    let mut looks = 0;
    let began = Instant::now();
    while let Some((at, depth)) = folders.pop_front() {
        if began.elapsed() > PATIENCE {
            return Err(TooMuch);
        }
        for entry in fs::read_dir(&at).into_iter().flatten().flatten() {
            looks += 1;
            if looks > LOOKS || found.len() >= FOUND {
                return Err(TooMuch);
            }
            let (path, kind) = (entry.path(), entry.file_type());
            if kind.as_ref().is_ok_and(fs::FileType::is_symlink) {
                found.extend(fs::canonicalize(&path).ok().filter(|real| leads_away(real, folder)));
            } else if kind.is_ok_and(|kind| kind.is_dir()) {
                let is_of_others = OF_OTHERS.iter().any(|name| path.ends_with(name));
                match depth {
                    Depth::All if is_of_others => folders.push_back((path, Depth::Top)),
                    Depth::All => folders.push_back((path, Depth::All)),
                    Depth::Top => {}
                }
            } else if is_secret(&path) {
                found.push(path);
            }
        }
    }
    Ok(found)
}

/// Whether a link leads out of the folder. A place that holds the folder itself is never hidden
/// from the command.
fn leads_away(real: &Path, folder: &Path) -> bool {
    !real.starts_with(folder) && !folder.starts_with(real) && !is_of_programs(real)
}

/// Whether it is where programs and their files are, which no command works without.
pub(super) fn is_of_programs(real: &Path) -> bool {
    SYSTEM.iter().any(|system| real.starts_with(system))
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
        let files = [
            "work/.env",
            "work/a/b/key.pem",
            "work/a/notes.md",
            "work/node_modules/x/.env",
            "work/vendor/.env",
            "work/a/venv/server.key",
            "work/.env.example",
            "diary",
            "elsewhere/x",
        ];
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
        let mut found = find(&folder).unwrap();
        found.sort();
        assert_eq!(
            found,
            [
                "diary",
                "elsewhere",
                "work/.env",
                "work/a/b/key.pem",
                "work/a/venv/server.key",
                "work/vendor/.env",
            ]
            .map(|name| root.join(name))
        );
    }

    #[test]
    fn more_secrets_than_can_be_hidden_are_an_error_and_not_a_part_of_them() {
        let dir = tempfile::tempdir().unwrap();
        // Names of one file are made sooner than files.
        fs::write(dir.path().join("0.pem"), "").unwrap();
        for number in 1..=FOUND {
            let name = dir.path().join(format!("{number}.pem"));
            fs::hard_link(dir.path().join("0.pem"), name).unwrap();
        }
        assert_eq!(find(dir.path()), Err(TooMuch));
        fs::remove_file(dir.path().join("0.pem")).unwrap();
        fs::remove_file(dir.path().join("1.pem")).unwrap();
        assert_eq!(find(dir.path()).map(|found| found.len()), Ok(FOUND - 1));
    }
}
