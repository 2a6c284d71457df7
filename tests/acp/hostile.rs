//! Messages that no client should send, and clients that answer badly: everything is answered once,
//! and the agent goes on.

use codling::demo::ScriptedAnswer;
use serde_json::{Value, json};

use super::scene::Scene;

#[test]
fn what_is_no_message_is_answered_without_an_id_and_the_next_one_as_ever() {
    let mut scene = Scene::new();
    let bad: [(&[u8], i64); 5] = [
        (b"not json\n", -32700),
        (b"\x00\xff\xfe\n", -32700),
        (b"[]\n", -32600),
        (b"[{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"session/list\"}]\n", -32600),
        (b"17\n", -32600),
    ];
    for (bytes, code) in bad {
        scene.editor.send_bytes(bytes);
        let answer = scene.editor.until("an error without an id", |it| {
            it.get("id") == Some(&Value::Null) && it["method"].is_null()
        });
        assert_eq!(answer["error"]["code"], code, "{answer}");
    }
    scene.editor.send_bytes(b"\n\r\n");
    assert_eq!(scene.editor.request("session/list", json!({}))["sessions"], json!([]));
}

#[test]
fn an_unknown_request_is_refused_and_an_unknown_notification_is_not_answered() {
    let mut scene = Scene::new();
    scene.editor.notify("no/such/notification", json!({}));
    scene.editor.notify("_ext/notification", json!({}));
    assert_eq!(scene.editor.refusal("no/such/method", json!({}))["code"], -32601);
    assert_eq!(scene.editor.refusal("session/set_model", json!({}))["code"], -32601);
    assert_eq!(scene.editor.refusal("session/prompt", json!({ "x": 1 }))["code"], -32602);
    let errors: Vec<_> = scene.editor.heard.iter().filter(|it| !it["error"].is_null()).collect();
    assert_eq!(errors.len(), 3, "{errors:#?}");
}

#[test]
fn ids_are_given_back_as_they_came_and_those_of_both_sides_may_be_the_same() {
    let mut scene = Scene::new();
    scene
        .stage
        .stand
        .script([ScriptedAnswer::runs("call_1", "touch made"), ScriptedAnswer::says("done")]);
    let session = scene.session();
    let prompt = json!({
        "sessionId": session, "prompt": [{ "type": "text", "text": "go" }],
    });
    scene.editor.ask_as(&json!("0"), "session/prompt", prompt);
    let asked = scene.editor.asked("session/request_permission");
    // The client sends a request under the id of the agent's own.
    scene.editor.ask_as(&asked["id"], "session/list", json!({}));
    assert!(scene.editor.answer(&asked["id"])["result"]["sessions"].is_array());
    for id in [json!(0), json!("x"), json!(-1)] {
        scene.editor.ask_as(&id, "session/list", json!({}));
        assert_eq!(scene.editor.answer(&id)["id"], id);
    }
    scene.editor.reply(&asked, json!({ "outcome": { "outcome": "selected", "optionId": "once" } }));
    assert_eq!(scene.editor.stopped(&json!("0")), "end_turn");
    assert!(scene.folder().join("made").exists());
}

#[test]
fn a_prompt_of_megabytes_arrives_whole() {
    let mut scene = Scene::new();
    scene.stage.stand.script([ScriptedAnswer::says("long")]);
    let session = scene.session();
    let prompt = scene.editor.prompt(&session, &"x".repeat(2 << 20));
    assert_eq!(scene.editor.stopped(&prompt), "end_turn");
    let body = &scene.stage.stand.responses()[0].body;
    assert!(body.len() > 2 << 20, "{}", body.len());
}

#[test]
fn a_client_that_does_not_read_for_a_while_misses_nothing() {
    use std::io::{BufRead, BufReader, Write};
    const DELTAS: usize = 30_000;
    let stage = crate::stage::Stage::new(crate::stage::Account::ApiKey);
    let mut agent = crate::stage::Ending(
        super::scene::program(&stage, stage.home.path())
            .current_dir(stage.home.path())
            .env("CODLING_LOG", "off")
            .spawn()
            .unwrap(),
    );
    let mut input = agent.0.stdin.take().unwrap();
    let mut output = BufReader::new(agent.0.stdout.take().unwrap()).lines();
    let mut send = |id: i64, method: &str, params: Value| {
        let message = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        writeln!(input, "{message}").unwrap();
    };
    let mut next = || -> Value { serde_json::from_str(&output.next().unwrap().unwrap()).unwrap() };
    send(1, "initialize", json!({ "protocolVersion": 1 }));
    assert_eq!(next()["id"], 1);
    send(2, "session/new", json!({ "cwd": stage.home.path(), "mcpServers": [] }));
    let session = next()["result"]["sessionId"].clone();
    let mut pieces = vec![codling::demo::created()];
    pieces.extend((0..DELTAS).map(|number| codling::demo::text(format!("{number} "))));
    pieces.push(codling::demo::gate("all sent"));
    pieces.push(codling::demo::completed(codling::protocol::Usage::default()));
    stage.stand.script([ScriptedAnswer::sse(pieces)]);
    let prompt = json!([{ "type": "text", "text": "count" }]);
    send(3, "session/prompt", json!({ "sessionId": session, "prompt": prompt }));
    assert!(stage.stand.wait_reached("all sent"));
    stage.stand.open("all sent");
    let mut text = String::new();
    loop {
        let message = next();
        let update = &message["params"]["update"];
        if update["sessionUpdate"] == "agent_message_chunk" {
            text.push_str(update["content"]["text"].as_str().unwrap());
        }
        if message["id"] == 3 {
            assert_eq!(message["result"]["stopReason"], "end_turn");
            break;
        }
    }
    let expected: String = (0..DELTAS).map(|number| format!("{number} ")).collect();
    assert!(text == expected, "{} of {} bytes", text.len(), expected.len());
}

#[test]
fn a_session_that_is_not_open_is_named_in_the_refusal() {
    let mut scene = Scene::new();
    let prompt = json!([{ "type": "text", "text": "hello" }]);
    let folder = scene.folder();
    for (method, params) in [
        ("session/prompt", json!({ "prompt": prompt })),
        ("session/load", json!({ "cwd": folder, "mcpServers": [] })),
        ("session/resume", json!({ "cwd": folder, "mcpServers": [] })),
        ("session/fork", json!({ "cwd": folder, "mcpServers": [] })),
        ("session/close", json!({})),
        ("session/delete", json!({})),
        ("session/set_mode", json!({ "modeId": "auto" })),
        ("session/set_config_option", json!({ "configId": "mode", "value": "auto" })),
    ] {
        for id in ["ses_none", "../../etc/passwd"] {
            let mut params = params.clone();
            params["sessionId"] = json!(id);
            let error = scene.editor.refusal(method, params);
            assert_eq!(error["code"], -32002, "{method}: {error}");
            assert_eq!(error["data"]["sessionId"], id, "{method}: {error}");
        }
    }
    scene.editor.notify("session/cancel", json!({ "sessionId": "ses_none" }));
    assert_eq!(scene.editor.request("session/list", json!({}))["sessions"], json!([]));
}
