//! Approvals: a typed sentence does not answer one, and a rule takes more than one key.

use codling::demo::ScriptedAnswer;

use crate::agent::fixture::{Fixture, Person};
use crate::stage::sentences;

#[test]
fn a_sentence_typed_at_an_approval_is_the_reason_for_a_no() {
    let fixture = Fixture::new();
    for sentence in ["add more tests", "yes but keep README", "no, use plum"] {
        fixture.script([
            ScriptedAnswer::runs("c1", "touch one"),
            ScriptedAnswer::says("As you like."),
        ]);
        let terminal = fixture.open(&[]);
        terminal.ask("make one");
        terminal.shows(&["Run this command?", sentences::COMPOSER_CLOSED, "› y once"]);
        terminal.type_text(sentence);
        terminal.shows(&[&format!("No, because › {sentence}"), sentences::REFUSE_WITH_REASON]);
        terminal.press("enter");
        terminal.wait_for("As you like.");
        assert!(
            fixture.output("c1").contains(&format!("said: {sentence}")),
            "{}",
            fixture.output("c1")
        );
        assert_eq!(fixture.read("one"), None);
        terminal.rests();
        fixture.leave(&terminal);
    }
}

#[test]
fn a_rule_wants_a_second_key_and_can_be_kept_for_the_folder() {
    let fixture = Fixture::new();
    fixture.script([ScriptedAnswer::runs("c1", "touch one"), ScriptedAnswer::says("One.")]);
    let terminal = fixture.open(&[]);
    terminal.ask("make one");
    terminal.decide("a");
    terminal.shows(&[sentences::ALWAYS_ALLOWS, "shell: touch *", "› 1 for this conversation"]);
    assert_eq!(fixture.read("one"), None);
    terminal.press("right");
    terminal.shows(&[sentences::ALWAYS_IN_FOLDER]);
    terminal.press("enter");
    terminal.wait_for("One.");
    terminal.shows(&[sentences::ALLOWED_IN_FOLDER, "allowed.toml"]);
    terminal.rests();
    fixture.leave(&terminal);

    let kept =
        std::fs::read_to_string(fixture.stage.home.path().join("config/allowed.toml")).unwrap();
    assert!(kept.contains("shell = \"touch *\""), "{kept}");
    fixture.script([ScriptedAnswer::runs("c2", "touch two"), ScriptedAnswer::says("Two.")]);
    let terminal = fixture.open(&[]);
    terminal.ask("make two");
    terminal.wait_for("Two.");
    assert!(fixture.read("two").is_some());
    terminal.rests();

    // It is listed, and removed there: commands that match it ask again.
    terminal.type_text("/approvals").press("enter");
    terminal.shows(&["tab 1 rule"]);
    terminal.press("tab");
    terminal.shows(&["allow  shell: touch *", "this folder"]);
    terminal.type_text("x");
    terminal.shows(&[sentences::NO_RULES]);
    terminal.press("esc");
    // A letter right after esc would be taken for alt and that letter.
    terminal.wait_until("the dialog is closed", |screen| {
        !screen.contents().contains(sentences::NO_RULES)
    });
    terminal.shows(&[sentences::ASKS_AGAIN]);
    fixture.script([ScriptedAnswer::runs("c3", "touch three"), ScriptedAnswer::says("Three.")]);
    terminal.ask("make three");
    terminal.decide("n");
    terminal.wait_for("Three.");
    assert_eq!(fixture.read("three"), None);
    let kept =
        std::fs::read_to_string(fixture.stage.home.path().join("config/allowed.toml")).unwrap();
    assert!(!kept.contains("touch"), "{kept}");
    terminal.rests();
    fixture.leave(&terminal);
}
