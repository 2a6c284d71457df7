//! Published clients of Codex's app-server and of the Agent Client Protocol against codling:
//! `CODLING_PEERS=1 cargo test --test stories peers -- --ignored`. They are installed from PyPI,
//! npm and crates.io into a temporary folder, and use only loopback.

mod mcp_servers;
mod model_servers;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use codling::demo::{ScriptedAnswer, completed, created, gate, text};
use codling::protocol::Usage;
use serde_json::json;

use crate::app_server::scene::{Scene, Transport};
use crate::pty::{Look, Setup, Terminal};

/// Fails where nobody asked for registries: `--ignored` alone reaches nothing outside.
fn demand_consent() {
    assert!(
        std::env::var_os("CODLING_PEERS").is_some(),
        "set CODLING_PEERS=1: this asks registries"
    );
}

fn done(output: &Output) -> bool {
    output.status.success()
}

fn said(output: &Output) -> String {
    let (out, err) = (&output.stdout, &output.stderr);
    format!("{}{}", String::from_utf8_lossy(out), String::from_utf8_lossy(err))
}

/// Installs a Python with these packages. Panics with the reason if it cannot.
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

/// Runs a client's script, which prints `ok` for each step.
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
#[ignore = "installs published clients: CODLING_PEERS=1"]
fn the_official_python_sdk_signs_in_and_holds_conversations() {
    demand_consent();
    let root = tempfile::tempdir().unwrap();
    let sdk = ["--no-deps", "openai-codex==0.163.0"];
    let python = python(&root.path().join("python"), &[&sdk, &["pydantic", "packaging"]]);
    story(&python, root.path(), include_str!("openai_codex.py"));
}

#[test]
#[ignore = "installs published clients: CODLING_PEERS=1"]
fn another_python_client_starts_threads_and_turns() {
    demand_consent();
    let root = tempfile::tempdir().unwrap();
    let python = python(&root.path().join("python"), &[&["codex-app-server-client==0.1.0"]]);
    story(&python, root.path(), include_str!("codex_app_server_client.py"));
}

#[test]
#[ignore = "installs published clients: CODLING_PEERS=1"]
fn an_asynchronous_python_client_streams_turns_and_approves_changes() {
    demand_consent();
    let root = tempfile::tempdir().unwrap();
    let sdk = "codex-python-sdk-unofficial==0.128.0";
    let python = python(&root.path().join("python"), &[&[sdk]]);
    story(&python, root.path(), include_str!("codex_python_sdk_unofficial.py"));
}

#[test]
#[ignore = "installs published clients: CODLING_PEERS=1"]
fn rust_clients_hold_conversations_over_a_pipe_and_over_a_websocket() {
    demand_consent();
    let root = tempfile::tempdir().unwrap();
    let (project, work) = (root.path().join("clients"), root.path().join("work"));
    fs::create_dir_all(project.join("src")).unwrap();
    fs::create_dir_all(&work).unwrap();
    fs::write(project.join("Cargo.toml"), include_str!("rust_clients.toml")).unwrap();
    fs::write(project.join("src/main.rs"), include_str!("rust_clients.rs")).unwrap();
    let mut cargo = Command::new(env!("CARGO"));
    cargo.arg("build").current_dir(&project).env_remove("CARGO_TARGET_DIR");
    let built = cargo.output().unwrap();
    assert!(done(&built), "the clients could not be built: {}", said(&built));
    let output = Command::new(project.join("target/debug/peers"))
        .args([env!("CARGO_BIN_EXE_codling").as_ref(), work.as_os_str()])
        .current_dir(&work)
        .env("HOME", root.path())
        .output()
        .unwrap();
    assert!(done(&output), "{}", said(&output));
}

