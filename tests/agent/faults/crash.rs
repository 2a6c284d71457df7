//! Crashes: the program is killed or hung up in the middle. Its commands end with it, and the next
//! start reports it.

use codling::demo::ScriptedAnswer;

use crate::agent::fixture::{Fixture, Person, wait_dead};
use crate::pty::Terminal;
use crate::stage::sentences;

/// Four processes: the shell, two children, and one in a session of its own.
const LINE: &str = "echo once >> runs; sleep 1000 & a=$!; sleep 1000 & b=$!; setsid sleep 1000 & echo $$ $a $b $! > pids.tmp; mv pids.tmp pids; wait";

/// A turn that changed a file and runs an endless command.
fn running(fixture: &Fixture, mode: &str) -> (Terminal, String) {
    fixture.write("pears.txt", "hard\n");
    fixture.script([
        Fixture::reads("c0", "pears.txt"),
        ScriptedAnswer::edits("c1", "pears.txt", "hard", "soft"),
        ScriptedAnswer::runs("c2", LINE),
    ]);
    let terminal = fixture.open(&["--approval-mode", mode]);
    terminal.ask("ripen and wait");
    let pids = fixture.wait_for("pids", |text| text.ends_with('\n'));
    assert_eq!(pids.split_whitespace().count(), 4, "{pids}");
    (terminal, pids)
}

/// Continues: nothing runs again, and the model is told.
fn goes_on(fixture: &Fixture, terminal: &Terminal, output: &str) {
    terminal.shows(&[
        "ripen and wait",
        "edit pears.txt",
        "■ Interrupted",
        sentences::CUT_OFF_CHANGED,
    ]);
    terminal.rests();
    fixture.script([ScriptedAnswer::says("It was cut off.")]);
    terminal.ask("what happened?");
    terminal.wait_for("It was cut off.");
    assert_eq!(fixture.read("runs").unwrap(), "once\n");
    let body = fixture.last().body;
    assert!(body.contains(sentences::TOLD_TURN_BEFORE), "{body}");
    assert!(fixture.output("c2").contains(output), "{}", fixture.output("c2"));
    terminal.rests();
}

fn undo(terminal: &Terminal, files: &[&str]) {
    terminal.slash("undo");
    terminal.shows(&[sentences::TAKE_BACK_TURN, "“ripen and wait”"]);
    terminal.shows(files);
    terminal.take_back();
    terminal.wait_for("were taken back");
}

#[test]
fn what_runs_dies_with_the_program_and_is_not_run_again() {
    for mode in ["auto", "full"] {
        let fixture = Fixture::new();
        let (terminal, pids) = running(&fixture, mode);
        terminal.signal("KILL");
        terminal.wait_exit();
        wait_dead(&fixture, pids.split_whitespace());
        let terminal = fixture.open(&["--continue"]);
        goes_on(&fixture, &terminal, sentences::TOLD_CALL_CUT_OFF);
        // The edit was recorded before; the command's changes are found by comparing.
        undo(&terminal, &["pears.txt", "runs", "pids"]);
        assert_eq!(
            (fixture.read("pears.txt").unwrap(), fixture.read("runs")),
            ("hard\n".to_owned(), None)
        );
        fixture.leave(&terminal);
    }
}

#[test]
fn a_program_that_is_told_to_end_ends_what_runs_and_what_it_changed_can_be_taken_back() {
    let fixture = Fixture::new();
    let (terminal, pids) = running(&fixture, "auto");
    terminal.signal("TERM");
    assert_eq!(terminal.wait_exit().code, 143);
    wait_dead(&fixture, pids.split_whitespace());
    let terminal = fixture.open(&["--continue"]);
    terminal.wait_for("■ Interrupted");
    undo(&terminal, &["pears.txt", "runs", "pids"]);
    assert_eq!(
        (fixture.read("pears.txt").unwrap(), fixture.read("runs")),
        ("hard\n".to_owned(), None)
    );
    fixture.leave(&terminal);
}

#[test]
fn leaving_while_an_approval_waits_runs_nothing() {
    let fixture = Fixture::new();
    fixture.script([ScriptedAnswer::runs("c1", "touch made")]);
    let terminal = fixture.open(&[]);
    terminal.ask("make it");
    terminal.wait_for("Run this command?");
    terminal.signal("KILL");
    terminal.wait_exit();
    let terminal = fixture.open(&["--continue"]);
    terminal.shows(&["make it", "■ Interrupted"]);
    assert!(!terminal.screen().contents().contains("Run this command?"));
    fixture.script([ScriptedAnswer::says("Not made.")]);
    terminal.ask("and?");
    terminal.wait_for("Not made.");
    assert_eq!(fixture.read("made"), None);
    assert!(fixture.output("c1").contains("Interrupted"), "{}", fixture.output("c1"));
    terminal.rests();
    fixture.leave(&terminal);
}
