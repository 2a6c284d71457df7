//! Items of a conversation that the server refuses: one is left out, once, and the work goes on.

use codling::demo::ScriptedAnswer;
use serde_json::json;

use super::scene::{Person, Place};

fn refuses(place: usize) -> ScriptedAnswer {
    ScriptedAnswer::status(400).json_body(&json!({ "error": {
        "message": format!("Invalid 'input[{place}].arguments': not what it was"),
        "type": "invalid_request_error",
        "param": format!("input[{place}].arguments"),
        "code": "invalid_value",
    }}))
}

#[test]
fn an_item_that_the_server_refuses_is_left_out_and_the_log_keeps_it() {
    let place = Place::new();
    place.write("pear.txt", "a pear");
    place.script([Place::reads("c1", "pear.txt"), ScriptedAnswer::says("A pear.")]);
    let terminal = place.open(&[]);
    terminal.ask("what is in pear.txt?");
    terminal.wait_for("A pear.");
    terminal.rests();
    let asked = place.last().input();
    let call = asked.iter().position(|item| item["call_id"] == "c1").unwrap();
    place.script([refuses(call), ScriptedAnswer::says("Still here.")]);
    terminal.ask("and now?");
    terminal.shows(&["The server refused a part of the", "goes on without a call of `read`"]);
    terminal.wait_for("Still here.");
    terminal.rests();
    place.leave(&terminal);
    // Nor does it come back with the conversation, of which the log still holds the whole.
    let terminal = place.open(&["--continue"]);
    terminal.shows(&["pear.txt", "Still here."]);
    // A second refusal of the same request is final.
    place.script([refuses(0), refuses(0)]);
    terminal.ask("and once more?");
    terminal.shows(&["goes on without a message", "not what it was"]);
    terminal.rests();
    place.leave(&terminal);
    let calls: Vec<usize> = place
        .stage
        .stand
        .responses()
        .iter()
        .map(|request| request.json()["input"].to_string().matches("\"c1\"").count())
        .collect();
    assert_eq!(calls, [0, 2, 2, 0, 0, 0]);
    place.stage.stand.check().unwrap();
}
