//! Whether git's settings for a folder name no program, decided by reading them: then git need not
//! be asked first. Settings that it does not understand count as naming one.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use crate::base::files;

/// The limit in bytes for a settings file.
const LARGEST: u64 = 64 << 10;
/// The limit in bytes for `HEAD`, which is one line.
const LONGEST_HEAD: u64 = 4096;

/// Words without which no setting names a program that [`super::Programs`] turns off, or includes
/// another file. Git ignores case in them and knows no other spelling.
const WORDS: [&str; 7] =
    ["filter", "diff", "submodule", "showsignature", "include", "worktreeconfig", "\0"];

/// Whether the settings of the repository around a folder, of the person and of the system name no
/// program. `git` is the program that would read them.
pub fn are_plain(folder: &Path, git: &Path) -> bool {
    let Some(repository) = repository(folder) else { return false };
    let is_plain = |file: PathBuf| match fs::symlink_metadata(&file) {
        Ok(_) => files::read(&file, LARGEST).is_ok_and(|bytes| is_plain(&bytes)),
        Err(error) => error.kind() == std::io::ErrorKind::NotFound,
    };
    let Some(home) = env::var_os("HOME").map(PathBuf::from) else { return false };
    let own = match env::var_os("XDG_CONFIG_HOME").filter(|folder| !folder.is_empty()) {
        Some(folder) => folder.into(),
        None => home.join(".config"),
    };
    // Git looks for the system's settings under its own installation prefix or in `/etc`.
    let installed = git.parent().and_then(Path::parent).map(|prefix| prefix.join("etc/gitconfig"));
    [repository.join("config"), home.join(".gitconfig"), own.join("git/config")]
        .into_iter()
        .chain([PathBuf::from("/etc/gitconfig")])
        .chain(installed)
        .all(is_plain)
}

fn is_plain(settings: &[u8]) -> bool {
    let text = settings.to_ascii_lowercase();
    !WORDS.iter().any(|word| memchr::memmem::find(&text, word.as_bytes()).is_some())
}

/// The `.git` folder of the repository around a folder; `None` if it is no plain repository, or git
/// might choose another.
fn repository(folder: &Path) -> Option<PathBuf> {
    let there = |path: PathBuf| fs::symlink_metadata(path).is_ok();
    for at in folder.ancestors() {
        let git = at.join(".git");
        if there(git.clone()) {
            let is_folder = |path: &Path| fs::symlink_metadata(path).is_ok_and(|at| at.is_dir());
            let is_plain = is_folder(&git)
                && ["objects", "refs"].iter().map(|name| git.join(name)).all(|part| {
                    // Git skips a repository whose parts it may not enter.
                    is_folder(&part) && may_enter(&part)
                })
                && ["commondir", "config.worktree"].iter().all(|name| !there(git.join(name)))
                && is_file(&git.join("config"))
                && has_head(&git);
            return is_plain.then_some(git);
        }
        // It may be a bare repository.
        if there(at.join("HEAD")) {
            return None;
        }
    }
    None
}

#[cfg(unix)]
fn may_enter(folder: &Path) -> bool {
    rustix::fs::access(folder, rustix::fs::Access::EXEC_OK).is_ok()
}

#[cfg(not(unix))]
fn may_enter(_folder: &Path) -> bool {
    false
}

fn is_file(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|at| at.is_file())
}

/// Whether git accepts the folder as a repository by its `HEAD`; otherwise it searches further up.
fn has_head(git: &Path) -> bool {
    let head = git.join("HEAD");
    let Some(bytes) = is_file(&head).then(|| files::read(&head, LONGEST_HEAD).ok()).flatten()
    else {
        return false;
    };
    let line = bytes.strip_suffix(b"\n").unwrap_or(&bytes);
    line.starts_with(b"ref: refs/heads/")
        || (line.len() == 40 && line.iter().all(u8::is_ascii_hexdigit))
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use crate::workspace::testing::git;

    fn made() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        git(folder.path(), &["init", "-q", "-b", "main"]);
        fs::create_dir(folder.path().join("sub")).unwrap();
        folder
    }

    #[test]
    fn a_repository_as_git_makes_it_is_found_from_below() {
        let folder = made();
        let found = repository(&folder.path().join("sub"));
        assert_eq!(found, Some(folder.path().join(".git")));
        assert!(is_plain(&fs::read(folder.path().join(".git/config")).unwrap()));
        assert_eq!(repository(Path::new("/")), None);
    }

    #[test]
    fn settings_that_name_programs_or_more_files_are_not_plain() {
        for key in [
            "filter.a.clean",
            "FILTER.a.process",
            "diff.external",
            "diff.a.textconv",
            "submodule.a.ignore",
            "log.showSignature",
            "include.path",
            "includeIf.gitdir:/.path",
            "extensions.worktreeConfig",
        ] {
            let folder = made();
            git(folder.path(), &["config", key, "true"]);
            assert!(!is_plain(&fs::read(folder.path().join(".git/config")).unwrap()), "{key}");
        }
        assert!(!is_plain(b"[core]\0"));
    }

    #[test]
    fn a_layout_that_git_may_read_otherwise_is_not_plain() {
        let ways: [fn(&Path); 9] = [
            |at| fs::write(at.join("sub/HEAD"), "ref: refs/heads/main\n").unwrap(),
            |at| fs::write(at.join("sub/.git"), "gitdir: ../.git\n").unwrap(),
            |at| std::os::unix::fs::symlink("../.git", at.join("sub/.git")).unwrap(),
            |at| fs::create_dir(at.join("sub/.git")).unwrap(),
            |at| fs::write(at.join(".git/commondir"), "elsewhere\n").unwrap(),
            |at| fs::write(at.join(".git/config.worktree"), "").unwrap(),
            |at| fs::write(at.join(".git/HEAD"), "ref: main\n").unwrap(),
            |at| fs::remove_dir_all(at.join(".git/refs")).unwrap(),
            |at| {
                fs::rename(at.join(".git/config"), at.join("config")).unwrap();
                std::os::unix::fs::symlink("../config", at.join(".git/config")).unwrap();
            },
        ];
        for (number, way) in ways.into_iter().enumerate() {
            let folder = made();
            way(folder.path());
            assert_eq!(repository(&folder.path().join("sub")), None, "way {number}");
        }
    }
}
