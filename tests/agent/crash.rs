//! The program is killed, or its line is dropped, in the middle: what it ran ends with it, and the next start tells so. Knows nothing of how logs are
//! written.

use codling::demo::ScriptedAnswer;

use super::scene::{Person, Place, wait_dead};
use crate::pty::Terminal;

/// Four processes: the shell, two children, and one in a session of its own.
const LINE: &str = "echo once >> runs; sleep 1000 & a=$!; sleep 1000 & b=$!; setsid sleep 1000 & echo $$ $a $b $! > pids.tmp; mv pids.tmp pids; wait";

/// A turn that has changed a file, and runs a command that does not end.
fn running(place: &Place, mode: &str) -> (Terminal, String) {
    place.write("pears.txt", "hard\n");
    place.script([
        Place::reads("c0", "pears.txt"),
        ScriptedAnswer::edits("c1", "pears.txt", "hard", "soft"),
        ScriptedAnswer::runs("c2", LINE),
    ]);
    let terminal = place.open(&["--approval-mode", mode]);
    terminal.ask("ripen and wait");
    let pids = place.wait_for("pids", |text| text.ends_with('\n'));
    assert_eq!(pids.split_whitespace().count(), 4, "{pids}");
    (terminal, pids)
}

/// Nothing is run again, and the model is told.
fn goes_on(place: &Place, terminal: &Terminal, output: &str) {
    terminal.shows(&[
        "ripen and wait",
        "edit pears.txt",
        "■ Interrupted",
        "The command that was cut off had changed",
    ]);
    terminal.rests();
    place.script([ScriptedAnswer::says("It was cut off.")]);
    terminal.ask("what happened?");
    terminal.wait_for("It was cut off.");
    assert_eq!(place.read("runs").unwrap(), "once\n");
    let body = place.last().body;
    assert!(body.contains("The turn before this message was"), "{body}");
    assert!(place.output("c2").contains(output), "{}", place.output("c2"));
    terminal.rests();
}

fn undo(terminal: &Terminal, files: &[&str]) {
    terminal.slash("undo");
    terminal.shows(&["Take the changes of this turn back?", "“ripen and wait”"]);
    terminal.shows(files);
    terminal.take_back();
    terminal.wait_for("were taken back");
}

#[test]
fn what_runs_dies_with_the_program_and_is_not_run_again() {
    for mode in ["auto", "full"] {
        let place = Place::new();
        let (terminal, pids) = running(&place, mode);
        terminal.signal("KILL");
        terminal.wait_exit();
        wait_dead(&place, pids.split_whitespace());
        let terminal = place.open(&["--continue"]);
        goes_on(&place, &terminal, "Interrupted: codling ended before this finished");
        // The edit was done before, and is known; what the command had done is found by comparing.
        undo(&terminal, &["pears.txt", "runs", "pids"]);
        assert_eq!(
            (place.read("pears.txt").unwrap(), place.read("runs")),
            ("hard\n".to_owned(), None)
        );
        place.leave(&terminal);
    }
}

#[test]
fn a_dropped_line_ends_what_runs_and_what_it_changed_can_be_taken_back() {
    let place = Place::new();
    let (terminal, pids) = running(&place, "auto");
    terminal.signal("HUP");
    assert_eq!(terminal.wait_exit().code, 129);
    wait_dead(&place, pids.split_whitespace());
    let terminal = place.open(&["--continue"]);
    terminal.wait_for("■ Interrupted");
    undo(&terminal, &["pears.txt", "runs", "pids"]);
    assert_eq!((place.read("pears.txt").unwrap(), place.read("runs")), ("hard\n".to_owned(), None));
    place.leave(&terminal);
}

#[test]
fn leaving_while_an_approval_waits_runs_nothing() {
    let place = Place::new();
    place.script([ScriptedAnswer::runs("c1", "touch made")]);
    let terminal = place.open(&[]);
    terminal.ask("make it");
    terminal.wait_for("Run this command?");
    terminal.signal("KILL");
    terminal.wait_exit();
    let terminal = place.open(&["--continue"]);
    terminal.shows(&["make it", "■ Interrupted"]);
    assert!(!terminal.screen().contents().contains("Run this command?"));
    place.script([ScriptedAnswer::says("Not made.")]);
    terminal.ask("and?");
    terminal.wait_for("Not made.");
    assert_eq!(place.read("made"), None);
    assert!(place.output("c1").contains("Interrupted"), "{}", place.output("c1"));
    terminal.rests();
    place.leave(&terminal);
}
