//! Sessions: begun, taken up again, copied, listed page by page, closed and deleted.

use codling::demo::{Options, ScriptedAnswer};
use serde_json::{Value, json};

use super::editor::LIMIT;
use super::scene::Scene;
use crate::stage::{Account, until};

/// A turn in a new session, all of it.
fn spoken(scene: &mut Scene, prompt: &str, answer: &str) -> String {
    scene.stage.stand.script([ScriptedAnswer::says(answer)]);
    let session = scene.session();
    let prompt = scene.editor.prompt(&session, prompt);
    assert_eq!(scene.editor.stopped(&prompt), "end_turn");
    session
}

fn ids(list: &Value) -> Vec<&str> {
    let rows = list["sessions"].as_array().unwrap();
    rows.iter().map(|row| row["sessionId"].as_str().unwrap()).collect()
}

#[test]
fn nobody_begins_a_session_signed_out_and_everybody_is_told_how_to_sign_in() {
    let url = json!({ "elicitation": { "url": {} } });
    let mut scene = Scene::with(Account::Nobody, Options::default(), &[], url);
    let place = scene.place();
    let error = scene.editor.refusal("session/new", place);
    assert_eq!(error["code"], -32000);
    let methods = error["data"]["authMethods"].as_array().unwrap();
    let ids: Vec<_> = methods.iter().map(|method| &method["id"]).collect();
    assert_eq!(ids, ["api-key", "chatgpt-device-code"]);
}

#[test]
fn a_folder_has_to_be_absolute_and_there_and_nothing_is_brought_that_codling_cannot_use() {
    let mut scene = Scene::new();
    let folder = scene.folder();
    for (params, said) in [
        (json!({ "cwd": "work", "mcpServers": [] }), "absolute"),
        (json!({ "cwd": "/no/such/folder", "mcpServers": [] }), "no folder"),
        (
            json!({ "cwd": folder, "mcpServers": [], "additionalDirectories": ["/tmp"] }),
            "additionalDirectories",
        ),
    ] {
        let error = scene.editor.refusal("session/new", params);
        assert_eq!(error["code"], -32602, "{error}");
        assert!(error["message"].as_str().unwrap().contains(said), "{error}");
    }
}

#[test]
fn a_session_that_brings_two_mcp_servers_opens_and_has_their_tools() {
    let mut scene = Scene::new();
    let program = env!("CARGO_BIN_EXE_codling");
    let stdio = json!({
        "name": "near", "command": program, "args": ["demo", "mcp-server"], "env": [],
    });
    let url = format!("{}/mcp", scene.stage.stand.origin());
    let headers = json!([{ "name": "Authorization", "value": "Bearer mcp-7" }]);
    let http = json!({ "type": "http", "name": "far", "url": url, "headers": headers });
    let params = json!({ "cwd": scene.folder(), "mcpServers": [stdio, http] });
    let session = scene.editor.request("session/new", params)["sessionId"].clone();
    let session = session.as_str().unwrap().to_owned();
    // They are started beside the conversation: at some prompt both are there.
    until(LIMIT, "the tools of both", || {
        scene.stage.stand.script([ScriptedAnswer::says("Hello.")]);
        let prompt = scene.editor.prompt(&session, "hello");
        assert_eq!(scene.editor.stopped(&prompt), "end_turn");
        let request = scene.stage.stand.responses().pop().unwrap().json();
        let tools = request["tools"].to_string();
        tools.contains("mcp__near__echo") && tools.contains("mcp__far__echo")
    });
}

#[test]
fn a_server_that_cannot_be_used_is_said_once_and_keeps_no_session_from_opening() {
    let notices = json!({ "session": { "notices": {} } });
    for (capabilities, kind) in [(json!({}), "agent_message_chunk"), (notices, "notice")] {
        let mut scene = Scene::with(Account::ApiKey, Options::default(), &[], capabilities);
        let server =
            json!({ "type": "sse", "name": "files", "url": "https://acme.test", "headers": [] });
        let params = json!({ "cwd": scene.folder(), "mcpServers": [server] });
        let session = scene.editor.request("session/new", params)["sessionId"].clone();
        let session = session.as_str().unwrap().to_owned();
        for (prompt, answer) in [("first", "one"), ("second", "two")] {
            scene.stage.stand.script([ScriptedAnswer::says(answer)]);
            let prompt = scene.editor.prompt(&session, prompt);
            assert_eq!(scene.editor.stopped(&prompt), "end_turn");
        }
        let told = scene.editor.updates(kind);
        let told = told.iter().filter(|it| it.to_string().contains("`files`")).count();
        assert_eq!(told, 1, "{kind}");
        assert!(!scene.stage.stand.responses()[1].body.contains("`files`"), "it is for the person");
    }
}

