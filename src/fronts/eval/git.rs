//! Git as an evaluation uses it: with one identity and one date, without hooks and without the
//! person's settings, so that the same task makes the same commits everywhere. Used before the
//! model changes anything.

use std::env;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::base::start;

const NAME: &str = "codling eval";
const EMAIL: &str = "eval@localhost";
const DATE: &str = "2026-01-01T00:00:00Z";

/// Variables for git in copies and in command lines that run there.
pub const VARIABLES: [(&str, &str); 9] = [
    ("GIT_AUTHOR_DATE", DATE),
    ("GIT_AUTHOR_EMAIL", EMAIL),
    ("GIT_AUTHOR_NAME", NAME),
    ("GIT_COMMITTER_DATE", DATE),
    ("GIT_COMMITTER_EMAIL", EMAIL),
    ("GIT_COMMITTER_NAME", NAME),
    ("GIT_CONFIG_GLOBAL", "/dev/null"),
    ("GIT_CONFIG_NOSYSTEM", "1"),
    ("GIT_TERMINAL_PROMPT", "0"),
];

/// The variables of this process that git heeds.
pub fn inherited() -> impl Iterator<Item = OsString> {
    let names = env::vars_os().map(|(name, _)| name);
    names.filter(|name| name.as_encoded_bytes().starts_with(b"GIT_"))
}

/// Makes the folder a repository with one commit of everything in it. Blocks.
///
/// # Errors
///
/// Any failure of git, or to start it, and a folder that is a repository already.
pub fn make_repository(folder: &Path) -> io::Result<()> {
    if folder.join(".git").symlink_metadata().is_ok() {
        let why = "there is a `.git` already: leave it out of `repo`, or set `git = false`";
        return Err(io::Error::other(why));
    }
    run(folder, &["init", "--quiet", "--template=", "--initial-branch=main"])?;
    // The model may commit as well, and has no other identity there.
    run(folder, &["config", "user.name", NAME])?;
    run(folder, &["config", "user.email", EMAIL])?;
    run(folder, &["add", "--all", "--force"])?;
    run(folder, &["commit", "--quiet", "--allow-empty", "--no-verify", "--message=Start"]).map(drop)
}

/// The last commit of the repository in the folder; `None` where there is none. Blocks.
pub fn last_commit(folder: &Path) -> Option<String> {
    let said = run(folder, &["rev-parse", "--verify", "--quiet", "HEAD"]).ok()?;
    Some(said.trim().to_owned()).filter(|commit| !commit.is_empty())
}

fn run(folder: &Path, arguments: &[&str]) -> io::Result<String> {
    let mut command = Command::new("git");
    for name in inherited() {
        command.env_remove(name);
    }
    let above: PathBuf = folder.parent().map(Path::to_owned).unwrap_or_default();
    command
        .envs(VARIABLES)
        // A repository around the copies is not meant.
        .env("GIT_CEILING_DIRECTORIES", above)
        .args(["-c", "core.hooksPath=/dev/null", "-c", "core.autocrlf=false"])
        .args(["-c", "gc.auto=0", "-c", "core.fsmonitor=false"])
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stderr(Stdio::piped());
    let output = start::output(&mut command)?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => {
            let errors = String::from_utf8_lossy(&output.stderr);
            Err(io::Error::other(format!("git {}: {}", arguments[0], errors.trim())))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_same_files_make_the_same_commit_with_all_that_is_ignored() {
        let made = || {
            let folder = tempfile::tempdir().unwrap();
            fs::write(folder.path().join(".gitignore"), "*.log\n").unwrap();
            fs::write(folder.path().join("a.log"), "a\n").unwrap();
            make_repository(folder.path()).unwrap();
            let files = run(folder.path(), &["ls-files"]).unwrap();
            assert_eq!(files.lines().collect::<Vec<_>>(), [".gitignore", "a.log"]);
            assert!(run(folder.path(), &["status", "--porcelain"]).unwrap().is_empty());
            (last_commit(folder.path()).unwrap(), folder)
        };
        let ((one, folder), (other, _)) = (made(), made());
        assert_eq!(one, other);
        assert!(make_repository(folder.path()).is_err());
        assert_eq!(last_commit(tempfile::tempdir().unwrap().path()), None);
    }
}
