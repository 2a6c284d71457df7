//! The undo dialog: undoing and redoing changes.

use crate::tui::tests::sentences;
use std::time::Duration;

use crossterm::event::KeyCode;
use insta::assert_snapshot;

use crate::protocol::{
    ChosenStep, Direction, EventKind, Problem, ProblemKind, Reply, ReviewedState, TurnCommand,
    TurnId, TurnOutcome, UndoAction, UndoPreview, UndoStep, UndoTurn,
};
use crate::tui::messages::Asked;
use crate::tui::tests::Fixture;

fn step(path: &str, action: UndoAction, state: ReviewedState) -> UndoStep {
    UndoStep {
        path: format!("/project/{path}").into(),
        shown: path.into(),
        action,
        state,
        seen: None,
    }
}

pub fn changed_since(path: &str) -> UndoStep {
    step(path, UndoAction::Restore, ReviewedState::ChangedSince)
}

pub fn preview() -> UndoPreview {
    let turn = |turn, prompt: &str, standing, undone| UndoTurn {
        turn: TurnId(turn),
        prompt: prompt.into(),
        standing,
        undone,
    };
    UndoPreview {
        direction: Direction::Undo,
        turn: TurnId(7),
        prompt: "Make it work on Windows too".into(),
        steps: Vec::new(),
        turns: vec![
            turn(2, "Tidy up", 0, 4),
            turn(5, "Add a test", 1, 0),
            turn(7, "Make it work on Windows too", 3, 1),
        ],
    }
}

fn mixed() -> Vec<UndoStep> {
    vec![
        step("src/main.rs", UndoAction::Restore, ReviewedState::AsLeft),
        step("src/new.rs", UndoAction::Remove, ReviewedState::ChangedSince),
        step("docs/gone.md", UndoAction::Create, ReviewedState::AsLeft),
        step("src/lib.rs", UndoAction::MoveFrom("lib/lib.rs".into()), ReviewedState::AsLeft),
        step("notes.txt", UndoAction::Restore, ReviewedState::PerhapsYours),
        step("Cargo.lock", UndoAction::Restore, ReviewedState::Already),
        step(
            "assets/film.mp4",
            UndoAction::Restore,
            ReviewedState::Cannot("no copy of what it held was kept".into()),
        ),
    ]
}

fn looked(steps: Vec<UndoStep>, width: u16, height: u16) -> Fixture {
    let mut fixture = Fixture::connected(width, height);
    fixture.ask("make it work");
    fixture.event(EventKind::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Done });
    fixture.cmds();
    fixture.enter("/undo");
    assert!(matches!(
        fixture.turns().into_iter().next(),
        Some(TurnCommand::PreviewUndo { direction: Direction::Undo, turn: None })
    ));
    fixture.reply(Reply::UndoPreview(Some(UndoPreview { steps, ..preview() })));
    fixture.after(Duration::from_millis(400));
    fixture
}

/// The files of the undo that was sent.
fn chosen(fixture: &mut Fixture) -> Vec<String> {
    let Some(TurnCommand::Undo { steps, .. }) = fixture.turns().into_iter().next() else {
        return Vec::new();
    };
    steps
        .into_iter()
        .map(|ChosenStep { path, .. }| path.strip_prefix("/project").unwrap().display().to_string())
        .collect()
}

#[test]
fn the_list_says_what_happens_to_each_file_and_enter_leaves_what_may_be_a_persons() {
    for (width, height) in [(60, 18), (80, 24), (120, 40)] {
        let mut fixture = looked(mixed(), width, height);
        assert_snapshot!(format!("undo_{width}x{height}"), fixture.picture());
        fixture.press(KeyCode::Enter);
        assert_eq!(chosen(&mut fixture), ["docs/gone.md", "src/lib.rs", "src/main.rs"]);
        assert!(!fixture.shows("Take the changes"));
    }
}

#[test]
fn the_caret_leaves_the_composer_once_the_dialog_takes_keys() {
    for (width, height, caret) in [(60, 18, "caret 2,15"), (80, 24, "caret 2,21")] {
        let mut fixture = Fixture::connected(width, height);
        fixture.reply(Reply::UndoPreview(Some(UndoPreview { steps: mixed(), ..preview() })));
        fixture.assert_shows([caret]);
        assert_eq!(fixture.app.wakes(), Some(fixture.now() + Duration::from_millis(400)));
        fixture.after(Duration::from_millis(400));
        assert!(fixture.shows("no caret"));
        assert_eq!(fixture.app.wakes(), None);
    }
}

