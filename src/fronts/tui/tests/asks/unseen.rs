//! Keys never answer what the screen does not show: in a small window, under a dialog, and in the
//! moment of its appearance.

use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent};
use insta::assert_snapshot;

use super::answering::alone;
use super::approvals::{asked, command, decided};
use crate::fronts::tui::messages::{Cmd, Msg};
use crate::fronts::tui::tests::Desk;
use crate::protocol::{
    ApprovalResponse, AskId, Command, EventKind, Question, QuestionOption, SessionMode, TurnCommand,
};

const SMALL: [(u16, u16); 4] = [(50, 16), (59, 40), (120, 17), (20, 5)];

fn resize(desk: &mut Desk, width: u16, height: u16) {
    desk.msg(Msg::Resize { width, height });
}

/// Presses every key that answers anything, and pastes, each with time to count.
fn press_all(desk: &mut Desk) {
    for letter in "yaonr12 xd".chars() {
        desk.press(KeyCode::Char(letter));
        desk.after(Duration::from_secs(1));
    }
    for code in [KeyCode::Enter, KeyCode::Down, KeyCode::Right, KeyCode::Enter, KeyCode::Tab] {
        desk.press(code);
        desk.after(Duration::from_secs(1));
    }
    desk.msg(Msg::Key(KeyEvent::new(KeyCode::BackTab, crossterm::event::KeyModifiers::SHIFT)));
    desk.msg(Msg::Paste("y\n".into()));
    desk.after(Duration::from_secs(3));
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
        let mut desk = asked(vec![command("c", "rm -rf ~/precious")], 80, 24);
        resize(&mut desk, width, height);
        press_all(&mut desk);
        assert!(desk.cmds().is_empty(), "{width}x{height}");
        if width > 40 {
            assert!(
                desk.shows("codling waits for you: make the window larger"),
                "{}",
                desk.picture()
            );
        }
        resize(&mut desk, 80, 24);
        assert!(desk.shows("Run this command?") && !desk.shows("because"), "{}", desk.picture());
        desk.text("y");
        assert!(decided(&mut desk).is_empty(), "a key on its way when it appeared");
        desk.after(Duration::from_secs(1));
        alone(&mut desk, "y");
        assert_eq!(decided(&mut desk), [("c".into(), ApprovalResponse::Once)]);
    }
}

#[test]
fn one_that_comes_while_the_window_is_too_small_waits_to_be_seen() {
    for event in [EventKind::Approval(command("c", "rm -rf ~/precious")), question()] {
        let mut desk = Desk::connected(50, 16);
        desk.event(EventKind::TurnStarted(crate::protocol::TurnId(1)));
        desk.event(event);
        desk.after(Duration::from_secs(1));
        desk.cmds();
        press_all(&mut desk);
        assert!(desk.cmds().is_empty());
        resize(&mut desk, 60, 18);
        desk.press(KeyCode::Enter);
        assert!(desk.cmds().is_empty());
        desk.after(Duration::from_millis(400));
        desk.press(KeyCode::Enter);
        assert_eq!(desk.sent().len(), 1);
    }
}

#[test]
fn a_prompt_that_nobody_sees_is_kept_and_not_sent() {
    let mut desk = Desk::connected(80, 24);
    desk.text("half a thought");
    resize(&mut desk, 50, 16);
    desk.cmds();
    desk.text(" and more?");
    desk.presses([KeyCode::Enter, KeyCode::Tab, KeyCode::Up]);
    desk.ctrl('c');
    assert!(desk.cmds().is_empty() && desk.shows("nothing is sent"), "{}", desk.picture());
    resize(&mut desk, 80, 24);
    assert!(desk.shows("│ half a thought and more? "), "{}", desk.picture());
}

