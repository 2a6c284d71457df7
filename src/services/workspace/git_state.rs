//! The state of a repository: its branch and how much is changed.

use std::path::Path;
use std::time::Duration;

use crate::base::text::clean_line;

use super::git_command::{GitCommand, LARGEST};
use super::git_programs::Programs;
use crate::base::phrases::{count, shorten};

/// Changed files against the last commit, and commits against the branch's upstream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorktreeState {
    /// The branch's name; `None` where no branch is checked out.
    pub branch: Option<String>,
    upstream: Option<String>,
    ahead: u64,
    behind: u64,
    changed: u64,
    untracked: u64,
    conflicts: u64,
}

/// The state of the repository around a folder; `None` if git is missing, fails, or takes longer
/// than `limit`.
pub fn state(folder: &Path, limit: Duration) -> Option<WorktreeState> {
    let arguments = [
        "status",
        "--porcelain=v2",
        "--branch",
        "-z",
        "--untracked-files=normal",
        "--ignore-submodules=all",
        "--no-renames",
    ];
    let answer = GitCommand::new(folder, limit).ok()?.run(&arguments, LARGEST).ok()?;
    Some(WorktreeState::parse(&answer.whole()?))
}

impl WorktreeState {
    fn parse(answer: &[u8]) -> Self {
        let mut state = Self::default();
        for line in answer.split(|byte| *byte == 0).map(String::from_utf8_lossy) {
            let words: Vec<&str> = line.splitn(4, ' ').collect();
            match words.as_slice() {
                ["#", "branch.head", name, ..] if *name != "(detached)" => {
                    state.branch = Some(name_of(name))
                }
                ["#", "branch.upstream", name, ..] => state.upstream = Some(name_of(name)),
                ["#", "branch.ab", ahead, behind] => {
                    state.ahead = ahead.trim_start_matches('+').parse().unwrap_or_default();
                    state.behind = behind.trim_start_matches('-').parse().unwrap_or_default();
                }
                ["1" | "2", ..] => state.changed += 1,
                ["u", ..] => state.conflicts += 1,
                ["?", ..] => state.untracked += 1,
                _ => {}
            }
        }
        state
    }

