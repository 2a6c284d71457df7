//! Reads the layers and folds them. Knows the built-in values; opens no file but settings files.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tracing::level_filters::LevelFilter;

use crate::base::Secret;
use crate::protocol::{
    ApprovalMode, ModelRef, Origin, Origins, Provider, ProviderAuth, ProviderId, ProviderSource,
    Rule, SandboxOpening, SandboxOpenings, SignInRule, StatusChoice,
};

use super::parse::{ConfigOwner, ConfigSource, shown};
use super::paths::{codex_file, opencode_file, opencode_settings};
use super::provider::with_known;
use super::setting::layer::{AuthFile, Layer, ModelSetting, sandbox_write};
use super::setting::{Given, SETTINGS, Setting, built_in, origin};
use super::{ConfigError, ConfigWarning, Desktop, Env, Paths, Settings, Whence, detect, opencode};

/// The settings of the command line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// `--model`.
    pub model: Option<String>,
    /// `--effort`.
    pub effort: Option<String>,
    /// `--verbosity`.
    pub verbosity: Option<String>,
    /// `--service-tier`.
    pub service_tier: Option<String>,
    /// Folders to work in besides the session's own.
    pub add_dirs: Vec<PathBuf>,
    /// Whether the folder's programs are trusted as they are now.
    pub trust_project: bool,
}

impl Flags {
    /// The text given for the setting `key`.
    pub(super) fn value(&self, key: &str) -> Option<&str> {
        match key {
            "model" => self.model.as_deref(),
            "effort" => self.effort.as_deref(),
            "verbosity" => self.verbosity.as_deref(),
            "service_tier" => self.service_tier.as_deref(),
            _ => None,
        }
    }
}

/// The settings, and what was ignored on the way.
#[derive(Clone, Debug)]
pub struct LoadedSettings {
    /// All of them, the built-in ones where nothing is set.
    pub settings: Settings,
    /// Notes about ignored parts, in the order of the files.
    pub warnings: Vec<ConfigWarning>,
}

/// The loopback ports that are registered for the sign-in's redirect.
const REGISTERED_PORTS: [u16; 2] = [1455, 1457];
const LARGEST_FILE: u64 = 1 << 20;

/// Folds built-in < user file < project files < environment < flags.
///
/// `dialects` are the wire dialects that a provider can speak. `project` is the folder the
/// conversation is about; `None` reads no project's settings. A missing file is no error.
///
/// # Errors
///
/// A file cannot be read, or a value in a file, a variable or a flag cannot be used.
pub fn load(
    env: &Env,
    project: Option<&Path>,
    flags: &Flags,
    dialects: &[&str],
) -> Result<LoadedSettings, ConfigError> {
    let text = read(&Paths::of(env)?.config_file())?;
    load_with(env, project, flags, dialects, text)
}

/// The same without the person's own file where that cannot be used; and what is wrong with it.
///
/// A server of other programs starts all the same. The file may have forbidden things, so nothing
/// runs unasked then.
///
/// # Errors
///
/// A variable or a flag cannot be used, or there is no home.
pub fn load_or_default(
    env: &Env,
    flags: &Flags,
    dialects: &[&str],
) -> Result<(LoadedSettings, Option<ConfigError>), ConfigError> {
    let path = Paths::of(env)?.config_file();
    let error = match load(env, None, flags, dialects) {
        Ok(loaded) => return Ok((loaded, None)),
        Err(error) => error,
    };
    if error.path() != Some(&*path) {
        return Err(error);
    }
    let mut loaded = load_with(env, None, flags, dialects, None)?;
    loaded.settings.approvals = ApprovalMode::Ask;
    Ok((loaded, Some(error)))
}

