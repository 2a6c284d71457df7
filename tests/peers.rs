//! Published clients of Codex's app-server and of the Agent Client Protocol against codling:
//! `CODLING_PEERS=1 cargo test peers`. They are
//! installed from PyPI and npm into a temporary folder, and speak to loopback alone.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// Whether somebody asked for it: it needs the registries, which nothing else here does.
fn is_asked_for() -> bool {
    std::env::var_os("CODLING_PEERS").is_some()
}

fn done(output: &Output) -> bool {
    output.status.success()
}

fn said(output: &Output) -> String {
    let (out, err) = (&output.stdout, &output.stderr);
    format!("{}{}", String::from_utf8_lossy(out), String::from_utf8_lossy(err))
}

/// A Python with these packages. Panics with why it cannot be had.
fn python(folder: &Path, packages: &[&[&str]]) -> std::path::PathBuf {
    let made = Command::new("python3").args(["-m", "venv"]).arg(folder).output().unwrap();
    assert!(done(&made), "there is no Python to try it with: {}", said(&made));
    let python = folder.join("bin/python");
    for arguments in packages {
        let mut command = Command::new(&python);
        command.args(["-m", "pip", "install", "--quiet"]).args(*arguments);
        let installed = command.output().unwrap();
        assert!(done(&installed), "PyPI gave no {arguments:?}: {}", said(&installed));
    }
    python
}

/// Runs a script of a client, which prints `ok` for each thing that it did.
fn story(python: &Path, root: &Path, script: &str) {
    let work = root.join("work");
    fs::create_dir_all(&work).unwrap();
    let output = Command::new(python)
        .args(["-c", script, env!("CARGO_BIN_EXE_codling")])
        .arg(&work)
        .current_dir(&work)
        .env("HOME", root)
        .output()
        .unwrap();
    assert!(done(&output), "{}", said(&output));
    let ended = String::from_utf8_lossy(&output.stdout).lines().last().map(str::to_owned);
    assert_eq!(ended.as_deref(), Some("all ok"), "{}", said(&output));
}

#[test]
fn the_official_python_sdk_signs_in_and_holds_conversations() {
    if !is_asked_for() {
        return;
    }
    let root = tempfile::tempdir().unwrap();
    let sdk = ["--no-deps", "openai-codex==0.163.0"];
    let python = python(&root.path().join("python"), &[&sdk, &["pydantic", "packaging"]]);
    story(&python, root.path(), include_str!("peers/openai_codex.py"));
}

#[test]
fn another_python_client_starts_threads_and_turns() {
    if !is_asked_for() {
        return;
    }
    let root = tempfile::tempdir().unwrap();
    let python = python(&root.path().join("python"), &[&["codex-app-server-client==0.1.0"]]);
    story(&python, root.path(), include_str!("peers/codex_app_server_client.py"));
}

/// A folder with these packages of npm. Panics with why it cannot be had.
fn node(folder: &Path, packages: &[&str]) {
    fs::create_dir_all(folder).unwrap();
    let mut command = Command::new("npm");
    command.args(["install", "--silent", "--no-audit", "--no-fund", "--prefix"]).arg(folder);
    let installed = command.args(packages).output().unwrap();
    assert!(done(&installed), "npm gave no {packages:?}: {}", said(&installed));
}

#[test]
fn the_official_python_sdk_of_acp_signs_in_and_holds_conversations() {
    if !is_asked_for() {
        return;
    }
    let root = tempfile::tempdir().unwrap();
    let python = python(&root.path().join("python"), &[&["agent-client-protocol==0.12.1"]]);
    story(&python, root.path(), include_str!("peers/acp_python_sdk.py"));
}

#[test]
fn the_official_typescript_sdk_of_acp_signs_in_and_holds_conversations() {
    if !is_asked_for() {
        return;
    }
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("node");
    node(&folder, &["@agentclientprotocol/sdk@2.4.0", "zod"]);
    let script = folder.join("story.mjs");
    fs::write(&script, include_str!("peers/acp_typescript_sdk.mjs")).unwrap();
    let work = root.path().join("work");
    fs::create_dir_all(&work).unwrap();
    let mut command = Command::new("node");
    command.arg(&script).arg(env!("CARGO_BIN_EXE_codling")).arg(&work).env("HOME", root.path());
    let output = command.output().unwrap();
    assert!(done(&output) && said(&output).contains("all ok"), "{}", said(&output));
}

#[test]
fn acpx_runs_commands_that_it_allows_and_none_that_it_denies() {
    if !is_asked_for() {
        return;
    }
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("node");
    node(&folder, &["acpx@0.19.1"]);
    let work = root.path().join("work");
    fs::create_dir_all(&work).unwrap();
    let agent = format!("{} demo acp", env!("CARGO_BIN_EXE_codling"));
    for (policy, is_made) in [("--deny-all", false), ("--approve-all", true)] {
        let output = Command::new(folder.join("node_modules/.bin/acpx"))
            .args(["--agent", &agent, policy, "--format", "json", "--json-strict", "exec"])
            .arg("run `touch made`")
            .current_dir(&work)
            .env("HOME", root.path())
            .output()
            .unwrap();
        let lines = String::from_utf8_lossy(&output.stdout);
        assert!(lines.contains(r#""stopReason":"end_turn""#), "{policy}: {}", said(&output));
        assert_eq!(work.join("made").exists(), is_made, "{policy}: {}", said(&output));
    }
}