    /// The state as text: `2 files changed, 1 file untracked; 3 commits ahead of `origin/main``.
    pub fn words(&self) -> String {
        let files =
            |number, what: &str| (number > 0).then(|| format!("{} {what}", count(number, "file")));
        let parts = [
            files(self.changed, "changed"),
            files(self.conflicts, "in conflict"),
            files(self.untracked, "untracked"),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        let mut words = if parts.is_empty() { "clean".to_owned() } else { parts.join(", ") };
        if let Some(upstream) = &self.upstream {
            let upstream = format!("`{upstream}`");
            match (self.ahead, self.behind) {
                (0, 0) => {}
                (ahead, 0) => {
                    words.push_str(&format!("; {} ahead of {upstream}", count(ahead, "commit")))
                }
                (0, behind) => {
                    words.push_str(&format!("; {} behind {upstream}", count(behind, "commit")))
                }
                (ahead, behind) => words.push_str(&format!(
                    "; {} ahead of {upstream} and {behind} behind",
                    count(ahead, "commit")
                )),
            }
        }
        words
    }
}

fn name_of(name: &str) -> String {
    shorten(&clean_line(name), 200)
}

/// The programs that a repository's own settings name, without those that the person set for all
/// repositories. `None` if git cannot say.
pub fn own_programs(folder: &Path, limit: Duration) -> Option<Programs> {
    let arguments = ["config", "--list", "--name-only", "--show-scope", "-z"];
    match GitCommand::with_programs_on(folder, limit) {
        Ok(git) => Some(Programs::of(&git.run(&arguments, LARGEST).ok()?.whole()?, true)),
        // Without git none of them can run.
        Err(_) => Some(Programs::default()),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::process::Command;
    use std::time::Instant;

    use super::*;
    use crate::workspace::testing::git;

    const LIMIT: Duration = Duration::from_secs(20);

    #[test]
    fn gits_answer_is_told_in_words() {
        for (answer, branch, words) in [
            ("# branch.oid 0\0# branch.head main\0", Some("main"), "clean"),
            (
                "# branch.head topic/a\0# branch.upstream origin/topic/a\0# branch.ab +2 -1\x001 .M N... 100644 100644 100644 a b src/x y.rs\0? new\0? other file\0",
                Some("topic/a"),
                "1 file changed, 2 files untracked; 2 commits ahead of `origin/topic/a` and 1 behind",
            ),
            ("# branch.head (detached)\0u UU N... 1 2 3 4 a b c x\0", None, "1 file in conflict"),
            ("# branch.head a\0# branch.upstream o/a\0# branch.ab +0 -0\0", Some("a"), "clean"),
            (
                "# branch.head a\0# branch.upstream o/a\0# branch.ab +1 -0\0",
                Some("a"),
                "clean; 1 commit ahead of `o/a`",
            ),
            (
                "# branch.head a\0# branch.upstream o/a\0# branch.ab +0 -12\0",
                Some("a"),
                "clean; 12 commits behind `o/a`",
            ),
            ("", None, "clean"),
            ("nonsense\n\0\0#\0# branch.ab\0", None, "clean"),
        ] {
            let state = WorktreeState::parse(answer.as_bytes());
            assert_eq!(
                (state.branch.as_deref(), state.words().as_str()),
                (branch, words),
                "{answer:?}"
            );
        }
    }

    fn repository() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        git(folder.path(), &["init", "-q", "-b", "main"]);
        fs::write(folder.path().join("a.txt"), "a\n").unwrap();
        fs::write(folder.path().join(".gitattributes"), "*.txt filter=trap\n").unwrap();
        git(folder.path(), &["add", "."]);
        git(folder.path(), &["commit", "-q", "-m", "first"]);
        folder
    }

    #[test]
    fn a_repository_tells_its_state() {
        let folder = repository();
        assert_eq!(state(folder.path(), LIMIT).unwrap().words(), "clean");
        fs::write(folder.path().join("a.txt"), "b\n").unwrap();
        fs::write(folder.path().join("b.txt"), "b\n").unwrap();
        let state = state(folder.path(), LIMIT).unwrap();
        assert_eq!(
            (state.branch.as_deref(), state.words().as_str()),
            (Some("main"), "1 file changed, 1 file untracked")
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_hostile_repository_has_none_of_its_programs_run() {
        let folder = repository();
        let sprung = folder.path().join("sprung");
        let trap = format!("sh -c 'echo \"$0\" >> {}; cat'", sprung.display());
        let hooks = folder.path().join(".git/hooks");
        let script = |path: &Path| {
            use std::os::unix::fs::PermissionsExt;
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, format!("#!/bin/sh\necho \"$0\" >> {}\n", sprung.display())).unwrap();
            fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
        };
        for hook in ["post-index-change", "fsmonitor-watchman", "pre-commit"] {
            script(&hooks.join(hook));
        }
        let script_name = hooks.join("fsmonitor-watchman").display().to_string();
        fs::write(
            folder.path().join(".git/more"),
            format!("[filter \"trap\"]\n\tprocess = {script_name}\n"),
        )
        .unwrap();
        for (name, value) in [
            ("core.fsmonitor", script_name.as_str()),
            ("filter.trap.clean", &trap),
            ("filter.trap.smudge", &trap),
            ("filter.trap.required", "true"),
            ("filter.a=b.clean", &trap),
            ("include.path", "more"),
            ("core.pager", &trap),
            ("diff.external", &trap),
            ("core.sshCommand", &trap),
        ] {
            git(folder.path(), &["config", name, value]);
        }
        let _ = fs::remove_file(&sprung);
        // The same length with other content, so that git must read it.
        fs::write(folder.path().join("a.txt"), "b\n").unwrap();
        let state = state(folder.path(), LIMIT).unwrap();
        assert_eq!(state.changed, 1);
        assert!(!sprung.exists(), "{}", fs::read_to_string(&sprung).unwrap());
    }

    #[cfg(unix)]
    #[test]
    fn a_repository_that_makes_git_wait_costs_the_limit_and_no_more() {
        let folder = repository();
        let index = folder.path().join(".git/index");
        fs::remove_file(&index).unwrap();
        assert!(Command::new("mkfifo").arg(&index).status().unwrap().success());
        let begun = Instant::now();
        assert_eq!(state(folder.path(), Duration::from_millis(100)), None);
        assert!(begun.elapsed() < LIMIT);
    }

    #[test]
    fn outside_of_a_repository_there_is_no_state() {
        assert_eq!(state(tempfile::tempdir().unwrap().path(), LIMIT), None);
    }
}