/// The same with this text for the person's own file; `None` is a missing one.
pub(super) fn load_with(
    env: &Env,
    project: Option<&Path>,
    flags: &Flags,
    dialects: &[&str],
    user_text: Option<String>,
) -> Result<LoadedSettings, ConfigError> {
    let paths = Paths::of(env)?;
    let home = env.home();
    let mut warnings = Vec::new();
    let mut layer = built_in();
    let user = (paths.config_file(), ConfigOwner::User, user_text);
    let projects = project.into_iter().flat_map(project_files);
    let projects = projects.map(|(path, owner)| read(&path).map(|text| (path, owner, text)));
    let closed = paths.all();
    for layered in std::iter::once(Ok(user)).chain(projects) {
        let (path, owner, text) = layered?;
        if let Some(text) = text {
            let source = ConfigSource {
                path: &path,
                text: &text,
                owner,
                home: home.as_deref(),
                closed: &closed,
                dialects,
            };
            source.parse(&mut layer, &mut warnings)?;
        }
    }
    environment(&mut layer, env, home.as_deref())?;
    let in_use = layer.model.as_ref().and_then(|model| model.name.provider.clone());
    let in_use = in_use.unwrap_or_else(ProviderId::openai);
    for setting in SETTINGS {
        if let (Some(flag), Some(text)) = (setting.flag, flags.value(setting.key)) {
            take(setting, &mut layer, text, Whence::Flag(flag), home.as_deref())?;
        }
    }
    let trust = layer.opencode_permissions;
    let mut rules = opencode::rules(&opencode_settings(env), trust, home.as_deref(), &mut warnings);
    let own = std::mem::take(&mut layer.rules).into_iter();
    rules.extend(own.map(|rule| (rule, paths.config_file())));
    let mut settings = settle(env, paths, layer, &in_use, rules)?;
    for path in &flags.add_dirs {
        let whole = std::path::absolute(path).unwrap_or_else(|_| path.clone());
        let whence = Whence::Flag("--add-dir");
        let text = whole.to_string_lossy();
        let home = home.as_deref();
        let found = sandbox_write(&Given {
            text: &text,
            whence: &whence,
            folder: Path::new(""),
            home,
            closed: &closed,
        });
        let added = found.filter(|found| found.is_dir());
        let added = added.ok_or_else(|| ConfigError::AddedFolder { path: path.clone() })?;
        settings.grants.add(SandboxOpening::Folder(added.clone()));
        settings.added_folders.push(added);
    }
    settings.trusts_project = flags.trust_project;
    Ok(LoadedSettings { settings, warnings })
}

