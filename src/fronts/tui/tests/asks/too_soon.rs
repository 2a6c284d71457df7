//! Keys in the first moment of something: they are held or reported, never lost.

use crate::tui::tests::sentences;
use std::time::Duration;

use crossterm::event::KeyCode;

use super::approvals::command;
use crate::protocol::{
    Direction, EventKind, Problem, ProblemKind, Reply, ReviewedState, SignInStep, TurnId,
    UndoAction, UndoPreview, UndoStep,
};
use crate::tui::messages::Msg;
use crate::tui::tests::Fixture;
use crate::tui::tests::fixture::{models, plus, start};

const SIZES: [(u16, u16); 3] = [(60, 18), (80, 24), (120, 40)];

/// A turn that asks for approval now.
fn asking(width: u16, height: u16) -> Fixture {
    let mut fixture = Fixture::connected(width, height);
    fixture.ask("go");
    fixture.event(EventKind::Approval(command("c", "cargo test")));
    fixture.cmds();
    fixture
}

#[test]
fn a_key_for_an_approval_that_has_just_come_is_told_where_it_went() {
    for (width, height) in SIZES {
        let mut fixture = asking(width, height);
        fixture.text("y");
        fixture.assert_shows([sentences::TYPED_AND_AGAIN]);
        assert!(fixture.sent().is_empty());
        fixture.after(Duration::from_millis(400));
        fixture.text("y");
        fixture.after(Duration::from_secs(1));
        assert_eq!(fixture.sent().len(), 1, "it counts from then on");
    }
}

#[test]
fn enter_and_keys_for_the_next_of_a_series_are_told_too() {
    for (width, height) in SIZES {
        let mut fixture = asking(width, height);
        fixture.press(KeyCode::Enter);
        fixture.assert_shows([sentences::TOO_SOON]);
        fixture.after(Duration::from_secs(4));
        assert!(!fixture.shows("Too soon") && fixture.shows("? Waiting for you"));
        fixture.event(EventKind::Approval(command("d", "cargo build")));
        fixture.text("n");
        fixture.after(Duration::from_millis(200));
        assert_eq!(fixture.sent().len(), 1);
        fixture.text("n");
        fixture.assert_shows([sentences::TOO_SOON]);
        assert!(fixture.sent().is_empty());
    }
}

#[test]
fn what_is_typed_on_while_something_comes_up_is_no_key_for_it_and_nothing_is_said() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.ask("go");
    fixture.text("and the");
    fixture.event(EventKind::Approval(command("c", "cargo test")));
    fixture.text("n");
    fixture.assert_shows(["and then"]);
    fixture.assert_hides(["Typed into"]);
}

#[test]
fn a_key_for_a_dialog_that_came_by_itself_is_told() {
    for (width, height) in SIZES {
        let mut fixture = Fixture::with(start(), width, height);
        fixture.accounts(Vec::new());
        fixture.text("/connect");
        fixture.presses([KeyCode::Enter, KeyCode::Enter, KeyCode::Enter]);
        fixture.sign_in(SignInStep::Completed(plus()));
        fixture.event(models());
        fixture.press(KeyCode::Enter);
        fixture.assert_shows(["Too soon", "Choose a model"]);
        fixture.text("l");
        fixture.assert_shows([sentences::TYPED]);
    }
}

#[test]
fn a_key_for_a_dialog_that_came_back_into_sight_is_told() {
    let mut fixture = Fixture::connected(80, 24);
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
    fixture.reply(Reply::UndoPreview(Some(preview)));
    fixture.after(Duration::from_secs(1));
    fixture.msg(Msg::Resize { width: 40, height: 10 });
    fixture.msg(Msg::Resize { width: 80, height: 24 });
    fixture.press(KeyCode::Enter);
    assert!(fixture.sent().is_empty() && fixture.shows("Too soon"), "{}", fixture.picture());
}

#[test]
fn an_enter_that_would_save_a_key_unchecked_before_that_was_read_is_told() {
    let mut fixture = Fixture::with(start(), 80, 24);
    fixture.accounts(Vec::new());
    fixture.text("/connect");
    fixture.presses([KeyCode::Enter, KeyCode::Enter, KeyCode::Char('3'), KeyCode::Enter]);
    fixture.enter("sk-something");
    fixture.cmds();
    let problem = Problem::new(ProblemKind::Network, "api.openai.com cannot be reached");
    fixture.sign_in(SignInStep::Unchecked(problem));
    fixture.press(KeyCode::Enter);
    assert!(fixture.sent().is_empty() && fixture.shows("Too soon"), "{}", fixture.picture());
    fixture.after(Duration::from_millis(400));
    fixture.press(KeyCode::Enter);
    assert_eq!(fixture.sent().len(), 1);
}