/// Installs npm packages; returns the folder of their programs. Panics with the reason if it
/// cannot.
fn npm(folder: &Path, packages: &[&str]) -> PathBuf {
    fs::create_dir_all(folder).unwrap();
    let mut command = Command::new("npm");
    command.args(["install", "--no-audit", "--no-fund"]).args(packages).current_dir(folder);
    let installed = command.output().expect("there is no npm to try it with");
    assert!(done(&installed), "npm gave no {packages:?}: {}", said(&installed));
    folder.join("node_modules/.bin")
}

/// Types a prompt. Fast keys are taken for a paste, in which enter is a new line, so it is pressed
/// until it takes effect.
fn prompt(screen: &Terminal, words: &str, answer: &str) {
    screen.type_text(words);
    screen.wait_for(words);
    for _ in 0..20 {
        screen.press("enter");
        let wanted = answer.to_owned();
        if screen.see(move |screen| screen.shows(&wanted), Duration::from_secs(1)).is_some() {
            return;
        }
    }
    screen.wait_for(answer);
}

#[test]
#[ignore = "installs published clients: CODLING_PEERS=1"]
fn codexs_own_screen_holds_a_conversation_and_another_one_joins_its_turn() {
    demand_consent();
    let root = tempfile::tempdir().unwrap();
    let codex = npm(&root.path().join("npm"), &["@openai/codex@0.169.0"]).join("codex");
    let home = root.path().join("codex-home");
    fs::create_dir_all(&home).unwrap();
    let mut scene = Scene::over(Transport::WebSocket);
    let address = format!("ws://{}", scene.address.clone().unwrap());
    let (path, folder) = (std::env::var("PATH").unwrap(), scene.folder());
    let screen = |arguments: &[&str]| {
        let setup = Setup::new(&codex).args(arguments.iter().copied()).size(100, 36);
        let setup = setup.env("CODEX_HOME", &home.display().to_string()).env("PATH", &path);
        setup.folder_at(&folder).start()
    };
    let touch = json!({ "command": "touch made.txt" });
    let halves = [
        created(),
        text("The first half.\n\n"),
        gate("half"),
        text("And the rest of it.\n"),
        completed(Usage::default()),
    ];
    scene.stage.stand.script_for(
        "make a file",
        [
            ScriptedAnswer::calls("call_1", "shell", &touch),
            ScriptedAnswer::says("It is made."),
            ScriptedAnswer::sse(halves),
        ],
    );
    let first = screen(&["--remote", &address]);
    first.wait_for("Ask Codex to do anything");
    // A hidden conversation makes a title of the first prompt.
    prompt(&first, "good morning", "Worked for");
    prompt(&first, "make a file", "Would you like to run");
    first.press("y");
    first.wait_for("It is made.");
    assert!(folder.join("made.txt").exists());
    prompt(&first, "tell me", "The first half.");
    assert!(scene.stage.stand.wait_reached("half"));
    let listed = scene.client.request("thread/list", json!({}));
    let mut threads = listed["data"].as_array().unwrap().iter();
    let thread = threads.find(|thread| thread["preview"] == "good morning").unwrap();
    let thread = thread["id"].as_str().unwrap().to_owned();
    let second = screen(&["resume", "--remote", &address, &thread]);
    second.wait_for("The first half.");
    scene.stage.stand.open("half");
    for screen in [&first, &second] {
        screen.wait_for("And the rest of it.");
    }
}

#[test]
#[ignore = "installs published clients: CODLING_PEERS=1"]
fn the_official_python_sdk_of_acp_signs_in_and_holds_conversations() {
    demand_consent();
    let root = tempfile::tempdir().unwrap();
    let python = python(&root.path().join("python"), &[&["agent-client-protocol==0.12.1"]]);
    story(&python, root.path(), include_str!("acp_python_sdk.py"));
}

