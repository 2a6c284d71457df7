//! Files that the editor has open: the model reads what the person typed and did not save, and
//! changes go through the editor.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use codling::demo::{Options, ScriptedAnswer};
use serde_json::{Value, json};

use super::scene::Scene;
use crate::stage::sentences;
use crate::stage::{Account, until};

use super::editor::LIMIT;

const READ: &str = "fs/read_text_file";
const WRITE: &str = "fs/write_text_file";

fn both() -> Value {
    json!({ "fs": { "readTextFile": true, "writeTextFile": true } })
}

/// An editor that shows some files differently from the disk.
struct Fixture {
    scene: Scene,
    session: String,
    shown: HashMap<PathBuf, String>,
    /// Whether the editor fails when it is asked for a text.
    breaks: bool,
}

impl Fixture {
    fn new(files: &[(&str, &str)], shown: &[(&str, &str)]) -> Self {
        Self::with(both(), files, shown)
    }

    fn with(capabilities: Value, files: &[(&str, &str)], shown: &[(&str, &str)]) -> Self {
        let mut scene = Scene::with(Account::ApiKey, Options::default(), &[], capabilities);
        for (name, text) in files {
            fs::write(scene.folder().join(name), text).unwrap();
        }
        let place = |(name, text): &(&str, &str)| (scene.folder().join(name), (*text).to_owned());
        let shown = shown.iter().map(place).collect();
        let session = scene.session();
        let mode = json!({ "sessionId": session, "modeId": "auto" });
        scene.editor.request("session/set_mode", mode);
        Self { scene, session, shown, breaks: false }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.scene.folder().join(name)
    }