#[test]
fn a_session_that_cannot_be_kept_and_content_that_is_not_sent_are_told_in_an_answer() {
    let mut scene = Scene::new();
    let data = scene.stage.home.path().join("data");
    std::fs::create_dir_all(&data).unwrap();
    std::fs::write(data.join("sessions"), "no folder").unwrap();
    let session = scene.session();
    scene.stage.stand.script([ScriptedAnswer::says("one")]);
    let blob = json!({ "type": "resource", "resource": {
        "uri": "file:///w/plan.pdf", "blob": "aGk=", "mimeType": "application/pdf",
    } });
    let params = json!({ "sessionId": session, "prompt": [blob] });
    let prompt = scene.editor.ask("session/prompt", params);
    assert_eq!(scene.editor.stopped(&prompt), "end_turn");
    let said = scene.editor.text("agent_message_chunk");
    assert!(said.contains("not being kept") && said.contains("`plan.pdf` was not sent"), "{said}");
    assert!(said.ends_with("one"), "{said}");
}

#[test]
fn a_loaded_session_is_replayed_in_order_before_the_answer() {
    let mut scene = Scene::new();
    scene
        .stage
        .stand
        .script([ScriptedAnswer::runs("call_1", "echo out"), ScriptedAnswer::says("It said out.")]);
    let session = scene.session();
    let prompt = scene.editor.prompt(&session, "what does it say?");
    assert_eq!(scene.editor.stopped(&prompt), "end_turn");
    scene.again();
    let params = scene.place_of(&session);
    let loaded = scene.editor.request("session/load", params);
    assert_eq!(loaded["modes"]["currentModeId"], "ask");
    assert_eq!(loaded["configOptions"][1]["id"], "model");
    let kinds: Vec<&Value> = scene
        .editor
        .heard
        .iter()
        .map(|it| &it["params"]["update"]["sessionUpdate"])
        .filter(|kind| kind.is_string())
        .collect();
    assert_eq!(kinds, ["user_message_chunk", "tool_call", "agent_message_chunk", "usage_update"]);
    assert_eq!(scene.editor.text("user_message_chunk"), "what does it say?");
    assert_eq!(scene.editor.text("agent_message_chunk"), "It said out.");
    let call = &scene.editor.updates("tool_call")[0];
    assert_eq!((&call["kind"], &call["status"]), (&json!("execute"), &json!("completed")));
    assert_eq!(call["rawOutput"]["exitCode"], 0);
    assert!(call["content"][0]["content"]["text"].as_str().unwrap().contains("out"), "{call}");
    // The command menu comes after the answer.
    scene.editor.update("available_commands_update");
}

#[test]
fn pictures_of_a_prompt_are_replayed() {
    const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==";
    let mut scene = Scene::new();
    scene.stage.stand.script([ScriptedAnswer::says("a dot")]);
    let session = scene.session();
    let prompt = json!([
        { "type": "text", "text": "what is it?" },
        { "type": "image", "data": PNG, "mimeType": "image/png" },
    ]);
    let params = json!({ "sessionId": session, "prompt": prompt });
    assert_eq!(scene.editor.request("session/prompt", params)["stopReason"], "end_turn");
    assert!(scene.stage.stand.responses()[0].body.contains("input_image"));
    scene.again();
    let params = scene.place_of(&session);
    scene.editor.request("session/load", params);
    let chunks = scene.editor.updates("user_message_chunk");
    assert_eq!(chunks.len(), 2);
    assert_eq!(chunks[1]["content"]["type"], "image");
    assert_eq!(chunks[0]["messageId"], chunks[1]["messageId"]);
}

