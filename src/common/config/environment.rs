//! The process's variables and the system's own folders, read once.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// A snapshot of the environment. Only [`Env::of_process`] looks at the process; tests make their
/// own.
#[derive(Clone, Debug, Default)]
pub struct Env {
    variables: BTreeMap<OsString, OsString>,
    system: Option<SystemFolders>,
}

/// The places that the operating system wants a program's files in, by `directories`: used if no
/// variable says otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SystemFolders {
    /// The person's home.
    pub home: PathBuf,
    /// Sign-ins and sessions.
    pub data: PathBuf,
    /// Settings.
    pub config: PathBuf,
    /// The log.
    pub state: PathBuf,
    /// Files that can be made again.
    pub cache: PathBuf,
}

impl Env {
    /// Reads the variables of this process. Names and values need not be UTF-8.
    pub fn of_process() -> Self {
        Self { variables: std::env::vars_os().collect(), system: SystemFolders::of_process() }
    }

    /// An environment that holds these variables and nothing of the process.
    pub fn of<'a>(variables: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        Self {
            variables: variables
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
            system: None,
        }
    }

    /// For tests: the same with the system's folders set.
    pub fn with_system(mut self, system: SystemFolders) -> Self {
        self.system = Some(system);
        self
    }

    /// The same with one variable set.
    pub fn with(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.variables.insert(name.into(), value.into());
        self
    }

    /// The same without the variables whose names begin with `prefix`.
    pub fn without(mut self, prefix: &str) -> Self {
        self.variables
            .retain(|name, _| !name.to_str().is_some_and(|name| name.starts_with(prefix)));
        self
    }

    /// A variable that is set and not empty.
    pub fn value(&self, name: &str) -> Option<&OsStr> {
        self.variables
            .get(OsStr::new(name))
            .map(OsString::as_os_str)
            .filter(|value| !value.is_empty())
    }

    /// A variable as text; bytes that are not UTF-8 become U+FFFD, which no setting accepts.
    pub fn text(&self, name: &str) -> Option<String> {
        self.value(name).map(|value| value.to_string_lossy().into_owned())
    }

    /// Whether a variable is set and not empty.
    pub fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    /// A variable that names a place by an absolute path; the XDG rules ignore a relative one.
    pub fn absolute(&self, name: &str) -> Option<&Path> {
        self.value(name).map(Path::new).filter(|path| path.is_absolute())
    }

    /// The person's home folder: `HOME` where it is absolute, else what the system says.
    pub fn home(&self) -> Option<PathBuf> {
        self.absolute("HOME")
            .map(Path::to_path_buf)
            .or_else(|| self.system.as_ref().map(|system| system.home.clone()))
    }

    /// The system's folders, where it has any.
    pub fn system(&self) -> Option<&SystemFolders> {
        self.system.as_ref()
    }
}

impl SystemFolders {
    fn of_process() -> Option<Self> {
        // Seen from another folder, a relative home would be another one.
        let base = directories::BaseDirs::new().filter(|base| base.home_dir().is_absolute())?;
        let project = directories::ProjectDirs::from("", "", "codling")?;
        Some(Self {
            home: base.home_dir().to_path_buf(),
            data: project.data_dir().to_path_buf(),
            config: project.config_dir().to_path_buf(),
            // macOS and Windows know no folder for state.
            state: project
                .state_dir()
                .map_or_else(|| project.data_local_dir().join("state"), Path::to_path_buf),
            cache: project.cache_dir().to_path_buf(),
        })
    }
}
