//! Commands: learned as rules, stopped with all their processes, undone, and typed by the person.

use codling::demo::ScriptedAnswer;

use crate::agent::fixture::{Fixture, Person, wait_dead};
use crate::pty::Terminal;
use crate::stage::sentences;

#[test]
fn always_learns_the_pattern_that_is_shown_and_the_next_fitting_command_does_not_ask() {
    let fixture = Fixture::new();
    fixture.script([
        ScriptedAnswer::runs("c1", "mkdir one"),
        ScriptedAnswer::runs("c2", "mkdir two"),
        ScriptedAnswer::runs("c3", "rmdir one"),
        ScriptedAnswer::says("Two is left."),
    ]);
    let terminal = fixture.open(&[]);
    terminal.ask("make folders");
    terminal.shows(&[
        "Run this command?",
        "$ mkdir one",
        "shell: mkdir *",
        sentences::REASON_OF_THE_STAND_IN,
        "without a sandbox",
    ]);
    terminal.decide("a");
    terminal.shows(&["without asking", "› 1 for this conversation"]);
    terminal.press("enter");
    // The matching command has run when the other one asks.
    terminal.shows(&["Run this command?", "$ rmdir one"]);
    assert!(fixture.folder().join("two").is_dir());
    terminal.decide("y");
    terminal.wait_for("Two is left.");
    assert!(!fixture.folder().join("one").exists());
    terminal.rests();
    fixture.leave(&terminal);
}

#[test]
fn a_command_stopped_with_esc_is_gone_with_its_children_and_what_it_changed_can_be_taken_back() {
    let fixture = Fixture::new();
    fixture.write("notes.txt", "before\n");
    let line = "echo changed > notes.txt; echo new > made.txt; sleep 1000 & a=$!; setsid sleep 1000 & echo $$ $a $! > pids.tmp; mv pids.tmp pids; wait";
    fixture.script([ScriptedAnswer::runs("c1", line)]);
    let terminal = fixture.open(&["--approval-mode", "auto"]);
    terminal.ask("wait a while");
    let pids = fixture.wait_for("pids", |text| text.ends_with('\n'));
    assert_eq!(pids.split_whitespace().count(), 3, "{pids}");
    terminal.interrupt();
    terminal.wait_for("■ Interrupted");
    terminal.rests();
    wait_dead(&fixture, pids.split_whitespace());
    terminal.slash("undo");
    terminal.shows(&[sentences::TAKE_BACK_TURN, "“wait a while”", "notes.txt", "made.txt", "pids"]);
    terminal.take_back();
    terminal.wait_gone(sentences::TAKE_BACK_TURN);
    fixture.wait_for("notes.txt", |text| text == "before\n");
    terminal.wait_for("were taken back");
    assert_eq!((fixture.read("made.txt"), fixture.read("pids")), (None, None));

    fixture.script([ScriptedAnswer::says("I see that it was stopped.")]);
    terminal.ask("go on");
    terminal.wait_for("I see that it was stopped.");
    let body = fixture.last().body;
    assert!(
        body.contains(sentences::TOLD_INTERRUPTED) && body.contains("took back changes"),
        "{body}"
    );
    assert!(
        fixture.output("c1").contains(sentences::TOLD_STOPPED_CALL),
        "{}",
        fixture.output("c1")
    );
    terminal.rests();
    fixture.leave(&terminal);
}

/// A command that changed a file and continues.
fn changing() -> (Fixture, Terminal) {
    let fixture = Fixture::new();
    // Enough files that comparing them takes a while.
    for number in 0..100 {
        fixture.write(&format!("file{number}"), &number.to_string());
    }
    fixture.write("notes.txt", "before\n");
    fixture.script([ScriptedAnswer::runs("c1", "echo changed > notes.txt; sleep 1000")]);
    let terminal = fixture.open(&["--approval-mode", "auto"]);
    terminal.ask("wait a while");
    fixture.wait_for("notes.txt", |text| text == "changed\n");
    (fixture, terminal)
}

fn takes_back(fixture: &Fixture, terminal: &Terminal) {
    terminal.shows(&["wait a while", "Interrupted"]);
    terminal.slash("undo");
    terminal.shows(&[sentences::TAKE_BACK_TURN, "“wait a while”", "notes.txt"]);
    terminal.take_back();
    fixture.wait_for("notes.txt", |text| text == "before\n");
    terminal.wait_for("were taken back: notes.txt");
    fixture.leave(terminal);
}

#[test]
fn what_a_command_had_changed_when_its_conversation_was_left_can_be_taken_back() {
    let (fixture, terminal) = changing();
    terminal.slash("new");
    terminal.wait_gone("wait a while");
    terminal.slash("sessions");
    terminal.wait_for("wait a while");
    terminal.press("enter");
    takes_back(&fixture, &terminal);
}

#[test]
fn and_so_it_can_when_the_program_was_left_right_behind_it() {
    let (fixture, terminal) = changing();
    terminal.send(b"/new\r");
    terminal.wait_gone("wait a while");
    fixture.leave(&terminal);
    takes_back(&fixture, &fixture.open(&["--continue"]));
}

