//! Layers, refusals and places, over real folders and made-up environments.

mod declared;
mod openings;
mod permissions;
mod providers;
mod sentences;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tracing::level_filters::LevelFilter;

use crate::base::Advice;
use crate::protocol::{SignInMethod, SignInRule};

use super::parse::{NOT_A_PROJECTS, NOT_A_SETTING, NOT_FOR_GOOD};
use super::permission::SUBJECTS;
use super::*;

/// A throw-away home with a project in it.
struct Fixture {
    folder: tempfile::TempDir,
    env: Env,
}

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let env =
            Env::default().with("CODLING_HOME", folder.path().join("home")).with("HOME", "/home/m");
        fs::create_dir_all(folder.path().join("project/.git")).unwrap();
        Self { folder, env }
    }

    fn write(&self, path: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    fn user(self, text: &str) -> Self {
        self.write("home/config/config.toml", text);
        self
    }

    fn project(self, text: &str) -> Self {
        self.write("project/.codling/config.toml", text);
        self
    }

    fn with(mut self, name: &str, value: &str) -> Self {
        self.env = self.env.with(name, value);
        self
    }

    fn load(&self) -> Result<LoadedSettings, ConfigError> {
        self.load_with(&Flags::default())
    }

    fn load_with(&self, flags: &Flags) -> Result<LoadedSettings, ConfigError> {
        load(&self.env, Some(&self.folder.path().join("project")), flags, &["responses", "chat"])
    }

    fn settings(&self) -> Settings {
        self.load().unwrap().settings
    }

    /// The error without the folder's random name.
    fn error(&self) -> String {
        self.load().unwrap_err().to_string().replace(self.folder.path().to_str().unwrap(), "")
    }

    fn warnings(&self) -> Vec<String> {
        let said = |warning: &ConfigWarning| {
            let notice = warning.notice();
            format!("{} | {}", notice.message, notice.next.unwrap_or_default())
                .replace(self.folder.path().to_str().unwrap(), "")
        };
        self.load().unwrap().warnings.iter().map(said).collect()
    }
}

#[test]
fn with_no_files_the_built_in_settings_hold() {
    let fixture = Fixture::new();
    let settings = fixture.settings();
    assert_eq!(settings.origins.auth.to_string(), "https://auth.openai.com");
    assert_eq!(settings.origins.chatgpt.to_string(), "https://chatgpt.com");
    assert_eq!(settings.origins.api.to_string(), "https://api.openai.com");
    assert_eq!(settings.auth_file, fixture.folder.path().join("home/data/auth.json"));
    assert_eq!(
        (settings.max_steps, settings.idle_limit, settings.log),
        (50, Duration::from_secs(300), LevelFilter::OFF)
    );
    assert_eq!(settings.reconnect_limit, Duration::from_secs(60));
    assert_eq!(
        (settings.model, settings.effort, settings.api_key, settings.ca_file),
        (None, None, None, None)
    );
    assert!(!fixture.folder.path().join("home").exists(), "reading settings creates nothing");
}

#[test]
fn a_later_layer_wins_key_by_key() {
    let user = "model = 'user'\neffort = 'low'\nmax_steps = 3\nidle_limit_seconds = 9\nreconnect_seconds = 0\nlog = 'debug'";
    let project = "model = 'project'\nmax_steps = 4";
    let flags = |model: Option<&str>| Flags { model: model.map(str::to_owned), ..Flags::default() };
    for (fixture, flags, model, effort, steps) in [
        (Fixture::new().user(user), flags(None), "user", "low", 3),
        (Fixture::new().user(user).project(project), flags(None), "project", "low", 4),
        (Fixture::new().user(user).project(project), flags(Some("typed")), "typed", "low", 4),
        (
            Fixture::new().project(project).user("effort = 'HIGH'"),
            flags(None),
            "project",
            "high",
            4,
        ),
    ] {
        let settings = fixture.load_with(&flags).unwrap().settings;
        assert_eq!(
            (
                settings.model.unwrap().id.as_str(),
                settings.effort.unwrap().0.as_str(),
                settings.max_steps
            ),
            (model, effort, steps)
        );
    }
    let logged = Fixture::new().user(user).with("CODLING_LOG", "off").settings();
    assert_eq!(
        (logged.log, logged.idle_limit, logged.reconnect_limit),
        (LevelFilter::OFF, Duration::from_secs(9), Duration::ZERO)
    );
}