#[test]
#[ignore = "installs published clients: CODLING_PEERS=1"]
fn the_official_typescript_sdk_of_acp_signs_in_and_holds_conversations() {
    demand_consent();
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("node");
    npm(&folder, &["@agentclientprotocol/sdk@2.4.0", "zod"]);
    let script = folder.join("story.mjs");
    fs::write(&script, include_str!("acp_typescript_sdk.mjs")).unwrap();
    let work = root.path().join("work");
    fs::create_dir_all(&work).unwrap();
    let mut command = Command::new("node");
    command.arg(&script).arg(env!("CARGO_BIN_EXE_codling")).arg(&work).env("HOME", root.path());
    let output = command.output().unwrap();
    assert!(done(&output) && said(&output).contains("all ok"), "{}", said(&output));
}

#[test]
#[ignore = "installs published clients: CODLING_PEERS=1"]
fn acpx_runs_commands_and_saves_texts_that_it_allows_and_none_that_it_denies() {
    demand_consent();
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("node");
    npm(&folder, &["acpx@0.19.1"]);
    let work = root.path().join("work");
    fs::create_dir_all(&work).unwrap();
    let fruit = work.join("fruit.txt");
    fs::write(&fruit, "an apple\r\n").unwrap();
    let agent = format!("{} demo acp", env!("CARGO_BIN_EXE_codling"));
    for (policy, is_allowed) in [("--deny-all", false), ("--approve-all", true)] {
        let exec = |words: &str| {
            let output = Command::new(folder.join("node_modules/.bin/acpx"))
                .args(["--agent", &agent, policy, "--format", "json", "--json-strict", "exec"])
                .arg(words)
                .current_dir(&work)
                .env("HOME", root.path())
                .output()
                .unwrap();
            let lines = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(lines.contains(r#""stopReason":"end_turn""#), "{policy}: {}", said(&output));
            lines
        };
        exec("run `touch made`");
        assert_eq!(work.join("made").exists(), is_allowed, "{policy}");
        // It is asked for each text, and saves the model's version.
        let lines = exec("rename apple to pear");
        assert!(lines.contains("fs/read_text_file"), "{policy}: {lines}");
        assert_eq!(lines.contains("fs/write_text_file"), is_allowed, "{policy}: {lines}");
        let text = if is_allowed { "an pear\r\n" } else { "an apple\r\n" };
        assert_eq!(fs::read_to_string(&fruit).unwrap(), text, "{policy}");
    }
}

#[test]
#[ignore = "installs published clients: CODLING_PEERS=1"]
fn codex_acp_runs_commands_and_changes_files_with_the_app_server() {
    demand_consent();
    let root = tempfile::tempdir().unwrap();
    let programs = npm(
        &root.path().join("node"),
        &["acpx@0.19.1", "@agentclientprotocol/codex-acp@2.6.0", "@openai/codex@0.169.0"],
    );
    let (work, codex) = (root.path().join("work"), root.path().join("codex"));
    fs::create_dir_all(&work).unwrap();
    fs::write(work.join("fruit.txt"), "an apple\n").unwrap();
    let script = format!("#!/bin/sh\nexec {} demo \"$@\"\n", env!("CARGO_BIN_EXE_codling"));
    fs::write(&codex, script).unwrap();
    fs::set_permissions(&codex, PermissionsExt::from_mode(0o755)).unwrap();
    for words in ["run `touch made`", "rename apple to pear"] {
        let output = Command::new(programs.join("acpx"))
            .arg("--agent")
            .arg(programs.join("codex-acp"))
            .args(["--approve-all", "--format", "json", "--json-strict", "exec", words])
            .current_dir(&work)
            .env("HOME", root.path())
            .env("CODEX_PATH", &codex)
            .env("NO_BROWSER", "1")
            .output()
            .unwrap();
        let lines = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(lines.contains(r#""stopReason":"end_turn""#), "{words}: {}", said(&output));
        assert!(!lines.contains(r#""inputTokens":null"#), "{words}: {lines}");
    }
    assert!(work.join("made").exists());
    assert_eq!(fs::read_to_string(work.join("fruit.txt")).unwrap(), "an pear\n");
}