#[test]
fn a_command_of_the_person_s_own_joins_the_conversation() {
    let fixture = Fixture::new();
    fixture.write("pears.txt", "green\n");
    fixture.script([ScriptedAnswer::says("There is a file about pears.")]);
    let terminal = fixture.open(&[]);
    terminal.wait_for("Ask anything");
    terminal.type_text("!ls");
    terminal.wait_for("your own command");
    terminal.press("enter");
    terminal.shows(&["pears.txt", "✓ "]);
    terminal.rests();
    assert!(fixture.stage.stand.responses().is_empty(), "the model is not asked");
    terminal.ask("what is here?");
    terminal.wait_for("There is a file about pears.");
    let body = fixture.last().body;
    assert!(body.contains(sentences::TOLD_OWN_COMMAND) && body.contains("pears.txt"), "{body}");
    terminal.rests();
    fixture.leave(&terminal);
}

#[test]
fn undo_right_after_a_stop_is_of_the_turn_that_was_stopped() {
    let fixture = Fixture::new();
    // Enough files that comparing them takes a while.
    for number in 0..100 {
        fixture.write(&format!("file{number}"), &number.to_string());
    }
    fixture.script([
        ScriptedAnswer::runs("c1", "echo one > first"),
        ScriptedAnswer::says("One."),
        ScriptedAnswer::runs("c2", "echo two > second; sleep 1000"),
    ]);
    let terminal = fixture.open(&["--approval-mode", "auto"]);
    terminal.ask("make one");
    terminal.wait_for("One.");
    terminal.rests();
    terminal.ask("make two");
    fixture.wait_for("second", |text| text == "two\n");
    terminal.interrupt();
    terminal.wait_for("■ Interrupted");
    terminal.send(b"/undo\r");
    terminal.shows(&[sentences::TAKE_BACK_TURN, "“make two”", "second"]);
    terminal.take_back();
    terminal.wait_for("were taken back");
    assert_eq!((fixture.read("first").as_deref(), fixture.read("second")), (Some("one\n"), None));
    fixture.leave(&terminal);
}

#[test]
fn a_command_that_was_allowed_to_run_free_is_stopped_as_well() {
    let fixture = Fixture::new();
    fixture.script([ScriptedAnswer::runs(
        "c1",
        "setsid sleep 1000 & (sleep 1000 & echo $! > second) & echo $! > first; wait",
    )]);
    let terminal = fixture.open(&[]);
    terminal.ask("wait a while");
    terminal.wait_for("Run this command?");
    terminal.decide("y");
    let (first, second) = (
        fixture.wait_for("first", |text| text.ends_with('\n')),
        fixture.wait_for("second", |text| text.ends_with('\n')),
    );
    terminal.interrupt();
    terminal.wait_for("■ Interrupted");
    wait_dead(&fixture, [first.as_str(), second.as_str()]);
    terminal.rests();
    fixture.leave(&terminal);
}

#[test]
fn the_same_call_for_the_third_time_asks_and_in_full_it_does_not() {
    let fixture = Fixture::new();
    let again = |call: &str| ScriptedAnswer::runs(call, "echo pear");
    fixture.script([again("c1"), again("c2"), again("c3"), ScriptedAnswer::says("Enough.")]);
    let terminal = fixture.open(&[]);
    terminal.ask("say it");
    terminal.shows(&["Run this command?", sentences::REPEATED_CALL]);
    terminal.decide("n");
    terminal.wait_for("Enough.");
    terminal.rests();
    fixture.leave(&terminal);

    let fixture = Fixture::new();
    let again = |call: &str| ScriptedAnswer::runs(call, "echo pear >> log");
    fixture.script([
        again("c1"),
        again("c2"),
        again("c3"),
        again("c4"),
        ScriptedAnswer::says("Four times."),
    ]);
    let terminal = fixture.open(&["--approval-mode", "full"]);
    terminal.ask("say it");
    terminal.wait_for("Four times.");
    assert_eq!(fixture.read("log").unwrap(), "pear\npear\npear\npear\n");
    terminal.rests();
    fixture.leave(&terminal);
}

#[test]
fn another_mode_answers_what_waits_and_full_wants_a_yes() {
    let fixture = Fixture::new();
    let first = ScriptedAnswer::runs("c1", "touch one");
    fixture.script([
        first,
        ScriptedAnswer::runs("c2", "touch ../beside"),
        ScriptedAnswer::says("Both."),
    ]);
    let terminal = fixture.open(&[]);
    terminal.ask("make two");
    terminal.shows(&["Run this command?", "$ touch one"]);
    terminal.press("shift+tab");
    terminal.shows(&["Run this command?", "$ touch ../beside", "Build · auto"]);
    assert!(fixture.read("one").is_some() && !fixture.outside().join("beside").exists());
    terminal.decide("n");
    terminal.wait_for("Both.");
    terminal.rests();

    fixture
        .script([ScriptedAnswer::runs("c3", "touch ../beside"), ScriptedAnswer::says("Done now.")]);
    terminal.slash("approvals");
    terminal.wait_for(sentences::MODES_DIALOG);
    terminal.press("down").press("enter");
    terminal.wait_for(sentences::FULL_WARNING);
    terminal.press("y");
    terminal.wait_for("Build · full");
    terminal.ask("once more");
    terminal.wait_for("Done now.");
    assert!(fixture.outside().join("beside").exists());
    terminal.rests();
    fixture.leave(&terminal);
}
