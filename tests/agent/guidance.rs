//! Which agent works, and what it was told of the folder. Knows nothing of single calls.

use codling::demo::ScriptedAnswer;
use serde_json::json;

use super::scene::{Person, Place};

#[test]
fn plan_is_refused_every_change_and_tab_leads_back_to_build() {
    let place = Place::new();
    place.script([
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
    place.write("pears.txt", "green\n");
    let terminal = place.open(&["-m", "codling-demo"]);
    terminal.wait_for("Build · ask");
    terminal.press("tab");
    terminal.wait_for("Plan · ask");
    terminal.ask("what to do?");
    terminal.wait_for("The plan is to prune.");
    let (offered, body) = (Place::tools(&place.last()), place.last().body);
    assert!(body.contains("The user switched to Plan"), "{body}");
    terminal.rests();
    terminal.ask("do it anyway");
    terminal.wait_for("I may not.");
    assert_eq!(
        (place.read("pears.txt").unwrap(), place.read("plums.txt")),
        ("green\n".to_owned(), None)
    );
    assert!(place.output("c2").contains("Plan"), "{}", place.output("c2"));
    terminal.rests();
    terminal.press("tab");
    terminal.wait_for("Build · ask");
    terminal.ask("now do it");
    terminal.wait_for("Pruned.");
    let (tools, body) = (Place::tools(&place.last()), place.last().body);
    assert_eq!(tools, offered, "the head of the request stays as it is");
    assert!(body.contains("The user switched to Build"), "{body}");
    terminal.rests();
    place.leave(&terminal);
}

#[test]
fn guidance_from_the_repository_down_is_loaded_and_noted() {
    let place = Place::new();
    let root = place.outside();
    std::fs::create_dir(root.join(".git")).unwrap();
    std::fs::write(root.join("AGENTS.md"), "Fruit is named in German.\n").unwrap();
    place.write("CLAUDE.md", "Here, only pears.\n");
    place.script([ScriptedAnswer::says("Birnen."), ScriptedAnswer::says("Immer noch.")]);
    let terminal = place.open(&[]);
    terminal.ask("what grows here?");
    terminal.shows(&["Birnen.", "AGENTS.md", "CLAUDE.md"]);
    let body = place.last().body;
    let (far, near) =
        (body.find("Fruit is named in German.").unwrap(), body.find("Here, only pears.").unwrap());
    assert!(far < near, "the nearer one comes later");
    terminal.rests();
    terminal.ask("and now?");
    terminal.wait_for("Immer noch.");
    assert_eq!(place.last().body.matches("Fruit is named in German.").count(), 1, "told once");
    terminal.rests();
    place.leave(&terminal);
}
