//! The queue: prompts that are typed while the model works.

use codling::demo::{ScriptedAnswer, completed, created, gate, text};
use codling::protocol::Usage;

use crate::agent::fixture::{Fixture, Person};
use crate::pty::Look;
use crate::stage::sentences;

#[test]
fn of_two_that_wait_one_is_dropped_and_one_edited_and_sent_again() {
    let fixture = Fixture::new();
    fixture.script([
        ScriptedAnswer::sse([
            created(),
            text("Let me see."),
            gate("first"),
            completed(Usage::default()),
        ]),
        ScriptedAnswer::says("Both of them."),
    ]);
    let terminal = fixture.open(&[]);
    terminal.ask("look at the pears");
    terminal.wait_for("Let me see.");
    terminal.ask("and the plums");
    terminal.shows(&["joins this turn: and the plums", sentences::QUEUE_HINT]);
    terminal.ask("please");
    terminal.wait_for("joins this turn: please");
    terminal.press("up");
    terminal.wait_for("› joins this turn  please");
    terminal.press("x");
    terminal.wait_for("› joins this turn  and the plums");
    terminal.press("enter");
    terminal.wait_for("│ and the plums");
    terminal.type_text(" and figs");
    terminal.wait_for("│ and the plums and figs");
    terminal.press("enter");
    terminal.wait_for("joins this turn: and the plums and figs");
    fixture.stage.stand.open("first");
    terminal.wait_for("Both of them.");
    terminal.rests();
    let (screen, body) = (terminal.screen(), fixture.last().body);
    assert!(
        screen.shows("› and the plums and figs") && !screen.shows("joins this turn:"),
        "{:#?}",
        screen.lines()
    );
    assert!(body.contains("and the plums and figs") && !body.contains("please"), "{body}");
    assert_eq!(fixture.stage.stand.responses().len(), 2);
    fixture.leave(&terminal);
}

#[test]
fn a_prompt_joins_at_the_next_step_behind_the_output_of_a_call() {
    let fixture = Fixture::new();
    fixture.write("pears.txt", "green\n");
    std::process::Command::new("mkfifo").arg(fixture.folder().join("gate")).status().unwrap();
    fixture.script([
        ScriptedAnswer::runs("c1", "read word < gate; echo heard $word"),
        ScriptedAnswer::says("Noted."),
    ]);
    let terminal = fixture.open(&["--approval-mode", "auto"]);
    terminal.ask("wait for the word");
    terminal.wait_for("Working");
    terminal.ask("it is plum");
    terminal.wait_for("joins this turn: it is plum");
    fixture.write("gate", "plum\n");
    terminal.wait_for("Noted.");
    terminal.rests();
    let input = fixture.last().input();
    let kinds: Vec<&str> =
        input.iter().map(|item| item["type"].as_str().unwrap_or("message")).collect();
    assert!(kinds.ends_with(&["function_call", "function_call_output", "message"]), "{kinds:?}");
    assert!(fixture.output("c1").contains("heard plum"), "{}", fixture.output("c1"));
    fixture.leave(&terminal);
}

#[test]
fn what_waits_comes_back_into_the_composer_when_everything_is_stopped() {
    let fixture = Fixture::new();
    fixture.script([
        ScriptedAnswer::sse([created(), text("Let me see."), gate("never")]),
        ScriptedAnswer::says("Only the figs."),
    ]);
    let terminal = fixture.open(&[]);
    terminal.ask("look at the pears");
    terminal.wait_for("Let me see.");
    terminal.ask("figs");
    terminal.wait_for("joins this turn: figs");
    terminal.interrupt();
    terminal.wait_for("│ figs");
    terminal.rests();
    assert_eq!(fixture.stage.stand.responses().len(), 1);
    terminal.press("enter");
    terminal.wait_for("Only the figs.");
    terminal.rests();
    fixture.leave(&terminal);
}