#[test]
fn origins_come_from_the_users_file_and_the_environment_goes_first() {
    let file = "[origins]\nauth = 'http://127.0.0.1:1'\nchatgpt = 'https://chat.example'";
    let settings =
        Fixture::new().user(file).with("CODLING_AUTH_ORIGIN", "http://127.0.0.1:2").settings();
    assert_eq!(settings.origins.auth.to_string(), "http://127.0.0.1:2");
    assert_eq!(settings.origins.chatgpt.to_string(), "https://chat.example");
    assert_eq!(settings.origins.api.to_string(), "https://api.openai.com");
    let dotted = Fixture::new().user("origins.api = 'http://[::1]:3'").settings();
    assert_eq!(dotted.origins.api.to_string(), "http://[::1]:3");
    let inline = Fixture::new().user("origins = { api = 'https://api.example' }").settings();
    assert_eq!(inline.origins.api.to_string(), "https://api.example");
}

#[cfg(unix)]
#[test]
fn an_address_that_cannot_be_read_is_an_error() {
    use std::os::unix::ffi::OsStringExt;
    let bytes = std::ffi::OsString::from_vec(b"http://127.0.0.1\xff".to_vec());
    let mut fixture = Fixture::new();
    fixture.env = fixture.env.with("CODLING_AUTH_ORIGIN", bytes);
    assert!(
        fixture.load().is_err(),
        "an address that cannot be read must not fall back to the real one"
    );
}

#[test]
fn a_project_can_move_no_credential_and_is_told_so() {
    let project = "model = 'm'\nauth_file = '/tmp/theirs.json'\nlog = 'trace'\n[origins]\nauth = 'https://evil.example'\nzzz = 1\n";
    let fixture = Fixture::new().project(project);
    let settings = fixture.settings();
    assert_eq!(settings.origins.auth.to_string(), "https://auth.openai.com");
    assert_eq!(settings.auth_file, fixture.folder.path().join("home/data/auth.json"));
    assert_eq!((settings.log, settings.model.unwrap().id.as_str()), (LevelFilter::OFF, "m"));
    let own = "Set it in your own `config.toml` if you want it";
    assert_eq!(
        fixture.warnings(),
        [
            format!(
                "`/project/.codling/config.toml`, line 2, column 1: `auth_file` {NOT_A_PROJECTS} | {own}"
            ),
            format!(
                "`/project/.codling/config.toml`, line 3, column 1: `log` {NOT_A_PROJECTS} | {own}"
            ),
            format!(
                "`/project/.codling/config.toml`, line 4, column 2: `origins` {NOT_A_PROJECTS} | {own}"
            ),
        ]
    );
}

#[test]
fn an_unknown_key_is_warned_about_with_its_place_and_the_likely_meaning() {
    let fixture = Fixture::new()
        .user("# é\nmodle = 'm'\n\n[origins]\nchatgtp = 'https://x'\n[colours]\na = 1\n");
    let file = "`/home/config/config.toml`";
    assert_eq!(
        fixture.warnings(),
        [
            format!("{file}, line 2, column 1: `modle` {NOT_A_SETTING} | Did you mean `model`?"),
            format!(
                "{file}, line 5, column 1: `chatgtp` {NOT_A_SETTING} | Did you mean `chatgpt`?"
            ),
            format!("{file}, line 6, column 2: `colours` {NOT_A_SETTING} | "),
        ]
    );
    let project = Fixture::new().project("auth_fil = 'x'");
    assert!(
        project.warnings()[0].ends_with("is ignored | "),
        "a project is not led to what it may not set"
    );
}

#[test]
fn a_file_that_is_not_toml_is_an_error_with_a_place() {
    assert!(
        Fixture::new()
            .user("model = 'm'\neffort = \n")
            .error()
            .starts_with("`/home/config/config.toml`, line 2, column 10 is not valid")
    );
    assert!(
        Fixture::new()
            .user("model = 'm'\nmodel = 'n'\n")
            .error()
            .contains("line 2, column 1 is not valid")
    );
    let marked = Fixture::new().user("\u{feff}model = 'm'\nwhat = 1");
    assert_eq!(
        marked.settings().model.unwrap().id.as_str(),
        "m",
        "a byte-order mark is no part of the first key"
    );
    assert!(marked.warnings()[0].contains("line 2, column 1"));
}

