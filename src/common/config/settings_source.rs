//! The source of the settings, which can be read again while the program runs, and in which the
//! person's own file can be changed.

use std::fmt;
use std::path::PathBuf;

use crate::base::files::Lock;
use crate::base::text;
use crate::protocol::{ConfigEdit, ConfigRefusal, ConfigRefusalKind, ConfigView};

use super::edit::{edited, version};
use super::load::{load_or_default, load_with, read};
use super::setting::{SETTINGS, SetBy, roots};
use super::{ConfigError, Env, Flags, LoadedSettings, Paths, Settings};

/// The environment and the flags that the program was started with.
#[derive(Clone)]
pub struct SettingsSource {
    env: Env,
    flags: Flags,
    dialects: Vec<&'static str>,
    /// The folder whose settings count as well.
    project: Option<PathBuf>,
}

/// The variables may hold keys.
impl fmt::Debug for SettingsSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SettingsSource")
    }
}

/// Settings, and what clients are told of them.
pub type ReadSettings = (Settings, ConfigView);

impl SettingsSource {
    /// Those of a start with this environment and these flags. `dialects` are the wire dialects
    /// that a provider can speak.
    pub fn new(env: Env, flags: Flags, dialects: Vec<&'static str>) -> Self {
        Self { env, flags, dialects, project: None }
    }

    /// With the settings of this project, which apply to what is written too.
    pub fn of_project(self, project: Option<PathBuf>) -> Self {
        Self { project, ..self }
    }

    /// As they are now, without a project's; the built-in ones where the file cannot be used.
    ///
    /// # Errors
    ///
    /// A variable or a flag cannot be used, or there is no home.
    pub fn read(&self) -> Result<ReadSettings, ConfigError> {
        let text = read(&Paths::of(&self.env)?.config_file()).ok().flatten().unwrap_or_default();
        let (loaded, _unusable) = load_or_default(&self.env, &self.flags, &self.dialects)?;
        Ok(self.with_view(loaded, &text))
    }

    /// Changes the person's own file, all of it or nothing. `expected` is the version that the
    /// changes were made for. Nothing is written that could not be used at the next start.
    ///
    /// # Errors
    ///
    /// The file cannot be read or written. A refused change is the inner error.
    pub fn write(
        &self,
        edits: &[ConfigEdit],
        expected: Option<&str>,
    ) -> Result<Result<ReadSettings, ConfigRefusal>, ConfigError> {
        let path = Paths::of(&self.env)?.config_file();
        let lock = Lock::take(&path).map_err(|source| ConfigError::Write { source })?;
        let text = read(&path)?.unwrap_or_default();
        if expected.is_some_and(|expected| expected != version(&text)) {
            let message =
                "Configuration was modified since last read. Fetch latest version and retry.";
            return Ok(Err(refusal(ConfigRefusalKind::Changed, message)));
        }
        let first = |edit: &ConfigEdit| edit.path.first().cloned().unwrap_or_default();
        if let Some(key) =
            edits.iter().map(first).find(|key| !roots(SetBy::Person).contains(&key.as_str()))
        {
            let message = format!("`{}` is not a setting of codling", super::parse::shown(&key));
            return Ok(Err(refusal(ConfigRefusalKind::UnknownKey, message)));
        }
        let invalid = |why: &str| Ok(Err(refusal(ConfigRefusalKind::Invalid, why)));
        let changed = match edited(&text, edits) {
            Ok(changed) => changed,
            Err(why) => return invalid(&format!("Invalid configuration: {why}")),
        };
        let loaded = match self.load(&changed) {
            Ok(loaded) => loaded,
            Err(error) => return invalid(&format!("Invalid configuration: {error}")),
        };
        // A key that was ignored before may stay.
        let before = self.load(&text).map(|loaded| loaded.warnings).unwrap_or_default();
        let mut known: Vec<String> = before.into_iter().map(|warning| warning.message).collect();
        for warning in &loaded.warnings {
            match known.iter().position(|message| *message == warning.message) {
                Some(at) => drop(known.swap_remove(at)),
                None => {
                    let why = text::sentence(&warning.message);
                    return invalid(&format!("Invalid configuration: {why}"));
                }
            }
        }
        lock.replace(changed.as_bytes()).map_err(|source| ConfigError::Write { source })?;
        Ok(Ok(self.with_view(loaded, &changed)))
    }

