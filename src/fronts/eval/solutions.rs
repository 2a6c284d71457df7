//! Checks of tasks without a model: solutions that have to pass and ones that must not take its
//! place, and so does doing nothing.

use std::cell::RefCell;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Instant;

use futures_util::StreamExt;
use futures_util::stream;
use tokio::sync::mpsc::UnboundedReceiver;

use crate::base::Console;
use crate::protocol::Exit;

use super::check::check;
use super::fresh_copy::{WorkPlace, WorkPlaces, lay_over};
use super::hiding::hidden_places;
use super::report::record::Verdict;
use super::report::seconds;
use super::report::table::Table;
use super::sandboxed::{LineEnd, LineSandbox};
use super::setup::{ReadyCopy, set_up};
use super::task::{Task, TaskError};

/// The tasks to check.
#[derive(Debug)]
#[allow(missing_docs, reason = "their names say it")]
pub struct SolutionRequest {
    /// The folder of tasks, which is hidden from their solutions.
    pub folder: PathBuf,
    pub tasks: Vec<Task>,
    /// How many solutions are tried at a time.
    pub jobs: usize,
    /// The codling binary, which sandboxes the checks.
    pub program: PathBuf,
}

/// A stand-in for the work of a model.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Solution {
    /// The name of its folder; `None` for doing nothing.
    name: Option<String>,
    folder: PathBuf,
}

/// A solution after the check.
struct Tried<'a> {
    task: &'a Task,
    solution: Solution,
    verdict: Verdict,
    why: Option<String>,
    seconds: f64,
}

/// The solutions of a task: doing nothing first, then those of its folder `solutions`, by name.
///
/// # Errors
///
/// [`TaskError`] if the folder cannot be read, or one is called neither `right…` nor `wrong…`.
fn solutions(task: &Task) -> Result<Vec<Solution>, TaskError> {
    let all = task.folder.join("solutions");
    let mut found = vec![Solution { name: None, folder: all.join("nothing") }];
    if !all.is_dir() {
        return Ok(found);
    }
    let read = |source| TaskError::Read { path: all.clone(), source };
    for entry in fs::read_dir(&all).map_err(read)? {
        let folder = entry.map_err(read)?.path();
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !folder.is_dir() || !["right", "wrong"].iter().any(|word| name.starts_with(word)) {
            return Err(TaskError::Solution { path: folder });
        }
        found.push(Solution { name: Some(name), folder });
    }
    found.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(found)
}

/// Tries every solution of every task and prints a table; the exit is 0 if those pass that have to,
/// and no others.
///
/// # Errors
///
/// [`TaskError`] if solutions cannot be read.
pub async fn check_tasks(
    mut stops: UnboundedReceiver<()>,
    request: SolutionRequest,
    console: &mut Console,
) -> Result<Exit, TaskError> {
    let SolutionRequest { folder, tasks, jobs, program } = request;
    let mut all = Vec::new();
    for task in &tasks {
        let own = solutions(task)?;
        if !own.iter().any(Solution::is_right) {
            console.note(&format!("`{}` has no solution that has to pass", task.name));
        }
        all.extend(own.into_iter().map(|solution| (task, solution)));
    }
    let places = match WorkPlaces::new(jobs) {
        Ok(places) => places,
        Err(error) => {
            console.problem(&format!("There is no room for copies of the tasks: {error}"), None);
            return Ok(Exit::Failed);
        }
    };
    let hidden = hidden_places(&folder, std::iter::empty());
    let count = all.len();
    let free = RefCell::new((0..jobs).collect::<Vec<_>>());
    let (free, places, program, hidden) = (&free, &places, &*program, &*hidden);
    let tries = all.into_iter().map(|(task, solution)| async move {
        // No more are tried at a time than there are places.
        let number = free.borrow_mut().pop().unwrap_or_default();
        let place = places.place(number);
        let begun = Instant::now();
        let (verdict, why) = solution.run(task, place, program, hidden).await;
        free.borrow_mut().push(number);
        Tried { task, solution, verdict, why, seconds: begun.elapsed().as_secs_f64() }
    });
    let mut tries = stream::iter(tries).buffered(jobs);
    let mut done = Vec::with_capacity(count);
    let exit = loop {
        tokio::select! {
            biased;
            Some(()) = stops.recv() => {
                console.interrupted();
                break Some(Exit::Interrupted);
            }
            tried = tries.next() => match tried {
                Some(tried) => done.push(tried),
                None => break None,
            },
        }
    };
    console.print(&table(&done));
    console.flush();
    let is_proved = done.iter().any(|tried| tried.verdict != Verdict::Skipped)
        && done.iter().all(|tried| tried.is_as_expected());
    Ok(exit.unwrap_or(if is_proved { Exit::Done } else { Exit::Failed }))
}

impl Solution {
    fn is_right(&self) -> bool {
        self.name.as_ref().is_some_and(|name| name.starts_with("right"))
    }

