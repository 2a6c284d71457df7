//! Items that the server refuses: one is left out, once, and the work continues.

use codling::demo::ScriptedAnswer;
use serde_json::json;

use crate::agent::fixture::{Fixture, Person};
use crate::stage::sentences;

fn refuses(fixture: usize) -> ScriptedAnswer {
    ScriptedAnswer::status(400).json_body(&json!({ "error": {
        "message": format!("Invalid 'input[{fixture}].arguments': not what it was"),
        "type": "invalid_request_error",
        "param": format!("input[{fixture}].arguments"),
        "code": "invalid_value",
    }}))
}

#[test]
fn an_item_that_the_server_refuses_is_left_out_and_the_log_keeps_it() {
    let fixture = Fixture::new();
    fixture.write("pear.txt", "a pear");
    fixture.script([Fixture::reads("c1", "pear.txt"), ScriptedAnswer::says("A pear.")]);
    let terminal = fixture.open(&[]);
    terminal.ask("what is in pear.txt?");
    terminal.wait_for("A pear.");
    terminal.rests();
    let asked = fixture.last().input();
    let call = asked.iter().position(|item| item["call_id"] == "c1").unwrap();
    fixture.script([refuses(call), ScriptedAnswer::says("Still here.")]);
    terminal.ask("and now?");
    terminal.shows(&[sentences::PART_REFUSED, sentences::GOES_ON_WITHOUT_READ]);
    terminal.wait_for("Still here.");
    terminal.rests();
    fixture.leave(&terminal);
    // Neither does it return with the conversation, though the log still holds it.
    let terminal = fixture.open(&["--continue"]);
    terminal.shows(&["pear.txt", "Still here."]);
    // A second refusal of the same request is final.
    fixture.script([refuses(0), refuses(0)]);
    terminal.ask("and once more?");
    terminal.shows(&[sentences::GOES_ON_WITHOUT_MESSAGE, sentences::LOG_IS_NO_MORE]);
    terminal.rests();
    fixture.leave(&terminal);
    let calls: Vec<usize> = fixture
        .stage
        .stand
        .responses()
        .iter()
        .map(|request| request.json()["input"].to_string().matches("\"c1\"").count())
        .collect();
    assert_eq!(calls, [0, 2, 2, 0, 0, 0]);
    fixture.stage.stand.check().unwrap();
}
