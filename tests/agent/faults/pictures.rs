//! Invalid pictures, and pictures that the server refuses: neither ends a conversation.

use std::fs;

use codling::demo::{Fault, ScriptedAnswer};
use serde_json::json;

use crate::agent::fixture::{Fixture, Person};
use crate::stage::sentences;

const PNG: [u8; 67] = *b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89\0\0\0\nIDATx\x9cc\0\x01\0\0\x05\0\x01\r\n-\xb4\0\0\0\0IEND\xaeB`\x82";

fn pictures(fixture: &Fixture) -> Vec<usize> {
    fixture
        .stage
        .stand
        .responses()
        .iter()
        .map(|request| request.json().to_string().matches("\"input_image\"").count())
        .collect()
}

#[test]
fn eighteen_bytes_with_the_head_of_a_picture_are_not_sent() {
    let fixture = Fixture::new();
    fs::write(fixture.folder().join("head.png"), &PNG[..18]).unwrap();
    let output = fixture.run(&["-i", "head.png", "what is it?"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains(sentences::TOLD_DAMAGED_PICTURE), "{told}");
    // The model is told the same and continues.
    fixture.script([
        ScriptedAnswer::calls("c1", "view_image", &json!({ "path": "head.png" })),
        ScriptedAnswer::says("It is damaged."),
    ]);
    let output = fixture.run(&["look at head.png"]);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "It is damaged.\n");
    assert!(fixture.output("c1").contains("is damaged"), "{}", fixture.output("c1"));
    assert_eq!(pictures(&fixture), [0, 0]);
}

#[test]
fn a_picture_that_the_server_refuses_is_dropped_and_the_conversation_goes_on() {
    let fixture = Fixture::new();
    fs::write(fixture.folder().join("pear.png"), PNG).unwrap();
    fixture.script([
        ScriptedAnswer::calls("c1", "view_image", &json!({ "path": "pear.png" })),
        Fault::Pictures.answer(),
        ScriptedAnswer::says("I cannot see it."),
        ScriptedAnswer::says("Still here."),
    ]);
    let terminal = fixture.open(&[]);
    terminal.ask("look at pear.png");
    terminal.shows(&[
        sentences::PICTURE_REFUSED,
        sentences::GOES_ON_WITHOUT_IT,
        "I cannot see it.",
    ]);
    terminal.rests();
    fixture.leave(&terminal);
    // Neither does it return with the conversation.
    let terminal = fixture.open(&["--continue"]);
    terminal.wait_for("I cannot see it.");
    terminal.ask("and now?");
    terminal.wait_for("Still here.");
    terminal.rests();
    assert_eq!(pictures(&fixture), [0, 1, 0, 0]);
    assert!(fixture.output("c1").contains("left out here"), "{}", fixture.output("c1"));
    fixture.leave(&terminal);
}
