//! `codling app-server client` against a server.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use codling::demo::{DeviceDecision, Options, ScriptedAnswer};
use serde_json::{Value, json};

use crate::app_server::scene::{Scene, Transport};
use crate::app_server::sentences;
use crate::stage::{Account, Ending, until};

/// Returns a command that runs the client against the server of the scene.
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

/// Runs the client; returns its exit code and what it printed.
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
fn a_prompt_goes_to_an_earlier_thread_and_approvals_are_answered_as_one_says() {
    let scene = Scene::over(Transport::WebSocket);
    scene.stage.stand.script([ScriptedAnswer::says("Good morning")]);
    run(&scene, &["send-message", "hello"]);
    let (_, listed) = run(&scene, &["thread-list"]);
    let (id, _) = listed.split_once(' ').unwrap();
    scene.stage.stand.script([ScriptedAnswer::says("Good night")]);
    let (code, said) = run(&scene, &["resume-message-v2", id, "and now?"]);
    assert_eq!((code, said.as_str()), (Some(0), "Good night\n"));
    let (_, shown) = run(&scene, &["thread-resume", id]);
    assert_eq!(shown, "> hello\nGood morning\n> and now?\nGood night\n");
    let made = scene.folder().join("made");
    for (approvals, typed, is_made) in [
        ("decline", "", false),
        ("ask", "n\n", false),
        ("ask", "", false),
        ("ask", "y\n", true),
        ("accept", "", true),
    ] {
        let touch = json!({ "command": "touch made" });
        let call = ScriptedAnswer::calls("call_1", "shell", &touch);
        scene.stage.stand.script([call, ScriptedAnswer::says("That was it.")]);
        let mut command = client(&scene, &["trigger-cmd-approval", "--approvals", approvals]);
        let mut asking = command.stdin(Stdio::piped()).spawn().unwrap();
        let mut input = asking.stdin.take().unwrap();
        input.write_all(typed.as_bytes()).unwrap();
        drop(input);
        let output = asking.wait_with_output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success() && told.contains("touch made"), "{told}");
        assert_eq!(made.exists(), is_made, "{approvals} {typed:?}: {told}");
        let _none = fs::remove_file(&made);
    }
}

#[test]
fn what_is_left_of_the_plan_is_printed() {
    let scene = Scene::with(Transport::WebSocket, Account::ChatGpt, Options::default(), "");
    let (code, said) = run(&scene, &["rate-limits"]);
    assert_eq!(code, Some(0), "{said}");
    let limits: Value = serde_json::from_str(&said).unwrap();
    assert!(limits["rateLimits"].is_object(), "{said}");
}

#[test]
#[cfg(target_os = "linux")]
fn without_an_address_the_server_in_the_background_is_spoken_to_as_long_as_it_runs() {
    let mut scene = Scene::new();
    scene.client.hang_up();
    let address = free();
    let (_, said) = serve(&scene, &["--listen", &address]);
    let server = Background::of(&said);
    scene.stage.stand.script([ScriptedAnswer::says("Good morning")]);
    assert_eq!(run(&scene, &["send-message", "hello"]).1, "Good morning\n");
    let loaded = ["call", "thread/loaded/list"];
    let (_, threads) = run(&scene, &loaded);
    let threads: Value = serde_json::from_str(&threads).unwrap();
    assert_eq!(threads["data"].as_array().unwrap().len(), 1, "one server had both");
    rustix::process::kill_process(server.pid(), rustix::process::Signal::KILL).unwrap();
    let listening = || TcpStream::connect(address.trim_start_matches("ws://")).is_ok();
    until(crate::app_server::client::LIMIT, "the end of the server", || !listening());
    let (code, threads) = run(&scene, &loaded);
    let threads: Value = serde_json::from_str(&threads).unwrap();
    assert_eq!((code, &threads["data"]), (Some(0), &json!([])), "one of its own");
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
    // The client is told of threads once it has said hello.
    let mut started = None;
    let told = std::thread::spawn(move || lines.next().unwrap().unwrap());
    while !told.is_finished() {
        started = Some(scene.client.thread(json!({ "ephemeral": true })));
    }
    let message: Value = serde_json::from_str(&told.join().unwrap()).unwrap();
    assert_eq!(message["method"], "thread/started");
    assert!(started.is_some());
}

