//! Keys never answer what the screen does not show: in a small window, under a dialog, and in the
//! moment of its appearance.

use crate::tui::tests::sentences;
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent};
use insta::assert_snapshot;

use super::answering::alone;
use super::approvals::{asked, command, decided};
use crate::protocol::{
    ApprovalResponse, AskId, Command, EventKind, Question, QuestionOption, TurnCommand,
};
use crate::tui::messages::{Cmd, Msg};
use crate::tui::tests::Fixture;

const SMALL: [(u16, u16); 4] = [(50, 16), (59, 40), (120, 17), (20, 5)];

fn resize(fixture: &mut Fixture, width: u16, height: u16) {
    fixture.msg(Msg::Resize { width, height });
}

/// Presses every key that answers anything, and pastes, each with time to count.
fn press_all(fixture: &mut Fixture) {
    for letter in "yaonr12 xd".chars() {
        fixture.press(KeyCode::Char(letter));
        fixture.after(Duration::from_secs(1));
    }
    for code in [KeyCode::Enter, KeyCode::Down, KeyCode::Right, KeyCode::Enter, KeyCode::Tab] {
        fixture.press(code);
        fixture.after(Duration::from_secs(1));
    }
    fixture.msg(Msg::Key(KeyEvent::new(KeyCode::BackTab, crossterm::event::KeyModifiers::SHIFT)));
    fixture.msg(Msg::Paste("y\n".into()));
    fixture.after(Duration::from_secs(3));
}

fn question() -> EventKind {
    let option = |label: &str| QuestionOption { label: label.into(), description: String::new() };
    EventKind::Asked {
        id: AskId(1),
        call: "q".into(),
        question: Question {
            text: "Which one?".into(),
            options: vec![option("This"), option("That")],
            ..Question::default()
        },
    }
}

#[test]
fn in_a_window_that_is_too_small_no_key_answers_and_the_screen_says_so() {
    for (width, height) in SMALL {
        let mut fixture = asked(vec![command("c", "rm -rf ~/precious")], 80, 24);
        resize(&mut fixture, width, height);
        press_all(&mut fixture);
        assert!(fixture.cmds().is_empty(), "{width}x{height}");
        if width > 40 {
            fixture.assert_shows([sentences::TOO_SMALL_TO_ASK]);
        }
        resize(&mut fixture, 80, 24);
        fixture.assert_shows(["Run this command?"]);
        fixture.assert_hides(["because"]);
        fixture.text("y");
        assert!(decided(&mut fixture).is_empty(), "a key on its way when it appeared");
        fixture.after(Duration::from_secs(1));
        alone(&mut fixture, "y");
        assert_eq!(decided(&mut fixture), [("c".into(), ApprovalResponse::Once)]);
    }
}

#[test]
fn one_that_comes_while_the_window_is_too_small_waits_to_be_seen() {
    for event in [EventKind::Approval(command("c", "rm -rf ~/precious")), question()] {
        let mut fixture = Fixture::connected(50, 16);
        fixture.event(EventKind::TurnStarted(crate::protocol::TurnId(1)));
        fixture.event(event);
        fixture.after(Duration::from_secs(1));
        fixture.cmds();
        press_all(&mut fixture);
        assert!(fixture.cmds().is_empty());
        resize(&mut fixture, 60, 18);
        fixture.press(KeyCode::Enter);
        assert!(fixture.cmds().is_empty());
        fixture.after(Duration::from_millis(400));
        fixture.press(KeyCode::Enter);
        assert_eq!(fixture.sent().len(), 1);
    }
}

#[test]
fn a_prompt_that_nobody_sees_is_kept_and_not_sent() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.text("half a thought");
    resize(&mut fixture, 50, 16);
    fixture.cmds();
    fixture.text(" and more?");
    fixture.presses([KeyCode::Enter, KeyCode::Tab, KeyCode::Up]);
    fixture.ctrl('c');
    assert!(fixture.cmds().is_empty() && fixture.shows("nothing is sent"), "{}", fixture.picture());
    resize(&mut fixture, 80, 24);
    fixture.assert_shows(["│ half a thought and more? "]);
}

