//! The calls of one response with the real tools: which run beside each other, which in order, and where a long output goes. Knows no screen.

use std::process::Command as Process;

use codling::demo::{Answer, Options, completed, created, function_call};
use codling::protocol::{Command, EventKind, Mode, Outcome, SettingsCommand, Usage};
use serde_json::{Value, json};

use super::scene::Scene;

fn in_mode(mode: Mode) -> Scene {
    let scene = Scene::signed_in(Options::default());
    scene.send(Command::Settings(scene.session(), SettingsCommand::Mode(mode)));
    scene
}

fn output(scene: &Scene, call: &str) -> String {
    let input = scene.stand.responses().pop().unwrap().input();
    let found = input.iter().find(|item| item["call_id"] == call && item["type"] == "function_call_output");
    found.unwrap_or_else(|| panic!("{call}: {input:#?}"))["output"].as_str().unwrap().to_owned()
}

fn call(name: &str, tool: &str, arguments: &Value) -> codling::demo::Piece {
    function_call(name, tool, arguments.to_string())
}

fn shell(name: &str, line: &str) -> codling::demo::Piece {
    call(name, "shell", &json!({ "command": line }))
}

/// What happened to calls, in order: `begin a`, `end a`.
fn course(scene: &Scene) -> Vec<String> {
    scene.seen(|event| match event {
        EventKind::CallRunning { call, .. } => Some(format!("begin {call}")),
        EventKind::CallEnded { call, .. } => Some(format!("end {call}")),
        _ => None,
    })
}

#[test]
fn calls_that_only_look_run_beside_each_other() {
    let scene = in_mode(Mode::Full);
    // An address that answers the first call only once the second has come.
    let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = server.local_addr().unwrap().port();
    let serving = std::thread::spawn(move || {
        use std::io::{Read as _, Write as _};
        let mut both: Vec<_> = (0..2).map(|_| server.accept().unwrap().0).collect();
        for connection in &mut both {
            let mut buffer = [0; 4096];
            let _request = connection.read(&mut buffer).unwrap();
            connection.write_all(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 4\r\nConnection: close\r\n\r\npear").unwrap();
        }
    });
    let fetch = |name: &str| call(name, "webfetch", &json!({ "url": format!("http://127.0.0.1:{port}/{name}") }));
    scene.stand.script([Answer::sse([created(), fetch("a"), fetch("b"), completed(Usage::default())]), Answer::says("Both.")]);
    scene.ask("Fetch");
    serving.join().unwrap();
    assert!(output(&scene, "a").contains("pear") && output(&scene, "b").contains("pear"));
    scene.end();
}

#[test]
fn calls_that_change_something_run_alone_and_in_the_order_of_the_response() {
    let scene = in_mode(Mode::Full);
    let write = |name: &str, text: &str| call(name, "write", &json!({ "filePath": "log.txt", "content": text }));
    scene.stand.script([
        Answer::sse([
            created(),
            write("a", "one\n"),
            shell("b", "cat log.txt; echo two >> log.txt"),
            call("c", "read", &json!({ "filePath": "log.txt" })),
            call("d", "edit", &json!({ "filePath": "log.txt", "oldString": "two", "newString": "three" })),
            shell("e", "cat log.txt"),
            completed(Usage::default()),
        ]),
        Answer::says("In order."),
    ]);
    scene.ask("Go");
    let in_order: Vec<String> = ["a", "b", "c", "d", "e"].iter().flat_map(|name| [format!("begin {name}"), format!("end {name}")]).collect();
    assert_eq!(course(&scene), in_order);
    assert!(output(&scene, "b").ends_with("one\n") || output(&scene, "b").ends_with("one"), "{}", output(&scene, "b"));
    assert!(output(&scene, "c").contains("two"), "{}", output(&scene, "c"));
    assert!(output(&scene, "e").contains("one\nthree"), "{}", output(&scene, "e"));
    scene.end();
}

#[test]
fn a_long_output_goes_to_a_file_that_may_be_read_without_asking() {
    let scene = in_mode(Mode::Auto);
    scene.stand.script([Answer::runs("a", "seq 1 200000"), Answer::says("Long.")]);
    scene.ask("Count");
    let told = output(&scene, "a");
    assert!(told.len() < 64 << 10 && told.contains("\n1\n2\n") && told.contains("199999\n200000"), "{}", told.len());
    let home = scene.home.path().display().to_string();
    let start = told.find(&home).unwrap_or_else(|| panic!("a path in {}", &told[16_000..told.len() / 2 + 1_000]));
    let path: String = told[start..].chars().take_while(|letter| !letter.is_whitespace() && !"`',;)".contains(*letter)).collect();
    let read = json!({ "filePath": path, "offset": 100_000, "limit": 2 });
    let grep = json!({ "path": path, "pattern": "^12345.$" });
    scene.stand.script([
        Answer::sse([created(), call("b", "read", &read), call("c", "grep", &grep), completed(Usage::default())]),
        Answer::says("Found."),
    ]);
    scene.ask("Look");
    assert!(output(&scene, "b").contains("100000\t100000"), "{}", output(&scene, "b"));
    assert!(output(&scene, "c").contains("123456"), "{}", output(&scene, "c"));
    assert!(scene.seen(|event| matches!(event, EventKind::Approval(_)).then_some(())).is_empty());
    scene.end();
}

#[test]
fn two_commands_never_run_at_once() {
    let scene = in_mode(Mode::Full);
    // Each says so if the other is there.
    let line = "mkdir busy || echo at once; rmdir busy";
    scene.stand.script([
        Answer::sse([created(), shell("a", line), shell("b", &format!("{line} ")), shell("c", &format!(" {line}")), completed(Usage::default())]),
        Answer::says("Done."),
    ]);
    scene.submit("Go");
    assert_eq!(scene.outcome(), Outcome::Done);
    for name in ["a", "b", "c"] {
        assert!(!output(&scene, name).contains("at once"), "{}", output(&scene, name));
    }
    assert!(Process::new("test").args(["!", "-e"]).arg(scene.folder.path().join("busy")).status().unwrap().success());
    scene.end();
}
