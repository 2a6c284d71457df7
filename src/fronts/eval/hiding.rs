//! The places that are hidden from a model that is evaluated: the folder of tasks with the hidden
//! tests and the solutions, other ways to it, and the reports. Where they cannot be hidden, nothing
//! is evaluated.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::base::git;
use crate::protocol::{ApprovalMode, Problem, ProblemKind};

use super::fresh_copy::WorkPlaces;
use super::sandboxed::{LineEnd, LineSandbox};

/// How long the sandbox may take to show that it hides the tasks.
const LIMIT: Duration = Duration::from_secs(60);
/// Succeeds in a sandbox that works and in which the file cannot be read.
const PROBE: &str = "! cat \"$CODLING_EVAL_PROBE\"";

/// All places to hide: the folder of tasks, the repository around it, whose history has the same
/// files, the same folder in other worktrees of it, and these files, which tell what hidden tests
/// said.
pub fn hidden_places<'a>(tasks: &Path, files: impl Iterator<Item = &'a PathBuf>) -> Vec<PathBuf> {
    let around = tasks.ancestors().map(|folder| folder.join(".git"));
    let found = around.clone().find(|git| git.symlink_metadata().is_ok());
    let data = found.as_deref().and_then(git::folder);
    // A worktree's objects lie in the repository that it belongs to.
    let common =
        data.as_ref().and_then(|data| Some(data.join(git::line(&data.join("commondir"))?.trim())));
    let others = found.as_deref().map(|git| {
        in_other_worktrees(tasks, git, common.as_deref().or(data.as_deref()).unwrap_or(git))
    });
    let others = others.into_iter().flatten();
    let repository = [found, data, common].into_iter().flatten().chain(others);
    let all = std::iter::once(tasks.to_owned()).chain(repository).chain(files.cloned());
    all.map(|place| place.canonicalize().unwrap_or(place)).collect()
}

/// The folder of tasks in the other worktrees of a repository, the first one included. `git` is
/// the `.git` of this worktree, `common` the folder that all of them share.
fn in_other_worktrees(tasks: &Path, git: &Path, common: &Path) -> Vec<PathBuf> {
    let root = git.parent().unwrap_or(git);
    let Ok(inside) = tasks.strip_prefix(root) else { return Vec::new() };
    // It may be written with `..`, and the folder that it lies in is looked for.
    let Ok(common) = common.canonicalize() else { return Vec::new() };
    let listed = std::fs::read_dir(common.join("worktrees")).into_iter().flatten().flatten();
    let theirs = listed.filter_map(|entry| {
        let named = git::line(&entry.path().join("gitdir"))?;
        Some(entry.path().join(named.trim()))
    });
    theirs
        .chain([common])
        .filter_map(|git| Some(git.parent()?.join(inside)))
        .filter(|place| place.exists() && place != tasks)
        .collect()
}

/// Makes sure that the tasks are hidden from what runs in the places of the copies.
///
/// # Errors
///
/// The reason why they are not, with advice.
pub async fn check_hiding(
    tasks: &Path,
    mode: Option<ApprovalMode>,
    places: &WorkPlaces,
    program: &Path,
    hidden: &[PathBuf],
) -> Result<(), Problem> {
    let refused =
        |why: &str, next: &str| Err(Problem::new(ProblemKind::Config, why).with_next(next));
    if mode == Some(ApprovalMode::Full) {
        let why = "In the mode `full` nothing hides the tasks and their solutions from the model";
        return refused(why, "Leave `--approval-mode` out, or choose `auto`");
    }
    if hidden.iter().any(|place| places.are_in(place)) {
        let why = "The model would work in a folder that has to be hidden from it";
        return refused(
            why,
            "Set `TMPDIR` to a folder that neither holds the tasks nor lies there",
        );
    }
    let Some(file) = a_task_file(tasks) else { return Ok(()) };
    let folder = places.place(0).copies();
    let sandbox = LineSandbox { program, folder, hidden, shown: None };
    let variables = [("CODLING_EVAL_PROBE", file.into_os_string())];
    match sandbox.run(OsStr::new(PROBE), &variables, LIMIT).await {
        LineEnd::Passed => Ok(()),
        LineEnd::Failed(_) | LineEnd::TimedOut => {
            let why = "The tasks and their solutions cannot be hidden from the model here";
            refused(why, "`codling sandbox` says what keeps commands in on this system")
        }
    }
}

fn a_task_file(tasks: &Path) -> Option<PathBuf> {
    let entries = std::fs::read_dir(tasks).ok()?.flatten();
    entries.map(|entry| entry.path().join("task.toml")).find(|file| file.is_file())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_repository_around_the_tasks_is_hidden_with_them_also_from_a_worktree() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let tasks = root.join("work/tests/tasks");
        fs::create_dir_all(&tasks).unwrap();
        let report = root.join("report.json");
        let hidden = || hidden_places(&tasks, std::iter::once(&report));
        // The folder may lie in a repository of the machine that runs this.
        assert!(hidden().contains(&tasks) && hidden().contains(&report));
        let data = root.join("main/.git/worktrees/work");
        fs::create_dir_all(&data).unwrap();
        fs::write(data.join("commondir"), "../..\n").unwrap();
        fs::write(root.join("work/.git"), format!("gitdir: {}\n", data.display())).unwrap();
        let expected =
            [tasks.clone(), root.join("work/.git"), data, root.join("main/.git"), report.clone()];
        assert_eq!(hidden(), expected);
        // Other worktrees, and the first one, have the tasks as well.
        let more = ["main", "other"].map(|folder| root.join(folder).join("tests/tasks"));
        more.iter().for_each(|tasks| fs::create_dir_all(tasks).unwrap());
        for name in ["work", "other", "gone"] {
            let named = root.join("main/.git/worktrees").join(name);
            fs::create_dir_all(&named).unwrap();
            let git = root.join(name).join(".git");
            fs::write(named.join("gitdir"), format!("{}\n", git.display())).unwrap();
        }
        let found = hidden();
        assert!(more.iter().all(|tasks| found.contains(tasks)), "{found:?}");
        assert_eq!(found.len(), expected.len() + more.len(), "{found:?}");
    }
}
