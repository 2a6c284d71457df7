//! A task: a folder with `task.toml` (prompt, check and limits) and `repo/`, the repository to work
//! in.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use toml_edit::{DocumentMut, Item};

use crate::base::{Advice, cause};
use crate::protocol::ModelName;

const SECONDS: u64 = 600;
const CHECK_SECONDS: u64 = 120;
const STEPS: u64 = 50;
const TOKENS: u64 = 2_000_000;
const KEYS: [&str; 7] = ["prompt", "check", "seconds", "check_seconds", "steps", "tokens", "model"];

/// A prompt for the model and the check of its work.
#[derive(Clone, Debug)]
pub struct Task {
    /// The name of the task's folder.
    pub name: String,
    pub prompt: String,
    /// A command line for `sh` that exits with 0 if the task is solved.
    pub check: String,
    /// The repository that is copied for the model.
    pub repo: PathBuf,
    /// An optional folder that is copied over the repository before the check: tests that the model
    /// could not change.
    pub overlay: Option<PathBuf>,
    pub limits: Limits,
    /// The task's own model; `None` for the common one.
    pub model: Option<ModelName>,
}

/// The limits of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pub time: Duration,
    pub check_time: Duration,
    /// Requests to the model.
    pub steps: u64,
    /// Tokens sent and received in all requests.
    pub tokens: u64,
}

/// The reasons why a folder of tasks cannot be run.
#[derive(Debug, thiserror::Error)]
pub enum TaskError {
    #[error("`{}`: `{key}` is missing", path.display())]
    Missing { path: PathBuf, key: &'static str },
    #[error("`{}`: {reason}", path.display())]
    Malformed { path: PathBuf, reason: String },
    #[error("`{}` holds no task", path.display())]
    None { path: PathBuf },
    #[error("`{}`: there is no folder `repo` beside it", path.display())]
    NoRepo { path: PathBuf },
    #[error("`{}` cannot be read: {}", path.display(), cause(source))]
    Read { path: PathBuf, source: io::Error },
    #[error("`{}`: there is no key `{key}`", path.display())]
    Unknown { path: PathBuf, key: String },
    #[error("`{}`: `{key}` has to be {expected}", path.display())]
    Value { path: PathBuf, key: &'static str, expected: &'static str },
}

impl Advice for TaskError {
    fn next_step(&self) -> Option<String> {
        Some(match self {
            Self::None { .. } => {
                "Name a folder with a folder for each task, in which `task.toml` and `repo` lie"
                    .into()
            }
            Self::Unknown { .. } => format!("The keys are {}", KEYS.join(", ")),
            _ => "See `codling eval --help`".into(),
        })
    }
}

/// Reads the tasks of a folder (`*/task.toml`), sorted by name.
///
/// # Errors
///
/// [`TaskError`] if the folder or a task cannot be read, or there is no task.
pub fn tasks(folder: &Path) -> Result<Vec<Task>, TaskError> {
    let read = |source| TaskError::Read { path: folder.to_owned(), source };
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(read)? {
        let path = entry.map_err(read)?.path();
        if path.join("task.toml").is_file() {
            found.push(task(&path)?);
        }
    }
    if found.is_empty() {
        return Err(TaskError::None { path: folder.to_owned() });
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

fn task(folder: &Path) -> Result<Task, TaskError> {
    let path = folder.join("task.toml");
    let text = fs::read_to_string(&path)
        .map_err(|source| TaskError::Read { path: path.clone(), source })?;
    let document: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| {
        TaskError::Malformed { path: path.clone(), reason: error.message().replace('\n', ", ") }
    })?;
    if let Some((key, _)) = document.iter().find(|(key, _)| !KEYS.contains(key)) {
        return Err(TaskError::Unknown { path, key: key.to_owned() });
    }
    let fields = Fields { path: &path, document: &document };
    let repo = folder.join("repo");
    if !repo.is_dir() {
        return Err(TaskError::NoRepo { path });
    }
    let overlay = folder.join("check");
    Ok(Task {
        name: folder
            .file_name()
            .map(|name| name.to_string_lossy().into_owned())
            .unwrap_or_default(),
        prompt: fields.needed("prompt")?,
        check: fields.needed("check")?,
        repo,
        overlay: overlay.is_dir().then_some(overlay),
        limits: Limits {
            time: Duration::from_secs(fields.number("seconds", SECONDS)?),
            check_time: Duration::from_secs(fields.number("check_seconds", CHECK_SECONDS)?),
            steps: fields.number("steps", STEPS)?,
            tokens: fields.number("tokens", TOKENS)?,
        },
        model: fields.text("model")?.map(|name| ModelName::parse(&name)),
    })
}

struct Fields<'a> {
    path: &'a Path,
    document: &'a DocumentMut,
}

impl Fields<'_> {
    fn text(&self, key: &'static str) -> Result<Option<String>, TaskError> {
        match self.document.get(key).map(Item::as_str) {
            None => Ok(None),
            Some(Some(text)) if !text.trim().is_empty() => Ok(Some(text.trim().to_owned())),
            Some(_) => Err(self.wrong(key, "a text")),
        }
    }

