//! Slash commands and skills of files: what the model is sent, and that a project's commands wait
//! for a person.

use std::fs;

use codling::demo::ScriptedAnswer;
use codling::protocol::Sandbox;
use serde_json::json;

use super::fixture::{Fixture, Person};
use crate::stage::needs::demand_sandbox;
use crate::stage::sentences;

fn write(fixture: &Fixture, path: &str, text: &str) {
    let path = fixture.folder().join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// The texts of the user's role in the last request.
fn said(fixture: &Fixture) -> Vec<String> {
    let last = fixture.last();
    let of_user = last.input().into_iter().filter(|item| item["role"] == "user");
    of_user.map(|item| item["content"][0]["text"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn a_command_of_a_file_is_sent_with_its_arguments_and_resumed_as_it_was() {
    let fixture = Fixture::new();
    write(
        &fixture,
        ".claude/commands/git/greet.md",
        "---\ndescription: d\n---\nGreet $1, see @a.txt.",
    );
    fixture.write("a.txt", "apples");
    fixture.script([ScriptedAnswer::says("Hello."), ScriptedAnswer::says("Again.")]);
    let output = fixture.run(&["/git:greet Ada"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let before = said(&fixture);
    let [.., expansion, prompt] = before.as_slice() else { panic!("{before:?}") };
    assert_eq!(prompt, "/git:greet Ada");
    assert!(expansion.contains("Greet Ada, see `a.txt`.") && expansion.contains("apples"));
    // A later change of the command does not change what was sent.
    write(&fixture, ".claude/commands/git/greet.md", "Something else.");
    let output = fixture.run(&["--continue", "and now?"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(said(&fixture)[..before.len()], before[..]);
    fixture.stage.stand.check().unwrap();
}

#[test]
fn the_output_of_a_command_stands_where_the_command_stood_and_is_looked_at_no_more() {
    let fixture = Fixture::new();
    let own = fixture.stage.home.path().join(".claude/commands/look.md");
    fs::create_dir_all(own.parent().unwrap()).unwrap();
    fs::write(&own, "On !`cat a.txt`, not !`cat gone.txt`; see $1.\n\n!`cat b.txt`\n").unwrap();
    fixture.write("a.txt", "main !`touch ran` $1 @secret.txt\n");
    fixture.write("b.txt", "one\ntwo\n");
    fixture.write("secret.txt", "plums");
    fixture.script((0..3).map(|_| ScriptedAnswer::says("Seen.")));
    let run = |arguments: &[&str]| {
        let output = fixture.run(&[&["--approval-mode", "auto"], arguments].concat());
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        said(&fixture)
    };
    let before = run(&["/look it"]);
    let [.., expansion, prompt] = before.as_slice() else { panic!("{before:?}") };
    assert_eq!(prompt, "/look it");
    assert!(expansion.contains("On main !`touch ran` $1 @secret.txt, not `cat gone.txt`: "));
    assert!(expansion.ends_with("; see it.\n\none\ntwo\n"), "{expansion}");
    assert!(!expansion.contains("plums") && fixture.read("ran").is_none());
    let is_call = |item: &serde_json::Value| item["call_id"].is_string();
    assert!(!fixture.last().input().iter().any(is_call), "the outputs are sent once");
    assert_eq!(run(&["--continue", "on"])[..before.len()], before[..]);
    // One that changes something asks as any command does, and nobody is there.
    fs::write(own, "Made: !`touch made`.").unwrap();
    let output = fixture.run(&["--approval-mode", "ask", "/look"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let refused = said(&fixture).concat();
    assert!(refused.contains("Made: `touch made`: "), "{refused}");
    assert_eq!(fixture.read("made"), None);
    fixture.stage.stand.check().unwrap();
}

#[test]
fn a_projects_command_runs_nothing_before_a_person_said_yes_to_exactly_that() {
    let fixture = Fixture::new();
    let command = ".claude/commands/look.md";
    write(&fixture, command, "See !`echo x >> ran`.");
    fixture.script((0..5).map(|_| ScriptedAnswer::says("Seen.")));
    let unattended = || {
        let output = fixture.run(&["--approval-mode", "full", "/look"]);
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        fixture.read("ran").map(|text| text.lines().count()).unwrap_or(0)
    };
    assert_eq!(unattended(), 0, "nobody was asked");
    let terminal = fixture.open(&["--approval-mode", "auto"]);
    terminal.type_text("/loo");
    terminal.wait_for(command);
    terminal.press("enter");
    terminal.wait_for(sentences::NOT_ALLOWED_YET);
    assert_eq!(fixture.read("ran"), None);
    terminal.decide("y");
    terminal.wait_for("Seen.");
    assert_eq!(fixture.read("ran").as_deref(), Some("x\n"));
    fixture.leave(&terminal);
    assert_eq!(unattended(), 2, "a person said yes to it");
    write(&fixture, command, "See !`echo x >> ran; echo y >> ran`.");
    assert_eq!(unattended(), 2, "it is another one now");
}

#[test]
fn a_skill_is_named_to_the_model_which_loads_it() {
    let fixture = Fixture::new();
    write(
        &fixture,
        ".agents/skills/pears/SKILL.md",
        "---\nname: pears\ndescription: Ripens pears\n---\nPut them in a bowl.",
    );
    fixture.script([
        ScriptedAnswer::calls("c1", "skill", &json!({ "name": "pears" })),
        ScriptedAnswer::says("Done."),
        ScriptedAnswer::says("Done."),
    ]);
    let output = fixture.run(&["--model", "o3", "ripen them"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(said(&fixture).concat().contains("- pears: Ripens pears\n"));
    assert!(fixture.output("c1").contains("Put them in a bowl."));
    assert!(Fixture::tools(&fixture.last()).contains(&"skill".to_owned()));
    // Models that were taught Codex's tools read the file.
    let output = fixture.run(&["--model", "gpt-5.5", "use $pears"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let all = said(&fixture).concat();
    assert!(all.contains("/.agents/skills/pears/SKILL.md)") && all.contains("in a bowl"), "{all}");
    assert!(!Fixture::tools(&fixture.last()).contains(&"skill".to_owned()));
}

#[test]
fn a_skill_of_the_home_is_open_to_commands_and_nothing_beside_it() {
    demand_sandbox(Sandbox::is_present);
    let fixture = Fixture::new();
    let skills = fixture.stage.home.path().join(".claude/skills");
    fs::create_dir_all(skills.join("pears")).unwrap();
    let head = "---\nname: pears\ndescription: Ripens pears\n---\nSee data.txt.";
    fs::write(skills.join("pears/SKILL.md"), head).unwrap();
    fs::write(skills.join("pears/data.txt"), "a bowl").unwrap();
    fs::write(skills.join("../beside.txt"), "not to be read").unwrap();
    // Inside a script, which the policy does not read.
    let script = "cat ~/.claude/skills/pears/data.txt\ncat ~/.claude/beside.txt\n\
        echo x >> ~/.claude/skills/pears/data.txt\n";
    fixture.write("look.sh", script);
    fixture.script([
        ScriptedAnswer::calls("c1", "shell", &json!({ "command": "sh look.sh" })),
        ScriptedAnswer::says("Done."),
    ]);
    let output = fixture.run(&["--approval-mode", "auto", "ripen them"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let told = fixture.output("c1");
    assert!(told.contains("a bowl") && !told.contains("not to be read"), "{told}");
    assert_eq!(fs::read_to_string(skills.join("pears/data.txt")).unwrap(), "a bowl");
}

#[test]
fn a_line_to_remember_is_kept_where_one_says_once() {
    let fixture = Fixture::new();
    fixture.write("AGENTS.md", "Be brief.\n");
    let terminal = fixture.open(&[]);
    terminal.ask("/remember use tabs");
    terminal.wait_for("In this project");
    terminal.press("enter");
    let kept = fixture.wait_for("AGENTS.md", |text| text.contains("use tabs"));
    assert!(kept.starts_with("Be brief.\n"), "{kept}");
    terminal.wait_gone("In this project");
    fixture.leave(&terminal);
}

#[test]
fn an_added_folder_is_read_changed_and_written_to_as_the_first_is() {
    let fixture = Fixture::new();
    let other = fixture.outside().join("other");
    fs::create_dir(&other).unwrap();
    fs::write(other.join("b.txt"), "pears\n").unwrap();
    let path = other.join("b.txt");
    let edit = json!({ "filePath": path, "oldString": "pears", "newString": "plums" });
    let command = format!("echo figs > {}/c.txt", other.display());
    fixture.script([
        Fixture::reads("c1", path.to_str().unwrap()),
        ScriptedAnswer::calls("c2", "edit", &edit),
        ScriptedAnswer::calls("c3", "shell", &json!({ "command": command })),
        ScriptedAnswer::says("Done."),
    ]);
    demand_sandbox(Sandbox::is_present);
    let added = other.to_str().unwrap();
    let output = fixture.run(&["--approval-mode", "auto", "--add-dir", added, "change it"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(fs::read_to_string(path).unwrap(), "plums\n");
    assert_eq!(fs::read_to_string(other.join("c.txt")).unwrap(), "figs\n");
    let output = fixture.run(&["--add-dir", "/no/such/folder", "change it"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
}
