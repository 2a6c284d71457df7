//! A conversation that becomes too long is summed up, and goes on. Knows nothing of tools.

use std::fs;

use codling::demo::{
    Options, ScriptedAnswer, SeenRequest, completed, created, function_call, gate, item, text,
};
use codling::protocol::Usage;
use serde_json::{Value, json};

use crate::pty::Terminal;

use super::scene::{Person, Place};

const CONTEXT: u64 = 20_000;
/// The stand's own, whose context it knows from the first moment.
const DEMO: [&str; 2] = ["-m", "codling-demo"];

fn place() -> Place {
    Place::with_plan(Options { context: Some(CONTEXT), ..Options::default() })
}

/// An answer after which so much of the context is filled.
fn fills(words: &str, tokens: u64) -> ScriptedAnswer {
    ScriptedAnswer::sse([
        created(),
        text(words),
        completed(Usage { input: tokens, cached: 0, output: 10, reasoning: 0 }),
    ])
}

/// Asks about pears, then about plums, before whose answer the conversation is summed up.
fn asks_twice(place: &Place) -> Terminal {
    let terminal = place.open(&DEMO);
    terminal.ask("what about pears?");
    terminal.wait_for("Pears are green.");
    terminal.rests();
    terminal.ask("and plums?");
    terminal.shows(&["Plums are blue.", "The conversation was summarized for the model"]);
    terminal.rests();
    terminal
}

#[test]
fn a_long_conversation_is_summed_up_by_itself_and_the_next_request_holds_the_summary() {
    let place = place();
    place.script([
        fills("Pears are green.", CONTEXT * 9 / 10),
        fills("SUMMARY: green pears.", 900),
        fills("Plums are blue.", 1_000),
    ]);
    let terminal = asks_twice(&place);
    let responses = place.stage.stand.responses();
    assert_eq!(responses.len(), 3);
    assert!(
        responses[1].body.contains("\"tool_choice\":\"none\"")
            && responses[1].body.contains("what about pears?"),
        "{}",
        responses[1].body
    );
    let body = &responses[2].body;
    assert!(
        body.contains("SUMMARY: green pears.")
            && body.contains("and plums?")
            && body.contains("Folder:"),
        "{body}"
    );
    // What was typed stays as it is; the rest is in the summary.
    assert!(body.contains("what about pears?") && !body.contains("Pears are green."), "{body}");
    // On the screen nothing is lost.
    terminal.shows(&["what about pears?", "Pears are green."]);
    place.leave(&terminal);

    place.script([fills("Figs too.", 1_100)]);
    let terminal = place.open(&["--continue"]);
    terminal.shows(&[
        "what about pears?",
        "Pears are green.",
        "The conversation was summarized",
        "Plums are blue.",
    ]);
    terminal.ask("and figs?");
    terminal.wait_for("Figs too.");
    let body = place.last().body;
    assert!(
        body.contains("SUMMARY: green pears.")
            && body.contains("Plums are blue.")
            && !body.contains("Pears are green."),
        "{body}"
    );
    terminal.rests();
    place.leave(&terminal);
}

#[test]
fn with_a_key_too_where_the_list_of_models_tells_how_large_their_contexts_are() {
    let place = Place::with_key(Options { context: Some(CONTEXT), ..Options::default() });
    place.script([
        fills("Pears are green.", CONTEXT * 9 / 10),
        fills("SUMMARY: green pears.", 900),
        fills("Plums are blue.", 1_000),
    ]);
    let terminal = place.open(&DEMO);
    terminal.ask("what about pears?");
    terminal.shows(&["Pears are green.", "90%"]);
    terminal.rests();
    terminal.ask("and plums?");
    terminal.shows(&["Plums are blue.", "The conversation was summarized for the model"]);
    assert!(place.last().body.contains("SUMMARY: green pears."), "{}", place.last().body);
    terminal.rests();
    place.leave(&terminal);
}

#[test]
fn compact_sums_up_by_hand() {
    let place = place();
    place.script([
        fills("Pears are green.", 1_000),
        fills("SUMMARY: green pears.", 900),
        fills("Plums are blue.", 1_000),
    ]);
    let terminal = place.open(&DEMO);
    terminal.ask("what about pears?");
    terminal.wait_for("Pears are green.");
    terminal.rests();
    terminal.slash("compact");
    terminal.wait_for("The conversation was summarized for the model");
    terminal.rests();
    assert_eq!(place.stage.stand.responses().len(), 2);
    terminal.ask("and plums?");
    terminal.wait_for("Plums are blue.");
    let body = place.last().body;
    assert!(
        body.contains("SUMMARY: green pears.")
            && body.contains("what about pears?")
            && !body.contains("Pears are green."),
        "{body}"
    );
    terminal.rests();
    place.leave(&terminal);
}

