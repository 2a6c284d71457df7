//! Undo: taking turns back and making them again, with edits by hand in between and meanwhile. Knows nothing of approvals.

use std::fs;

use codling::demo::ScriptedAnswer;
use serde_json::json;

use super::scene::{Person, Place};
use crate::pty::{Look, Terminal};

const UNDO: &str = "Take the changes of this turn back?";
const REDO: &str = "Make the changes of this turn again?";
const AUTO: [&str; 2] = ["--approval-mode", "auto"];

/// A turn that changed one file and made another.
fn changed() -> (Place, Terminal) {
    let place = Place::new();
    place.write("pears.txt", "hard\n");
    place.script([
        Place::reads("c0", "pears.txt"),
        ScriptedAnswer::edits("c1", "pears.txt", "hard", "soft"),
        ScriptedAnswer::calls(
            "c2",
            "write",
            &json!({ "filePath": "plums.txt", "content": "blue\n" }),
        ),
        ScriptedAnswer::says("Both done."),
    ]);
    let terminal = place.open(&AUTO);
    terminal.ask("ripen the fruit");
    terminal.wait_for("Both done.");
    terminal.rests();
    (place, terminal)
}

fn fruit(place: &Place) -> (Option<String>, Option<String>) {
    (place.read("pears.txt"), place.read("plums.txt"))
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn an_edit_by_hand_is_kept_unless_one_chooses_it_and_comes_back_with_redo() {
    let (place, terminal) = changed();
    place.write("pears.txt", "soft, says a hand\n");
    terminal.slash("undo");
    terminal.shows(&[
        UNDO,
        "“ripen the fruit”",
        "pears.txt  ! changed since",
        "[x] remove   plums.txt",
        "do it for 1 file",
    ]);
    terminal.confirm("enter");
    terminal.wait_gone(UNDO);
    terminal.wait_for("were taken back");
    assert_eq!(fruit(&place), (some("soft, says a hand\n"), None));

    terminal.slash("redo");
    terminal.shows(&[REDO, "plums.txt"]);
    terminal.confirm("enter");
    terminal.wait_gone(REDO);
    terminal.wait_for("were made again");
    assert_eq!(fruit(&place), (some("soft, says a hand\n"), some("blue\n")));

    terminal.slash("undo");
    terminal.shows(&[UNDO, "! changed since"]);
    terminal.confirm("a");
    terminal.wait_until("both are chosen", |screen| !screen.contents().contains("[ ]"));
    terminal.press("enter");
    terminal.wait_for("may hold changes of your own");
    terminal.press("y");
    terminal.wait_gone(UNDO);
    place.wait_for("pears.txt", |text| text == "hard\n");
    terminal.rests();
    assert_eq!(fruit(&place), (some("hard\n"), None));

    place.script([ScriptedAnswer::says("I know.")]);
    terminal.ask("what is it now?");
    terminal.wait_for("I know.");
    let body = place.last().body;
    assert!(body.contains("took back changes of an earlier turn"), "{body}");
    terminal.rests();

    terminal.slash("redo");
    terminal.shows(&[REDO, "pears.txt", "plums.txt"]);
    terminal.confirm("enter");
    terminal.wait_gone(REDO);
    place.wait_for("pears.txt", |text| text == "soft, says a hand\n");
    terminal.rests();
    place.leave(&terminal);
}

#[test]
fn a_turn_is_taken_back_and_made_again_after_a_restart() {
    let (place, terminal) = changed();
    place.leave(&terminal);
    let terminal = place.open(&["--continue", "--approval-mode", "auto"]);
    terminal.wait_for("Both done.");
    terminal.slash("undo");
    terminal.shows(&[UNDO, "“ripen the fruit”", "pears.txt", "plums.txt"]);
    terminal.confirm("enter");
    terminal.wait_gone(UNDO);
    terminal.wait_for("were taken back");
    assert_eq!(fruit(&place), (some("hard\n"), None));
    place.leave(&terminal);

    let terminal = place.open(&["--continue"]);
    terminal.shows(&["Both done.", "were taken back"]);
    terminal.slash("redo");
    terminal.shows(&[REDO, "“ripen the fruit”"]);
    terminal.confirm("enter");
    terminal.wait_gone(REDO);
    terminal.wait_for("were made again");
    assert_eq!(fruit(&place), (some("soft\n"), some("blue\n")));
    place.script([ScriptedAnswer::says("I know.")]);
    terminal.ask("what is it now?");
    terminal.wait_for("I know.");
    let body = place.last().body;
    assert!(body.contains("has made again changes of an earlier turn"), "{body}");
    terminal.rests();
    place.leave(&terminal);
}

#[test]
fn that_an_undo_was_cut_off_is_told_before_what_it_had_taken_back() {
    let (place, terminal) = changed();
    terminal.slash("undo");
    terminal.shows(&[UNDO, "plums.txt"]);
    terminal.confirm("enter");
    terminal.wait_for("were taken back");
    place.leave(&terminal);
    // As the log is where the program is killed just before the end.
    let sessions = place.stage.home.path().join("data/sessions");
    let mut files = fs::read_dir(sessions).unwrap().map(|file| file.unwrap().path());
    let log = files.find(|file| file.extension().is_some_and(|end| end == "jsonl")).unwrap();
    let text = fs::read_to_string(&log).unwrap();
    let begun = text.lines().filter(|line| !line.contains(r#""type":"undone""#));
    fs::write(&log, begun.map(|line| format!("{line}\n")).collect::<String>()).unwrap();
    let terminal = place.open(&["--continue"]);
    terminal.shows(&["An undo was cut off when codling ended: 2 of 2", "were taken back"]);
    let lines = terminal.screen().lines();
    let row = |words: &str| lines.iter().position(|line| line.contains(words));
    assert!(row("An undo was cut off") < row("were taken back"), "{}", lines.join("\n"));
    place.leave(&terminal);
}

#[test]
fn the_only_copy_of_an_ignored_file_is_moved_back() {
    let place = Place::new();
    place.write(".gitignore", "*.log\n");
    place.write("debug.log", "the only copy\n");
    place.script([
        ScriptedAnswer::runs("c1", "mv debug.log notes.txt"),
        ScriptedAnswer::says("Renamed."),
    ]);
    let terminal = place.open(&AUTO);
    terminal.ask("rename it");
    terminal.wait_for("Renamed.");
    terminal.rests();
    terminal.slash("undo");
    terminal.shows(&[UNDO, "notes.txt → debug.log"]);
    terminal.take_back();
    terminal.wait_for("were taken back");
    assert_eq!((place.read("debug.log"), place.read("notes.txt")), (some("the only copy\n"), None));
    terminal.rests();
    place.leave(&terminal);
}

#[test]
fn an_edit_by_hand_while_a_command_runs_is_left_to_the_person() {
    let place = Place::new();
    place.write("mine.txt", "before\n");
    place.script([
        ScriptedAnswer::runs("c1", "echo x > made.txt; until test -e go; do sleep 0.05; done"),
        ScriptedAnswer::says("It waited."),
    ]);
    let terminal = place.open(&AUTO);
    terminal.ask("wait for me");
    place.wait_for("made.txt", |text| text == "x\n");
    place.write("mine.txt", "by hand, meanwhile\n");
    place.write("go", "");
    terminal.wait_for("It waited.");
    terminal.rests();
    terminal.slash("undo");
    terminal.shows(&[
        UNDO,
        "made.txt",
        "[ ] restore  mine.txt  ? perhaps yours",
        "[ ] remove   go  ? perhaps yours",
    ]);
    terminal.press("esc");
    terminal.wait_gone(UNDO);
    assert_eq!(place.read("mine.txt"), some("by hand, meanwhile\n"));
    terminal.rests();
    place.leave(&terminal);
}
