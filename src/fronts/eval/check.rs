//! The check of a task: a command line that tells whether the task is solved, from the files and
//! from the final answer.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::fresh_copy::lay_over;
use super::report::record::Verdict;
use super::sandboxed::{LineEnd, LineSandbox};
use super::setup::ReadyCopy;
use super::task::Task;

/// The variable with the path of the final answer.
const ANSWER: &str = "CODLING_EVAL_ANSWER";
/// The variable with the commit that the copy began at.
const START: &str = "CODLING_EVAL_START";

/// The outcome of an attempt: a word for it, and the reason where there is one.
pub type Outcome = (Verdict, Option<String>);

/// Lays the task's hidden files over the copy and runs its check there. `hidden` are places that it
/// cannot read, since code of the model may run in it.
pub async fn check(
    task: &Task,
    ready: &ReadyCopy,
    answer: String,
    program: &Path,
    hidden: &[PathBuf],
) -> Outcome {
    let (overlay, folder) = (task.overlay.clone(), ready.copy.folder().to_owned());
    let file = ready.copy.answer().to_owned();
    let laid = tokio::task::spawn_blocking(move || {
        overlay.map_or(Ok(()), |overlay| lay_over(&overlay, &folder))?;
        fs::write(file, answer)
    });
    if let Err(error) = laid.await.map_err(io::Error::other).flatten() {
        let why = format!("the check's files could not be laid over: {error}");
        return (Verdict::Failed, Some(why));
    }
    let mut variables = vec![(ANSWER, ready.copy.answer().as_os_str().to_owned())];
    variables.extend(ready.start.clone().map(|commit| (START, OsString::from(commit))));
    let (folder, shown) = (ready.copy.folder(), Some(ready.copy.answer()));
    let sandbox = LineSandbox { program, folder, hidden, shown };
    match sandbox.run(OsStr::new(&task.check), &variables, task.limits.check_time).await {
        LineEnd::Passed => (Verdict::Passed, None),
        LineEnd::Failed(said) => (Verdict::Failed, Some(said)),
        LineEnd::TimedOut => (Verdict::CheckTimedOut, None),
    }
}
