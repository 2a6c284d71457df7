//! Going back to before a prompt: with words and files, on one screen and on two, and what a later
//! start and an editor find.

use std::fs;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use codling::demo::ScriptedAnswer;
use vt100::Screen;

use super::fixture::{Fixture, LIMIT, Person};
use crate::pty::{Look, Terminal};
use crate::stage::{sentences, until};

const AUTO: [&str; 2] = ["--approval-mode", "auto"];
const ESC: &[u8] = b"\x1b";
const TIMELINE: &str = sentences::GO_BACK_TIMELINE;
const FILES: &str = sentences::GO_BACK_QUESTION;
const WENT_BACK: &str = sentences::WENT_BACK;

/// Two turns, each of which changes the same file.
fn two_turns() -> (Fixture, Terminal) {
    let fixture = Fixture::new();
    fixture.write("pears.txt", "hard\n");
    fixture.script([
        Fixture::reads("c0", "pears.txt"),
        ScriptedAnswer::edits("c1", "pears.txt", "hard", "soft"),
        ScriptedAnswer::says("They are soft."),
        ScriptedAnswer::edits("c2", "pears.txt", "soft", "brown"),
        ScriptedAnswer::says("They are brown."),
    ]);
    let terminal = fixture.open(&AUTO);
    terminal.ask("ripen the pears");
    terminal.wait_for("They are soft.");
    terminal.rests();
    terminal.ask("ripen them more");
    terminal.wait_for("They are brown.");
    terminal.rests();
    (fixture, terminal)
}

fn log(fixture: &Fixture) -> PathBuf {
    let sessions = fixture.stage.home.path().join("data/sessions");
    let mut files = fs::read_dir(sessions).unwrap().map(|file| file.unwrap().path());
    files.find(|file| file.extension().is_some_and(|end| end == "jsonl")).unwrap()
}

/// Presses esc twice until that counts, which it does not in the first second after a turn.
fn esc_twice(terminal: &Terminal) {
    let shows = |words: &'static str| move |screen: &Screen| screen.shows(words);
    until(LIMIT, "the timeline", || {
        let (soon, limit) = (Duration::from_millis(300), Duration::from_secs(3));
        terminal.send_and_see(ESC, shows(sentences::GO_BACK_HINT), soon).is_some()
            && terminal.send_and_see(ESC, shows(TIMELINE), limit).is_some()
    });
}

#[test]
fn a_conversation_goes_back_with_its_files_and_goes_on_from_there_after_a_restart() {
    let (fixture, terminal) = two_turns();
    let whole = fs::read(log(&fixture)).unwrap();
    esc_twice(&terminal);
    terminal.shows(&["› ripen them more  1 file", "ripen the pears  1 file"]);
    // The timeline takes keys at once; an enter that came too soon is told.
    until(LIMIT, "what goes back", || {
        let chosen = |screen: &Screen| screen.shows("What goes back?");
        terminal.send_and_see(b"\r", chosen, Duration::from_millis(500)).is_some()
    });
    terminal.shows(&["“ripen them more”", "› Conversation and files"]);
    terminal.press("enter");
    terminal.shows(&[FILES, "[x] restore  pears.txt"]);
    terminal.confirm("enter");
    terminal.shows(&[WENT_BACK, "│ ripen them more"]);
    assert!(!terminal.screen().shows("They are brown."));
    assert_eq!(fixture.read("pears.txt").as_deref(), Some("soft\n"));
    assert!(fs::read(log(&fixture)).unwrap().starts_with(&whole), "it is only added to");
    terminal.press("ctrl+u");
    fixture.leave(&terminal);

    let terminal = fixture.open(&["--continue", "--approval-mode", "auto"]);
    terminal.shows(&["They are soft.", WENT_BACK]);
    assert!(!terminal.screen().shows("They are brown."));
    fixture.script([ScriptedAnswer::says("Enough.")]);
    terminal.ask("stop here");
    terminal.wait_for("Enough.");
    let body = fixture.last().body;
    assert!(body.contains("They are soft.") && !body.contains("ripen them more"), "{body}");
    terminal.rests();
    fixture.leave(&terminal);
    let mut list = fixture.program();
    let listed = list.args(["sessions", "list"]).stdout(Stdio::piped()).output().unwrap();
    let shown = String::from_utf8(listed.stdout).unwrap();
    assert!(shown.contains("(1 branch)"), "{shown}");
}

#[test]
fn two_screens_of_one_conversation_go_back_together() {
    let (fixture, terminal) = two_turns();
    let other = fixture.open(&["--continue"]);
    other.wait_for("They are brown.");
    other.wait_for("· joined");
    other.slash("rewind");
    other.shows(&[TIMELINE, "ripen the pears  1 file"]);
    until(LIMIT, "what goes back", || {
        let chosen = |screen: &Screen| screen.shows("What goes back?");
        other.send_and_see(b"\r", chosen, Duration::from_millis(500)).is_some()
    });
    other.press("down");
    other.shows(&["› Conversation  files stay"]);
    other.press("enter");
    other.shows(&[WENT_BACK, "│ ripen them more"]);
    terminal.wait_for(WENT_BACK);
    assert!(!terminal.screen().shows("They are brown."));
    assert_eq!(fixture.read("pears.txt").as_deref(), Some("brown\n"), "files stay");
    other.press("ctrl+u");
    fixture.leave(&other);
    fixture.leave(&terminal);
}
