//! A task: a folder with `task.toml` (prompt, check, limits, setup) and `repo/`, the repository to
//! work in.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use toml_edit::{DocumentMut, Item, TableLike};

use crate::base::{Advice, cause};

const SECONDS: u64 = 600;
const CHECK_SECONDS: u64 = 120;
const STEPS: u64 = 50;
const TOKENS: u64 = 2_000_000;
const SETUP_SECONDS: u64 = 60;
const KEYS: [&str; 9] =
    ["prompt", "check", "seconds", "check_seconds", "steps", "tokens", "model", "needs", "setup"];
const SETUP_KEYS: [&str; 3] = ["git", "run", "seconds"];

/// A prompt for the model and the check of its work.
#[derive(Clone, Debug)]
pub struct Task {
    /// The name of the task's folder.
    pub name: String,
    pub folder: PathBuf,
    pub prompt: String,
    /// A command line for `sh` that exits with 0 if the task is solved.
    pub check: String,
    /// The repository that is copied for the model.
    pub repo: PathBuf,
    /// An optional folder that is copied over the repository before the check: tests that the model
    /// could not change.
    pub overlay: Option<PathBuf>,
    pub limits: Limits,
    /// The model of attempts for which none was typed; `None` for the settings' choice.
    pub model: Option<String>,
    /// Programs without which the task cannot be attempted.
    pub needs: Vec<String>,
    pub setup: Setup,
}

/// How the copy of the repository is prepared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setup {
    /// Whether the copy becomes a git repository with one commit.
    pub makes_repository: bool,
    /// A command line for `sh` that runs in the copy after that.
    pub run: Option<String>,
    pub time: Duration,
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
#[allow(missing_docs, reason = "the sentence of each variant says it")]
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
    #[error("`{}`: a solution is called `right…` or `wrong…`", path.display())]
    Solution { path: PathBuf },
    #[error("no task is called `{name}`")]
    NotNamed { name: String },
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
            Self::Unknown { .. } => format!(
                "The keys are {}; those of `setup` {}",
                KEYS.join(", "),
                SETUP_KEYS.join(", ")
            ),
            Self::NotNamed { .. } => {
                "`--only` takes names of tasks, in which `*` fits any text".into()
            }
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

/// The tasks whose names fit one of these, all of them where there are none; `*` in one fits any
/// text.
///
/// # Errors
///
/// [`TaskError::NotNamed`] if one of them fits no task.
pub fn only_named(tasks: Vec<Task>, only: &[String]) -> Result<Vec<Task>, TaskError> {
    let misses = |name: &&String| !tasks.iter().any(|task| fits(name, &task.name));
    if let Some(name) = only.iter().find(misses) {
        return Err(TaskError::NotNamed { name: name.clone() });
    }
    let is_chosen = |task: &Task| only.is_empty() || only.iter().any(|name| fits(name, &task.name));
    Ok(tasks.into_iter().filter(is_chosen).collect())
}

/// Whether a name is this pattern, in which `*` fits any text.
fn fits(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((head, rest)) => name.strip_prefix(head).is_some_and(|name| {
            let mut ends = name.char_indices().map(|(at, _)| at).chain([name.len()]);
            ends.any(|at| fits(rest, &name[at..]))
        }),
    }
}

fn task(folder: &Path) -> Result<Task, TaskError> {
    let path = folder.join("task.toml");
    let text = fs::read_to_string(&path)
        .map_err(|source| TaskError::Read { path: path.clone(), source })?;
    let document: DocumentMut = text.parse().map_err(|error: toml_edit::TomlError| {
        TaskError::Malformed { path: path.clone(), reason: error.message().replace('\n', ", ") }
    })?;
    let fields = Fields::new(&path, document.as_table(), &KEYS)?;
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
        folder: folder.to_owned(),
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
        model: fields.text("model")?,
        needs: fields.programs("needs")?,
        setup: setup(&path, document.get("setup"))?,
    })
}

fn setup(path: &Path, table: Option<&Item>) -> Result<Setup, TaskError> {
    let usual =
        Setup { makes_repository: true, run: None, time: Duration::from_secs(SETUP_SECONDS) };
    let Some(item) = table else { return Ok(usual) };
    let expected = "a table";
    let wrong = || TaskError::Value { path: path.to_owned(), key: "setup", expected };
    let fields = Fields::new(path, item.as_table_like().ok_or_else(wrong)?, &SETUP_KEYS)?;
    Ok(Setup {
        makes_repository: fields.flag("git", usual.makes_repository)?,
        run: fields.text("run")?,
        time: Duration::from_secs(fields.number("seconds", SETUP_SECONDS)?),
    })
}

struct Fields<'a> {
    path: &'a Path,
    table: &'a dyn TableLike,
}

impl<'a> Fields<'a> {
    fn new(path: &'a Path, table: &'a dyn TableLike, keys: &[&str]) -> Result<Self, TaskError> {
        match table.iter().find(|(key, _)| !keys.contains(key)) {
            Some((key, _)) => {
                Err(TaskError::Unknown { path: path.to_owned(), key: key.to_owned() })
            }
            None => Ok(Self { path, table }),
        }
    }

