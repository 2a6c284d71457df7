//! Keys in the first moment of something: they are held or reported, never lost.

use std::time::Duration;

use crossterm::event::KeyCode;

use super::approvals::command;
use crate::fronts::tui::messages::Msg;
use crate::fronts::tui::tests::Desk;
use crate::fronts::tui::tests::desk::{models, plus, start};
use crate::protocol::{
    Direction, EventKind, Problem, ProblemKind, Reply, ReviewedState, SignInStep, TurnId,
    UndoAction, UndoPreview, UndoStep,
};

const SIZES: [(u16, u16); 3] = [(60, 18), (80, 24), (120, 40)];

/// A turn that asks for approval now.
fn asking(width: u16, height: u16) -> Desk {
    let mut desk = Desk::connected(width, height);
    desk.ask("go");
    desk.event(EventKind::Approval(command("c", "cargo test")));
    desk.cmds();
    desk
}

#[test]
fn a_key_for_an_approval_that_has_just_come_is_told_where_it_went() {
    for (width, height) in SIZES {
        let mut desk = asking(width, height);
        desk.text("y");
        assert!(desk.shows("Typed into your prompt, press it again"), "{}", desk.picture());
        assert!(desk.sent().is_empty());
        desk.after(Duration::from_millis(400));
        desk.text("y");
        desk.after(Duration::from_secs(1));
        assert_eq!(desk.sent().len(), 1, "it counts from then on");
    }
}

#[test]
fn enter_and_keys_for_the_next_of_a_series_are_told_too() {
    for (width, height) in SIZES {
        let mut desk = asking(width, height);
        desk.press(KeyCode::Enter);
        assert!(desk.shows("Too soon, press the key again"), "{}", desk.picture());
        desk.after(Duration::from_secs(4));
        assert!(!desk.shows("Too soon") && desk.shows("? Waiting for you"));
        desk.event(EventKind::Approval(command("d", "cargo build")));
        desk.text("n");
        desk.after(Duration::from_millis(200));
        assert_eq!(desk.sent().len(), 1);
        desk.text("n");
        assert!(desk.shows("Too soon, press the key again"), "{}", desk.picture());
        assert!(desk.sent().is_empty());
    }
}

#[test]
fn what_is_typed_on_while_something_comes_up_is_no_key_for_it_and_nothing_is_said() {
    let mut desk = Desk::connected(80, 24);
    desk.ask("go");
    desk.text("and the");
    desk.event(EventKind::Approval(command("c", "cargo test")));
    desk.text("n");
    assert!(desk.shows("and then") && !desk.shows("Typed into"), "{}", desk.picture());
}

#[test]
fn a_key_for_a_dialog_that_came_by_itself_is_told() {
    for (width, height) in SIZES {
        let mut desk = Desk::with(start(), width, height);
        desk.accounts(Vec::new());
        desk.text("/connect");
        desk.presses([KeyCode::Enter, KeyCode::Enter, KeyCode::Enter]);
        desk.sign_in(SignInStep::Completed(plus()));
        desk.event(models());
        desk.press(KeyCode::Enter);
        assert!(desk.shows("Too soon") && desk.shows("Choose a model"), "{}", desk.picture());
        desk.text("l");
        assert!(desk.shows("Typed into your prompt"), "{}", desk.picture());
    }
}

#[test]
fn a_key_for_a_dialog_that_came_back_into_sight_is_told() {
    let mut desk = Desk::connected(80, 24);
    let step = UndoStep {
        path: "/project/a".into(),
        shown: "a".into(),
        action: UndoAction::Restore,
        state: ReviewedState::AsLeft,
        seen: None,
    };
    let preview = UndoPreview {
        direction: Direction::Undo,
        turn: TurnId(1),
        prompt: "x".into(),
        steps: vec![step],
        turns: Vec::new(),
    };
    desk.reply(Reply::UndoPreview(Some(preview)));
    desk.after(Duration::from_secs(1));
    desk.msg(Msg::Resize { width: 40, height: 10 });
    desk.msg(Msg::Resize { width: 80, height: 24 });
    desk.press(KeyCode::Enter);
    assert!(desk.sent().is_empty() && desk.shows("Too soon"), "{}", desk.picture());
}

#[test]
fn an_enter_that_would_save_a_key_unchecked_before_that_was_read_is_told() {
    let mut desk = Desk::with(start(), 80, 24);
    desk.accounts(Vec::new());
    desk.text("/connect");
    desk.presses([KeyCode::Enter, KeyCode::Enter, KeyCode::Char('3'), KeyCode::Enter]);
    desk.text("sk-something");
    desk.press(KeyCode::Enter);
    desk.cmds();
    let problem = Problem::new(ProblemKind::Network, "api.openai.com cannot be reached");
    desk.sign_in(SignInStep::Unchecked(problem));
    desk.press(KeyCode::Enter);
    assert!(desk.sent().is_empty() && desk.shows("Too soon"), "{}", desk.picture());
    desk.after(Duration::from_millis(400));
    desk.press(KeyCode::Enter);
    assert_eq!(desk.sent().len(), 1);
}