#[test]
fn the_credential_file_can_be_named_in_every_way() {
    let place = |fixture: &Fixture| {
        let settings = fixture.settings();
        settings.auth_file.to_str().unwrap().replace(fixture.folder.path().to_str().unwrap(), "")
    };
    for (fixture, expected) in [
        (Fixture::new().user("auth_file = 'opencode'"), "/home/m/.local/share/opencode/auth.json"),
        (Fixture::new().user("auth_file = './opencode'"), "/home/config/./opencode"),
        (Fixture::new().user("auth_file = '~/keys.json'"), "/home/m/keys.json"),
        (Fixture::new().user("auth_file = '/etc/keys.json'"), "/etc/keys.json"),
        (
            Fixture::new().with("CODLING_AUTH_FILE", "/other.json").user("auth_file = 'opencode'"),
            "/other.json",
        ),
        (
            Fixture::new().with("CODLING_AUTH_FILE", "opencode").with("XDG_DATA_HOME", "/xdg"),
            "/xdg/opencode/auth.json",
        ),
        (Fixture::new().with("CODLING_AUTH_FILE", "~/k.json"), "/home/m/k.json"),
    ] {
        assert_eq!(place(&fixture), expected);
    }
    let relative = Fixture::new().with("CODLING_AUTH_FILE", "k.json").settings().auth_file;
    assert_eq!(relative, std::path::absolute("k.json").unwrap());
    assert!(Fixture::new().user("auth_file = ''").error().contains("column 13: `auth_file` must"));
}

#[test]
fn project_settings_are_read_from_the_folder_up_to_the_repository_and_no_further() {
    let fixture = Fixture::new();
    fixture.write(".codling/config.toml", "model = 'outside'\nmax_steps = 9");
    fixture.write("project/.codling/config.toml", "model = 'root'\nmax_steps = 2");
    fixture.write("project/a/b/.codling/config.toml", "model = 'inner'");
    fixture.write("elsewhere/deep/.keep", "");
    let at = |folder: &str| {
        let settings =
            load(&fixture.env, Some(&fixture.folder.path().join(folder)), &Flags::default(), &[])
                .unwrap()
                .settings;
        (settings.model.map(|model| model.to_string()), settings.max_steps)
    };
    assert_eq!(at("project/a/b"), (Some("inner".into()), 2));
    assert_eq!(at("project/a"), (Some("root".into()), 2));
    assert_eq!(
        at("elsewhere/deep"),
        (None, 50),
        "outside a repository the folders above say nothing"
    );
    let none = load(&fixture.env, None, &Flags::default(), &[]).unwrap().settings;
    assert_eq!(none.model, None);
}

#[test]
fn the_key_of_the_environment_is_trimmed_and_never_shown() {
    let settings = Fixture::new()
        .with("OPENAI_API_KEY", " sk-123\n")
        .with("SSL_CERT_FILE", "/ca.pem")
        .with("NODE_EXTRA_CA_CERTS", "/node.pem")
        .settings();
    assert_eq!(settings.api_key.as_ref().unwrap().expose(), "sk-123");
    assert_eq!(settings.ca_file.as_deref(), Some(Path::new("/ca.pem")));
    assert_eq!(settings.node_ca_file.as_deref(), Some(Path::new("/node.pem")));
    assert!(!format!("{settings:?}").contains("sk-123"));
    assert_eq!(Fixture::new().with("OPENAI_API_KEY", "  ").settings().api_key, None);
}

