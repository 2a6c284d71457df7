//! Prompts: streamed, queued, cancelled, and answered once with why they stopped.

use codling::demo::{
    Options, ScriptedAnswer, completed, created, function_call, gate, reasoning, text,
};
use codling::protocol::Usage;
use serde_json::{Value, json};

use super::scene::Scene;
use crate::stage::{Account, sentences};

/// Returns an answer that stops half way.
fn half(name: &str) -> ScriptedAnswer {
    ScriptedAnswer::sse([created(), text("half"), gate(name), text(" whole"), completed(usage())])
}

fn usage() -> Usage {
    Usage { input: 100, output: 20, ..Usage::default() }
}

#[test]
fn thoughts_and_words_stream_and_the_answer_comes_behind_them() {
    let mut scene = Scene::new();
    let pieces =
        [created(), reasoning("**Hm**"), text("Good "), text("morning"), completed(usage())];
    scene.stage.stand.script([ScriptedAnswer::sse(pieces)]);
    let session = scene.session();
    let prompt = scene.editor.prompt(&session, "hello");
    assert_eq!(scene.editor.stopped(&prompt), "end_turn");
    assert_eq!(scene.editor.text("agent_thought_chunk"), "**Hm**");
    assert_eq!(scene.editor.text("agent_message_chunk"), "Good morning");
    assert_eq!(scene.editor.updates("user_message_chunk"), [] as [Value; 0]);
    let used = scene.editor.updates("usage_update").pop().unwrap();
    assert_eq!(used["used"], 120);
    assert!(used["size"].as_u64().unwrap() > 1_000);
    assert_eq!(scene.editor.updates("session_info_update")[0]["title"], "hello");
    // Nothing comes after the answer.
    assert_eq!(scene.editor.heard.last().unwrap()["id"], prompt);
    let optional = ["notice", "compaction_update", "compaction_summary_chunk"];
    assert!(optional.iter().all(|kind| scene.editor.updates(kind).is_empty()));
}

#[test]
fn what_is_mentioned_and_attached_reaches_the_model() {
    let mut scene = Scene::new();
    scene.stage.stand.script([ScriptedAnswer::says("seen")]);
    let session = scene.session();
    let prompt = json!([
        { "type": "text", "text": "look at " },
        { "type": "resource_link", "uri": "file:///w/a.rs", "name": "a.rs" },
        { "type": "resource", "resource": { "uri": "file:///w/b.rs", "text": "fn b() {}" } },
    ]);
    let params = json!({ "sessionId": session, "prompt": prompt });
    assert_eq!(scene.editor.request("session/prompt", params)["stopReason"], "end_turn");
    let body = &scene.stage.stand.responses()[0].body;
    assert!(body.contains("look at [@a.rs](file:///w/a.rs)"), "{body}");
    assert!(body.contains("fn b() {}"), "{body}");
}

#[test]
fn a_picture_that_is_none_is_refused_and_the_session_goes_on() {
    let mut scene = Scene::new();
    let session = scene.session();
    let image = json!({ "type": "image", "data": "aGVsbG8=", "mimeType": "image/png" });
    let params = json!({ "sessionId": session, "prompt": [image] });
    let error = scene.editor.refusal("session/prompt", params);
    assert_eq!(error["code"], -32602);
    assert!(error["message"].as_str().unwrap().contains("image 1"), "{error}");
    scene.stage.stand.script([ScriptedAnswer::says("fine")]);
    let prompt = scene.editor.prompt(&session, "hello");
    assert_eq!(scene.editor.stopped(&prompt), "end_turn");
}

#[test]
fn a_cancelled_turn_is_answered_as_such_after_its_last_update() {
    let mut scene = Scene::new();
    scene.stage.stand.script([half("never")]);
    let session = scene.session();
    let prompt = scene.editor.prompt(&session, "hello");
    scene.editor.update("agent_message_chunk");
    scene.editor.notify("session/cancel", json!({ "sessionId": session }));
    assert_eq!(scene.editor.stopped(&prompt), "cancelled");
    assert_eq!(scene.editor.heard.last().unwrap()["id"], prompt);
    scene.stage.stand.script([ScriptedAnswer::says("again")]);
    let prompt = scene.editor.prompt(&session, "go on");
    assert_eq!(scene.editor.stopped(&prompt), "end_turn");
}