fn settle(
    env: &Env,
    paths: Paths,
    layer: Layer,
    in_use: &ProviderId,
    rules: Vec<(Rule, PathBuf)>,
) -> Result<Settings, ConfigError> {
    let (rules, rule_files): (Vec<Rule>, Vec<PathBuf>) = rules.into_iter().unzip();
    let providers = providers(env, layer.providers);
    let is_openai = layer.api_origin.is_none();
    let model = layer.model.map(|model| served(model, in_use, &providers, is_openai));
    let small_model = layer.small_model.map(|model| served(model, in_use, &providers, is_openai));
    let opencode = opencode_file(env);
    let auth_file = match layer.auth_file {
        None => paths.data.join("auth.json"),
        Some(AuthFile::Path(path)) => path,
        Some(AuthFile::Opencode) => opencode.clone().ok_or(ConfigError::NoHome)?,
    };
    let address = |set: Option<Origin>, key| match set {
        Some(origin) => Ok(origin),
        None => {
            let text = Setting::named(key).map_or("", |setting| setting.default);
            origin(text, &Whence::Flag("built-in"))
        }
    };
    Ok(Settings {
        origins: Origins {
            auth: address(layer.auth_origin, "origins.auth")?,
            chatgpt: address(layer.chatgpt_origin, "origins.chatgpt")?,
            api: address(layer.api_origin, "origins.api")?,
            models: match env.text("OPENCODE_DISABLE_MODELS_FETCH") {
                Some(set) if !set.is_empty() && set != "0" && set != "false" => None,
                _ => Some(address(layer.models_origin, "origins.models")?),
            },
        },
        models_file: env.value("OPENCODE_MODELS_PATH").map(PathBuf::from),
        auth_file,
        opencode_file: opencode.unwrap_or_default(),
        codex_file: codex_file(env).unwrap_or_default(),
        opencode_settings: opencode_settings(env),
        api_key: secret(env, "OPENAI_API_KEY"),
        ca_file: env.value("SSL_CERT_FILE").map(PathBuf::from),
        node_ca_file: env.value("NODE_EXTRA_CA_CERTS").map(PathBuf::from),
        model: model.transpose()?,
        providers,
        effort: layer.effort,
        verbosity: layer.verbosity,
        service_tier: layer.service_tier,
        max_steps: layer.max_steps,
        keep_running: layer.keep_running,
        notify: layer.notify.into(),
        mouse: layer.mouse,
        copy_on_select: layer.copy_on_select,
        notify_after: layer.notify_after,
        status: StatusChoice { parts: layer.status.into(), command: layer.status_command.into() },
        has_title: layer.has_title,
        idle_limit: layer.idle_limit,
        reconnect_limit: layer.reconnect_limit,
        on_usage_limit: layer.on_usage_limit,
        log: layer.log.unwrap_or(LevelFilter::OFF),
        surroundings: detect(env, Desktop::HERE, |path| path.exists()),
        approvals: layer.approvals,
        sign_in_rule: SignInRule {
            method: layer.sign_in_method,
            workspaces: layer.workspaces.into(),
        },
        tool_face: layer.tool_face,
        web_search: layer.web_search,
        compactor: layer.compactor,
        compact_at: layer.compact_at,
        small_model: small_model.transpose()?,
        rules: rules.into(),
        rule_files: rule_files.into(),
        grants: SandboxOpenings {
            hosts: layer.sandbox_network,
            folders: layer.sandbox_write,
            readable: layer.sandbox_read,
        },
        added_folders: Vec::new(),
        trusts_project: false,
        home: env.home(),
        guidance: paths.guidance(),
        callback_ports: callback_ports(env)?,
        paths,
    })
}

/// All providers, with the keys that stand in variables.
fn providers(env: &Env, mut providers: Vec<Provider>) -> Arc<[Provider]> {
    for provider in &mut providers {
        if let ProviderAuth::Key(Some(variable)) = &mut provider.auth {
            variable.value = secret(env, &variable.name);
        }
    }
    with_known(providers, |name| secret(env, name)).into()
}

/// The providers that have a section, for an error that names them.
fn of_settings(providers: &[Provider]) -> Vec<ProviderId> {
    let own = providers.iter().filter(|known| known.source == ProviderSource::Settings);
    own.map(|known| known.id.clone()).collect()
}

fn secret(env: &Env, name: &str) -> Option<Secret> {
    let value = env.text(name)?.trim().to_owned();
    (!value.is_empty()).then(|| Secret::new(value))
}

/// The model with its provider, which must exist. If the API is somebody else's (`is_openai` is
/// false), ids have slashes of their own, and files name them as they did before there were
/// providers.
fn served(
    model: ModelSetting,
    in_use: &ProviderId,
    providers: &[Provider],
    is_openai: bool,
) -> Result<ModelRef, ConfigError> {
    let ModelSetting { name, whence } = model;
    let model = name.of(in_use);
    let is_known =
        |id: &ProviderId| id.is_openai() || providers.iter().any(|known| known.id == *id);
    match is_known(&model.provider) {
        true => Ok(model),
        false if !is_openai && matches!(whence, Whence::File { .. }) => {
            Ok(ModelRef::openai(model.to_string()))
        }
        false => Err(ConfigError::NoProvider {
            whence,
            model: model.to_string(),
            provider: model.provider,
            known: of_settings(providers),
        }),
    }
}

