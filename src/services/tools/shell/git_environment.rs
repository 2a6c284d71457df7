//! Commands of git's that nobody was asked about: they only read, and so they run nothing that a
//! repository names. Does not judge what reads.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::workspace::Programs;
use crate::workspace::own_programs;

/// How long git may take to tell its settings.
const LIMIT: Duration = Duration::from_secs(2);

/// Whether git may be one of the programs of a line: a word in it, whatever it is quoted with, is
/// called so.
pub fn names_git(line: &str) -> bool {
    let bare: String = line.chars().filter(|c| !['"', '\'', '\\'].contains(c)).collect();
    bare.split(|c: char| c.is_whitespace() || ";&|()<>{}`$=!".contains(c))
        .any(|word| word.rsplit('/').next() == Some("git"))
}

/// The variables under which git stays quiet; or, for the model, why it does not without an option
/// of its own.
///
/// # Errors
///
/// Fails with a sentence for the model if the settings cannot be read, or if the command has to
/// name `--no-ext-diff` itself.
pub fn quiet(line: &str, folder: &Path) -> Result<Vec<(OsString, Option<OsString>)>, String> {
    let mut programs = Programs::default();
    for folder in folders(line, folder) {
        let Some(own) = own_programs(&folder, LIMIT) else {
            return Err(format!(
                "Git does not tell which programs the settings in `{}` name",
                folder.display()
            ));
        };
        programs.add_all(own);
    }
    if let Some(key) = &programs.shows_differences
        && differs(line)
    {
        return Err(format!(
            "The settings of this repository have git run a program that shows differences (`{key}`): add `--no-ext-diff`"
        ));
    }
    Ok(programs.variables().into_iter().map(|(name, value)| (name, Some(value))).collect())
}

/// Where git is told to work by a line, beside where the line begins.
fn folders(line: &str, begin: &Path) -> Vec<PathBuf> {
    let words: Vec<&str> = line
        .split(|c: char| c.is_whitespace() || ";&|()".contains(c))
        .filter(|word| !word.is_empty())
        .collect();
    let named = words
        .windows(2)
        .filter(|pair| matches!(pair[0], "-C" | "cd"))
        .map(|pair| begin.join(pair[1].trim_matches(['"', '\''])));
    std::iter::once(begin.to_owned()).chain(named.filter(|folder| folder.is_dir())).collect()
}

/// Whether a line shows differences with a program of the repository's where one is set; of git's
/// commands, only these do so unasked.
fn differs(line: &str) -> bool {
    !line.contains("--no-ext-diff")
        && line.split_whitespace().any(|word| ["diff", "stash"].contains(&word))
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;
    use std::process::Command;

    use super::*;
    use crate::workspace::testing::git;

    /// Whatever it is made to run leaves a line in `sprung`.
    fn trapped(top: &Path, folder: &Path) -> PathBuf {
        let (sprung, trap) = (top.join("sprung"), top.join("trap"));
        fs::write(
            &trap,
            format!("#!/bin/sh\necho \"$0 $*\" >> {}\ncat \"$1\"\n", sprung.display()),
        )
        .unwrap();
        fs::set_permissions(&trap, fs::Permissions::from_mode(0o755)).unwrap();
        fs::create_dir_all(folder).unwrap();
        git(folder, &["init", "-q", "-b", "main"]);
        fs::write(folder.join("a.txt"), "one\n").unwrap();
        fs::write(folder.join(".gitattributes"), "*.txt filter=t diff=t\n").unwrap();
        git(folder, &["add", "."]);
        git(folder, &["commit", "-qm", "a"]);
        fs::write(folder.join("a.txt"), "two\n").unwrap();
        let trap = trap.to_str().unwrap();
        for key in [
            "core.fsmonitor",
            "filter.t.clean",
            "filter.t.process",
            "diff.t.textconv",
            "core.pager",
            "pager.diff",
        ] {
            git(folder, &["-c", "core.fsmonitor=false", "config", key, trap]);
        }
        for hook in ["post-index-change", "pre-commit"] {
            fs::copy(trap, folder.join(".git/hooks").join(hook)).unwrap();
        }
        sprung
    }

    fn run(line: &str, folder: &Path) -> String {
        let quiet = quiet(line, folder)
            .unwrap()
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)));
        let done =
            Command::new("sh").args(["-c", line]).current_dir(folder).envs(quiet).output().unwrap();
        String::from_utf8(done.stdout).unwrap()
    }

    #[test]
    fn git_is_a_word_and_not_a_part_of_one() {
        for line in [
            "git status",
            "cd a&&git log",
            "/usr/bin/git diff",
            "x=$(git log)",
            "(git log)",
            "`git log`",
            "\\git log",
            "'git' log",
            "g\"i\"t log",
            "ls\ngit log",
            "A=git",
        ] {
            assert!(names_git(line), "{line}");
        }
        for line in [
            "cat .gitignore",
            "echo digit",
            "ls .git/hooks",
            "cat git.md",
            "grep -r legitimate .",
            "ls github",
            "tig",
        ] {
            assert!(!names_git(line), "{line}");
        }
    }

    #[test]
    fn reading_runs_no_program_of_the_repository() {
        let dir = tempfile::tempdir().unwrap();
        let work = dir.path().join("work");
        let sprung = trapped(dir.path(), &work);
        trapped(dir.path(), &work.join("sub"));
        let _it_fails = Command::new("git").arg("-C").arg(&work).arg("status").output().unwrap();
        assert!(sprung.exists(), "the traps work");
        let _of_trying_it = fs::remove_file(&sprung);
        for line in [
            "git status -s",
            "git diff",
            "git log -p",
            "git show",
            "git blame a.txt",
            "git -C sub diff",
            "cd sub && git status",
        ] {
            let output = run(line, &work);
            assert!(!sprung.exists(), "{line}: {}", fs::read_to_string(&sprung).unwrap());
            assert!(!output.is_empty(), "{line}");
        }
        assert!(run("git diff", &work).contains("+two"));
        // A repository that was added to this one, and is looked into by every `git status` in it.
        git(
            &work,
            &[
                "-c",
                "core.fsmonitor=false",
                "-c",
                "filter.t.clean=",
                "-c",
                "filter.t.process=",
                "add",
                "sub",
            ],
        );
        let _of_adding_it = fs::remove_file(&sprung);
        run("git status; git diff", &work);
        assert!(!sprung.exists(), "{}", fs::read_to_string(&sprung).unwrap());
    }

    #[test]
    fn a_program_that_shows_differences_is_named_with_the_option_that_leaves_it_out() {
        let dir = tempfile::tempdir().unwrap();
        git(dir.path(), &["init", "-q"]);
        git(dir.path(), &["config", "diff.external", "/bin/false"]);
        let refused = |line: &str| quiet(line, dir.path()).err();
        assert!(refused("git diff").unwrap().ends_with("(`diff.external`): add `--no-ext-diff`"));
        assert_eq!(
            (refused("git diff --no-ext-diff"), refused("git log -p"), refused("git status")),
            (None, None, None)
        );
    }
}