    fn needed(&self, key: &'static str) -> Result<String, TaskError> {
        let missing = || TaskError::Missing { path: self.path.to_owned(), key };
        self.text(key)?.ok_or_else(missing)
    }

    fn number(&self, key: &'static str, usual: u64) -> Result<u64, TaskError> {
        match self.document.get(key).map(Item::as_integer) {
            None => Ok(usual),
            Some(Some(number)) if number > 0 => Ok(number.unsigned_abs()),
            Some(_) => Err(self.wrong(key, "a whole number from 1 on")),
        }
    }

    fn wrong(&self, key: &'static str, expected: &'static str) -> TaskError {
        TaskError::Value { path: self.path.to_owned(), key, expected }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(task: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("a/repo")).unwrap();
        fs::write(folder.path().join("a/task.toml"), task).unwrap();
        folder
    }

    #[test]
    fn a_task_says_what_to_do_how_it_is_checked_and_how_much_it_may_take() {
        let held = folder("prompt = '''\nDo it\n'''\ncheck = 'true'\nsteps = 3\nmodel = 'acme/x'");
        fs::create_dir(held.path().join("not-a-task")).unwrap();
        let tasks = tasks(held.path()).unwrap();
        let [task] = &tasks[..] else { panic!("{tasks:?}") };
        assert_eq!((&*task.name, &*task.prompt, &*task.check), ("a", "Do it", "true"));
        let usual = Limits {
            time: Duration::from_secs(600),
            check_time: Duration::from_secs(120),
            steps: 3,
            tokens: 2_000_000,
        };
        assert_eq!((task.limits, task.overlay.is_some()), (usual, false));
        assert_eq!(task.model, Some(ModelName::parse("acme/x")));
    }

    #[test]
    fn what_is_wrong_with_a_task_is_named() {
        for (text, says) in [
            ("check = 'true'", "`prompt` is missing"),
            ("prompt = 'x'", "`check` is missing"),
            ("prompt = 7\ncheck = 'true'", "`prompt` has to be a text"),
            ("prompt = 'x'\ncheck = ' '", "`check` has to be a text"),
            (
                "prompt = 'x'\ncheck = 'true'\nsteps = 0",
                "`steps` has to be a whole number from 1 on",
            ),
            ("prompt = 'x'\ncheck = 'true'\nsecond = 1", "there is no key `second`"),
            ("prompt = ", "task.toml`: "),
        ] {
            let error = tasks(folder(text).path()).unwrap_err();
            assert!(error.to_string().contains(says), "{text}: {error}");
            assert!(error.next_step().is_some());
        }
        let empty = tempfile::tempdir().unwrap();
        assert!(tasks(empty.path()).unwrap_err().to_string().ends_with("holds no task"));
        let held = folder("prompt = 'x'\ncheck = 'true'");
        fs::remove_dir(held.path().join("a/repo")).unwrap();
        assert!(tasks(held.path()).unwrap_err().to_string().contains("no folder `repo`"));
    }
}