    /// Sets a copy up, does the solution's work in it, and checks that.
    async fn run(
        &self,
        task: &Task,
        place: &WorkPlace,
        program: &Path,
        hidden: &[PathBuf],
    ) -> (Verdict, Option<String>) {
        let ready = match set_up(task, place, program, hidden).await {
            Ok(ready) => ready,
            Err(outcome) => return outcome,
        };
        match self.apply(task, &ready, program, hidden).await {
            Ok(answer) => check(task, &ready, answer, program, hidden).await,
            Err(why) => (Verdict::Broken, Some(why)),
        }
    }

    /// Does the work; returns the final answer.
    async fn apply(
        &self,
        task: &Task,
        ready: &ReadyCopy,
        program: &Path,
        hidden: &[PathBuf],
    ) -> Result<String, String> {
        let (own, folder) = (self.folder.clone(), ready.copy.folder().to_owned());
        let read = tokio::task::spawn_blocking(move || {
            let files = own.join("files");
            if files.is_dir() {
                lay_over(&files, &folder)?;
            }
            let script = if_there(fs::read(own.join("apply.sh")))?;
            Ok((script, if_there(fs::read_to_string(own.join("answer.md")))?))
        });
        let read = read.await.map_err(io::Error::other).flatten();
        let (script, answer) = read.map_err(|error| format!("It cannot be read: {error}"))?;
        if let Some(script) = script {
            let folder = ready.copy.folder();
            let sandbox = LineSandbox { program, folder, hidden, shown: None };
            match sandbox.run(&line(script), &[], task.limits.time).await {
                LineEnd::Passed => {}
                LineEnd::Failed(said) => return Err(format!("`apply.sh` failed: {said}")),
                LineEnd::TimedOut => return Err("`apply.sh` took too long".to_owned()),
            }
        }
        Ok(answer.unwrap_or_default())
    }
}

/// The content that was read; `None` where there is no file.
fn if_there<T>(read: io::Result<T>) -> io::Result<Option<T>> {
    match read {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        read => read.map(Some),
    }
}

/// A script as the argument of a shell: the folder that it lies in is hidden from it.
fn line(script: Vec<u8>) -> OsString {
    #[cfg(unix)]
    return std::os::unix::ffi::OsStringExt::from_vec(script);
    #[cfg(not(unix))]
    return String::from_utf8_lossy(&script).into_owned().into();
}

impl Tried<'_> {
    /// Whether it passed and had to, or did neither. A task that cannot be tried here proves
    /// nothing, and is no mistake.
    fn is_as_expected(&self) -> bool {
        match self.verdict {
            Verdict::Skipped => true,
            Verdict::Passed => self.solution.is_right(),
            Verdict::Failed | Verdict::CheckTimedOut => !self.solution.is_right(),
            _ => false,
        }
    }
}

fn table(tried: &[Tried<'_>]) -> String {
    let mut rows = Table::new(&["task", "solution", "result", "expected", "why", "seconds"], 5);
    for one in tried {
        let is_expected = one.is_as_expected();
        let why = one.why.as_deref().filter(|_| !is_expected || one.verdict == Verdict::Skipped);
        rows.row([
            one.task.name.clone(),
            one.solution.name.clone().unwrap_or_else(|| "nothing".to_owned()),
            one.verdict.word().to_owned(),
            if is_expected { "yes" } else { "NO" }.to_owned(),
            why.unwrap_or_default().to_owned(),
            seconds(one.seconds),
        ]);
    }
    let wrong = tried.iter().filter(|one| !one.is_as_expected()).count();
    let sums = format!("{} of {} as expected", tried.len() - wrong, tried.len());
    format!("{}\n{sums}\n", rows.print())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solutions_are_found_by_their_names_and_another_name_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let task = Task { folder: folder.path().to_owned(), ..Task::named("a") };
        let names = || -> Result<Vec<Option<String>>, TaskError> {
            Ok(solutions(&task)?.into_iter().map(|solution| solution.name).collect())
        };
        assert_eq!(names().unwrap(), [None]);
        for name in ["wrong-lazy", "right"] {
            fs::create_dir_all(folder.path().join("solutions").join(name)).unwrap();
        }
        assert_eq!(names().unwrap(), [None, Some("right".into()), Some("wrong-lazy".into())]);
        fs::create_dir(folder.path().join("solutions/rigth")).unwrap();
        assert!(matches!(names(), Err(TaskError::Solution { .. })));
    }

    #[test]
    fn only_what_has_to_pass_may_pass() {
        let task = Task::named("a");
        let as_expected = |name: Option<&str>, verdict| {
            let solution = Solution { name: name.map(str::to_owned), folder: PathBuf::new() };
            let tried = Tried { task: &task, solution, verdict, why: None, seconds: 0.0 };
            tried.is_as_expected()
        };
        for (name, passes) in [(None, false), (Some("right-2"), true), (Some("wrong"), false)] {
            assert_eq!(as_expected(name, Verdict::Passed), passes, "{name:?}");
            assert_eq!(as_expected(name, Verdict::Failed), !passes, "{name:?}");
            assert_eq!(as_expected(name, Verdict::CheckTimedOut), !passes, "{name:?}");
            assert!(!as_expected(name, Verdict::Broken), "{name:?}");
            assert!(as_expected(name, Verdict::Skipped), "{name:?}");
        }
    }
}
