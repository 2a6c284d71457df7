//! Permission requests and questions: what a client is asked, and what its answers do.

use codling::demo::{Options, ScriptedAnswer};
use serde_json::{Value, json};

use super::scene::Scene;
use crate::stage::Account;

fn selected(option: &str) -> Value {
    json!({ "outcome": { "outcome": "selected", "optionId": option } })
}

fn kinds(asked: &Value) -> Vec<(&str, &str)> {
    let options = asked["params"]["options"].as_array().unwrap();
    options
        .iter()
        .map(|option| (option["optionId"].as_str().unwrap(), option["kind"].as_str().unwrap()))
        .collect()
}

#[test]
fn a_command_is_shown_whole_and_runs_once_it_is_allowed() {
    let mut scene = Scene::new();
    scene.stage.stand.script([
        ScriptedAnswer::runs("call_1", "touch one; echo out"),
        ScriptedAnswer::runs("call_2", "touch two"),
        ScriptedAnswer::says("done"),
    ]);
    let session = scene.session();
    let prompt = scene.editor.prompt(&session, "go");
    let asked = scene.editor.asked("session/request_permission");
    let call = &asked["params"]["toolCall"];
    assert_eq!((&call["toolCallId"], &call["status"]), (&json!("call_1"), &json!("pending")));
    assert_eq!(call["title"], "touch one; echo out");
    assert_eq!(
        kinds(&asked),
        [
            ("once", "allow_once"),
            ("always", "allow_always"),
            ("always-here", "allow_always"),
            ("reject", "reject_once"),
        ]
    );
    // The client is told of the call before it is asked about it.
    let told = scene.editor.update("tool_call");
    assert_eq!((&told["toolCallId"], &told["kind"]), (&json!("call_1"), &json!("execute")));
    scene.editor.reply(&asked, selected("once"));
    let asked = scene.editor.asked("session/request_permission");
    assert_eq!(asked["params"]["toolCall"]["toolCallId"], "call_2");
    assert!(scene.folder().join("one").exists());
    scene.editor.reply(&asked, selected("reject"));
    assert_eq!(scene.editor.stopped(&prompt), "end_turn");
    assert!(!scene.folder().join("two").exists());
    let ended = scene.editor.updates("tool_call_update").pop().unwrap();
    assert_eq!((&ended["toolCallId"], &ended["status"]), (&json!("call_2"), &json!("failed")));
}

#[test]
fn what_is_always_allowed_is_not_asked_again() {
    let mut scene = Scene::new();
    scene.stage.stand.script([
        ScriptedAnswer::runs("call_1", "touch made"),
        ScriptedAnswer::runs("call_2", "touch made"),
        ScriptedAnswer::says("done"),
    ]);
    let session = scene.session();
    let prompt = scene.editor.prompt(&session, "go");
    let asked = scene.editor.asked("session/request_permission");
    scene.editor.reply(&asked, selected("always"));
    assert_eq!(scene.editor.stopped(&prompt), "end_turn");
    assert_eq!(scene.editor.count("session/request_permission"), 1);
}

#[test]
fn a_client_that_cannot_ask_lets_nothing_run() {
    let mut scene = Scene::new();
    scene.stage.stand.script([
        ScriptedAnswer::runs("call_1", "touch one"),
        ScriptedAnswer::runs("call_2", "touch two"),
        ScriptedAnswer::runs("call_3", "touch three"),
        ScriptedAnswer::says("done"),
    ]);
    let session = scene.session();
    let prompt = scene.editor.prompt(&session, "go");
    let asked = scene.editor.asked("session/request_permission");
    scene.editor.reply_error(&asked, -32601, "Method not found");
    let asked = scene.editor.asked("session/request_permission");
    scene.editor.reply(&asked, selected("whatever"));
    let asked = scene.editor.asked("session/request_permission");
    scene.editor.reply(&asked, json!({ "yes": true }));
    assert_eq!(scene.editor.stopped(&prompt), "end_turn");
    for name in ["one", "two", "three"] {
        assert!(!scene.folder().join(name).exists(), "{name}");
    }
}

#[test]
fn a_change_is_shown_with_both_its_sides() {
    let mut scene = Scene::new();
    let file = scene.folder().join("a.txt");
    std::fs::write(&file, "one\ntwo\n").unwrap();
    scene.stage.stand.script([
        ScriptedAnswer::calls("call_0", "read", &json!({ "filePath": "a.txt" })),
        ScriptedAnswer::edits("call_1", "a.txt", "two", "TWO"),
        ScriptedAnswer::says("done"),
    ]);
    let session = scene.session();
    let prompt = scene.editor.prompt(&session, "go");
    let asked = scene.editor.asked("session/request_permission");
    let diff = &asked["params"]["toolCall"]["content"][0];
    assert_eq!(
        *diff,
        json!({ "type": "diff", "path": file, "oldText": "one\ntwo\n", "newText": "one\nTWO\n" })
    );
    scene.editor.reply(&asked, selected("once"));
    assert_eq!(scene.editor.stopped(&prompt), "end_turn");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "one\nTWO\n");
    let ended = scene.editor.updates("tool_call_update").pop().unwrap();
    assert_eq!(ended["content"][0], *diff);
    assert_eq!(ended["locations"], json!([{ "path": file, "line": 1 }]));
}

fn question() -> Value {
    json!({
        "question": "Tea or coffee?",
        "options": [{ "label": "tea", "description": "" }, { "label": "coffee", "description": "" }],
    })
}

/// Returns the last request to the model.
fn told(scene: &Scene) -> String {
    scene.stage.stand.responses().pop().unwrap().body
}

#[test]
fn a_question_is_a_choice_where_the_client_has_no_forms() {
    for (option, said) in [("1", "The user answered: coffee"), ("decline", "declined to answer")] {
        let mut scene = Scene::new();
        scene.stage.stand.script([
            ScriptedAnswer::calls("call_1", "question", &question()),
            ScriptedAnswer::says("noted"),
        ]);
        let session = scene.session();
        let prompt = scene.editor.prompt(&session, "ask me");
        let asked = scene.editor.asked("session/request_permission");
        assert_eq!(asked["params"]["toolCall"]["title"], "Tea or coffee?");
        assert_eq!(asked["params"]["options"][1]["name"], "coffee");
        scene.editor.reply(&asked, selected(option));
        assert_eq!(scene.editor.stopped(&prompt), "end_turn");
        assert!(told(&scene).contains(said), "{}", told(&scene));
    }
}

#[test]
fn a_question_is_a_form_where_the_client_has_forms() {
    let forms = json!({ "elicitation": { "form": {} } });
    let mut scene = Scene::with(Account::ApiKey, Options::default(), &[], forms);
    scene.stage.stand.script([
        ScriptedAnswer::calls("call_1", "question", &question()),
        ScriptedAnswer::says("noted"),
    ]);
    let session = scene.session();
    let prompt = scene.editor.prompt(&session, "ask me");
    let asked = scene.editor.asked("elicitation/create");
    let params = &asked["params"];
    assert_eq!((&params["mode"], &params["sessionId"]), (&json!("form"), &json!(session)));
    assert_eq!(
        (&params["toolCallId"], &params["message"]),
        (&json!("call_1"), &json!("Tea or coffee?"))
    );
    let content = json!({ "choice": "tea", "words": "with milk" });
    scene.editor.reply(&asked, json!({ "action": "accept", "content": content }));
    assert_eq!(scene.editor.stopped(&prompt), "end_turn");
    assert!(told(&scene).contains("The user answered: tea, with milk"), "{}", told(&scene));
}
