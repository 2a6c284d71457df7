//! Taking turns back and making them again, with edits by hand in between. Knows nothing of approvals.

use codling::demo::Answer;
use serde_json::json;

use super::scene::{Person, Place};
use crate::pty::Terminal;

const UNDO: &str = "Take the changes of this turn back?";
const REDO: &str = "Make the changes of this turn again?";
const AUTO: [&str; 2] = ["--approval-mode", "auto"];

/// A turn that changed one file and made another.
fn changed() -> (Place, Terminal) {
    let place = Place::new();
    place.write("pears.txt", "hard\n");
    place.script([
        Place::reads("c0", "pears.txt"),
        Answer::edits("c1", "pears.txt", "hard", "soft"),
        Answer::calls("c2", "write", &json!({ "filePath": "plums.txt", "content": "blue\n" })),
        Answer::says("Both done."),
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
fn an_edit_by_hand_is_kept_unless_one_says_to_overwrite_it() {
    let (place, terminal) = changed();
    place.write("pears.txt", "soft, says a hand\n");
    terminal.slash("undo");
    terminal.shows(&[UNDO, "“ripen the fruit”", "pears.txt  ! changed since", "plums.txt", "do it, leave what was changed since"]);
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
    terminal.shows(&[UNDO, "! changed since", "overwrite that too"]);
    terminal.confirm("o");
    terminal.wait_for("lost for good");
    terminal.press("y");
    terminal.wait_gone(UNDO);
    place.wait_for("pears.txt", |text| text == "hard\n");
    terminal.rests();
    assert_eq!(fruit(&place), (some("hard\n"), None));

    place.script([Answer::says("I know.")]);
    terminal.ask("what is it now?");
    terminal.wait_for("I know.");
    let body = place.last().body;
    assert!(body.contains("took back changes of an earlier turn") && body.contains("these stayed as they are: pears.txt"), "{body}");
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
    place.script([Answer::says("I know.")]);
    terminal.ask("what is it now?");
    terminal.wait_for("I know.");
    let body = place.last().body;
    assert!(body.contains("has made again changes of an earlier turn"), "{body}");
    terminal.rests();
    place.leave(&terminal);
}