    fn on_disk(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    fn shows(&self, name: &str) -> &str {
        &self.shown[&self.path(name)]
    }

    fn prompt(&mut self, text: &str) -> Value {
        let session = self.session.clone();
        self.scene.editor.prompt(&session, text)
    }

    /// Answers requests about files until the turn ends; returns why it ended.
    fn serve(&mut self, prompt: &Value) -> String {
        loop {
            let message = self.scene.editor.until("a file or the end", |it| {
                it["method"] == READ
                    || it["method"] == WRITE
                    || it["id"] == *prompt && it["method"].is_null()
            });
            if message["method"].is_null() {
                return message["result"]["stopReason"].as_str().unwrap_or_default().to_owned();
            }
            let path = PathBuf::from(message["params"]["path"].as_str().unwrap());
            assert!(path.is_absolute() && message["params"]["sessionId"] == self.session);
            if self.breaks && message["method"] == READ {
                self.scene.editor.reply_error(&message, -32603, "Internal error");
                continue;
            }
            match (message["method"] == READ, self.shown.get_mut(&path)) {
                (true, Some(text)) => {
                    let text = text.clone();
                    self.scene.editor.reply(&message, json!({ "content": text }));
                }
                (true, None) => self.scene.editor.reply_error(&message, -32002, "not open"),
                (false, Some(shown)) => {
                    let text = message["params"]["content"].as_str().unwrap();
                    fs::write(&path, text).unwrap();
                    text.clone_into(shown);
                    self.scene.editor.reply(&message, Value::Null);
                }
                (false, None) => panic!("it was told not to be open: {message}"),
            }
        }
    }

    fn turn(&mut self, text: &str) -> String {
        let prompt = self.prompt(text);
        self.serve(&prompt)
    }

    /// Returns the last request to the model, with the results of its last calls.
    fn told(&self) -> String {
        self.scene.stage.stand.requests_to("/v1/responses").last().unwrap().body.clone()
    }

    fn script(&self, answers: impl IntoIterator<Item = ScriptedAnswer>) {
        self.scene.stage.stand.script(answers);
    }

    fn reads(&self) -> usize {
        self.scene.editor.count(READ)
    }
}

fn read(call: &str, path: &str) -> ScriptedAnswer {
    ScriptedAnswer::calls(call, "read", &json!({ "filePath": path }))
}

fn edit(call: &str, path: &str, old: &str, new: &str) -> ScriptedAnswer {
    ScriptedAnswer::edits(call, path, old, new)
}

#[test]
fn what_is_unsaved_is_read_changed_and_given_back() {
    let mut fixture = Fixture::new(&[("a.txt", "one\ntwo\n")], &[("a.txt", "one\ntwo typed\n")]);
    fixture.script([
        read("c1", "a.txt"),
        edit("c2", "a.txt", "one", "1"),
        ScriptedAnswer::runs("c3", "cat a.txt"),
        ScriptedAnswer::says("done"),
    ]);
    assert_eq!(fixture.turn("go"), "end_turn");
    assert!(fixture.told().contains("two typed"), "{}", fixture.told());
    assert_eq!(fixture.on_disk("a.txt"), "1\ntwo typed\n");
    assert_eq!(fixture.shows("a.txt"), "1\ntwo typed\n");
    assert_eq!(fixture.scene.editor.count(WRITE), 1);
    let updates = fixture.scene.editor.updates("tool_call_update");
    let diff = updates
        .iter()
        .filter(|it| it["toolCallId"] == "c2")
        .map(|it| it["content"][0].clone())
        .find(|content| content["type"] == "diff")
        .unwrap();
    assert_eq!(diff["path"], json!(fixture.path("a.txt")));
    assert!(diff["oldText"].as_str().unwrap().contains("two typed"), "{diff}");
    // An undo gives the person back what they had typed.
    assert_eq!(fixture.turn("/undo"), "end_turn");
    assert_eq!(fixture.on_disk("a.txt"), "one\ntwo typed\n");
    // The log holds nothing that the person typed.
    let log =
        fs::read_to_string(fixture.scene.stage.home.path().join("state/codling.log")).unwrap();
    assert!(!log.is_empty() && !log.contains("two typed"), "{log}");
}

#[test]
fn a_text_that_the_editor_could_not_tell_is_not_written_over() {
    let mut fixture = Fixture::new(&[("a.txt", "one\ntwo\n")], &[("a.txt", "one\ntwo typed\n")]);
    fixture.breaks = true;
    fixture.script([
        read("c1", "a.txt"),
        edit("c2", "a.txt", "one", "1"),
        ScriptedAnswer::says("I could not"),
    ]);
    assert_eq!(fixture.turn("go"), "end_turn");
    assert!(fixture.told().contains(sentences::TOLD_EDITOR_SILENT), "{}", fixture.told());
    assert_eq!(fixture.on_disk("a.txt"), "one\ntwo\n");
    assert_eq!(fixture.scene.editor.count(WRITE), 0);
    assert_eq!(fixture.shows("a.txt"), "one\ntwo typed\n");
}

#[test]
fn what_is_asked_about_an_edit_shows_what_is_unsaved() {
    let mut fixture = Fixture::new(&[("a.txt", "one\n")], &[("a.txt", "one typed\n")]);
    let ask = json!({ "sessionId": fixture.session, "modeId": "ask" });
    fixture.scene.editor.request("session/set_mode", ask);
    fixture.script([
        read("c1", "a.txt"),
        edit("c2", "a.txt", "one", "1"),
        ScriptedAnswer::says("done"),
    ]);
    let prompt = fixture.prompt("go");
    for _ in 0..2 {
        let asked = fixture.scene.editor.asked(READ);
        fixture.scene.editor.reply(&asked, json!({ "content": "one typed\n" }));
    }
    let asked = fixture.scene.editor.asked("session/request_permission");
    let diff = &asked["params"]["toolCall"]["content"][0];
    assert_eq!((&diff["oldText"], &diff["newText"]), (&json!("one typed\n"), &json!("1 typed\n")));
    // Text that is typed before the answer must not be overwritten.
    *fixture.shown.get_mut(&fixture.path("a.txt")).unwrap() = "one typed, and more\n".into();
    let yes = json!({ "outcome": { "outcome": "selected", "optionId": "once" } });
    fixture.scene.editor.reply(&asked, yes);
    assert_eq!(fixture.serve(&prompt), "end_turn");
    assert!(fixture.told().contains(sentences::TOLD_CHANGED_SINCE_READ), "{}", fixture.told());
    assert_eq!(
        (fixture.on_disk("a.txt").as_str(), fixture.scene.editor.count(WRITE)),
        ("one\n", 0)
    );
}

#[test]
fn an_editor_that_will_not_save_fails_the_edit() {
    let mut fixture = Fixture::new(&[("a.txt", "one\n")], &[("a.txt", "one typed\n")]);
    fixture.script([
        read("c1", "a.txt"),
        edit("c2", "a.txt", "one", "1"),
        ScriptedAnswer::says("done"),
    ]);
    let prompt = fixture.prompt("go");
    for _ in 0..3 {
        let asked = fixture.scene.editor.asked(READ);
        fixture.scene.editor.reply(&asked, json!({ "content": "one typed\n" }));
    }
    let asked = fixture.scene.editor.asked(WRITE);
    assert_eq!(asked["params"]["content"], "1 typed\n");
    fixture.scene.editor.reply_error(&asked, -32603, "The file is locked");
    assert_eq!(fixture.scene.editor.stopped(&prompt), "end_turn");
    let told = fixture.told();
    assert!(told.contains("would not save `a.txt`: The file is locked"), "{told}");
    assert_eq!(fixture.on_disk("a.txt"), "one\n");
    let names: Vec<_> = fs::read_dir(fixture.scene.folder()).unwrap().collect();
    assert_eq!(names.len(), 1);
}

#[test]
fn an_interrupt_waits_for_no_editor_and_what_comes_late_or_twice_is_nothing() {
    let mut fixture = Fixture::new(&[("a.txt", "one\n")], &[("a.txt", "one\n")]);
    // The interrupt comes while a call runs, and while codling works out what a call would do.
    for call in [read("c1", "a.txt"), edit("c2", "a.txt", "one", "1")] {
        fixture.script([call]);
        let prompt = fixture.prompt("go");
        let asked = fixture.scene.editor.asked(READ);
        let session = fixture.session.clone();
        fixture.scene.editor.notify("session/cancel", json!({ "sessionId": session }));
        assert_eq!(fixture.scene.editor.stopped(&prompt), "cancelled");
        assert_eq!(fixture.scene.editor.news("$/cancel_request")["requestId"], asked["id"]);
        for id in [asked["id"].clone(), asked["id"].clone(), json!(999), json!("no such id")] {
            fixture.scene.editor.reply(&json!({ "id": id }), json!({ "content": "belated" }));
        }
    }
    fixture.script([read("c3", "a.txt"), ScriptedAnswer::says("done")]);
    assert_eq!(fixture.turn("again"), "end_turn");
    assert!(!fixture.told().contains("belated"), "{}", fixture.told());
}

#[test]
fn an_editor_that_dies_while_it_saves_leaves_the_disk_to_itself() {
    let mut fixture = Fixture::new(&[("a.txt", "one\n")], &[]);
    fixture.script([read("c1", "a.txt"), edit("c2", "a.txt", "one", "1")]);
    fixture.prompt("go");
    for _ in 0..3 {
        let asked = fixture.scene.editor.asked(READ);
        fixture.scene.editor.reply(&asked, json!({ "content": "one typed\n" }));
    }
    fixture.scene.editor.asked(WRITE);
    fixture.scene.editor.hang_up();
    assert_eq!(fixture.scene.ended(), Some(0));
    assert_eq!(fixture.on_disk("a.txt"), "one\n");
}

#[test]
fn a_text_that_is_far_too_large_is_shown_in_part_and_not_changed() {
    let mut fixture = Fixture::new(&[("a.txt", "one\n")], &[("a.txt", "")]);
    *fixture.shown.get_mut(&fixture.path("a.txt")).unwrap() = "flood\n".repeat(3 << 18);
    fixture.script([
        read("c1", "a.txt"),
        edit("c2", "a.txt", "flood", "ebb"),
        ScriptedAnswer::says("done"),
    ]);
    assert_eq!(fixture.turn("go"), "end_turn");
    let told = fixture.told();
    assert!(
        told.contains(sentences::TOLD_TOO_LARGE_TO_CHANGE) && told.len() < 1 << 20,
        "{}",
        told.len()
    );
    assert_eq!(
        (fixture.on_disk("a.txt").as_str(), fixture.scene.editor.count(WRITE)),
        ("one\n", 0)
    );
}

#[test]
fn each_session_is_asked_about_by_its_own_name() {
    let mut fixture = Fixture::new(&[("a.txt", "disk\n")], &[]);
    let first = fixture.session.clone();
    let second = fixture.scene.session();
    for (session, text) in [(&first, "of the first\n"), (&second, "of the second\n")] {
        fixture.script([read("c1", "a.txt"), ScriptedAnswer::says("done")]);
        let prompt = fixture.scene.editor.prompt(session, "go");
        let asked = fixture.scene.editor.asked(READ);
        assert_eq!(asked["params"]["sessionId"], **session);
        fixture.scene.editor.reply(&asked, json!({ "content": text }));
        assert_eq!(fixture.scene.editor.stopped(&prompt), "end_turn");
        assert!(fixture.told().contains(text.trim_end()), "{}", fixture.told());
    }
}

#[test]
fn a_session_that_is_taken_up_again_has_the_editor_of_whoever_does() {
    let mut fixture = Fixture::new(&[("a.txt", "disk\n")], &[("a.txt", "typed\n")]);
    fixture.script([read("c1", "a.txt"), ScriptedAnswer::says("done")]);
    assert_eq!(fixture.turn("go"), "end_turn");
    for (method, capabilities, reads) in
        [("session/load", json!({}), 0), ("session/resume", both(), 1), ("session/load", both(), 1)]
    {
        fixture.scene.again_with(capabilities);
        let place = fixture.scene.place_of(&fixture.session);
        fixture.scene.editor.request(method, place);
        fixture.script([read("c2", "a.txt"), ScriptedAnswer::says("done")]);
        assert_eq!(fixture.turn("and again"), "end_turn");
        assert_eq!(fixture.reads(), reads, "{method}");
    }
}

#[test]
fn an_editor_is_asked_about_nothing_outside_and_no_secrets() {
    let mut fixture = Fixture::new(&[(".env", "KEY=1\n"), ("../out.txt", "out\n")], &[]);
    std::os::unix::fs::symlink("../out.txt", fixture.path("link.txt")).unwrap();
    let full = json!({ "sessionId": fixture.session, "modeId": "full" });
    fixture.scene.editor.request("session/set_mode", full);
    let outside = fixture.scene.folder().parent().unwrap().join("out.txt");
    fixture.script([
        read("c1", ".env"),
        read("c2", "link.txt"),
        read("c3", outside.to_str().unwrap()),
        edit("c4", "link.txt", "out", "new"),
        ScriptedAnswer::says("done"),
    ]);
    assert_eq!(fixture.turn("go"), "end_turn");
    assert_eq!((fixture.reads(), fixture.scene.editor.count(WRITE)), (0, 0));
    assert_eq!(fs::read_to_string(outside).unwrap(), "new\n");
}

#[test]
fn a_client_is_asked_for_what_it_said_it_can_do() {
    for (capabilities, reads) in [
        (json!({}), 0),
        (json!({ "fs": { "writeTextFile": true } }), 0),
        (json!({ "fs": { "readTextFile": true } }), 3),
    ] {
        let mut fixture = Fixture::with(capabilities, &[("a.txt", "one\n")], &[("a.txt", "one\n")]);
        fixture.script([
            read("c1", "a.txt"),
            edit("c2", "a.txt", "one", "two"),
            ScriptedAnswer::says("done"),
        ]);
        assert_eq!(fixture.turn("go"), "end_turn");
        assert_eq!((fixture.reads(), fixture.scene.editor.count(WRITE)), (reads, 0));
        assert_eq!(fixture.on_disk("a.txt"), "two\n");
    }
}

#[test]
fn a_folder_that_the_editor_knows_by_a_link_is_named_as_it_knows_it() {
    let mut fixture = Fixture::new(&[("a.txt", "disk\n")], &[]);
    let link = fixture.scene.folder().parent().unwrap().join("linked");
    std::os::unix::fs::symlink("work", &link).unwrap();
    let place = json!({ "cwd": link, "mcpServers": [] });
    let new = fixture.scene.editor.request("session/new", place);
    let session = new["sessionId"].as_str().unwrap().to_owned();
    fixture.script([read("c1", "a.txt"), ScriptedAnswer::says("done")]);
    let prompt = fixture.scene.editor.prompt(&session, "go");
    let asked = fixture.scene.editor.asked(READ);
    assert_eq!(Path::new(asked["params"]["path"].as_str().unwrap()), link.join("a.txt"));
    fixture.scene.editor.reply(&asked, json!({ "content": "typed\n" }));
    assert_eq!(fixture.scene.editor.stopped(&prompt), "end_turn");
    until(LIMIT, "the model has read it", || fixture.told().contains("typed"));
}

#[test]
fn a_model_that_reads_with_commands_has_the_tool_that_sees_what_is_unsaved() {
    for (capabilities, is_offered) in [(both(), true), (json!({}), false)] {
        let mut fixture = Fixture::with(capabilities, &[], &[]);
        fixture.script([ScriptedAnswer::says("done")]);
        assert_eq!(fixture.turn("go"), "end_turn");
        let request: Value = serde_json::from_str(&fixture.told()).unwrap();
        let mut tools = request["tools"].as_array().unwrap().iter();
        assert_eq!(tools.any(|tool| tool["name"] == "read"), is_offered);
    }
}

#[test]
fn what_a_command_changed_is_not_lost_where_the_editor_has_not_noticed() {
    let mut fixture = Fixture::new(&[("a.txt", "one\ntwo\n")], &[("a.txt", "one\ntwo\n")]);
    fixture.script([
        ScriptedAnswer::runs("c1", "sed -i s/two/2/ a.txt"),
        read("c2", "a.txt"),
        edit("c3", "a.txt", "one", "1"),
        ScriptedAnswer::says("done"),
    ]);
    assert_eq!(fixture.turn("go"), "end_turn");
    assert_eq!(fixture.on_disk("a.txt"), "1\n2\n", "{}", fixture.told());
}

#[test]
fn what_was_typed_before_a_command_changed_the_file_is_for_the_person_to_settle() {
    let mut fixture = Fixture::new(&[("a.txt", "one\ntwo\n")], &[("a.txt", "one typed\ntwo\n")]);
    fixture.script([
        ScriptedAnswer::runs("c1", "sed -i s/two/2/ a.txt"),
        edit("c2", "a.txt", "typed", "x"),
        ScriptedAnswer::says("done"),
    ]);
    assert_eq!(fixture.turn("go"), "end_turn");
    assert!(fixture.told().contains(sentences::TOLD_WOULD_LOSE_ONE), "{}", fixture.told());
    assert_eq!(
        (fixture.on_disk("a.txt").as_str(), fixture.shows("a.txt")),
        ("one\n2\n", "one typed\ntwo\n")
    );
}