/// The variables that set what a file could set too.
fn environment(layer: &mut Layer, env: &Env, home: Option<&Path>) -> Result<(), ConfigError> {
    let models = SETTINGS.iter().find(|setting| setting.key == "origins.models");
    if let (Some(setting), Some(text)) = (models, env.text("OPENCODE_MODELS_URL")) {
        take(setting, layer, &text, Whence::Variable("OPENCODE_MODELS_URL"), home)?;
    }
    for setting in SETTINGS {
        let Some(variable) = setting.variable else { continue };
        match env.value(variable).map(Path::new) {
            // A path given here need not be text, and begins at the working folder.
            Some(path) if setting.key == "auth_file" && !is_special(path) => {
                let whole = std::path::absolute(path)
                    .map_err(|source| ConfigError::Place { path: path.to_path_buf(), source })?;
                layer.auth_file = Some(AuthFile::Path(whole));
            }
            Some(text) => {
                take(setting, layer, &text.to_string_lossy(), Whence::Variable(variable), home)?;
            }
            None => {}
        }
    }
    Ok(())
}

fn is_special(path: &Path) -> bool {
    path.to_str().is_some_and(|text| text == "opencode" || text.starts_with('~'))
}

/// Reads the text of a variable or a flag.
fn take(
    setting: &Setting,
    layer: &mut Layer,
    text: &str,
    whence: Whence,
    home: Option<&Path>,
) -> Result<(), ConfigError> {
    let given = Given { text, whence: &whence, folder: Path::new(""), home, closed: &[] };
    let read = setting.read(layer, &given)?;
    read.ok_or_else(|| wrong(whence, setting.expected(), text))
}

fn wrong(whence: Whence, expected: String, text: &str) -> ConfigError {
    ConfigError::Value { whence, key: String::new(), expected, found: format!("`{}`", shown(text)) }
}

/// Two ports, as in `1455,1457`.
fn callback_ports(env: &Env) -> Result<[u16; 2], ConfigError> {
    let read = |text: &str| {
        let (first, second) = text.split_once(',')?;
        Some([first.trim().parse().ok()?, second.trim().parse().ok()?])
    };
    let Some(text) = env.text("CODLING_CALLBACK_PORTS") else { return Ok(REGISTERED_PORTS) };
    let whence = Whence::Variable("CODLING_CALLBACK_PORTS");
    read(&text).ok_or_else(|| wrong(whence, "two ports such as `1455,1457`".into(), &text))
}

/// `.codling/config.toml` of the repository's root first, then inwards to the folder; outside a
/// repository only the folder's own, since the folders above it may belong to anyone.
fn project_files(folder: &Path) -> Vec<(PathBuf, ConfigOwner)> {
    let depth = folder.ancestors().position(|above| above.join(".git").exists()).unwrap_or(0);
    let mut files: Vec<_> = folder
        .ancestors()
        .take(depth + 1)
        .map(|folder| (folder.join(".codling").join("config.toml"), ConfigOwner::Project))
        .collect();
    files.reverse();
    files
}

/// The text of a settings file; `None` if there is none. Never waits on a pipe nor reads a device
/// without end.
pub(super) fn read(path: &Path) -> Result<Option<String>, ConfigError> {
    let failed = |source| ConfigError::Read { path: path.to_path_buf(), source };
    match fs::metadata(path) {
        Ok(found) if !found.is_file() => return Err(failed(io::Error::other("it is not a file"))),
        Ok(found) if found.len() > LARGEST_FILE => {
            return Err(ConfigError::TooLarge { path: path.to_path_buf(), limit: LARGEST_FILE });
        }
        Ok(_) => {}
        Err(error)
            if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) =>
        {
            return Ok(None);
        }
        Err(error) => return Err(failed(error)),
    }
    let mut bytes = Vec::new();
    fs::File::open(path)
        .and_then(|file| file.take(LARGEST_FILE).read_to_end(&mut bytes))
        .map_err(failed)?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Some(text)),
        Err(error) => {
            let upto = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
            Err(ConfigError::Malformed {
                whence: Whence::at(path, &text, upto),
                detail: "it is not UTF-8 there".into(),
            })
        }
    }
}
