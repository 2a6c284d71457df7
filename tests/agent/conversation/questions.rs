//! Questions of the model, answered and declined.

use codling::demo::ScriptedAnswer;
use serde_json::json;

use crate::agent::fixture::{Fixture, Person};

#[test]
fn a_question_is_answered_by_choice_then_in_words_then_declined() {
    let fixture = Fixture::new();
    let options = json!([{ "label": "Pear", "description": "stays green" }, { "label": "Plum" }]);
    let ask = |call: &str, question: &str| {
        ScriptedAnswer::calls(
            call,
            "question",
            &json!({ "question": question, "options": options }),
        )
    };
    fixture.script([
        ask("c1", "Which tree?"),
        ask("c2", "And next to it?"),
        ask("c3", "How many?"),
        ScriptedAnswer::says("As you like."),
    ]);
    let terminal = fixture.open(&[]);
    terminal.ask("plant something");
    terminal.shows(&["The model asks", "Which tree?", "› 1 Pear", "stays green", "2 Plum"]);
    terminal.decide("down");
    terminal.wait_for("› 2 Plum");
    terminal.press("enter");
    terminal.shows(&["And next to it?", "› 1 Pear"]);
    assert_eq!(fixture.output("c1"), "The user answered: Plum");
    terminal.decide("down");
    terminal.wait_for("› 2 Plum");
    terminal.type_text("a fig");
    terminal.wait_for("› a fig");
    terminal.press("enter");
    terminal.shows(&["The model asks", "How many?"]);
    assert_eq!(fixture.output("c2"), "The user answered: a fig");
    terminal.decide("esc");
    terminal.wait_for("As you like.");
    assert!(fixture.output("c3").contains("declined to answer"), "{}", fixture.output("c3"));
    terminal.rests();
    fixture.leave(&terminal);
}

#[test]
fn questions_of_one_call_are_asked_one_after_the_other() {
    let fixture = Fixture::new();
    let questions = json!({ "questions": [
        { "id": "tree", "header": "Tree", "question": "Which tree?", "options": [{ "label": "Pear" }, { "label": "Plum" }] },
        { "id": "many", "header": "Number", "question": "How many?" },
    ] });
    fixture.script([
        ScriptedAnswer::calls("c1", "request_user_input", &questions),
        ScriptedAnswer::says("As you like."),
    ]);
    let terminal = fixture.open(&[]);
    terminal.ask("plant something");
    terminal.shows(&["Which tree?", "› 1 Pear", "one more follows"]);
    terminal.decide("enter");
    terminal.shows(&["How many?", "Type an answer"]);
    terminal.decide("s");
    terminal.type_text("even");
    terminal.wait_for("› seven");
    terminal.press("enter");
    terminal.wait_for("As you like.");
    let told =
        json!({ "answers": { "tree": { "answers": ["Pear"] }, "many": { "answers": ["seven"] } } });
    let answer: serde_json::Value = serde_json::from_str(&fixture.output("c1")).unwrap();
    assert_eq!(answer, told);
    terminal.shows(&["(and 1 more)", "Pear; seven"]);
    terminal.rests();
    fixture.leave(&terminal);
}
