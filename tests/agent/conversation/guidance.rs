//! The agent in use, and the facts about the folder that it gets.

use codling::demo::ScriptedAnswer;
use serde_json::json;

use crate::agent::fixture::{Fixture, Person};
use crate::stage::sentences;

#[test]
fn plan_is_refused_every_change_and_tab_leads_back_to_build() {
    let fixture = Fixture::new();
    fixture.script([
        ScriptedAnswer::says("The plan is to prune."),
        ScriptedAnswer::runs("c1", "rm pears.txt"),
        ScriptedAnswer::calls(
            "c2",
            "write",
            &json!({ "filePath": "plums.txt", "content": "blue" }),
        ),
        ScriptedAnswer::says("I may not."),
        ScriptedAnswer::says("Pruned."),
    ]);
    fixture.write("pears.txt", "green\n");
    let terminal = fixture.open(&["-m", "codling-demo"]);
    terminal.wait_for("Build · ask");
    terminal.press("tab");
    terminal.wait_for("Plan · ask");
    terminal.ask("what to do?");
    terminal.wait_for("The plan is to prune.");
    let (offered, body) = (Fixture::tools(&fixture.last()), fixture.last().body);
    assert!(body.contains(sentences::TOLD_PLAN), "{body}");
    terminal.rests();
    terminal.ask("do it anyway");
    terminal.wait_for("I may not.");
    assert_eq!(
        (fixture.read("pears.txt").unwrap(), fixture.read("plums.txt")),
        ("green\n".to_owned(), None)
    );
    assert!(fixture.output("c2").contains("Plan"), "{}", fixture.output("c2"));
    terminal.rests();
    terminal.press("tab");
    terminal.wait_for("Build · ask");
    terminal.ask("now do it");
    terminal.wait_for("Pruned.");
    let (tools, body) = (Fixture::tools(&fixture.last()), fixture.last().body);
    assert_eq!(tools, offered, "the head of the request stays as it is");
    assert!(body.contains(sentences::TOLD_BUILD), "{body}");
    terminal.rests();
    fixture.leave(&terminal);
}

#[test]
fn guidance_from_the_repository_down_is_loaded_and_noted() {
    let fixture = Fixture::new();
    let root = fixture.outside();
    std::fs::create_dir(root.join(".git")).unwrap();
    std::fs::write(root.join("AGENTS.md"), "Fruit is named in German.\n").unwrap();
    fixture.write("CLAUDE.md", "Here, only pears.\n");
    fixture.script([ScriptedAnswer::says("Birnen."), ScriptedAnswer::says("Immer noch.")]);
    let terminal = fixture.open(&[]);
    terminal.ask("what grows here?");
    terminal.shows(&["Birnen.", "AGENTS.md", "CLAUDE.md"]);
    let body = fixture.last().body;
    let (far, near) =
        (body.find("Fruit is named in German.").unwrap(), body.find("Here, only pears.").unwrap());
    assert!(far < near, "the nearer one comes later");
    terminal.rests();
    terminal.ask("and now?");
    terminal.wait_for("Immer noch.");
    assert_eq!(fixture.last().body.matches("Fruit is named in German.").count(), 1, "told once");
    terminal.rests();
    fixture.leave(&terminal);
}
