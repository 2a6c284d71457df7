//! Undo: undoing and redoing turns, with manual edits in between and meanwhile.

use std::fs;

use codling::demo::ScriptedAnswer;
use serde_json::json;

use super::fixture::{Fixture, Person};
use crate::pty::{Look, Terminal};
use crate::stage::sentences;

const UNDO: &str = sentences::TAKE_BACK_TURN;
const REDO: &str = sentences::MAKE_TURN_AGAIN;
const AUTO: [&str; 2] = ["--approval-mode", "auto"];

/// A turn that changed one file and made another.
fn changed() -> (Fixture, Terminal) {
    let fixture = Fixture::new();
    fixture.write("pears.txt", "hard\n");
    fixture.script([
        Fixture::reads("c0", "pears.txt"),
        ScriptedAnswer::edits("c1", "pears.txt", "hard", "soft"),
        ScriptedAnswer::calls(
            "c2",
            "write",
            &json!({ "filePath": "plums.txt", "content": "blue\n" }),
        ),
        ScriptedAnswer::says("Both done."),
    ]);
    let terminal = fixture.open(&AUTO);
    terminal.ask("ripen the fruit");
    terminal.wait_for("Both done.");
    terminal.rests();
    (fixture, terminal)
}

fn fruit(fixture: &Fixture) -> (Option<String>, Option<String>) {
    (fixture.read("pears.txt"), fixture.read("plums.txt"))
}

fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

#[test]
fn an_edit_by_hand_is_kept_unless_one_chooses_it_and_comes_back_with_redo() {
    let (fixture, terminal) = changed();
    fixture.write("pears.txt", "soft, says a hand\n");
    terminal.slash("undo");
    terminal.shows(&[
        UNDO,
        "“ripen the fruit”",
        "pears.txt  ! changed since",
        "[x] remove   plums.txt",
        sentences::TAKE_BACK_ONE_FILE,
    ]);
    terminal.confirm("enter");
    terminal.wait_gone(UNDO);
    terminal.wait_for("were taken back");
    assert_eq!(fruit(&fixture), (some("soft, says a hand\n"), None));

    terminal.slash("redo");
    terminal.shows(&[REDO, "plums.txt"]);
    terminal.confirm("enter");
    terminal.wait_gone(REDO);
    terminal.wait_for("were made again");
    assert_eq!(fruit(&fixture), (some("soft, says a hand\n"), some("blue\n")));

    terminal.slash("undo");
    terminal.shows(&[UNDO, "! changed since"]);
    terminal.confirm("a");
    terminal.wait_until("both are chosen", |screen| !screen.contents().contains("[ ]"));
    terminal.press("enter");
    terminal.wait_for(sentences::MAY_BE_YOURS);
    terminal.press("y");
    terminal.wait_gone(UNDO);
    fixture.wait_for("pears.txt", |text| text == "hard\n");
    terminal.rests();
    assert_eq!(fruit(&fixture), (some("hard\n"), None));

    fixture.script([ScriptedAnswer::says("I know.")]);
    terminal.ask("what is it now?");
    terminal.wait_for("I know.");
    let body = fixture.last().body;
    assert!(body.contains(sentences::TOLD_TAKEN_BACK), "{body}");
    terminal.rests();

    terminal.slash("redo");
    terminal.shows(&[REDO, "pears.txt", "plums.txt"]);
    terminal.confirm("enter");
    terminal.wait_gone(REDO);
    fixture.wait_for("pears.txt", |text| text == "soft, says a hand\n");
    terminal.rests();
    fixture.leave(&terminal);
}

