//! Dynamic tools: what a client brings to a thread, and runs itself.

use codling::demo::{ScriptedAnswer, created, gate};
use serde_json::{Value, json};

use super::scene::{Scene, Transport, over_both};
use crate::stage::Account;

fn tools() -> Value {
    let schema = json!({ "type": "object", "properties": { "at": { "type": "string" } } });
    let tool = json!({
        "type": "function", "name": "look", "description": "Looks at it", "inputSchema": schema,
    });
    let space = json!({
        "type": "namespace", "name": "ui", "description": "The screen", "tools": [tool.clone()],
    });
    json!([tool, space])
}

fn call(id: &str, tool: &str) -> ScriptedAnswer {
    ScriptedAnswer::calls(id, tool, &json!({ "at": "the door" }))
}

/// The item of a call, once it has ended.
fn ended(scene: &mut Scene, id: &str) -> Value {
    let ended = scene.client.until("its end", |it| {
        it["method"] == "item/completed" && it["params"]["item"]["id"] == id
    });
    ended["params"]["item"].clone()
}

#[test]
fn the_model_calls_a_tool_that_the_client_runs() {
    over_both(Account::ApiKey, &Default::default(), "approvals = \"ask\"\n", |scene| {
        scene.stage.stand.script([
            call("call_1", "mcp___client__look"),
            call("call_2", "mcp___client__ui_look"),
            ScriptedAnswer::says("done"),
        ]);
        let thread = scene.client.thread(json!({ "dynamicTools": tools() }));
        let turn = scene.client.prompt(&thread, "look");
        let asked = scene.client.asked("item/tool/call");
        let params = json!({
            "threadId": thread, "turnId": turn, "callId": "call_1", "tool": "look",
            "namespace": null, "arguments": { "at": "the door" },
        });
        assert_eq!(asked["params"], params);
        let content = json!([{ "type": "inputText", "text": "it is open" }]);
        scene.client.reply(&asked, json!({ "contentItems": content, "success": true }));
        assert_eq!(scene.client.news("serverRequest/resolved")["requestId"], asked["id"]);
        let item = ended(scene, "call_1");
        assert_eq!(
            (&item["type"], &item["tool"], &item["status"], &item["contentItems"]),
            (&json!("dynamicToolCall"), &json!("look"), &json!("completed"), &content)
        );
        let asked = scene.client.asked("item/tool/call");
        assert_eq!(
            (&asked["params"]["namespace"], &asked["params"]["tool"]),
            (&json!("ui"), &json!("look"))
        );
        scene
            .client
            .send(&json!({ "id": asked["id"], "error": { "code": -1, "message": "no door" } }));
        let item = ended(scene, "call_2");
        assert_eq!((&item["namespace"], &item["success"]), (&json!("ui"), &json!(false)));
        assert_eq!(scene.client.ended(&turn)["status"], "completed");
        let sent: Vec<_> = scene.stage.stand.responses().into_iter().map(|it| it.body).collect();
        assert!(sent[0].contains("Looks at it") && sent[1].contains("it is open"));
        assert!(sent[2].contains("no door"), "{}", sent[2]);
    });
}

#[test]
fn whoever_did_not_bring_a_tool_does_not_fail_it() {
    let mut scene = Scene::with(Transport::WebSocket, Account::ApiKey, Default::default(), "");
    let script = [call("call_1", "mcp___client__look"), ScriptedAnswer::says("done")];
    scene.stage.stand.script(script);
    let thread = scene.client.thread(json!({ "dynamicTools": tools() }));
    let mut other = scene.another();
    let turn = scene.client.prompt(&thread, "look");
    let asked = scene.client.asked("item/tool/call");
    other.request("thread/resume", json!({ "threadId": thread }));
    let again = other.asked("item/tool/call");
    assert_eq!(again["id"], asked["id"]);
    other.send(&json!({ "id": again["id"], "error": { "code": -32601, "message": "unknown" } }));
    other.request("thread/loaded/list", json!({}));
    let content = json!([{ "type": "inputText", "text": "it is open" }]);
    scene.client.reply(&asked, json!({ "contentItems": content, "success": true }));
    assert_eq!(ended(&mut scene, "call_1")["success"], true);
    assert_eq!(scene.client.ended(&turn)["status"], "completed");
}

#[test]
fn a_turn_that_is_stopped_waits_for_no_tool() {
    let mut scene = Scene::new();
    scene.stage.stand.script([
        call("call_1", "mcp___client__look"),
        ScriptedAnswer::sse([created(), gate("shut")]),
    ]);
    let thread = scene.client.thread(json!({ "dynamicTools": tools() }));
    let turn = scene.client.prompt(&thread, "look");
    let asked = scene.client.asked("item/tool/call");
    scene.client.request("turn/interrupt", json!({ "threadId": thread, "turnId": turn }));
    assert_eq!(scene.client.news("serverRequest/resolved")["requestId"], asked["id"]);
    assert_eq!(scene.client.ended(&turn)["status"], "interrupted");
    let (_, why) = scene.client.refusal(
        "thread/start",
        json!({ "dynamicTools": [{ "name": "a b", "description": "", "inputSchema": {} }] }),
    );
    assert!(why.contains("must be letters"), "{why}");
}