#[test]
fn a_dialog_that_is_not_seen_takes_no_key() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.mode(
        crate::protocol::Agent::Build,
        crate::protocol::ApprovalMode::Ask,
        crate::protocol::Sandbox::Namespaces,
    );
    fixture.text("/approvals");
    fixture.presses([KeyCode::Enter, KeyCode::Up, KeyCode::Up, KeyCode::Enter]);
    fixture.cmds();
    fixture.assert_shows(["never ask"]);
    resize(&mut fixture, 50, 16);
    fixture.assert_shows([sentences::TOO_SMALL_TO_ASK]);
    press_all(&mut fixture);
    assert!(fixture.cmds().is_empty());
    resize(&mut fixture, 80, 24);
    fixture.press(KeyCode::Char('y'));
    assert!(fixture.cmds().is_empty(), "in the moment it appears");
    fixture.assert_shows(["never ask"]);
}

#[test]
fn what_runs_can_be_interrupted_and_codling_left_in_any_window() {
    let mut fixture = asked(vec![command("c", "rm -rf ~/precious")], 80, 24);
    resize(&mut fixture, 50, 16);
    fixture.press(KeyCode::Esc);
    fixture.assert_shows([sentences::INTERRUPT_AGAIN]);
    fixture.press(KeyCode::Esc);
    assert!(matches!(fixture.sent().as_slice(), [Command::Turn(_, TurnCommand::Interrupt)]));
    fixture.ctrl('c');
    fixture.assert_shows([sentences::LEAVE_AGAIN]);
    fixture.ctrl('c');
    assert!(matches!(fixture.cmds().as_slice(), [Cmd::Leave(..)]));
}

#[test]
fn a_letter_pressed_before_the_window_shrank_is_no_answer() {
    let mut fixture = asked(vec![command("c", "rm -rf ~/precious")], 80, 24);
    fixture.text("y");
    resize(&mut fixture, 50, 16);
    fixture.after(Duration::from_secs(1));
    resize(&mut fixture, 80, 24);
    fixture.after(Duration::from_secs(1));
    assert!(decided(&mut fixture).is_empty());
}

#[test]
fn one_that_came_under_a_dialog_is_not_answered_by_the_keys_that_close_it() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.ask("go");
    fixture.ctrl('p');
    fixture.event(EventKind::Approval(command("c", "rm -rf ~/precious")));
    fixture.after(Duration::from_secs(5));
    fixture.cmds();
    fixture.press(KeyCode::Esc);
    fixture.assert_shows(["Run this command?"]);
    fixture.presses([KeyCode::Enter, KeyCode::Char('y'), KeyCode::Enter]);
    fixture.after(Duration::from_millis(300));
    assert!(decided(&mut fixture).is_empty());
    fixture.after(Duration::from_secs(1));
    alone(&mut fixture, "n");
    assert_eq!(decided(&mut fixture), [("c".into(), ApprovalResponse::No)]);
}

#[test]
fn one_that_came_while_the_terminal_was_lent_is_not_answered_by_the_keys_that_come_back() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.ask("go");
    fixture.event(EventKind::Approval(command("c", "rm -rf ~/precious")));
    fixture.after(Duration::from_secs(5));
    fixture.cmds();
    fixture.msg(Msg::Shown);
    fixture.presses([KeyCode::Enter, KeyCode::Char('y')]);
    fixture.after(Duration::from_millis(300));
    assert!(decided(&mut fixture).is_empty());
}

#[test]
fn a_small_window_says_how_large_it_has_to_be() {
    for (width, height) in [(50, 16), (59, 18), (24, 8)] {
        let mut fixture = asked(vec![command("c", "rm -rf ~/precious")], 80, 24);
        resize(&mut fixture, width, height);
        assert_snapshot!(format!("unseen_{width}x{height}"), fixture.picture());
    }
}
