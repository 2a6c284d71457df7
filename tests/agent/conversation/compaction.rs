//! Compaction: a conversation that becomes too long is summarized and continues.

use std::fs;

use codling::demo::{
    Options, ScriptedAnswer, SeenRequest, completed, created, function_call, gate, item, text,
};
use codling::protocol::Usage;
use serde_json::{Value, json};

use crate::pty::Terminal;

use crate::agent::fixture::{Fixture, Person};
use crate::stage::sentences;

const CONTEXT: u64 = 20_000;
/// The stand-in's own model, whose context size is known from the start.
const DEMO: [&str; 2] = ["-m", "codling-demo"];

fn fixture() -> Fixture {
    Fixture::with_plan(Options { context: Some(CONTEXT), ..Options::default() })
}

/// An answer that fills this much of the context.
fn fills(words: &str, tokens: u64) -> ScriptedAnswer {
    ScriptedAnswer::sse([
        created(),
        text(words),
        completed(Usage { input: tokens, cached: 0, output: 10, reasoning: 0, cost: None }),
    ])
}

/// Asks about pears and then about plums; the conversation is compacted before the second answer.
fn asks_twice(fixture: &Fixture) -> Terminal {
    let terminal = fixture.open(&DEMO);
    terminal.ask("what about pears?");
    terminal.wait_for("Pears are green.");
    terminal.rests();
    terminal.ask("and plums?");
    terminal.shows(&["Plums are blue.", sentences::SUMMARIZED_FOR_MODEL]);
    terminal.rests();
    terminal
}

#[test]
fn a_long_conversation_is_summed_up_by_itself_and_the_next_request_holds_the_summary() {
    let fixture = fixture();
    fixture.script([
        fills("Pears are green.", CONTEXT * 9 / 10),
        fills("SUMMARY: green pears.", 900),
        fills("Plums are blue.", 1_000),
    ]);
    let terminal = asks_twice(&fixture);
    let responses = fixture.stage.stand.responses();
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
    // The typed prompts stay as they are; the rest is in the summary.
    assert!(body.contains("what about pears?") && !body.contains("Pears are green."), "{body}");
    // The screen keeps everything.
    terminal.shows(&["what about pears?", "Pears are green."]);
    fixture.leave(&terminal);

    fixture.script([fills("Figs too.", 1_100)]);
    let terminal = fixture.open(&["--continue"]);
    terminal.shows(&[
        "what about pears?",
        "Pears are green.",
        sentences::SUMMARIZED,
        "Plums are blue.",
    ]);
    terminal.ask("and figs?");
    terminal.wait_for("Figs too.");
    let body = fixture.last().body;
    assert!(
        body.contains("SUMMARY: green pears.")
            && body.contains("Plums are blue.")
            && !body.contains("Pears are green."),
        "{body}"
    );
    terminal.rests();
    fixture.leave(&terminal);
}

#[test]
fn with_a_key_too_where_the_list_of_models_tells_how_large_their_contexts_are() {
    let fixture = Fixture::with_key(Options { context: Some(CONTEXT), ..Options::default() });
    fixture.script([
        fills("Pears are green.", CONTEXT * 9 / 10),
        fills("SUMMARY: green pears.", 900),
        fills("Plums are blue.", 1_000),
    ]);
    let terminal = fixture.open(&DEMO);
    terminal.ask("what about pears?");
    terminal.shows(&["Pears are green.", "90%"]);
    terminal.rests();
    terminal.ask("and plums?");
    terminal.shows(&["Plums are blue.", sentences::SUMMARIZED_FOR_MODEL]);
    assert!(fixture.last().body.contains("SUMMARY: green pears."), "{}", fixture.last().body);
    terminal.rests();
    fixture.leave(&terminal);
}

#[test]
fn guidance_that_is_read_again_after_a_summary_is_told_only_if_it_changed() {
    let fixture = fixture();
    fixture.write("AGENTS.md", "Eat figs.\n");
    fixture.script([
        fills("Pears are green.", CONTEXT * 9 / 10),
        fills("SUMMARY: green pears.", 900),
        fills("Plums are blue.", CONTEXT * 9 / 10),
        fills("SUMMARY: blue plums.", 900),
        fills("Figs are brown.", 1_000),
    ]);
    let terminal = asks_twice(&fixture);
    let told = |words: &str| {
        let screen = terminal.screen().contents();
        screen.lines().filter(|row| row.contains("Read AGENTS.md") && row.contains(words)).count()
    };
    assert_eq!(told("10 bytes"), 1, "{}", terminal.screen().contents());
    fixture.write("AGENTS.md", "Eat no figs.\n");
    terminal.ask("and figs?");
    terminal.wait_for("Figs are brown.");
    terminal.wait_for("13 bytes");
    assert!(fixture.last().body.contains("Eat no figs."));
    fixture.leave(&terminal);
}

#[test]
fn compact_sums_up_by_hand() {
    let fixture = fixture();
    fixture.script([
        fills("Pears are green.", 1_000),
        fills("SUMMARY: green pears.", 900),
        fills("Plums are blue.", 1_000),
    ]);
    let terminal = fixture.open(&DEMO);
    terminal.ask("what about pears?");
    terminal.wait_for("Pears are green.");
    terminal.rests();
    terminal.slash("compact");
    terminal.wait_for(sentences::SUMMARIZED_FOR_MODEL);
    terminal.rests();
    assert_eq!(fixture.stage.stand.responses().len(), 2);
    terminal.ask("and plums?");
    terminal.wait_for("Plums are blue.");
    let body = fixture.last().body;
    assert!(
        body.contains("SUMMARY: green pears.")
            && body.contains("what about pears?")
            && !body.contains("Pears are green."),
        "{body}"
    );
    terminal.rests();
    fixture.leave(&terminal);
}