#[test]
fn what_may_be_a_persons_is_written_over_only_after_another_key() {
    let mut fixture = looked(mixed(), 80, 24);
    fixture.press(KeyCode::Down);
    fixture.text("  ");
    fixture.refuse(Problem::new(ProblemKind::Internal, "A note from before"));
    assert!(fixture.shows("A note from before"));
    fixture.press(KeyCode::Down);
    fixture.text(" ");
    fixture.assert_shows(["[x] remove   src/new.rs"]);
    fixture.press(KeyCode::Enter);
    assert!(fixture.turns().into_iter().next().is_none());
    fixture.assert_shows([sentences::MAY_BE_YOURS, "/redo"]);
    fixture.assert_hides(["A note from before"]);
    fixture.press(KeyCode::Esc);
    fixture.text("y");
    assert!(fixture.turns().into_iter().next().is_none() && fixture.shows("Take the changes"));
    fixture.press(KeyCode::Enter);
    fixture.text("y");
    assert!(chosen(&mut fixture).contains(&"src/new.rs".to_owned()));
}

#[test]
fn all_and_none_are_one_key() {
    let mut fixture = looked(mixed(), 80, 24);
    fixture.text("a");
    fixture.assert_shows(["do\u{a0}it\u{a0}for\u{a0}5\u{a0}files"]);
    fixture.enter("a");
    assert!(
        fixture.turns().into_iter().next().is_none() && fixture.shows("Take the changes"),
        "nothing is chosen"
    );
}

#[test]
fn a_dead_end_leads_on_to_the_turn_before_and_to_any_other() {
    let dead = vec![step(
        "film.mp4",
        UndoAction::Restore,
        ReviewedState::Cannot("no copy of what it held was kept".into()),
    )];
    let mut fixture = looked(dead.clone(), 80, 24);
    fixture.press(KeyCode::Enter);
    assert!(
        fixture.turns().into_iter().next().is_none()
            && fixture.shows(sentences::SKIP_TO_TURN_BEFORE),
        "{}",
        fixture.picture()
    );
    fixture.text("s");
    assert!(matches!(fixture.turns().into_iter().next(), Some(TurnCommand::SkipUndo(TurnId(7)))));
    let mut fixture = looked(dead, 80, 24);
    fixture.text("t");
    assert_snapshot!("undo_turns", fixture.picture());
    fixture.press(KeyCode::Up);
    fixture.press(KeyCode::Enter);
    assert!(matches!(
        fixture.turns().into_iter().next(),
        Some(TurnCommand::PreviewUndo { direction: Direction::Undo, turn: Some(TurnId(5)) })
    ));
    let mut fixture = looked(mixed(), 80, 24);
    fixture.text("t");
    (0..4).for_each(|_| fixture.press(KeyCode::Up));
    fixture.press(KeyCode::Enter);
    assert!(matches!(
        fixture.turns().into_iter().next(),
        Some(TurnCommand::PreviewUndo { direction: Direction::Redo, turn: Some(TurnId(2)) })
    ));
}

#[test]
fn making_again_changes_what_taking_back_restores() {
    let mut fixture = looked(mixed(), 80, 24);
    fixture.assert_shows(["restore  src/main.rs"]);
    fixture.press(KeyCode::Esc);
    fixture.reply(Reply::UndoPreview(Some(UndoPreview {
        direction: Direction::Redo,
        steps: mixed(),
        ..preview()
    })));
    fixture.assert_shows(["change   src/main.rs"]);
    fixture.assert_hides(["restore"]);
}

#[test]
fn a_long_list_scrolls_with_the_cursor() {
    let files = (0..60)
        .map(|number| {
            step(&format!("src/file-{number:02}.rs"), UndoAction::Restore, ReviewedState::AsLeft)
        })
        .collect();
    let mut fixture = looked(files, 60, 18);
    fixture.assert_shows(["file-00.rs", "of 60 files · up/down"]);
    (0..9).for_each(|_| fixture.press(KeyCode::PageDown));
    fixture.assert_shows(["› [x] restore  src/file-59.rs"]);
}

#[test]
fn without_changes_a_note_says_so() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.ctrl('x');
    fixture.text("r");
    assert!(matches!(
        fixture.turns().into_iter().next(),
        Some(TurnCommand::PreviewUndo { direction: Direction::Redo, turn: None })
    ));
    let asked = |id: &str| Asked::UndoPreview(id.into(), Direction::Redo);
    fixture.answered(asked("ses_before"), Ok(Reply::UndoPreview(None)));
    assert!(!fixture.shows("nothing to redo"), "of a conversation that is closed");
    fixture.answered(asked("ses_test"), Ok(Reply::UndoPreview(None)));
    assert!(fixture.shows(sentences::NOTHING_TO_REDO));
    fixture.ctrl('x');
    fixture.text("u");
    fixture.reply(Reply::UndoPreview(None));
    assert!(fixture.shows(sentences::NOTHING_TO_UNDO));
}

#[test]
fn not_while_a_turn_runs() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.ask("go");
    fixture.cmds();
    fixture.ctrl('x');
    fixture.text("u");
    assert!(
        fixture.turns().into_iter().next().is_none() && fixture.shows(sentences::NOT_IN_A_TURN)
    );
}