#[test]
fn a_turn_is_taken_back_and_made_again_after_a_restart() {
    let (fixture, terminal) = changed();
    fixture.leave(&terminal);
    let terminal = fixture.open(&["--continue", "--approval-mode", "auto"]);
    terminal.wait_for("Both done.");
    terminal.slash("undo");
    terminal.shows(&[UNDO, "“ripen the fruit”", "pears.txt", "plums.txt"]);
    terminal.confirm("enter");
    terminal.wait_gone(UNDO);
    terminal.wait_for("were taken back");
    assert_eq!(fruit(&fixture), (some("hard\n"), None));
    fixture.leave(&terminal);

    let terminal = fixture.open(&["--continue"]);
    terminal.shows(&["Both done.", "were taken back"]);
    terminal.slash("redo");
    terminal.shows(&[REDO, "“ripen the fruit”"]);
    terminal.confirm("enter");
    terminal.wait_gone(REDO);
    terminal.wait_for("were made again");
    assert_eq!(fruit(&fixture), (some("soft\n"), some("blue\n")));
    fixture.script([ScriptedAnswer::says("I know.")]);
    terminal.ask("what is it now?");
    terminal.wait_for("I know.");
    let body = fixture.last().body;
    assert!(body.contains(sentences::TOLD_MADE_AGAIN), "{body}");
    terminal.rests();
    fixture.leave(&terminal);
}

#[test]
fn that_an_undo_was_cut_off_is_told_before_what_it_had_taken_back() {
    let (fixture, terminal) = changed();
    terminal.slash("undo");
    terminal.shows(&[UNDO, "plums.txt"]);
    terminal.confirm("enter");
    terminal.wait_for("were taken back");
    fixture.leave(&terminal);
    // The log of a program that was killed just before the end.
    let sessions = fixture.stage.home.path().join("data/sessions");
    let mut files = fs::read_dir(sessions).unwrap().map(|file| file.unwrap().path());
    let log = files.find(|file| file.extension().is_some_and(|end| end == "jsonl")).unwrap();
    let text = fs::read_to_string(&log).unwrap();
    let begun = text.lines().filter(|line| !line.contains(r#""type":"undone""#));
    fs::write(&log, begun.map(|line| format!("{line}\n")).collect::<String>()).unwrap();
    let terminal = fixture.open(&["--continue"]);
    terminal.shows(&[sentences::UNDO_CUT_OFF_AFTER_2, "were taken back"]);
    let lines = terminal.screen().lines();
    let row = |words: &str| lines.iter().position(|line| line.contains(words));
    assert!(row(sentences::UNDO_CUT_OFF) < row("were taken back"), "{}", lines.join("\n"));
    fixture.leave(&terminal);
}

#[test]
fn the_only_copy_of_an_ignored_file_is_moved_back() {
    let fixture = Fixture::new();
    fixture.write(".gitignore", "*.log\n");
    fixture.write("debug.log", "the only copy\n");
    fixture.script([
        ScriptedAnswer::runs("c1", "mv debug.log notes.txt"),
        ScriptedAnswer::says("Renamed."),
    ]);
    let terminal = fixture.open(&AUTO);
    terminal.ask("rename it");
    terminal.wait_for("Renamed.");
    terminal.rests();
    terminal.slash("undo");
    terminal.shows(&[UNDO, "notes.txt → debug.log"]);
    terminal.take_back();
    terminal.wait_for("were taken back");
    assert_eq!(
        (fixture.read("debug.log"), fixture.read("notes.txt")),
        (some("the only copy\n"), None)
    );
    terminal.rests();
    fixture.leave(&terminal);
}

#[test]
fn an_edit_by_hand_while_a_command_runs_is_left_to_the_person() {
    let fixture = Fixture::new();
    fixture.write("mine.txt", "before\n");
    fixture.script([
        ScriptedAnswer::runs("c1", "echo x > made.txt; until test -e go; do sleep 0.05; done"),
        ScriptedAnswer::says("It waited."),
    ]);
    let terminal = fixture.open(&AUTO);
    terminal.ask("wait for me");
    fixture.wait_for("made.txt", |text| text == "x\n");
    fixture.write("mine.txt", "by hand, meanwhile\n");
    fixture.write("go", "");
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
    assert_eq!(fixture.read("mine.txt"), some("by hand, meanwhile\n"));
    terminal.rests();
    fixture.leave(&terminal);
}