#[test]
fn openais_server_sums_up_where_the_settings_say_so_and_its_words_stay_sealed() {
    let fixture = fixture();
    let settings = fixture.stage.home.path().join("config/config.toml");
    fs::create_dir_all(settings.parent().unwrap()).unwrap();
    fs::write(settings, "compaction = \"server\"\n").unwrap();
    fixture.script([
        fills("Pears are green.", CONTEXT * 9 / 10),
        ScriptedAnswer::sse([created(), item(sealed()), completed(Usage::default())]),
        fills("Plums are blue.", 1_000),
    ]);
    let terminal = asks_twice(&fixture);
    let sent: Vec<Vec<Value>> =
        fixture.stage.stand.responses().iter().map(SeenRequest::input).collect();
    assert_eq!(sent[1].last(), Some(&json!({"type": "compaction_trigger"})));
    assert!(sent[2].contains(&sealed()), "{:?}", sent[2]);
    fixture.leave(&terminal);

    // The model that wrote it reads it, in another run too; another model gets its text.
    for (model, is_sealed) in [("codling-demo", true), ("codling-demo-mini", false)] {
        let figs = format!("Figs from {model}.");
        fixture.script([fills(&figs, 1_100)]);
        let terminal = fixture.open(&["--continue", "-m", model]);
        terminal.wait_for("Plums are blue.");
        terminal.ask("and figs?");
        terminal.wait_for(&figs);
        terminal.rests();
        let last = fixture.last();
        assert_eq!(last.input().contains(&sealed()), is_sealed, "{model}");
        assert_eq!(last.body.contains("Pears are green."), !is_sealed, "{model}");
        fixture.leave(&terminal);
    }
}

fn sealed() -> Value {
    json!({"type": "compaction", "id": "cmp_1", "encrypted_content": "c2VhbGVk"})
}

#[test]
fn a_request_that_turns_out_too_long_is_summed_up_and_sent_again() {
    let fixture = fixture();
    let too_long = ScriptedAnswer::error(
        400,
        "context_length_exceeded",
        "Your input exceeds the context window of this model",
    );
    fixture.script([
        fills("Pears are green.", 1_000),
        too_long,
        fills("SUMMARY: green pears.", 900),
        fills("Plums are blue.", 1_000),
    ]);
    let terminal = asks_twice(&fixture);
    let body = fixture.last().body;
    assert!(body.contains("SUMMARY: green pears.") && body.contains("and plums?"), "{body}");
    fixture.leave(&terminal);
}

#[test]
fn a_turn_whose_outputs_fill_the_context_is_summed_up_in_the_middle_and_goes_on() {
    let fixture = fixture();
    // The server counted half of it, and the output adds a third.
    let usage = Usage { input: CONTEXT / 2, cached: 0, output: 10, reasoning: 0, cost: None };
    let long = function_call("c1", "shell", r#"{"command":"seq 1 100000"}"#);
    fixture.script([
        ScriptedAnswer::sse([created(), text("Counting."), long, completed(usage)]),
        fills("SUMMARY: counted to 100000.", 900),
        ScriptedAnswer::runs("c2", "echo after"),
        fills("And on.", 1_000),
    ]);
    let terminal = fixture.open(&["-m", "codling-demo", "--approval-mode", "auto"]);
    terminal.ask("count");
    terminal.shows(&["Counting.", sentences::SUMMARIZED_FOR_MODEL, "echo after", "And on."]);
    terminal.rests();
    let responses = fixture.stage.stand.responses();
    assert_eq!(responses.len(), 4);
    assert!(
        responses[1].body.contains("99999") && !responses[2].body.contains("99999"),
        "{}",
        responses[2].body
    );
    assert!(
        responses[3].body.contains("SUMMARY: counted to 100000.")
            && fixture.output("c2").contains("after")
    );
    fixture.leave(&terminal);
}

#[test]
fn a_summary_that_the_program_was_killed_in_is_made_again() {
    let fixture = fixture();
    fixture.script([
        fills("Pears are green.", CONTEXT * 9 / 10),
        ScriptedAnswer::sse([created(), text("SUMM"), gate("never")]),
    ]);
    let terminal = fixture.open(&DEMO);
    terminal.ask("what about pears?");
    terminal.wait_for("Pears are green.");
    terminal.rests();
    terminal.ask("and plums?");
    assert!(fixture.stage.stand.wait_reached("never"));
    terminal.wait_for("Summarizing");
    terminal.signal("KILL");
    terminal.wait_exit();
    let terminal = fixture.open(&["--continue"]);
    terminal.shows(&["Pears are green.", "and plums?", "■ Interrupted"]);
    fixture.script([fills("SUMMARY: green pears.", 900), fills("Plums are blue.", 1_000)]);
    terminal.ask("once more");
    terminal.shows(&["Plums are blue.", sentences::SUMMARIZED_FOR_MODEL]);
    let body = fixture.last().body;
    assert!(
        body.contains("SUMMARY: green pears.")
            && body.contains("and plums?")
            && body.contains("was cut off"),
        "{body}"
    );
    terminal.rests();
    fixture.leave(&terminal);
}