#[test]
fn a_dialog_that_is_not_seen_takes_no_key() {
    let mut desk = Desk::connected(80, 24);
    desk.event(EventKind::SessionMode(SessionMode {
        agent: crate::protocol::Agent::Build,
        approval_mode: crate::protocol::ApprovalMode::Ask,
        sandbox: crate::protocol::Sandbox::Namespaces,
    }));
    desk.text("/approvals");
    desk.presses([KeyCode::Enter, KeyCode::Up, KeyCode::Up, KeyCode::Enter]);
    desk.cmds();
    assert!(desk.shows("never ask"), "{}", desk.picture());
    resize(&mut desk, 50, 16);
    assert!(desk.shows("codling waits for you: make the window larger"), "{}", desk.picture());
    press_all(&mut desk);
    assert!(desk.cmds().is_empty());
    resize(&mut desk, 80, 24);
    desk.press(KeyCode::Char('y'));
    assert!(desk.cmds().is_empty(), "in the moment it appears");
    assert!(desk.shows("never ask"), "{}", desk.picture());
}

#[test]
fn what_runs_can_be_interrupted_and_codling_left_in_any_window() {
    let mut desk = asked(vec![command("c", "rm -rf ~/precious")], 80, 24);
    resize(&mut desk, 50, 16);
    desk.press(KeyCode::Esc);
    assert!(desk.shows("esc again to interrupt"), "{}", desk.picture());
    desk.press(KeyCode::Esc);
    assert!(matches!(desk.sent().as_slice(), [Command::Turn(_, TurnCommand::Interrupt)]));
    desk.ctrl('c');
    assert!(desk.shows("ctrl+c again to quit"), "{}", desk.picture());
    desk.ctrl('c');
    assert!(matches!(desk.cmds().as_slice(), [Cmd::Quit]));
}

#[test]
fn a_letter_pressed_before_the_window_shrank_is_no_answer() {
    let mut desk = asked(vec![command("c", "rm -rf ~/precious")], 80, 24);
    desk.text("y");
    resize(&mut desk, 50, 16);
    desk.after(Duration::from_secs(1));
    resize(&mut desk, 80, 24);
    desk.after(Duration::from_secs(1));
    assert!(decided(&mut desk).is_empty());
}

#[test]
fn one_that_came_under_a_dialog_is_not_answered_by_the_keys_that_close_it() {
    let mut desk = Desk::connected(80, 24);
    desk.ask("go");
    desk.ctrl('p');
    desk.event(EventKind::Approval(command("c", "rm -rf ~/precious")));
    desk.after(Duration::from_secs(5));
    desk.cmds();
    desk.press(KeyCode::Esc);
    assert!(desk.shows("Run this command?"), "{}", desk.picture());
    desk.presses([KeyCode::Enter, KeyCode::Char('y'), KeyCode::Enter]);
    desk.after(Duration::from_millis(300));
    assert!(decided(&mut desk).is_empty());
    desk.after(Duration::from_secs(1));
    alone(&mut desk, "n");
    assert_eq!(decided(&mut desk), [("c".into(), ApprovalResponse::No)]);
}

#[test]
fn one_that_came_while_the_terminal_was_lent_is_not_answered_by_the_keys_that_come_back() {
    let mut desk = Desk::connected(80, 24);
    desk.ask("go");
    desk.event(EventKind::Approval(command("c", "rm -rf ~/precious")));
    desk.after(Duration::from_secs(5));
    desk.cmds();
    desk.msg(Msg::Shown);
    desk.presses([KeyCode::Enter, KeyCode::Char('y')]);
    desk.after(Duration::from_millis(300));
    assert!(decided(&mut desk).is_empty());
}

#[test]
fn a_small_window_says_how_large_it_has_to_be() {
    for (width, height) in [(50, 16), (59, 18), (24, 8)] {
        let mut desk = asked(vec![command("c", "rm -rf ~/precious")], 80, 24);
        resize(&mut desk, width, height);
        assert_snapshot!(format!("unseen_{width}x{height}"), desk.picture());
    }
}
