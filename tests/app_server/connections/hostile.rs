//! Messages that no client should send, floods, and clients that do not read: the server goes on
//! serving others.

use std::fs;
use std::net::TcpStream;
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use codling::demo::ScriptedAnswer;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{self, Message};

use crate::app_server::scene::{Scene, Transport, over_both};
use crate::app_server::sentences;
use crate::stage::Account;

/// The first words of a client.
fn hello(name: &str) -> String {
    let params = json!({ "clientInfo": { "name": name, "version": "1" } });
    json!({ "id": 1, "method": "initialize", "params": params }).to_string()
}

#[test]
fn what_is_no_message_is_passed_over_and_the_next_one_answered() {
    over_both(Account::ApiKey, &Default::default(), "", |scene| {
        let deep = format!("{}{}", "[".repeat(200_000), "]".repeat(200_000));
        let deep = format!(r#"{{"id":"deep","method":"thread/list","params":{deep}}}"#);
        let huge =
            format!(r#"{{"id":1,"method":"thread/list","params":"{}"}}"#, "x".repeat(8 << 20));
        for text in [
            "",
            "not json",
            "[]",
            r#"[{"id":1,"method":"thread/list"}]"#,
            r#"{"id":null,"method":"thread/list"}"#,
            r#"{"id":1.5,"method":"thread/list"}"#,
            r#"{"method":"no/such/notification"}"#,
            r#"{"id":99,"result":{}}"#,
            "\u{0}\u{7f}",
            &deep,
        ] {
            scene.client.send_text(text);
        }
        scene.client.send_binary(vec![0, 159, 146, 150]);
        let nested = scene.client.until("the deep one", |it| it["id"] == "deep");
        assert_eq!(nested["error"]["code"], -32600);
        let binary = json!({ "id": "binary", "method": "thread/loaded/list", "params": {} });
        scene.client.send_binary(binary.to_string().into_bytes());
        let answered = scene.client.until("the binary one", |it| it["id"] == "binary");
        assert_eq!(answered["result"]["data"], json!([]));
        scene.client.send_text(&huge);
        let refused = scene.client.answer(1);
        assert_eq!(refused["error"]["code"], -32600);
        assert_eq!(scene.client.request("thread/loaded/list", json!({}))["data"], json!([]));
    });
}

#[test]
fn a_line_of_sixty_four_megabytes_is_passed_over() {
    let mut scene = Scene::new();
    scene.client.send_text(&"x".repeat((64 << 20) + 10));
    assert_eq!(scene.client.request("thread/loaded/list", json!({}))["data"], json!([]));
}

#[test]
fn a_frame_of_more_than_sixty_four_megabytes_ends_its_connection_alone() {
    let mut scene = Scene::over(Transport::WebSocket);
    let mut greedy = scene.another();
    let sent = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        greedy.send_text(&"x".repeat((64 << 20) + 10));
    }));
    assert!(greedy.is_let_go(), "{sent:?}");
    assert_eq!(scene.client.request("thread/loaded/list", json!({}))["data"], json!([]));
}

#[test]
fn three_thousand_requests_at_once_are_all_answered_while_another_client_works() {
    let mut scene = Scene::over(Transport::WebSocket);
    let mut other = scene.another();
    let ids: Vec<i64> = (0..3_000).map(|_| scene.client.ask("thread/list", json!({}))).collect();
    for _ in 0..20 {
        other.request("model/list", json!({}));
    }
    let (mut done, mut refused) = (0, 0);
    for id in ids {
        let answer = scene.client.answer(id);
        match answer["error"]["code"].as_i64() {
            None => done += 1,
            Some(-32001) => {
                assert_eq!(answer["error"]["message"], sentences::OVERLOADED);
                refused += 1;
            }
            Some(_) => panic!("{answer}"),
        }
    }
    assert_eq!(done + refused, 3_000);
    assert!(done >= 128, "{done} were carried out");
}

#[test]
fn a_client_that_does_not_read_is_let_go_of_and_others_are_served() {
    let mut scene = Scene::over(Transport::WebSocket);
    let address = scene.address.clone().unwrap();
    let stream = TcpStream::connect(&address).unwrap();
    let (mut deaf, _) = tungstenite::client(format!("ws://{address}/"), stream).unwrap();
    deaf.send(Message::text(hello("deaf"))).unwrap();
    deaf.read().unwrap();
    // The requests that it sends do not keep it connected.
    let path = scene.folder().join("large");
    fs::write(&path, vec![b'x'; 10 << 20]).unwrap();
    for id in 2..6 {
        let ask = json!({ "id": id, "method": "fs/readFile", "params": { "path": path } });
        deaf.send(Message::text(ask.to_string())).unwrap();
    }
    let thread = scene.client.thread(json!({}));
    let turn = scene.client.prompt(&thread, "hello");
    scene.client.ended(&turn);
    // Every client is told of a new name.
    let name = "n".repeat(1 << 20);
    let mut is_gone = false;
    for _ in 0..400 {
        let named = json!({ "threadId": thread, "name": name });
        scene.client.request("thread/name/set", named);
        scene.client.news("thread/name/updated");
        scene.client.heard.clear();
        if deaf.send(Message::Ping(Default::default())).is_err() {
            is_gone = true;
            break;
        }
    }
    assert!(is_gone, "it is still connected");
    scene.client.request("model/list", json!({}));
    scene.another().request("model/list", json!({}));
}

