//! Modes, options and slash commands, which stay in step with what the session does.

use codling::demo::{Catalogue, Options, ScriptedAnswer};
use serde_json::{Value, json};

use super::scene::Scene;
use crate::stage::Account;
use crate::stage::sentences;

/// The option of this id.
fn option<'a>(options: &'a Value, id: &str) -> &'a Value {
    let all = options.as_array().unwrap();
    all.iter().find(|option| option["id"] == id).unwrap_or_else(|| panic!("no {id}: {options}"))
}

fn values(option: &Value) -> Vec<&str> {
    let all = option["options"].as_array().unwrap();
    all.iter().map(|it| it["value"].as_str().unwrap()).collect()
}

#[test]
fn a_mode_is_set_in_either_way_and_both_are_told() {
    let mut scene = Scene::new();
    let place = scene.place();
    let new = scene.editor.request("session/new", place);
    let session = new["sessionId"].clone();
    let modes: Vec<&Value> =
        new["modes"]["availableModes"].as_array().unwrap().iter().map(|mode| &mode["id"]).collect();
    assert_eq!(modes, ["read-only", "ask", "auto", "full"]);
    assert_eq!(option(&new["configOptions"], "mode")["category"], "mode");
    let auto = json!({ "sessionId": session, "modeId": "auto" });
    scene.editor.request("session/set_mode", auto);
    assert_eq!(scene.editor.update("current_mode_update")["currentModeId"], "auto");
    // The account's list of models may come in between; the options are sent with it, too.
    scene.editor.until("the mode among the options", |it| {
        let update = &it["params"]["update"];
        update["sessionUpdate"] == "config_option_update"
            && option(&update["configOptions"], "mode")["currentValue"] == "auto"
    });
    let full = json!({ "sessionId": session, "configId": "mode", "value": "read-only" });
    let set = scene.editor.request("session/set_config_option", full);
    assert_eq!(option(&set["configOptions"], "mode")["currentValue"], "read-only");
    assert_eq!(scene.editor.update("current_mode_update")["currentModeId"], "read-only");
    let none = json!({ "sessionId": session, "modeId": "yolo" });
    assert_eq!(scene.editor.refusal("session/set_mode", none)["code"], -32602);
}

#[test]
fn another_model_thinks_as_long_as_it_can_and_is_asked_from_then_on() {
    // The models are the same whether or not the account's own list arrives in time.
    let options = Options { catalogue: Catalogue::Codex, ..Options::default() };
    let mut scene = Scene::with(Account::ChatGpt, options, &[], json!({}));
    let place = scene.place();
    let new = scene.editor.request("session/new", place);
    let session = new["sessionId"].as_str().unwrap().to_owned();
    let model = option(&new["configOptions"], "model").clone();
    assert_eq!(model["category"], "model");
    let now = model["currentValue"].as_str().unwrap();
    let other = values(&model).into_iter().find(|value| *value != now).unwrap();
    let choose = json!({ "sessionId": session, "configId": "model", "value": other });
    let set = scene.editor.request("session/set_config_option", choose);
    assert_eq!(option(&set["configOptions"], "model")["currentValue"], other);
    let effort = option(&set["configOptions"], "thought_level").clone();
    assert_eq!(effort["category"], "thought_level");
    let last = values(&effort).pop().unwrap();
    let choose = json!({ "sessionId": session, "configId": "thought_level", "value": last });
    let set = scene.editor.request("session/set_config_option", choose);
    assert_eq!(option(&set["configOptions"], "thought_level")["currentValue"], last);
    for (id, value) in [("model", "no-such-model"), ("thought_level", "forever"), ("x", "y")] {
        let wrong = json!({ "sessionId": session, "configId": id, "value": value });
        assert_eq!(scene.editor.refusal("session/set_config_option", wrong)["code"], -32602);
    }
    scene.stage.stand.script([ScriptedAnswer::says("here")]);
    let prompt = scene.editor.prompt(&session, "hello");
    assert_eq!(scene.editor.stopped(&prompt), "end_turn");
    let body: Value = serde_json::from_str(&scene.stage.stand.responses()[0].body).unwrap();
    assert_eq!((&body["model"], &body["reasoning"]["effort"]), (&json!(other), &json!(last)));
}

#[test]
fn slash_commands_are_offered_and_done_in_the_place_of_a_turn() {
    let mut scene = Scene::new();
    let session = scene.session();
    let offered = scene.editor.update("available_commands_update");
    let names: Vec<&Value> =
        offered["availableCommands"].as_array().unwrap().iter().map(|it| &it["name"]).collect();
    assert_eq!(names, ["build", "compact", "plan", "redo", "rename", "review", "undo"]);
    for (prompt, said) in [
        ("/rename the fruit", "This conversation is called the fruit"),
        ("/undo", sentences::NOTHING_TO_UNDO),
        ("/plan", "From here on the model plans, and changes nothing"),
    ] {
        let prompt = scene.editor.prompt(&session, prompt);
        assert_eq!(scene.editor.stopped(&prompt), "end_turn");
        assert!(scene.editor.text("agent_message_chunk").ends_with(said));
    }
    assert_eq!(scene.editor.update("session_info_update")["title"], "the fruit");
    assert_eq!(scene.stage.stand.responses().len(), 0);
}

#[test]
fn undo_takes_back_what_the_turn_changed_and_redo_makes_it_again() {
    let mut scene = Scene::new();
    let file = scene.folder().join("a.txt");
    std::fs::write(&file, "old\n").unwrap();
    scene.stage.stand.script([
        ScriptedAnswer::calls("call_0", "read", &json!({ "filePath": "a.txt" })),
        ScriptedAnswer::edits("call_1", "a.txt", "old", "new"),
        ScriptedAnswer::says("done"),
    ]);
    let session = scene.session();
    let auto = json!({ "sessionId": session, "modeId": "auto" });
    scene.editor.request("session/set_mode", auto);
    for (prompt, text) in [("go", "new\n"), ("/undo", "old\n"), ("/redo", "new\n")] {
        let asked = scene.editor.prompt(&session, prompt);
        assert_eq!(scene.editor.stopped(&asked), "end_turn");
        assert_eq!(std::fs::read_to_string(&file).unwrap(), text, "{prompt}");
    }
    let said = scene.editor.text("agent_message_chunk");
    assert!(said.contains("taken back: a.txt") && said.contains("made again: a.txt"), "{said}");
}

#[test]
fn a_compaction_is_a_turn_of_its_own() {
    let mut scene = Scene::new();
    scene
        .stage
        .stand
        .script([ScriptedAnswer::says("one"), ScriptedAnswer::says("the summary of it all")]);
    let session = scene.session();
    for prompt in ["first", "/compact"] {
        let prompt = scene.editor.prompt(&session, prompt);
        assert_eq!(scene.editor.stopped(&prompt), "end_turn");
    }
    assert_eq!(scene.stage.stand.responses().len(), 2);
}
