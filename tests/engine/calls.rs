//! Reading calls of one response, with the real tools.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use codling::demo::{Options, ScriptedAnswer, completed, created, function_call};
use codling::protocol::{ApprovalMode, Command, SettingsCommand, Usage};
use serde_json::json;

use super::scene::Scene;

#[test]
fn calls_that_only_look_run_beside_each_other() {
    let scene = Scene::signed_in(Options::default());
    // In every other mode addresses of this machine ask.
    scene.send(Command::Settings(scene.session(), SettingsCommand::Mode(ApprovalMode::Full)));
    // It answers the first call only after the second has come.
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = server.local_addr().unwrap().port();
    let serving = std::thread::spawn(move || {
        let mut both: Vec<_> = (0..2).map(|_| server.accept().unwrap().0).collect();
        for connection in &mut both {
            let _request = connection.read(&mut [0; 4096]).unwrap();
            let head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 4\r\nConnection: close\r\n\r\n";
            connection.write_all(format!("{head}pear").as_bytes()).unwrap();
        }
    });
    let fetch = |call: &str| {
        function_call(
            call,
            "webfetch",
            json!({ "url": format!("http://127.0.0.1:{port}/{call}") }).to_string(),
        )
    };
    scene.stand.script([
        ScriptedAnswer::sse([created(), fetch("a"), fetch("b"), completed(Usage::default())]),
        ScriptedAnswer::says("Both."),
    ]);
    scene.ask("Fetch");
    serving.join().unwrap();
    let input = scene.stand.responses()[1].input();
    let outputs: Vec<&str> = input.iter().filter_map(|item| item["output"].as_str()).collect();
    assert!(
        outputs.len() == 2 && outputs.iter().all(|output| output.contains("pear")),
        "{outputs:?}"
    );
    scene.end();
}