#[test]
fn openais_server_sums_up_where_the_settings_say_so_and_its_words_stay_sealed() {
    let place = place();
    let settings = place.stage.home.path().join("config/config.toml");
    fs::create_dir_all(settings.parent().unwrap()).unwrap();
    fs::write(settings, "compaction = \"server\"\n").unwrap();
    place.script([
        fills("Pears are green.", CONTEXT * 9 / 10),
        ScriptedAnswer::sse([created(), item(sealed()), completed(Usage::default())]),
        fills("Plums are blue.", 1_000),
    ]);
    let terminal = asks_twice(&place);
    let sent: Vec<Vec<Value>> =
        place.stage.stand.responses().iter().map(SeenRequest::input).collect();
    assert_eq!(sent[1].last(), Some(&json!({"type": "compaction_trigger"})));
    assert!(sent[2].contains(&sealed()), "{:?}", sent[2]);
    place.leave(&terminal);

    // The one that wrote it reads it, in another run as well; another model gets what was said.
    for (model, is_sealed) in [("codling-demo", true), ("codling-demo-mini", false)] {
        let figs = format!("Figs from {model}.");
        place.script([fills(&figs, 1_100)]);
        let terminal = place.open(&["--continue", "-m", model]);
        terminal.wait_for("Plums are blue.");
        terminal.ask("and figs?");
        terminal.wait_for(&figs);
        terminal.rests();
        let last = place.last();
        assert_eq!(last.input().contains(&sealed()), is_sealed, "{model}");
        assert_eq!(last.body.contains("Pears are green."), !is_sealed, "{model}");
        place.leave(&terminal);
    }
}

fn sealed() -> Value {
    json!({"type": "compaction", "id": "cmp_1", "encrypted_content": "c2VhbGVk"})
}

#[test]
fn a_request_that_turns_out_too_long_is_summed_up_and_sent_again() {
    let place = place();
    let too_long = ScriptedAnswer::error(
        400,
        "context_length_exceeded",
        "Your input exceeds the context window of this model",
    );
    place.script([
        fills("Pears are green.", 1_000),
        too_long,
        fills("SUMMARY: green pears.", 900),
        fills("Plums are blue.", 1_000),
    ]);
    let terminal = asks_twice(&place);
    let body = place.last().body;
    assert!(body.contains("SUMMARY: green pears.") && body.contains("and plums?"), "{body}");
    place.leave(&terminal);
}

#[test]
fn a_turn_whose_outputs_fill_the_context_is_summed_up_in_the_middle_and_goes_on() {
    let place = place();
    // The server counted half of it, and the output is a third more.
    let usage = Usage { input: CONTEXT / 2, cached: 0, output: 10, reasoning: 0 };
    let long = function_call("c1", "shell", r#"{"command":"seq 1 100000"}"#);
    place.script([
        ScriptedAnswer::sse([created(), text("Counting."), long, completed(usage)]),
        fills("SUMMARY: counted to 100000.", 900),
        ScriptedAnswer::runs("c2", "echo after"),
        fills("And on.", 1_000),
    ]);
    let terminal = place.open(&["-m", "codling-demo", "--approval-mode", "auto"]);
    terminal.ask("count");
    terminal.shows(&[
        "Counting.",
        "The conversation was summarized for the model",
        "echo after",
        "And on.",
    ]);
    terminal.rests();
    let responses = place.stage.stand.responses();
    assert_eq!(responses.len(), 4);
    assert!(
        responses[1].body.contains("99999") && !responses[2].body.contains("99999"),
        "{}",
        responses[2].body
    );
    assert!(
        responses[3].body.contains("SUMMARY: counted to 100000.")
            && place.output("c2").contains("after")
    );
    place.leave(&terminal);
}

#[test]
fn a_summary_that_the_program_was_killed_in_is_made_again() {
    let place = place();
    place.script([
        fills("Pears are green.", CONTEXT * 9 / 10),
        ScriptedAnswer::sse([created(), text("SUMM"), gate("never")]),
    ]);
    let terminal = place.open(&DEMO);
    terminal.ask("what about pears?");
    terminal.wait_for("Pears are green.");
    terminal.rests();
    terminal.ask("and plums?");
    assert!(place.stage.stand.wait_reached("never"));
    terminal.wait_for("Summarizing");
    terminal.signal("KILL");
    terminal.wait_exit();
    let terminal = place.open(&["--continue"]);
    terminal.shows(&["Pears are green.", "and plums?", "■ Interrupted"]);
    place.script([fills("SUMMARY: green pears.", 900), fills("Plums are blue.", 1_000)]);
    terminal.ask("once more");
    terminal.shows(&["Plums are blue.", "The conversation was summarized for the model"]);
    let body = place.last().body;
    assert!(
        body.contains("SUMMARY: green pears.")
            && body.contains("and plums?")
            && body.contains("was cut off"),
        "{body}"
    );
    terminal.rests();
    place.leave(&terminal);
}