#[test]
fn a_client_that_asks_for_many_large_files_is_waited_for() {
    let mut scene = Scene::over(Transport::WebSocket);
    let path = scene.folder().join("large");
    // No more than 32 MiB wait for one client.
    let size: usize = 10 << 20;
    fs::write(&path, vec![b'x'; size]).unwrap();
    let (mut slow, _) = {
        let address = scene.address.clone().unwrap();
        let stream = TcpStream::connect(&address).unwrap();
        tungstenite::client(format!("ws://{address}/"), stream).unwrap()
    };
    slow.send(Message::text(hello("slow"))).unwrap();
    slow.read().unwrap();
    for id in 0..5 {
        let ask = json!({ "id": id, "method": "fs/readFile", "params": { "path": path } });
        slow.send(Message::text(ask.to_string())).unwrap();
    }
    // The server answers later requests of others although the first client does not read yet.
    let read = scene.client.request("fs/readFile", json!({ "path": path }));
    assert!(read["dataBase64"].as_str().unwrap().len() > size);
    let mut answered = Vec::new();
    while answered.len() < 5 {
        let answer = slow.read().unwrap();
        let answer: Value = answer.to_text().unwrap().parse().unwrap();
        if answer["method"].is_null() {
            assert!(answer["result"]["dataBase64"].as_str().unwrap().len() > size);
            answered.push(answer["id"].as_i64().unwrap());
        }
    }
    answered.sort();
    assert_eq!(answered, Vec::from_iter(0..5));
}

#[test]
fn a_pipe_is_neither_written_nor_copied() {
    let mut scene = Scene::new();
    let folder = scene.folder();
    let at = |name: &str| folder.join(name);
    fs::create_dir(at("sub")).unwrap();
    for pipe in ["pipe", "sub/pipe"] {
        let made = Command::new("mkfifo").arg(at(pipe)).status().unwrap();
        assert!(made.success());
    }
    fs::write(at("file"), "abc").unwrap();
    let copy = |from: &str, to: &str| {
        let (from, to) = (at(from), at(to));
        json!({ "sourcePath": from, "destinationPath": to, "recursive": true })
    };
    for (method, params) in [
        ("fs/writeFile", json!({ "path": at("pipe"), "dataBase64": "YQ==" })),
        ("fs/readFile", json!({ "path": at("pipe") })),
        ("fs/copy", copy("pipe", "copy")),
        ("fs/copy", copy("file", "pipe")),
        ("fs/copy", copy("sub", "other")),
    ] {
        let (_, why) = scene.client.refusal(method, params);
        assert!(why.contains("not a "), "{method}: {why}");
    }
    scene.client.request("fs/copy", copy("file", "new"));
    assert_eq!(fs::read(at("new")).unwrap(), b"abc");
}

#[test]
#[cfg(target_os = "linux")]
fn large_files_are_read_a_few_at_a_time() {
    let mut scene = Scene::new();
    let path = scene.folder().join("large");
    fs::write(&path, vec![b'x'; 6 << 20]).unwrap();
    let asked: Vec<i64> =
        (0..32).map(|_| scene.client.ask("fs/readFile", json!({ "path": path }))).collect();
    for id in asked {
        let answer = scene.client.answer(id);
        assert!(answer["result"]["dataBase64"].as_str().unwrap().len() > 6 << 20);
    }
    let status = fs::read_to_string(format!("/proc/{}/status", scene.server.0.id())).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let peak: u64 = peak.trim().trim_end_matches(" kB").parse().unwrap();
    // In base64, all of them would take 256 MiB.
    assert!(peak < 230 << 10, "{peak} kB");
}

#[test]
fn a_picture_that_is_none_is_refused_and_a_large_one_made_smaller() {
    let mut scene = Scene::new();
    scene.stage.stand.script([ScriptedAnswer::says("I see")]);
    let thread = scene.client.thread(json!({}));
    let prompt = |url: &str| {
        let input = json!([{ "type": "text", "text": "look" }, { "type": "image", "url": url }]);
        json!({ "threadId": thread, "input": input })
    };
    for (url, why) in [
        ("data:image/png;base64,AAAA", "the picture"),
        ("data:image/png;base64,?", "not in base64"),
        ("https://example.org/a.png", "`data:` address"),
    ] {
        let (_, said) = scene.client.refusal("turn/start", prompt(url));
        assert!(said.contains(why), "{said}");
    }
    // One line of 4,100 pixels.
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 4100, 1);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.write_header().unwrap().write_image_data(&[7; 4100]).unwrap();
    let url = format!("data:image/png;base64,{}", STANDARD.encode(&bytes));
    let turn = scene.client.request("turn/start", prompt(&url))["turn"]["id"].clone();
    assert_eq!(scene.client.ended(turn.as_str().unwrap())["status"], "completed");
    let sent = format!("{:?}", scene.stage.stand.responses().last().unwrap().input());
    assert!(sent.contains("data:image/png;base64,") && !sent.contains(&url));
}
