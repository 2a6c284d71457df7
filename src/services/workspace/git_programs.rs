//! Settings that keep git from starting programs that a repository names: file system monitors,
//! hooks, filters, converters, diff programs. Starts no process.

use std::ffi::OsString;

/// The limit for settings that are looked at.
const MOST: usize = 1000;

/// The programs that a repository's settings would start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Programs {
    /// Keys and values that turn them off.
    off: Vec<(String, String)>,
    /// A key that only an option turns off (`--no-ext-diff`).
    pub shows_differences: Option<String>,
}

impl Programs {
    /// Reads the output of `git config --list --name-only -z`. `scoped` says that `--show-scope`
    /// was given: then only the repository's own settings count.
    pub fn of(listed: &[u8], scoped: bool) -> Self {
        let mut words = listed.split(|byte| *byte == 0).map(String::from_utf8_lossy);
        let mut found = Self::default();
        for _ in 0..MOST {
            let scope = if scoped { words.next() } else { None };
            let Some(key) = words.next().filter(|key| !key.is_empty()) else { break };
            if scope.is_none_or(|scope| matches!(&*scope, "local" | "worktree")) {
                found.add(&key);
            }
        }
        found
    }

    /// Adds the programs of another repository.
    pub fn add_all(&mut self, other: Self) {
        self.off.extend(other.off);
        self.shows_differences = self.shows_differences.take().or(other.shows_differences);
    }

    fn add(&mut self, key: &str) {
        let name = key.to_ascii_lowercase();
        let ends = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
        let value = match name.split('.').next().unwrap_or_default() {
            "filter" if ends(&[".clean", ".smudge", ".process"]) => "",
            "filter" if ends(&[".required"]) => "false",
            // It gets a file name and prints the content.
            "diff" if ends(&[".textconv"]) => "cat",
            "diff" if name == "diff.external" || ends(&[".command"]) => {
                self.shows_differences.get_or_insert_with(|| key.to_owned());
                return;
            }
            // Git opens a submodule as another repository.
            "submodule" if ends(&[".ignore"]) => "dirty",
            "log" if name == "log.showsignature" => "false",
            _ => return,
        };
        self.off.push((key.to_owned(), value.to_owned()));
    }

    /// The settings as environment variables of git; options could not hold a key with `=`.
    pub fn variables(&self) -> Vec<(OsString, OsString)> {
        const ALWAYS: [(&str, &str); 5] = [
            ("core.fsmonitor", "false"),
            ("core.hooksPath", "/dev/null"),
            ("core.untrackedCache", "false"),
            ("core.pager", "cat"),
            ("diff.ignoreSubmodules", "dirty"),
        ];
        let off = self.off.iter().map(|(key, value)| (key.as_str(), value.as_str()));
        let settings: Vec<(&str, &str)> = ALWAYS.into_iter().chain(off).collect();
        let count = ("GIT_CONFIG_COUNT".into(), settings.len().to_string().into());
        let each = settings.into_iter().enumerate().flat_map(|(at, (key, value))| {
            [
                (format!("GIT_CONFIG_KEY_{at}").into(), key.into()),
                (format!("GIT_CONFIG_VALUE_{at}").into(), value.into()),
            ]
        });
        std::iter::once(count).chain(each).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repositorys_programs_are_turned_off_and_a_persons_own_stay() {
        let listed =
            b"global\0filter.lfs.clean\0local\0filter.a=b.Process\0local\0filter.x.required\0worktree\0diff.t.textconv\0local\0core.bare\0";
        let programs = Programs::of(listed, true);
        let off: Vec<_> =
            programs.off.iter().map(|(key, value)| format!("{key}={value}")).collect();
        assert_eq!(off, ["filter.a=b.Process=", "filter.x.required=false", "diff.t.textconv=cat"]);
        assert_eq!(programs.shows_differences, None);
        let variables = programs.variables();
        assert_eq!(variables[0], ("GIT_CONFIG_COUNT".into(), "8".into()));
        assert!(variables.contains(&("GIT_CONFIG_KEY_5".into(), "filter.a=b.Process".into())));
        for key in ["diff.external", "diff.a.command"] {
            assert_eq!(
                Programs::of(format!("local\0{key}\0").as_bytes(), true)
                    .shows_differences
                    .as_deref(),
                Some(key)
            );
            assert_eq!(
                Programs::of(format!("global\0{key}\0").as_bytes(), true).shows_differences,
                None
            );
        }
        assert_eq!(
            Programs::of(b"filter.lfs.clean\0", false).off.len(),
            1,
            "without scopes, all count"
        );
    }
}