    fn flag(&self, key: &'static str, usual: bool) -> Result<bool, TaskError> {
        match self.table.get(key).map(Item::as_bool) {
            None => Ok(usual),
            Some(flag) => flag.ok_or_else(|| self.wrong(key, "`true` or `false`")),
        }
    }

    fn programs(&self, key: &'static str) -> Result<Vec<String>, TaskError> {
        let Some(item) = self.table.get(key) else { return Ok(Vec::new()) };
        let is_name = |name: &&str| !name.trim().is_empty() && !name.contains('/');
        let name = |value: &toml_edit::Value| value.as_str().filter(is_name).map(str::to_owned);
        let names = item.as_array().and_then(|all| all.iter().map(name).collect());
        names.ok_or_else(|| self.wrong(key, "a list of names of programs"))
    }

    fn text(&self, key: &'static str) -> Result<Option<String>, TaskError> {
        match self.table.get(key).map(Item::as_str) {
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
        match self.table.get(key).map(Item::as_integer) {
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
impl Task {
    /// A task of this name that asks for nothing.
    pub fn named(name: &str) -> Self {
        let time = Duration::from_secs(1);
        Self {
            name: name.into(),
            folder: name.into(),
            prompt: "p".into(),
            check: "true".into(),
            repo: "r".into(),
            overlay: None,
            limits: Limits { time, check_time: time, steps: 1, tokens: 1 },
            model: None,
            needs: Vec::new(),
            setup: Setup { makes_repository: true, run: None, time },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::text::says;

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
        assert_eq!(task.model.as_deref(), Some("acme/x"));
        assert!(task.needs.is_empty() && task.setup.makes_repository && task.setup.run.is_none());
    }

    #[test]
    fn a_task_says_which_programs_it_needs_and_how_its_copy_is_set_up() {
        let held = folder(
            "prompt = 'x'\ncheck = 'true'\nneeds = ['gcc', 'jq']\n[setup]\ngit = false\nrun = 'true'\nseconds = 5",
        );
        let tasks = tasks(held.path()).unwrap();
        assert_eq!(tasks[0].needs, ["gcc", "jq"]);
        let time = Duration::from_secs(5);
        let expected = Setup { makes_repository: false, run: Some("true".into()), time };
        assert_eq!(tasks[0].setup, expected);
    }

    #[test]
    fn tasks_are_chosen_by_their_names_and_a_name_that_fits_none_is_an_error() {
        let held = folder("prompt = 'x'\ncheck = 'true'");
        for name in ["fix-a", "fix-b"] {
            fs::create_dir_all(held.path().join(name).join("repo")).unwrap();
            let file = held.path().join(name).join("task.toml");
            fs::write(file, "prompt = 'x'\ncheck = 'true'").unwrap();
        }
        let chosen = |only: &str| {
            let only: Vec<String> = only.split(',').map(str::to_owned).collect();
            let tasks = only_named(tasks(held.path()).unwrap(), &only)?;
            Ok::<_, TaskError>(tasks.into_iter().map(|task| task.name).collect::<Vec<_>>())
        };
        assert_eq!(chosen("fix-*").unwrap(), ["fix-a", "fix-b"]);
        assert_eq!(chosen("*-b,a").unwrap(), ["a", "fix-b"]);
        assert_eq!(chosen("*").unwrap().len(), 3);
        for wrong in ["fix", "fix-*,b", "?ix-a"] {
            assert!(matches!(chosen(wrong), Err(TaskError::NotNamed { .. })), "{wrong}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_task_is_named() {
        for (text, words) in [
            ("check = 'true'", "`prompt` is missing"),
            ("prompt = 'x'", "`check` is missing"),
            ("prompt = 7\ncheck = 'true'", "`prompt` … a text"),
            ("prompt = 'x'\ncheck = ' '", "`check` … a text"),
            ("prompt = 'x'\ncheck = 'true'\nsteps = 0", "`steps` … from 1"),
            ("prompt = 'x'\ncheck = 'true'\nsecond = 1", "no key `second`"),
            ("prompt = ", "task.toml`: "),
            ("prompt = 'x'\ncheck = 'true'\nneeds = 'gcc'", "`needs` … a list"),
            ("prompt = 'x'\ncheck = 'true'\nneeds = ['/bin/sh']", "`needs` … a list"),
            ("prompt = 'x'\ncheck = 'true'\nsetup = 1", "`setup` … a table"),
            ("prompt = 'x'\ncheck = 'true'\n[setup]\ngit = 1", "`git` … `true`"),
            ("prompt = 'x'\ncheck = 'true'\n[setup]\nruns = 'x'", "no key `runs`"),
        ] {
            let error = tasks(folder(text).path()).unwrap_err();
            assert!(says(&error.to_string(), words), "{text}: {error}");
            assert!(error.next_step().is_some());
        }
        let empty = tempfile::tempdir().unwrap();
        assert!(tasks(empty.path()).unwrap_err().to_string().ends_with("holds no task"));
        let held = folder("prompt = 'x'\ncheck = 'true'");
        fs::remove_dir(held.path().join("a/repo")).unwrap();
        assert!(tasks(held.path()).unwrap_err().to_string().contains("no folder `repo`"));
    }
}
