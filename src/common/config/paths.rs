//! The folders that hold codling's files, and where opencode keeps its sign-ins. Creates nothing
//! and opens nothing.

use std::path::{Path, PathBuf};

use super::{ConfigError, Env};

/// The four folders, each made 0700 when first written to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    /// Sign-ins and sessions.
    pub data: PathBuf,
    /// Settings.
    pub config: PathBuf,
    /// The log.
    pub state: PathBuf,
    /// Files that can be made again.
    pub cache: PathBuf,
}

impl Paths {
    /// `CODLING_HOME` first, then each XDG variable (on every system), then the system's own.
    ///
    /// # Errors
    ///
    /// None of them names a folder ([`ConfigError::NoHome`]), or `HOME` is relative.
    pub fn of(env: &Env) -> Result<Self, ConfigError> {
        if let Some(home) = env.value("CODLING_HOME") {
            return Self::under(Path::new(home));
        }
        let system = env.system();
        let folder =
            |variable: &str, suggested: Option<&PathBuf>| match (env.absolute(variable), suggested)
            {
                (Some(xdg), _) => Ok(xdg.join("codling")),
                (None, Some(suggested)) => Ok(suggested.clone()),
                (None, None) => Err(
                    match env.value("HOME").map(PathBuf::from).filter(|home| home.is_relative()) {
                        Some(path) => ConfigError::RelativeHome { path },
                        None => ConfigError::NoHome,
                    },
                ),
            };
        Ok(Self {
            data: folder("XDG_DATA_HOME", system.map(|system| &system.data))?,
            config: folder("XDG_CONFIG_HOME", system.map(|system| &system.config))?,
            state: folder("XDG_STATE_HOME", system.map(|system| &system.state))?,
            cache: folder("XDG_CACHE_HOME", system.map(|system| &system.cache))?,
        })
    }

    /// All four inside one folder, as `CODLING_HOME` puts them.
    ///
    /// # Errors
    ///
    /// The folder is relative, and the working folder cannot be found.
    pub fn under(home: &Path) -> Result<Self, ConfigError> {
        let home = std::path::absolute(home)
            .map_err(|source| ConfigError::Place { path: home.to_path_buf(), source })?;
        Ok(Self {
            data: home.join("data"),
            config: home.join("config"),
            state: home.join("state"),
            cache: home.join("cache"),
        })
    }

    /// All four.
    pub fn all(&self) -> Vec<PathBuf> {
        [&self.data, &self.config, &self.state, &self.cache].map(PathBuf::clone).into()
    }

    /// The person's own settings.
    pub fn config_file(&self) -> PathBuf {
        self.config.join("config.toml")
    }

    /// The file of permission rules that the person keeps for single folders.
    pub fn allowed_file(&self) -> PathBuf {
        self.config.join("allowed.toml")
    }

    /// The person's own words for the model, in every folder.
    pub fn guidance(&self) -> PathBuf {
        self.config.join("AGENTS.md")
    }

    /// Where `CODLING_LOG` writes to.
    pub fn log_file(&self) -> PathBuf {
        self.state.join("codling.log")
    }
}

/// opencode's auth.json: `$XDG_DATA_HOME/opencode/auth.json`, else
/// `~/.local/share/opencode/auth.json`, on every system.
pub(super) fn opencode_file(env: &Env) -> Option<PathBuf> {
    let data = env
        .absolute("XDG_DATA_HOME")
        .map(Path::to_path_buf)
        .or_else(|| Some(env.home()?.join(".local/share")))?;
    Some(data.join("opencode").join("auth.json"))
}

/// Codex's auth.json: `$CODEX_HOME/auth.json`, else `~/.codex/auth.json`.
pub(super) fn codex_file(env: &Env) -> Option<PathBuf> {
    let home = env
        .absolute("CODEX_HOME")
        .map(Path::to_path_buf)
        .or_else(|| Some(env.home()?.join(".codex")))?;
    Some(home.join("auth.json"))
}