#[test]
fn a_cancel_right_behind_the_prompt_stops_it_and_one_without_a_turn_does_nothing() {
    let mut scene = Scene::new();
    let session = scene.session();
    let cancel = json!({ "sessionId": session });
    scene.editor.notify("session/cancel", cancel.clone());
    scene.stage.stand.script([ScriptedAnswer::stall()]);
    let prompt = scene.editor.prompt(&session, "hello");
    scene.editor.notify("session/cancel", cancel.clone());
    assert_eq!(scene.editor.stopped(&prompt), "cancelled");
    scene.editor.notify("session/cancel", cancel);
    let image = json!({ "type": "image", "data": "aGVsbG8=", "mimeType": "image/png" });
    let params = json!({ "sessionId": session, "prompt": [image] });
    let prompt = scene.editor.ask("session/prompt", params);
    scene.editor.notify("session/cancel", json!({ "sessionId": session }));
    // Whichever comes first, the prompt is answered once.
    assert!(scene.editor.answer(&prompt)["id"] == prompt);
}

#[test]
fn the_request_itself_can_be_cancelled() {
    let mut scene = Scene::new();
    scene.stage.stand.script([half("never")]);
    let session = scene.session();
    let prompt = scene.editor.prompt(&session, "hello");
    scene.editor.update("agent_message_chunk");
    scene.editor.notify("$/cancel_request", json!({ "requestId": prompt }));
    assert_eq!(scene.editor.stopped(&prompt), "cancelled");
}

#[test]
fn a_cancelled_turn_resolves_what_was_asked() {
    let mut scene = Scene::new();
    scene.stage.stand.script([ScriptedAnswer::runs("call_1", "touch made")]);
    let session = scene.session();
    let prompt = scene.editor.prompt(&session, "go");
    let asked = scene.editor.asked("session/request_permission");
    scene.editor.notify("session/cancel", json!({ "sessionId": session }));
    assert_eq!(scene.editor.stopped(&prompt), "cancelled");
    let withdrawn = scene.editor.news("$/cancel_request");
    assert_eq!(withdrawn["requestId"], asked["id"]);
    scene.editor.reply(&asked, json!({ "outcome": { "outcome": "cancelled" } }));
    let ended = scene.editor.updates("tool_call_update").pop().unwrap();
    assert_eq!((&ended["toolCallId"], &ended["status"]), (&json!("call_1"), &json!("failed")));
    assert!(!scene.folder().join("made").exists());
    assert_eq!(
        scene.editor.request("session/list", json!({}))["sessions"][0]["sessionId"],
        session
    );
}

#[test]
fn a_second_prompt_joins_the_turn_and_both_are_answered() {
    let mut scene = Scene::new();
    let call = json!({ "command": "echo one" }).to_string();
    scene.stage.stand.script([
        ScriptedAnswer::sse([
            created(),
            text("first"),
            gate("first"),
            function_call("call_1", "shell", call),
            completed(usage()),
        ]),
        ScriptedAnswer::says("both"),
    ]);
    let session = scene.session();
    let first = scene.editor.prompt(&session, "one");
    scene.editor.update("agent_message_chunk");
    let second = scene.editor.prompt(&session, "two");
    // Other requests are answered meanwhile.
    assert!(scene.editor.request("session/list", json!({}))["sessions"].is_array());
    scene.stage.stand.open("first");
    assert_eq!(scene.editor.stopped(&first), "end_turn");
    assert_eq!(scene.editor.stopped(&second), "end_turn");
    let last = scene.stage.stand.responses().pop().unwrap().body;
    assert!(last.contains("two"), "{last}");
}

#[test]
fn a_prompt_that_waits_for_the_end_of_a_turn_begins_the_next_one() {
    let mut scene = Scene::new();
    scene.stage.stand.script([half("first"), ScriptedAnswer::says("next")]);
    let session = scene.session();
    let first = scene.editor.prompt(&session, "one");
    scene.editor.update("agent_message_chunk");
    let second = scene.editor.prompt(&session, "two");
    scene.editor.request("session/list", json!({}));
    scene.stage.stand.open("first");
    assert_eq!(scene.editor.stopped(&first), "end_turn");
    assert_eq!(scene.editor.stopped(&second), "end_turn");
    assert!(scene.editor.text("agent_message_chunk").ends_with("next"));
}

#[test]
fn prompts_that_wait_are_cancelled_with_the_turn() {
    let mut scene = Scene::new();
    scene.stage.stand.script([half("never")]);
    let session = scene.session();
    let first = scene.editor.prompt(&session, "one");
    scene.editor.update("agent_message_chunk");
    let second = scene.editor.prompt(&session, "two");
    scene.editor.notify("session/cancel", json!({ "sessionId": session }));
    assert_eq!(scene.editor.stopped(&first), "cancelled");
    assert_eq!(scene.editor.stopped(&second), "cancelled");
}