    fn load(&self, text: &str) -> Result<LoadedSettings, ConfigError> {
        load_with(
            &self.env,
            self.project.as_deref(),
            &self.flags,
            &self.dialects,
            Some(text.to_owned()),
        )
    }

    fn with_view(&self, loaded: LoadedSettings, text: &str) -> ReadSettings {
        let settings = loaded.settings;
        let view = ConfigView {
            file: settings.paths.config_file(),
            version: version(text),
            model: settings.model.clone(),
            effort: settings.effort.clone(),
            verbosity: settings.verbosity,
            service_tier: settings.service_tier,
            approvals: settings.approvals,
            sign_in_rule: settings.sign_in_rule.clone(),
            overridden: SETTINGS
                .iter()
                .map(|setting| setting.key)
                .filter(|key| self.flags.value(key).is_some())
                .collect(),
        };
        (settings, view)
    }
}

fn refusal(kind: ConfigRefusalKind, message: impl Into<String>) -> ConfigRefusal {
    ConfigRefusal { kind, message: message.into() }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::protocol::{ApprovalMode, ConfigMerge, ConfigValue};

    fn source(home: &std::path::Path, flags: Flags) -> SettingsSource {
        let env = Env::of([]).with("CODLING_HOME", home.as_os_str());
        SettingsSource::new(env, flags, vec!["responses"])
    }

    fn set(key: &str, given: &str) -> ConfigEdit {
        let value = Some(ConfigValue::Text(given.into()));
        ConfigEdit { path: vec![key.into()], value, merge: ConfigMerge::Replace }
    }

    #[test]
    fn what_could_not_be_used_is_not_written() {
        let home = tempfile::tempdir().unwrap();
        let source = source(home.path(), Flags::default());
        let file = source.read().unwrap().1.file;
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        let before = "# mine\r\nold_key = 1\r\neffort = \"low\" # for now\r\n";
        fs::write(&file, before).unwrap();
        let version = source.read().unwrap().1.version;
        for (edits, expected, kind) in [
            (vec![set("effort", "high")], "sha256:0", ConfigRefusalKind::Changed),
            (vec![set("modle", "m")], &version, ConfigRefusalKind::UnknownKey),
            (vec![set("approvals", "never")], &version, ConfigRefusalKind::Invalid),
            (vec![set("approvals", "full")], &version, ConfigRefusalKind::Invalid),
            (
                vec![set("effort", "high"), set("model", "acme/m")],
                &version,
                ConfigRefusalKind::Invalid,
            ),
        ] {
            let refused = source.write(&edits, Some(expected)).unwrap().unwrap_err();
            assert_eq!(refused.kind, kind, "{edits:?}: {}", refused.message);
            assert_eq!(fs::read_to_string(&file).unwrap(), before);
        }
        let edits = [set("effort", "high"), set("approvals", "auto")];
        let (settings, view) = source.write(&edits, Some(&version)).unwrap().unwrap();
        assert_eq!((settings.approvals, view.approvals), (ApprovalMode::Auto, ApprovalMode::Auto));
        assert_ne!(view.version, version);
        let after =
            "# mine\r\nold_key = 1\r\neffort = \"high\" # for now\r\napprovals = \"auto\"\r\n";
        assert_eq!(fs::read_to_string(&file).unwrap(), after);
    }

    #[test]
    fn what_a_flag_says_is_known_to_stand_before_the_file() {
        let home = tempfile::tempdir().unwrap();
        let flags = Flags { model: Some("flagged".into()), ..Flags::default() };
        let (_, view) =
            source(home.path(), flags).write(&[set("model", "m")], None).unwrap().unwrap();
        assert_eq!(view.overridden, ["model"]);
        assert_eq!(view.model.unwrap().to_string(), "flagged");
    }
}