#[test]
fn a_resumed_session_is_not_replayed_and_goes_on() {
    let mut scene = Scene::new();
    let session = spoken(&mut scene, "first", "one");
    scene.again();
    let params = scene.place_of(&session);
    let resumed = scene.editor.request("session/resume", params);
    assert_eq!(resumed["modes"]["currentModeId"], "ask");
    assert_eq!(scene.editor.updates("user_message_chunk"), [] as [Value; 0]);
    scene.stage.stand.script([ScriptedAnswer::says("two")]);
    let prompt = scene.editor.prompt(&session, "second");
    assert_eq!(scene.editor.stopped(&prompt), "end_turn");
    assert_eq!(scene.editor.text("agent_message_chunk"), "two");
    let body = &scene.stage.stand.responses()[1].body;
    assert!(body.contains("first") && body.contains("second"), "{body}");
}

#[test]
fn a_session_that_is_open_is_replayed_as_it_is() {
    let mut scene = Scene::new();
    let session = spoken(&mut scene, "first", "one");
    let params = scene.place_of(&session);
    scene.editor.request("session/load", params.clone());
    assert_eq!(scene.editor.text("user_message_chunk"), "first");
    scene.editor.request("session/resume", params);
    assert_eq!(scene.editor.text("user_message_chunk"), "first");
}

#[test]
fn a_session_works_in_the_folder_it_was_begun_in() {
    let mut scene = Scene::new();
    let session = spoken(&mut scene, "first", "one");
    scene.again();
    let elsewhere = json!({ "sessionId": session, "cwd": "/", "mcpServers": [] });
    for method in ["session/load", "session/resume", "session/fork"] {
        let error = scene.editor.refusal(method, elsewhere.clone());
        assert_eq!(error["code"], -32602, "{error}");
        assert!(error["message"].as_str().unwrap().contains("work"), "{error}");
    }
}

#[test]
fn a_session_that_another_program_has_open_is_joined_and_can_be_copied() {
    let mut scene = Scene::new();
    let session = spoken(&mut scene, "first", "one");
    let (_agent, mut other) = scene.another();
    let params = scene.place_of(&session);
    other.request("session/load", params.clone());
    assert_eq!(
        (other.text("user_message_chunk"), other.text("agent_message_chunk")),
        ("first".to_owned(), "one".to_owned())
    );
    scene.stage.stand.script([ScriptedAnswer::says("two")]);
    let prompt = other.prompt(&session, "second");
    assert_eq!(other.stopped(&prompt), "end_turn");
    // The first editor shows what the other one was told.
    scene.editor.until("the other's answer", |it| {
        it["params"]["update"]["content"]["text"].as_str() == Some("two")
    });
    let copy = other.request("session/fork", params)["sessionId"].clone();
    assert_ne!(copy, session);
    scene.stage.stand.script([ScriptedAnswer::says("of the copy")]);
    let prompt = other.prompt(copy.as_str().unwrap(), "third");
    assert_eq!(other.stopped(&prompt), "end_turn");
    assert!(scene.stage.stand.responses()[2].body.contains("first"));
}

#[test]
fn sessions_are_listed_newest_first_and_page_by_page() {
    let mut scene = Scene::new();
    let first = spoken(&mut scene, "one", "1");
    let second = spoken(&mut scene, "two", "2");
    let list = scene.editor.request("session/list", json!({}));
    assert_eq!(ids(&list), [second.as_str(), first.as_str()]);
    let row = &list["sessions"][0];
    assert_eq!(row["title"], "two");
    assert_eq!(row["cwd"], scene.folder().to_str().unwrap());
    assert!(row["updatedAt"].as_str().unwrap().ends_with('Z'), "{row}");
    assert!(list["nextCursor"].is_null());
    let none = scene.editor.request("session/list", json!({ "cwd": "/elsewhere" }));
    assert_eq!(none["sessions"], json!([]));
    let rest = scene.editor.request("session/list", json!({ "cursor": second }));
    assert_eq!(ids(&rest), [first.as_str()]);
    let error = scene.editor.refusal("session/list", json!({ "cursor": "ses_none" }));
    assert_eq!(error["code"], -32602);
}

