//! `codling doctor` as a shell sees it, in a home in which all is well and in homes with a fault
//! each; and `codling config` with editors that are scripts.
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test ends by panicking, wherever it goes wrong"
)]

use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::pty;
use crate::stage::{Account, Stage};

fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_codling"))
}

/// `codling` with these arguments, on no terminal, with callback ports that are free.
fn codling(stage: &Stage, arguments: &[&str]) -> Command {
    let mut command = stage.command(program(), stage.home.path());
    let free = || TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    command.env("CODLING_CALLBACK_PORTS", format!("{},{}", free(), free()));
    command.env("TERM", "xterm-256color").env("PATH", "/usr/bin:/bin");
    command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The marks that are not `ok`, by topic; those of the place in which tests run are left out.
fn faults(output: &Output) -> Vec<(String, String)> {
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    let of = |one: &Value, key: &str| one[key].as_str().unwrap().to_owned();
    let found = found.as_array().unwrap().iter();
    let found = found.map(|one| (of(one, "topic"), of(one, "mark")));
    found.filter(|(topic, mark)| topic != "sandbox" && mark != "ok").collect()
}

fn settings_file(stage: &Stage) -> PathBuf {
    let folder = stage.home.path().join("config");
    std::fs::create_dir_all(&folder).unwrap();
    folder.join("config.toml")
}

#[test]
fn a_home_in_which_all_is_well_has_no_fault_and_gives_nothing_away() {
    let stage = Stage::new(Account::ChatGpt);
    let asked = stage.stand.requests().len();
    let output = codling(&stage, &["doctor"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(stage.stand.requests().len(), asked, "it asks no server by itself");
    let saved = std::fs::read_to_string(stage.home.auth_file()).unwrap();
    let saved: Value = serde_json::from_str(&saved).unwrap();
    let printed = text(&output.stdout);
    for key in ["access", "refresh", "accountId"] {
        if let Some(secret) = saved["openai"][key].as_str() {
            assert!(!printed.contains(secret), "{key} in {printed}");
        }
    }
    assert!(!printed.contains('@'), "{printed}");
    assert!(!printed.contains(stage.home.path().to_str().unwrap()), "{printed}");
    let output = codling(&stage, &["doctor", "--json"]).output().unwrap();
    assert_eq!(faults(&output), []);
}

#[test]
fn with_the_network_the_servers_are_asked_and_the_clock_is_compared() {
    let stage = Stage::new(Account::ApiKey);
    let output = codling(&stage, &["doctor", "--json", "--network"]).output().unwrap();
    assert_eq!((output.status.code(), faults(&output)), (Some(0), vec![]), "{output:?}");
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    let topics: Vec<&str> =
        found.as_array().unwrap().iter().map(|one| one["topic"].as_str().unwrap()).collect();
    assert!(topics.contains(&"server") && topics.contains(&"clock"), "{topics:?}");

    let output = codling(&stage, &["doctor", "--json", "--network"])
        // No server listens on port 1.
        .env("CODLING_API_ORIGIN", "http://127.0.0.1:1")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(faults(&output), [("server".to_owned(), "error".to_owned())]);
}

#[test]
fn credentials_that_others_can_read_are_an_error() {
    let stage = Stage::new(Account::ApiKey);
    let mode = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(stage.home.auth_file(), mode).unwrap();
    let output = codling(&stage, &["doctor", "--json"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(faults(&output), [("auth.json".to_owned(), "error".to_owned())]);
    let mode = std::fs::metadata(stage.home.auth_file()).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o644, "it changes nothing");
}

#[test]
fn a_port_that_is_held_is_named_with_its_holder() {
    let stage = Stage::new(Account::ApiKey);
    let held = TcpListener::bind("127.0.0.1:0").unwrap();
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let port = held.local_addr().unwrap().port();
    let output = codling(&stage, &["doctor", "--json"])
        .env("CODLING_CALLBACK_PORTS", format!("{port},{free}"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "a sign-in finds another way");
    assert_eq!(faults(&output), [("callback port".to_owned(), "warning".to_owned())]);
    let pid = std::process::id().to_string();
    #[cfg(target_os = "linux")]
    assert!(text(&output.stdout).contains(&pid), "{output:?}");
}

#[test]
fn settings_that_cannot_be_used_are_an_error_with_its_line() {
    let stage = Stage::new(Account::ApiKey);
    std::fs::write(settings_file(&stage), "model = \"gpt-5\"\neffort = [\n").unwrap();
    let output = codling(&stage, &["doctor", "--json"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(faults(&output), [("settings".to_owned(), "error".to_owned())]);
    assert!(text(&output.stdout).contains("line 2"), "{output:?}");

    std::fs::write(settings_file(&stage), "modell = \"gpt-5\"\n").unwrap();
    let output = codling(&stage, &["doctor", "--json"]).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(faults(&output), [("settings".to_owned(), "warning".to_owned())]);
}

/// `codling config` on a terminal, with an editor that is this script; `$1` is the file.
fn editing(stage: &Stage, script: &str) -> pty::Terminal {
    let editor = stage.home.path().join("editor.sh");
    std::fs::write(&editor, script).unwrap();
    pty::Setup::codling()
        .args(["config"])
        .envs(stage.variables())
        .env("VISUAL", &format!("sh {}", editor.display()))
        .start()
}

#[test]
fn settings_are_made_opened_checked_and_opened_again_until_they_are_right() {
    let stage = Stage::new(Account::Nobody);
    let again = stage.home.path().join("again");
    let again = again.display();
    // The first time it writes a mistake, and then what is right.
    let script = format!(
        "if [ -e {again} ]; then echo 'max_steps = 7' > \"$1\"; \
         else cp \"$1\" {again}; echo 'max_steps = none' >> \"$1\"; fi"
    );
    let terminal = editing(&stage, &script);
    terminal.wait_for("column");
    terminal.wait_for("[Y/n]");
    let wrong = std::fs::read_to_string(settings_file(&stage)).unwrap();
    assert!(wrong.ends_with("max_steps = none\n"), "{wrong}");
    terminal.press("enter");
    assert_eq!(terminal.wait_exit().code, 0);
    let beginning = std::fs::read_to_string(again.to_string()).unwrap();
    assert!(beginning.lines().all(|line| line.is_empty() || line.starts_with('#')));
    assert_eq!(std::fs::read_to_string(settings_file(&stage)).unwrap(), "max_steps = 7\n");
}

#[test]
fn settings_that_stay_wrong_stay_as_they_were_written() {
    let stage = Stage::new(Account::Nobody);
    let terminal = editing(&stage, "echo 'effort = [' > \"$1\"");
    terminal.wait_for("[Y/n]");
    terminal.type_text("n").press("enter");
    assert_eq!(terminal.wait_exit().code, 2);
    assert_eq!(std::fs::read_to_string(settings_file(&stage)).unwrap(), "effort = [\n");

    let terminal = editing(&stage, "echo 'effort = \"low\"' > \"$1\"; exit 3");
    assert_eq!(terminal.wait_exit().code, 1, "an editor that fails is told");
    assert_eq!(std::fs::read_to_string(settings_file(&stage)).unwrap(), "effort = \"low\"\n");
}

#[test]
fn without_an_editor_or_a_terminal_the_path_and_the_mistakes_are_printed() {
    let stage = Stage::new(Account::Nobody);
    let file = stage.home.path().join("config/config.toml");
    for (text_of_file, code) in [(None, 0), (Some("effort = 'low'"), 0), (Some("effort = ["), 2)] {
        if let Some(text) = text_of_file {
            std::fs::write(settings_file(&stage), text).unwrap();
        }
        let output = codling(&stage, &["config"]).env("VISUAL", "false").output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{output:?}");
        assert_eq!(text(&output.stdout), format!("{}\n", file.display()));
        assert_eq!(text(&output.stderr).contains("line 1"), code == 2, "{output:?}");
    }
}