#[test]
fn a_turn_that_fails_is_an_error_with_its_words() {
    let mut scene = Scene::new();
    let error = ScriptedAnswer::error(400, "invalid_request", "The request is wrong");
    scene.stage.stand.script([error]);
    let session = scene.session();
    let prompt = scene.editor.prompt(&session, "hello");
    let error = scene.editor.answer(&prompt)["error"].clone();
    assert_eq!(error["code"], -32603);
    assert!(error["message"].as_str().unwrap().contains("The request is wrong"), "{error}");
}

#[test]
fn a_sign_in_that_ended_meanwhile_is_asked_for_again() {
    let mut scene = Scene::with(Account::ChatGpt, Options::default(), &[], json!({}));
    let session = scene.session();
    scene.editor.request("logout", json!({}));
    let prompt = scene.editor.prompt(&session, "hello");
    let error = scene.editor.answer(&prompt)["error"].clone();
    assert_eq!(error["code"], -32000, "{error}");
    assert_eq!(error["data"]["authMethods"][0]["id"], "api-key");
}

#[test]
fn a_turn_that_used_up_its_steps_says_so() {
    let mut scene = Scene::silent(Account::ApiKey, Options::default(), &[], "max_steps = 1");
    scene.editor.initialize(json!({}));
    scene
        .stage
        .stand
        .script([ScriptedAnswer::runs("call_1", "echo one"), ScriptedAnswer::says("that is all")]);
    let session = scene.session();
    let prompt = scene.editor.prompt(&session, "go");
    assert_eq!(scene.editor.stopped(&prompt), "max_turn_requests");
}

#[test]
fn a_plan_is_told_whole_and_no_tool_call() {
    let mut scene = Scene::new();
    let todos = json!({ "todos": [
        { "content": "read", "status": "completed" },
        { "content": "write", "status": "in_progress" },
    ] });
    scene
        .stage
        .stand
        .script([ScriptedAnswer::calls("call_1", "todo", &todos), ScriptedAnswer::says("planned")]);
    let session = scene.session();
    let prompt = scene.editor.prompt(&session, "plan");
    assert_eq!(scene.editor.stopped(&prompt), "end_turn");
    let plan = scene.editor.updates("plan");
    assert_eq!(
        plan[0]["entries"],
        json!([
            { "content": "read", "priority": "medium", "status": "completed" },
            { "content": "write", "priority": "medium", "status": "in_progress" },
        ])
    );
    assert_eq!(scene.editor.updates("tool_call"), [] as [Value; 0]);
}

#[test]
fn notices_are_told_only_to_clients_that_show_them() {
    let notices = json!({ "session": { "notices": {} } });
    for (capabilities, told) in [(json!({}), 0), (notices, 1)] {
        let mut scene = Scene::silent(Account::ApiKey, Options::default(), &[], "max_steps = 1");
        scene.editor.initialize(capabilities);
        scene.stage.stand.script([
            ScriptedAnswer::runs("call_1", "echo one"),
            ScriptedAnswer::says("that is all"),
        ]);
        let session = scene.session();
        let prompt = scene.editor.prompt(&session, "go");
        assert_eq!(scene.editor.stopped(&prompt), "max_turn_requests");
        let steps = scene.editor.updates("notice");
        let steps = steps.iter().filter(|it| it["title"].as_str().unwrap().contains("max_steps"));
        assert_eq!(steps.count(), told);
    }
}

#[test]
fn a_usage_limit_is_waited_out_where_the_settings_say_so_and_the_client_is_told() {
    let settings = "wait_for_limit = true";
    let mut scene = Scene::silent(Account::ChatGpt, Options::default(), &[], settings);
    scene.editor.initialize(json!({ "session": { "notices": {} } }));
    scene.stage.stand.script([ScriptedAnswer::usage_limit(1), ScriptedAnswer::says("went on")]);
    let session = scene.session();
    let prompt = scene.editor.prompt(&session, "go");
    assert_eq!(scene.editor.stopped(&prompt), "end_turn");
    assert_eq!(scene.editor.text("agent_message_chunk"), "went on");
    let told = scene.editor.updates("notice");
    let waits = told.iter().filter(|it| it.to_string().contains(sentences::TURN_WAITS_FOR_LIMIT));
    assert_eq!(waits.count(), 1, "{told:?}");
}
