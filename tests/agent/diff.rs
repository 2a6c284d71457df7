//! The diff viewer: what the last commit and the conversation's start say about the folder.

use std::process::Command;

use codling::demo::ScriptedAnswer;

use super::fixture::{Fixture, Person};
use crate::pty::Look;
use crate::stage::sentences::{NO_FILES_CHANGED, NOT_SHOWN, SINCE_COMMIT, SINCE_START};

const AUTO: [&str; 2] = ["--approval-mode", "auto"];

/// Makes a repository of the folder, with a commit of all that is in it.
fn commit(fixture: &Fixture) {
    for words in [
        &["init", "-q", "-b", "main"][..],
        &["add", "."],
        &["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", "first"],
    ] {
        let git = Command::new("git").args(words).current_dir(fixture.folder()).status();
        assert!(git.unwrap().success(), "{words:?}");
    }
}

#[test]
fn changes_are_shown_since_the_last_commit_and_since_the_conversation_began() {
    let fixture = Fixture::new();
    fixture.write("pears.txt", "hard\ngreen\n");
    fixture.write("quinces.txt", "sour\n");
    fixture.write(".env", "KEY=zqsecret1\n");
    commit(&fixture);
    fixture.write("quinces.txt", "sweet, says a hand\n");
    fixture.write("plums.txt", "blue\n");
    fixture.write(".env", "KEY=zqsecret2\n");
    fixture.script([
        Fixture::reads("c0", "pears.txt"),
        ScriptedAnswer::edits("c1", "pears.txt", "hard", "soft"),
        ScriptedAnswer::says("Done."),
    ]);
    let terminal = fixture.open(&AUTO);
    terminal.ask("ripen the pears");
    terminal.wait_for("Done.");
    terminal.rests();

    terminal.slash("diff");
    terminal.shows(&[SINCE_COMMIT, "M .env +1 −1", NOT_SHOWN, "A plums.txt +1", "1 + blue"]);
    terminal.shows(&["1 - hard", "1 + soft", "2   green", "1 + sweet, says a hand"]);
    assert!(!terminal.screen().shows("zqsecret"));
    terminal.type_text("nn");
    terminal.wait_for("2/4 M pears.txt +1 −1");
    terminal.type_text("n]]");
    terminal.wait_for("4/4 M quinces.txt +1 −1");
    terminal.type_text("p[");
    terminal.wait_for("3/4 A plums.txt +1");

    terminal.type_text("t");
    terminal.shows(&[SINCE_START, "1/1 M pears.txt +1 −1", "1 + soft"]);
    assert!(!terminal.screen().shows("quinces"));
    terminal.press("esc");
    terminal.wait_gone(SINCE_START);
    fixture.leave(&terminal);
}

#[test]
fn a_folder_without_git_has_only_the_conversation_s_changes() {
    let fixture = Fixture::new();
    fixture.write("pears.txt", "hard\n");
    let terminal = fixture.open(&[]);
    terminal.slash("diff");
    terminal.shows(&[SINCE_START, NO_FILES_CHANGED]);
    terminal.press("esc");
    terminal.wait_gone(SINCE_START);
    fixture.leave(&terminal);
}
