//! Several clients on one thread: late ones, leaving ones, and whoever answers first.

use codling::demo::{ScriptedAnswer, completed, created, gate, text};
use codling::protocol::Usage;
use serde_json::{Value, json};

use crate::app_server::client::Client;
use crate::app_server::scene::{Scene, Transport};

/// A turn that has said half of what it has to say.
fn half_said() -> (Scene, String, String) {
    let mut scene = Scene::over(Transport::WebSocket);
    scene.stage.stand.script([ScriptedAnswer::sse([
        created(),
        text("Half of it "),
        gate("half"),
        text("and the rest"),
        completed(Usage::default()),
    ])]);
    let thread = scene.client.thread(json!({}));
    let turn = scene.client.prompt(&thread, "hello");
    assert!(scene.stage.stand.wait_reached("half"));
    scene.client.news("item/agentMessage/delta");
    (scene, thread, turn)
}

fn resume(client: &mut Client, thread: &str) -> Value {
    client.request("thread/resume", json!({ "threadId": thread }))["thread"].clone()
}

#[test]
fn a_late_client_puts_the_whole_answer_together_from_what_it_hears() {
    let (mut scene, thread, turn) = half_said();
    let mut late = scene.another();
    let snapshot = resume(&mut late, &thread);
    assert_eq!(snapshot["status"], json!({ "type": "active", "activeFlags": [] }));
    let running = &snapshot["turns"][0];
    assert_eq!((&running["id"], &running["status"]), (&json!(turn), &json!("inProgress")));
    assert_eq!(running["items"].as_array().unwrap().len(), 1, "the prompt alone is whole");
    scene.stage.stand.open("half");
    assert_eq!(late.ended(&turn)["status"], "completed");
    assert_eq!(scene.client.ended(&turn)["status"], "completed", "the first one hears it too");
    let deltas = late.all_news("item/agentMessage/delta");
    let streamed: String = deltas.iter().map(|it| it["delta"].as_str().unwrap()).collect();
    assert_eq!(streamed, "Half of it and the rest");
}

#[test]
fn a_turn_outlives_the_client_that_began_it() {
    let (mut scene, thread, turn) = half_said();
    let mut late = scene.another();
    let address = scene.address.clone().unwrap();
    scene.client = Client::connect(&address);
    resume(&mut late, &thread);
    scene.stage.stand.open("half");
    assert_eq!(late.ended(&turn)["status"], "completed");
}

#[test]
fn an_approval_is_shown_to_a_late_client_under_the_same_id_and_decided_by_whoever_is_first() {
    let mut scene = Scene::over(Transport::WebSocket);
    scene.stage.stand.script([
        ScriptedAnswer::calls("call_1", "shell", &json!({ "command": "touch made" })),
        ScriptedAnswer::says("done"),
    ]);
    let thread = scene.client.thread(json!({ "approvalPolicy": "untrusted" }));
    let turn = scene.client.prompt(&thread, "go");
    let asked = scene.client.asked("item/commandExecution/requestApproval");
    let mut late = scene.another();
    let mut stranger = scene.another();
    let snapshot = resume(&mut late, &thread);
    assert_eq!(snapshot["status"]["activeFlags"], json!(["waitingOnApproval"]));
    let again = late.asked("item/commandExecution/requestApproval");
    assert_eq!(again, asked);
    // A client that does not listen to the thread cannot answer for it.
    stranger.reply(&asked, json!({ "decision": "accept" }));
    stranger.request("thread/loaded/list", json!({}));
    assert!(!scene.folder().join("made").exists());
    late.reply(&again, json!({ "decision": "decline" }));
    for client in [&mut scene.client, &mut late] {
        let resolved = client.news("serverRequest/resolved");
        assert_eq!((&resolved["requestId"], &resolved["threadId"]), (&asked["id"], &json!(thread)));
    }
    scene.client.reply(&asked, json!({ "decision": "accept" }));
    assert_eq!(scene.client.ended(&turn)["status"], "completed");
    assert!(!scene.folder().join("made").exists(), "the late answer counts for nothing");
    assert!(!stranger.heard.contains("\"turn/completed\""));
}

#[test]
fn a_turn_that_is_stopped_takes_its_approval_with_it() {
    let mut scene = Scene::over(Transport::WebSocket);
    let call = ScriptedAnswer::calls("call_1", "shell", &json!({ "command": "touch made" }));
    scene.stage.stand.script([call]);
    let thread = scene.client.thread(json!({ "approvalPolicy": "untrusted" }));
    let turn = scene.client.prompt(&thread, "go");
    let asked = scene.client.asked("item/commandExecution/requestApproval");
    scene.client.request("turn/interrupt", json!({ "threadId": thread, "turnId": turn }));
    assert_eq!(scene.client.ended(&turn)["status"], "interrupted");
    assert_eq!(scene.client.news("serverRequest/resolved")["requestId"], asked["id"]);
    scene.client.reply(&asked, json!({ "decision": "accept" }));
    scene.client.request("thread/loaded/list", json!({}));
    assert!(!scene.folder().join("made").exists());
}