/// opencode's settings, in the order it reads them: `$XDG_CONFIG_HOME/opencode/`, else
/// `~/.config/opencode/`, on every system.
pub(super) fn opencode_settings(env: &Env) -> Vec<PathBuf> {
    let config = env
        .absolute("XDG_CONFIG_HOME")
        .map(Path::to_path_buf)
        .or_else(|| Some(env.home()?.join(".config")));
    let folder = config.map(|config| config.join("opencode"));
    folder
        .iter()
        .flat_map(|folder| {
            ["config.json", "opencode.json", "opencode.jsonc"].map(|name| folder.join(name))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::text::says;
    use crate::config::SystemFolders;

    fn system() -> SystemFolders {
        let folder = |name: &str| PathBuf::from("/Users/m/Library").join(name);
        SystemFolders {
            home: "/Users/m".into(),
            data: folder("data"),
            config: folder("config"),
            state: folder("state"),
            cache: folder("cache"),
        }
    }

    #[test]
    fn codling_home_comes_before_xdg_and_xdg_before_the_system() {
        for (variables, data, cache) in [
            (vec![], "/Users/m/Library/data", "/Users/m/Library/cache"),
            (vec![("XDG_DATA_HOME", "/xdg/data")], "/xdg/data/codling", "/Users/m/Library/cache"),
            (
                vec![("XDG_DATA_HOME", "relative")],
                "/Users/m/Library/data",
                "/Users/m/Library/cache",
            ),
            (vec![("XDG_DATA_HOME", "")], "/Users/m/Library/data", "/Users/m/Library/cache"),
            (
                vec![("CODLING_HOME", "/own"), ("XDG_CACHE_HOME", "/xdg/cache")],
                "/own/data",
                "/own/cache",
            ),
            (vec![("CODLING_HOME", "")], "/Users/m/Library/data", "/Users/m/Library/cache"),
        ] {
            let paths = Paths::of(&Env::of(variables.clone()).with_system(system())).unwrap();
            assert_eq!(
                (paths.data.to_str().unwrap(), paths.cache.to_str().unwrap()),
                (data, cache),
                "{variables:?}"
            );
        }
    }

    #[test]
    fn a_relative_codling_home_is_taken_from_the_working_folder() {
        let paths = Paths::of(&Env::of([("CODLING_HOME", "somewhere/else")])).unwrap();
        assert!(
            paths.state.is_absolute() && paths.state.ends_with("somewhere/else/state"),
            "{paths:?}"
        );
    }

    #[test]
    fn without_any_home_the_error_says_what_to_set() {
        assert!(matches!(Paths::of(&Env::of([("XDG_DATA_HOME", "/d")])), Err(ConfigError::NoHome)));
        let error = Paths::of(&Env::of([("HOME", "me")])).unwrap_err();
        assert!(says(&error.to_string(), "`HOME` … `me` … absolute"), "{error}");
    }

    #[test]
    fn opencodes_file_is_looked_for_where_opencode_puts_it() {
        for (variables, expected) in [
            (vec![("HOME", "/home/m")], Some("/home/m/.local/share/opencode/auth.json")),
            (vec![("HOME", "/home/m"), ("XDG_DATA_HOME", "/x")], Some("/x/opencode/auth.json")),
            (
                vec![("HOME", "/home/m"), ("CODLING_HOME", "/own")],
                Some("/home/m/.local/share/opencode/auth.json"),
            ),
            (vec![("CODLING_HOME", "/own")], None),
        ] {
            assert_eq!(
                opencode_file(&Env::of(variables.clone())),
                expected.map(PathBuf::from),
                "{variables:?}"
            );
        }
        assert_eq!(
            opencode_file(&Env::default().with_system(system())),
            Some("/Users/m/.local/share/opencode/auth.json".into())
        );
    }

    #[test]
    fn codexs_file_is_where_codex_home_says_or_in_the_home() {
        for (variables, file) in [
            (vec![("HOME", "/home/a")], "/home/a/.codex/auth.json"),
            (vec![("HOME", "/home/a"), ("CODEX_HOME", "/c")], "/c/auth.json"),
            (vec![("HOME", "/home/a"), ("CODEX_HOME", "c")], "/home/a/.codex/auth.json"),
        ] {
            assert_eq!(codex_file(&Env::of(variables)).as_deref(), Some(Path::new(file)));
        }
    }
}
