//! The setup of an attempt: the programs that it needs, a fresh copy, and what is done to that
//! before the model sees it.

use std::env;
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};

use super::check::Outcome;
use super::fresh_copy::{FreshCopy, WorkPlace};
use super::git;
use super::report::record::Verdict;
use super::sandboxed::{LineEnd, LineSandbox};
use super::task::Task;

/// Where the system looks for programs without `PATH`.
const USUAL_PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// A copy that is ready.
#[derive(Debug)]
pub struct ReadyCopy {
    pub copy: FreshCopy,
    /// The last commit in it; `None` where it is no repository.
    pub start: Option<String>,
}

/// Makes a copy of the task's repository and sets it up. `hidden` are places that the setup cannot
/// read.
///
/// # Errors
///
/// The outcome of the attempt: it is skipped if a program is missing, and broken if something
/// failed.
pub async fn set_up(
    task: &Task,
    place: &WorkPlace,
    program: &Path,
    hidden: &[PathBuf],
) -> Result<ReadyCopy, Outcome> {
    if let Some(missing) = missing_program(task) {
        return Err((Verdict::Skipped, Some(format!("`{missing}` is missing"))));
    }
    let (from, name, place) = (task.repo.clone(), task.name.clone(), place.clone());
    let makes_repository = task.setup.makes_repository;
    let copy = blocking(move || {
        let copy = FreshCopy::of(&from, &name, &place);
        let copy = copy.map_err(|error| failed("The repository could not be copied", &error))?;
        if makes_repository {
            git::make_repository(copy.folder())
                .map_err(|error| failed("The copy could not be made a git repository", &error))?;
        }
        Ok(copy)
    })
    .await?;
    if let Some(line) = &task.setup.run {
        let folder = copy.folder();
        let sandbox = LineSandbox { program, folder, hidden, shown: None };
        let why = match sandbox.run(OsStr::new(line), &[], task.setup.time).await {
            LineEnd::Passed => None,
            LineEnd::Failed(said) => Some(format!("The setup failed: {said}")),
            LineEnd::TimedOut => {
                Some(format!("The setup took longer than {} s", task.setup.time.as_secs()))
            }
        };
        if why.is_some() {
            return Err((Verdict::Broken, why));
        }
    }
    let folder = copy.folder().to_owned();
    let start = blocking(move || Ok(git::last_commit(&folder))).await?;
    Ok(ReadyCopy { copy, start })
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Outcome> + Send + 'static,
) -> Result<T, Outcome> {
    let done = tokio::task::spawn_blocking(work).await;
    done.unwrap_or_else(|panic| Err(failed("The setup broke off", &io::Error::other(panic))))
}

fn failed(what: &str, error: &io::Error) -> Outcome {
    (Verdict::Broken, Some(format!("{what}: {error}")))
}

/// The first program that the task needs and that is not on `PATH`.
fn missing_program(task: &Task) -> Option<String> {
    let git = task.setup.makes_repository.then_some("git");
    let mut needed = task.needs.iter().map(String::as_str).chain(git);
    needed.find(|name| !is_on_path(name)).map(str::to_owned)
}

fn is_on_path(name: &str) -> bool {
    let folders = env::var_os("PATH").unwrap_or_else(|| USUAL_PATH.into());
    env::split_paths(&folders)
        .filter(|folder| folder.is_absolute())
        .any(|folder| is_program(&folder.join(format!("{name}{}", env::consts::EXE_SUFFIX))))
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    path.metadata().is_ok_and(|about| about.is_file() && about.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_found_on_the_path_and_one_that_is_not_there_is_missed() {
        assert!(is_on_path("sh"));
        assert!(!is_on_path("no-such-program-anywhere"));
    }
}