#[test]
fn a_thread_that_runs_is_joined_as_it_is() {
    let (scene, thread, _turn) = half_said();
    let mut late = scene.another();
    let history = json!({ "threadId": thread, "history": [] });
    let text = format!("cannot resume thread {thread} with history while it is already running");
    assert_eq!(late.refusal("thread/resume", history), (-32600, text));
    let stale = json!({ "threadId": thread, "path": "/elsewhere.jsonl" });
    let (_, why) = late.refusal("thread/resume", stale);
    assert!(why.contains("with stale path: requested `/elsewhere.jsonl`, active `"), "{why}");
    let other = json!({ "threadId": thread, "model": "another", "sandbox": "danger-full-access" });
    let joined = late.request("thread/resume", other);
    assert_ne!(joined["model"], "another");
    assert_ne!(joined["sandbox"]["type"], "dangerFullAccess");
    let closed = late.request("thread/unsubscribe", json!({ "threadId": thread }));
    assert_eq!(closed["status"], "unsubscribed");
    let again = late.request("thread/unsubscribe", json!({ "threadId": thread }));
    assert_eq!(again["status"], "notSubscribed");
}

#[test]
fn a_thread_that_cannot_be_joined_is_not_taken_from_its_program_but_can_be_copied() {
    let mut scene = Scene::over(Transport::Pipe);
    let thread = scene.client.thread(json!({}));
    let turn = scene.client.prompt(&thread, "hello");
    scene.client.ended(&turn);
    // As with an older codling.
    std::fs::remove_dir_all(scene.stage.home.path().join("state/live")).unwrap();
    let (_server, mut other) = scene.second_server();
    let (code, why) = other.refusal("thread/resume", json!({ "threadId": thread }));
    let process = format!("process {}", scene.server.0.id());
    assert!(code == -32600 && why.contains(&process) && why.contains("copy"), "{code} {why}");
    let copy = other.request("thread/fork", json!({ "threadId": thread }))["thread"].clone();
    assert_ne!(copy["id"], thread);
    assert_eq!(
        (&copy["forkedFromId"], copy["turns"].as_array().unwrap().len()),
        (&json!(thread), 1)
    );
    let turn = other.prompt(copy["id"].as_str().unwrap(), "and more");
    assert_eq!(other.ended(&turn)["status"], "completed");
    let own = json!({ "threadId": thread, "includeTurns": true });
    let own = scene.client.request("thread/read", own)["thread"]["turns"].clone();
    assert_eq!(own.as_array().unwrap().len(), 1, "the original stays as it is");
}

#[test]
fn a_thread_that_is_not_kept_goes_when_its_client_left_before_it_was_open() {
    let mut scene = Scene::over(Transport::WebSocket);
    let mut hasty = scene.another();
    hasty.ask("thread/start", json!({ "ephemeral": true }));
    hasty.hang_up();
    let started = scene.client.news("thread/started")["thread"]["id"].clone();
    assert_eq!(scene.client.news("thread/closed")["threadId"], started);
    let loaded = scene.client.request("thread/loaded/list", json!({}));
    assert_eq!(loaded["data"], json!([]));
}

#[test]
fn a_thread_that_another_codling_holds_is_joined_in_the_middle_of_a_turn() {
    let (mut scene, thread, turn) = half_said();
    let (_server, mut other) = scene.second_server();
    let snapshot = resume(&mut other, &thread);
    assert_eq!(snapshot["status"]["type"], "active");
    let running = &snapshot["turns"][0];
    assert_eq!((&running["id"], &running["status"]), (&json!(turn), &json!("inProgress")));
    scene.stage.stand.open("half");
    assert_eq!(other.ended(&turn)["status"], "completed");
    assert_eq!(scene.client.ended(&turn)["status"], "completed");
    let whole = other.all_news("item/completed");
    let said = whole.iter().find(|it| it["item"]["type"] == "agentMessage").unwrap();
    assert_eq!(said["item"]["text"], "Half of it and the rest");
    // One of them asks, the other hears it, and either answers what waits.
    scene.stage.stand.script([
        ScriptedAnswer::calls("call_1", "shell", &json!({ "command": "touch made" })),
        ScriptedAnswer::says("done"),
    ]);
    let turn = other.prompt(&thread, "go");
    let asked = scene.client.asked("item/commandExecution/requestApproval");
    scene.client.reply(&asked, json!({ "decision": "accept" }));
    assert_eq!(other.ended(&turn)["status"], "completed");
    assert!(scene.folder().join("made").exists());
}