#[test]
fn a_session_in_which_nothing_was_said_and_a_copy_are_kept_from_the_start() {
    let mut scene = Scene::new();
    let spoken = spoken(&mut scene, "first", "one");
    let empty = scene.session();
    let place = scene.place_of(&spoken);
    let copy = scene.editor.request("session/fork", place)["sessionId"].clone();
    let copy = copy.as_str().unwrap().to_owned();
    scene.again();
    let list = scene.editor.request("session/list", json!({}));
    let listed = ids(&list);
    for id in [&empty, &copy, &spoken] {
        assert!(listed.contains(&id.as_str()), "{list}");
    }
    let place = scene.place_of(&empty);
    scene.editor.request("session/load", place);
    scene.stage.stand.script([ScriptedAnswer::says("at last")]);
    let prompt = scene.editor.prompt(&empty, "hello");
    assert_eq!(scene.editor.stopped(&prompt), "end_turn");
    let place = scene.place_of(&copy);
    scene.editor.request("session/load", place);
    assert_eq!(scene.editor.text("user_message_chunk"), "first");
    scene.editor.request("session/delete", json!({ "sessionId": copy }));
    let list = scene.editor.request("session/list", json!({}));
    assert!(!ids(&list).contains(&copy.as_str()), "{list}");
}

#[test]
fn a_closed_session_ends_its_turn_and_can_be_loaded_again_until_it_is_deleted() {
    let mut scene = Scene::new();
    let session = spoken(&mut scene, "first", "one");
    scene.stage.stand.script([ScriptedAnswer::stall()]);
    let prompt = scene.editor.prompt(&session, "second");
    scene.stage.stand.wait_for(|request| request.body.contains("second"), super::editor::LIMIT);
    let one = json!({ "sessionId": session });
    scene.editor.request("session/close", one.clone());
    assert_eq!(scene.editor.stopped(&prompt), "cancelled");
    assert_eq!(scene.editor.refusal("session/close", one.clone())["code"], -32002);
    let params = scene.place_of(&session);
    scene.editor.request("session/load", params.clone());
    assert_eq!(scene.editor.text("user_message_chunk"), "firstsecond");
    scene.editor.request("session/delete", one.clone());
    assert_eq!(scene.editor.request("session/list", json!({}))["sessions"], json!([]));
    assert_eq!(scene.editor.refusal("session/load", params)["code"], -32002);
    assert_eq!(scene.editor.refusal("session/delete", one)["code"], -32002);
}

#[test]
fn a_session_that_went_back_is_loaded_as_it_is_now() {
    let mut scene = Scene::new();
    let session = spoken(&mut scene, "one", "The first.");
    scene.stage.stand.script([ScriptedAnswer::says("The second.")]);
    let prompt = scene.editor.prompt(&session, "two");
    assert_eq!(scene.editor.stopped(&prompt), "end_turn");
    scene.again();
    let logs = std::fs::read_dir(scene.stage.home.path().join("data/sessions")).unwrap();
    let mut logs = logs.map(|file| file.unwrap().path());
    let log = logs.find(|file| file.extension().is_some_and(|end| end == "jsonl")).unwrap();
    // The line that going back adds to a log.
    let line = "{\"type\":\"undone\",\"at\":1800000000000,\"turn\":2,\"direction\":\"words\"}\n";
    let text = std::fs::read_to_string(&log).unwrap();
    std::fs::write(&log, text + line).unwrap();
    let params = scene.place_of(&session);
    scene.editor.request("session/load", params);
    assert_eq!(scene.editor.text("user_message_chunk"), "one");
    assert_eq!(scene.editor.text("agent_message_chunk"), "The first.");
    scene.stage.stand.script([ScriptedAnswer::says("The third.")]);
    let prompt = scene.editor.prompt(&session, "three");
    assert_eq!(scene.editor.stopped(&prompt), "end_turn");
    let body = scene.stage.stand.responses().pop().unwrap().body;
    assert!(body.contains("The first.") && !body.contains("The second."), "{body}");
}