/// Runs `serve` with these arguments; returns its exit code and what it printed.
fn serve(scene: &Scene, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command =
        scene.stage.command(Path::new(env!("CARGO_BIN_EXE_codling")), &scene.folder());
    command.args(["app-server", "client", "serve"]).args(arguments);
    let output = command.stdout(Stdio::piped()).stderr(Stdio::piped()).output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(said).unwrap())
}

/// Returns an address that nobody listens on.
fn free() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("ws://{}", listener.local_addr().unwrap())
}

/// The process that `serve` named; it is ended with the test.
struct Background(i32);

impl Background {
    fn of(said: &str) -> Self {
        let (_, rest) = said.split_once("(process ").unwrap_or_else(|| panic!("{said}"));
        Self(rest.split_once(')').unwrap().0.parse().unwrap())
    }

    fn pid(&self) -> rustix::process::Pid {
        rustix::process::Pid::from_raw(self.0).unwrap()
    }

    fn runs(&self) -> bool {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.0)).unwrap_or_default();
        !stat.is_empty() && !stat.contains(") Z ")
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        // Another server may have replaced it.
        let _gone = rustix::process::kill_process(self.pid(), rustix::process::Signal::KILL);
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_background_server_asks_for_the_token_that_it_was_started_with() {
    let scene = Scene::new();
    let token = scene.folder().join("token");
    fs::write(&token, "s3cret\n").unwrap();
    fs::set_permissions(&token, PermissionsExt::from_mode(0o644)).unwrap();
    let address = free();
    let listen = ["--listen", &address];
    let (code, said) = serve(&scene, &[&listen[..], &["--token-file", "token"]].concat());
    assert!(code == Some(2) && said.contains("chmod 600"), "{said}");
    fs::set_permissions(&token, PermissionsExt::from_mode(0o600)).unwrap();
    let (code, said) = serve(&scene, &[&listen[..], &["--token-file", "token"]].concat());
    assert_eq!(code, Some(0), "{said}");
    let _server = Background::of(&said);
    let call = |more: &[&str]| {
        let program = Path::new(env!("CARGO_BIN_EXE_codling"));
        let mut command = scene.stage.command(program, &scene.folder());
        command.args(["app-server", "client", "--listen-url", &address]).args(more);
        command.args(["call", "account/read"]).output().unwrap().status.code()
    };
    assert_eq!(call(&[]), Some(1));
    assert_eq!(call(&["--token-file", "token"]), Some(0));
    for more in [["--listen-url", "ws://127.0.0.1:1"], ["--spawn", "codex app-server"]] {
        let (code, said) = serve(&scene, &more);
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains(sentences::STARTS_ITS_OWN), "{said}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_background_server_is_replaced_and_no_other_process_ended() {
    let scene = Scene::over(Transport::WebSocket);
    let (one, other) = (free(), free());
    let (_, said) = serve(&scene, &["--listen", &one]);
    let first = Background::of(&said);
    let (_, said) = serve(&scene, &["--listen", &other]);
    let second = Background::of(&said);
    let (code, said) = serve(&scene, &["--listen", &one, "--kill"]);
    assert_eq!(code, Some(0), "{said}");
    let third = Background::of(&said);
    assert!(!first.runs() && second.runs() && third.runs());
    // `--kill` does not end a server that was started another way.
    let own = format!("ws://{}", scene.address.as_ref().unwrap());
    let (code, said) = serve(&scene, &["--listen", &own, "--kill"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains(sentences::NOT_FROM_SERVE), "{said}");
    let token = scene.folder().join("token");
    fs::write(&token, "s3cret").unwrap();
    fs::set_permissions(&token, PermissionsExt::from_mode(0o600)).unwrap();
    let (code, said) = serve(&scene, &["--listen", &own, "--token-file", "token"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains(sentences::ASKS_FOR_NO_TOKEN), "{said}");
    assert!(second.runs() && third.runs());
}