#[test]
fn the_web_search_is_the_persons_to_set_and_reaches_no_further_than_they_say() {
    use crate::protocol::{ApprovalMode, WebAccess};
    let modes = [ApprovalMode::ReadOnly, ApprovalMode::Ask, ApprovalMode::Auto, ApprovalMode::Full];
    let access = |fixture: &Fixture| {
        let set = fixture.settings().web_search;
        modes.map(|mode| WebSearchSetting::access(set, mode))
    };
    let (cached, live) = (Some(WebAccess::Cached), Some(WebAccess::Live));
    for (user, expected) in [
        ("", [None, cached, cached, cached]),
        ("web_search = 'cached'", [cached; 4]),
        ("web_search = 'live'", [live; 4]),
        ("web_search = 'off'", [None; 4]),
    ] {
        assert_eq!(access(&Fixture::new().user(user)), expected, "{user}");
    }
    let project = Fixture::new().project("web_search = 'live'");
    assert_eq!(access(&project), [None, cached, cached, cached]);
    assert_eq!(project.warnings().len(), 1, "{:?}", project.warnings());
    let error = Fixture::new().user("web_search = 'indexed'").error();
    for mode in ["live", "cached", "off"] {
        assert!(error.contains(&format!("`{mode}`")), "{error}");
    }
}

#[test]
fn who_sums_up_is_the_persons_to_set() {
    use crate::protocol::Compactor;
    let compactor = |fixture: &Fixture| fixture.settings().compactor;
    assert_eq!(compactor(&Fixture::new()), Compactor::Model);
    assert_eq!(compactor(&Fixture::new().user("compaction = 'server'")), Compactor::Server);
    let project = Fixture::new().project("compaction = 'server'");
    assert_eq!((compactor(&project), project.warnings().len()), (Compactor::Model, 1));
    let error = Fixture::new().user("compaction = 'remote'").error();
    assert!(error.contains("`model` or `server`"), "{error}");
}

#[test]
fn the_settings_shown_in_the_guide_are_all_known() {
    let page = include_str!("../../../../assets/guide/configuration.md");
    let sample = page.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let fixture = Fixture::new().user(sample);
    assert_eq!(fixture.warnings(), Vec::<String>::new());
    assert!(fixture.settings().auth_file.ends_with("opencode/auth.json"));
    let rules = sample.split("[permission]").nth(1).unwrap().split("\n[").next().unwrap();
    let words: Vec<&str> = rules.split([' ', ',', ':', '\n', '(', ')', '`']).collect();
    for subject in SUBJECTS {
        let quoted = format!("\"{subject}\"");
        let is_shown = words.contains(&subject) || words.contains(&quoted.as_str());
        assert!(is_shown, "`{subject}` does not stand in the guide");
    }
}

#[test]
fn a_bare_id_in_a_file_is_openais_and_a_typed_one_of_the_provider_in_use() {
    let typed = |model: &str| Flags { model: Some(model.to_owned()), ..Flags::default() };
    for (user, flag, expected) in
        [("model = 'large'", "small", "small"), ("model = 'openai/large'", "small", "small")]
    {
        let fixture = Fixture::new().user(user);
        let settings = fixture.load_with(&typed(flag)).unwrap().settings;
        assert_eq!(settings.model.unwrap().to_string(), expected, "{user}");
    }
}

#[test]
fn sign_ins_can_be_kept_to_one_method_and_to_some_workspaces_by_the_person_alone() {
    let rule = |text: &str| Fixture::new().user(text).settings().sign_in_rule;
    assert_eq!(rule(""), SignInRule::default());
    let forced = rule("forced_login_method = 'chatgpt'\nforced_chatgpt_workspace_id = 'ws-1'");
    assert_eq!(forced.method, Some(SignInMethod::ChatGpt));
    assert_eq!(&*forced.workspaces, ["ws-1"]);
    let several = rule("forced_login_method = 'api'\nforced_chatgpt_workspace_id = ['a', 'b']");
    assert_eq!((several.method, several.workspaces.len()), (Some(SignInMethod::ApiKey), 2));
    for wrong in [
        "forced_login_method = 'sso'",
        "forced_chatgpt_workspace_id = ''",
        "forced_chatgpt_workspace_id = []",
        "forced_chatgpt_workspace_id = ['a,b']",
    ] {
        assert!(Fixture::new().user(wrong).error().contains("forced_"), "{wrong}");
    }
    let project = Fixture::new().project("forced_login_method = 'api'");
    assert_eq!(project.settings().sign_in_rule, SignInRule::default());
}
