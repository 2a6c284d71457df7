//! `codling app-server client` against a server.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use codling::demo::{DeviceDecision, Options, ScriptedAnswer};
use serde_json::{Value, json};

use super::client::Ending;
use super::scene::{Scene, Transport};
use crate::stage::Account;

/// The client, spoken to the server of the scene.
fn client(scene: &Scene, arguments: &[&str]) -> Command {
    let program = Path::new(env!("CARGO_BIN_EXE_codling"));
    let mut command = scene.stage.command(program, &scene.folder());
    command.args(["app-server", "client"]).args(arguments);
    if let Some(address) = &scene.address {
        command.args(["--listen-url", &format!("ws://{address}")]);
    }
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Its exit code, and what it printed.
fn run(scene: &Scene, arguments: &[&str]) -> (Option<i32>, String) {
    let output = client(scene, arguments).output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

#[test]
fn each_command_does_one_thing_and_ends() {
    let mut scene = Scene::over(Transport::WebSocket);
    scene.stage.stand.script([ScriptedAnswer::says("Good morning")]);
    let (code, said) = run(&scene, &["send-message-v2", "hello"]);
    assert_eq!((code, said.as_str()), (Some(0), "Good morning\n"));
    let (_, listed) = run(&scene, &["thread-list", "--limit", "5"]);
    let (id, _) = listed.split_once(' ').unwrap();
    assert!(listed.trim_end().ends_with("hello"), "{listed}");
    let (code, shown) = run(&scene, &["thread-resume", id]);
    assert_eq!((code, shown.as_str()), (Some(0), "> hello\nGood morning\n"));
    let (_, models) = run(&scene, &["model-list"]);
    assert!(models.contains(" (default)"), "{models}");
    let (_, result) = run(&scene, &["call", "thread/read", &json!({ "threadId": id }).to_string()]);
    let result: Value = serde_json::from_str(&result).unwrap();
    assert_eq!(result["thread"]["id"], id);
    assert_eq!(run(&scene, &["call", "no/such"]).0, Some(1));
    assert_eq!(run(&scene, &["call", "thread/list", "{"]).0, Some(2));
    let refused = ScriptedAnswer::error(400, "invalid_request_error", "not for you");
    scene.stage.stand.script([refused]);
    assert_eq!(run(&scene, &["send-message", "hello"]).0, Some(1));
    scene.client.request("model/list", json!({}));
}

#[test]
fn without_an_address_a_server_is_started_and_ended_again() {
    let mut scene = Scene::new();
    scene.client.hang_up();
    let (code, said) = run(&scene, &["call", "account/read"]);
    assert_eq!(code, Some(0));
    assert!(said.contains("\"apiKey\""), "{said}");
}

#[test]
fn a_code_is_shown_and_its_approval_signs_in() {
    let options = Options { interval: 1, ..Options::default() };
    let scene = Scene::with(Transport::WebSocket, Account::Nobody, options, "");
    let mut login = Ending(client(&scene, &["login", "--device-code"]).spawn().unwrap());
    let mut lines = BufReader::new(login.0.stdout.take().unwrap()).lines();
    let told = lines.next().unwrap().unwrap();
    let code = told.rsplit(' ').next().unwrap();
    assert!(scene.stage.stand.decide_device(code, DeviceDecision::Approve), "{told}");
    assert_eq!(lines.next().unwrap().unwrap(), "Signed in");
}

#[test]
fn a_watching_client_prints_what_the_server_says() {
    let mut scene = Scene::over(Transport::WebSocket);
    let mut watching = Ending(client(&scene, &["watch"]).spawn().unwrap());
    let mut lines = BufReader::new(watching.0.stdout.take().unwrap()).lines();
    // It is told of threads once it has said hello.
    let mut started = None;
    let told = std::thread::spawn(move || lines.next().unwrap().unwrap());
    while !told.is_finished() {
        started = Some(scene.client.thread(json!({ "ephemeral": true })));
    }
    let message: Value = serde_json::from_str(&told.join().unwrap()).unwrap();
    assert_eq!(message["method"], "thread/started");
    assert!(started.is_some());
}
