//! `codling doctor`: gathers what is to be judged, from the process, the settings and the system.

use std::fs;
use std::path::Path;
use std::time::UNIX_EPOCH;

use crate::base::files::resolve;
use crate::base::{Advice, Clock, Console, TerminalKind, Timestamp};
use crate::cli::args::DoctorArgs;
use crate::cli::error::CliError;
use crate::cli::join::colors;
use crate::config::{ConfigError, Env, Flags, LoadedSettings, Paths, load, load_or_default};
use crate::doctor::{
    self, Certificates, DoctorFacts, DoctorForm, Program, SandboxFacts, ServerTime, SettingsFacts,
    TerminalFacts,
};
use crate::engine::{self, checkup, live};
use crate::protocol::Exit;
use crate::sandbox;

/// Variables that name proxies, as curl and reqwest read them.
const PROXIES: [&str; 8] = [
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
];
/// The largest file of certificates that is looked into, in bytes.
const LARGEST: u64 = 16 << 20;

/// Looks the installation over.
///
/// # Errors
///
/// Fails if there is no place for codling's files, or with `--network` no runtime.
pub fn doctor(
    args: &DoctorArgs,
    folder: &Path,
    env: &Env,
    console: &mut Console,
) -> Result<Exit, CliError> {
    let (loaded, settings) = settings(folder, env)?;
    let of = &loaded.settings;
    let servers = args.network.then(|| server_times(&loaded)).transpose()?;
    let found = sandbox::detect();
    let same = matches!(
        (resolve(&of.auth_file), resolve(&of.opencode_file)),
        (Ok(ours), Ok(theirs)) if ours == theirs
    );
    let facts = DoctorFacts {
        program: Program { version: env!("CARGO_PKG_VERSION").into(), system: system() },
        home: env.home(),
        names: names(env),
        now: Clock::system().now(),
        settings,
        accounts: checkup::accounts(of),
        auth_file: of.auth_file.clone(),
        is_shared: same,
        auth_written: written(&of.auth_file),
        ports: of.callback_ports.map(|port| (port, checkup::port_holder(port))).into(),
        servers,
        proxies: PROXIES
            .iter()
            .filter_map(|name| Some(((*name).to_owned(), env.text(name)?)))
            .collect(),
        certificates: certificates(&loaded),
        terminal: TerminalFacts {
            term: env.text("TERM"),
            program: env.text("TERM_PROGRAM"),
            colours: colors(env).depth().words(),
            size: size(),
            kind: TerminalKind::of(|name| env.text(name)),
        },
        surroundings: of.surroundings.clone(),
        sandbox: SandboxFacts {
            sandbox: found.sandbox,
            refused: found.refused.iter().map(ToString::to_string).collect(),
        },
        open: live::sessions(&of.paths.state, None),
    };
    let form = if args.json { DoctorForm::Json } else { DoctorForm::Text };
    Ok(doctor::doctor(&facts, form, console))
}

/// The settings as far as they can be used, and what is wrong with them.
fn settings(folder: &Path, env: &Env) -> Result<(LoadedSettings, SettingsFacts), CliError> {
    let (flags, dialects) = (Flags::default(), engine::dialects());
    let mut problems: Vec<ConfigError> = Vec::new();
    let (mut loaded, unusable) = match load_or_default(env, &flags, &dialects) {
        Ok(loaded) => loaded,
        // A variable of ours is wrong; the places of the files still count.
        Err(error) => {
            problems.push(error);
            let home = env.value("CODLING_HOME").map(ToOwned::to_owned);
            let without = env.clone().without("CODLING_");
            let without =
                home.into_iter().fold(without, |env, home| env.with("CODLING_HOME", home));
            load_or_default(&without, &flags, &dialects)?
        }
    };
    problems.extend(unusable);
    if problems.is_empty() {
        match load(env, Some(folder), &flags, &dialects) {
            Ok(whole) => loaded.warnings = whole.warnings,
            Err(error) => problems.push(error),
        }
    }
    let file = Paths::of(env)?.config_file();
    let facts = SettingsFacts {
        exists: file.exists(),
        file,
        warnings: loaded.warnings.iter().map(|warning| warning.notice()).collect(),
        problems: problems
            .iter()
            .map(|error| {
                (crate::base::text::sentence(&error.to_string()).into_owned(), error.next_step())
            })
            .collect(),
    };
    Ok((loaded, facts))
}

fn server_times(loaded: &LoadedSettings) -> Result<Vec<ServerTime>, CliError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|source| CliError::Runtime { source })?;
    Ok(runtime.block_on(checkup::server_times(&loaded.settings)))
}

fn certificates(loaded: &LoadedSettings) -> Vec<Certificates> {
    let settings = &loaded.settings;
    [
        ("SSL_CERT_FILE", &settings.ca_file, true),
        ("NODE_EXTRA_CA_CERTS", &settings.node_ca_file, false),
    ]
    .into_iter()
    .filter_map(|(variable, file, is_needed)| {
        let file = file.clone().filter(|file| !file.as_os_str().is_empty())?;
        let bytes = crate::base::files::read(&file, LARGEST).unwrap_or_default();
        let is_usable = String::from_utf8_lossy(&bytes).contains("-----BEGIN CERTIFICATE-----");
        Some(Certificates { variable, file, is_usable, is_needed })
    })
    .collect()
}

fn written(file: &Path) -> Option<Timestamp> {
    let written = fs::metadata(file).ok()?.modified().ok()?;
    let since = written.duration_since(UNIX_EPOCH).ok()?;
    Some(Timestamp(i64::try_from(since.as_millis()).ok()?))
}

/// Names of the person and of the machine.
fn names(env: &Env) -> Vec<String> {
    let mut names: Vec<String> =
        ["USER", "LOGNAME", "HOSTNAME"].iter().filter_map(|name| env.text(name)).collect();
    #[cfg(unix)]
    names.extend(rustix::system::uname().nodename().to_str().map(str::to_owned));
    let home = env.home();
    let of_home = home.as_deref().and_then(Path::file_name).and_then(|name| name.to_str());
    names.extend(of_home.map(str::to_owned));
    names
}

/// `linux x86_64 6.1.0, debian 12`.
fn system() -> String {
    let mut system = format!("{} {}", std::env::consts::OS, std::env::consts::ARCH);
    #[cfg(unix)]
    if let Ok(release) = rustix::system::uname().release().to_str() {
        system.push_str(&format!(" {release}"));
    }
    let release = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let value = |key: &str| {
        let line = release.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='))?;
        Some(line.trim_matches('"').to_owned())
    };
    if let Some(id) = value("ID") {
        system.push_str(&format!(", {id} {}", value("VERSION_ID").unwrap_or_default()));
    }
    system.trim_end().to_owned()
}

#[cfg(unix)]
fn size() -> Option<(u16, u16)> {
    let size = rustix::termios::tcgetwinsize(rustix::stdio::stdout()).ok()?;
    (size.ws_col > 0 && size.ws_row > 0).then_some((size.ws_col, size.ws_row))
}

#[cfg(not(unix))]
fn size() -> Option<(u16, u16)> {
    None
}
