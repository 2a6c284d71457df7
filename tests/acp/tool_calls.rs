//! Tool calls as an editor sees them: their kinds, places and contents come from what is done.

use codling::demo::ScriptedAnswer;
use serde_json::{Value, json};

use super::scene::Scene;

/// Returns each field of a call as a client was last told of it.
fn whole(scene: &Scene, id: &str) -> Value {
    let mut whole = json!({});
    for kind in ["tool_call", "tool_call_update"] {
        for update in scene.editor.updates(kind).iter().filter(|it| it["toolCallId"] == id) {
            for (field, value) in update.as_object().unwrap() {
                whole[field] = value.clone();
            }
        }
    }
    whole
}

#[test]
fn looking_searching_and_changing_are_told_apart_with_their_places() {
    let mut scene = Scene::new();
    let folder = scene.folder();
    std::fs::write(folder.join("a.txt"), "apple\n").unwrap();
    scene.stage.stand.script([
        ScriptedAnswer::calls("c1", "read", &json!({ "filePath": "a.txt" })),
        ScriptedAnswer::calls("c2", "grep", &json!({ "pattern": "apple" })),
        ScriptedAnswer::calls("c3", "write", &json!({ "filePath": "b.txt", "content": "pear\n" })),
        ScriptedAnswer::calls("c4", "no_such_tool", &json!({ "x": 1 })),
        ScriptedAnswer::says("done"),
    ]);
    let session = scene.session();
    let auto = json!({ "sessionId": session, "modeId": "auto" });
    scene.editor.request("session/set_mode", auto);
    let prompt = scene.editor.prompt(&session, "go");
    assert_eq!(scene.editor.stopped(&prompt), "end_turn");
    let read = whole(&scene, "c1");
    assert_eq!((&read["kind"], &read["status"]), (&json!("read"), &json!("completed")));
    assert_eq!(read["locations"], json!([{ "path": folder.join("a.txt") }]));
    assert_eq!(read["rawInput"], json!({ "filePath": "a.txt" }));
    assert_eq!((&read["name"], &read["title"]), (&json!("read"), &json!("read a.txt")));
    assert!(read["content"][0]["content"]["text"].as_str().unwrap().contains("apple"), "{read}");
    let grep = whole(&scene, "c2");
    assert_eq!((&grep["kind"], &grep["status"]), (&json!("search"), &json!("completed")));
    let write = whole(&scene, "c3");
    assert_eq!((&write["kind"], &write["status"]), (&json!("edit"), &json!("completed")));
    assert_eq!(
        write["content"],
        json!([{ "type": "diff", "path": folder.join("b.txt"), "newText": "pear\n" }])
    );
    let unknown = whole(&scene, "c4");
    assert_eq!((&unknown["kind"], &unknown["status"]), (&Value::Null, &json!("failed")));
    assert_eq!(unknown["rawInput"], json!({ "x": 1 }));
}

#[test]
fn a_command_shows_its_output_as_it_comes_and_how_it_ended() {
    let mut scene = Scene::new();
    let line = "echo first; while [ ! -e go ]; do :; done; echo last; exit 3";
    scene.stage.stand.script([ScriptedAnswer::runs("c1", line), ScriptedAnswer::says("done")]);
    let session = scene.session();
    let full = json!({ "sessionId": session, "modeId": "full" });
    scene.editor.request("session/set_mode", full);
    let prompt = scene.editor.prompt(&session, "go");
    let first = scene.editor.until("its first line", |it| {
        let content = &it["params"]["update"]["content"][0]["content"]["text"];
        content.as_str().is_some_and(|text| text.contains("first"))
    });
    assert_eq!(first["params"]["update"]["sessionUpdate"], "tool_call_update");
    std::fs::write(scene.folder().join("go"), "").unwrap();
    assert_eq!(scene.editor.stopped(&prompt), "end_turn");
    let command = whole(&scene, "c1");
    assert_eq!((&command["kind"], &command["title"]), (&json!("execute"), &json!(line)));
    assert_eq!(command["status"], "failed");
    assert_eq!(command["rawOutput"]["exitCode"], 3);
    assert_eq!(command["content"][0]["content"]["text"], "```\nfirst\nlast\n```");
}

#[test]
fn calls_of_the_same_id_have_names_of_their_own() {
    let mut scene = Scene::new();
    std::fs::write(scene.folder().join("a.txt"), "apple\n").unwrap();
    let read = || ScriptedAnswer::calls("same", "read", &json!({ "filePath": "a.txt" }));
    scene.stage.stand.script([
        read(),
        ScriptedAnswer::says("once"),
        read(),
        ScriptedAnswer::says("twice"),
    ]);
    let session = scene.session();
    for prompt in ["one", "two"] {
        let prompt = scene.editor.prompt(&session, prompt);
        assert_eq!(scene.editor.stopped(&prompt), "end_turn");
    }
    let names = |kind: &str| -> Vec<Value> {
        scene.editor.updates(kind).iter().map(|it| it["toolCallId"].clone()).collect()
    };
    assert_eq!(names("tool_call"), ["same", "same#2"]);
    assert!(names("tool_call_update").iter().all(|id| *id == "same" || *id == "same#2"));
}
