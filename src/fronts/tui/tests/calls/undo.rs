//! The undo dialog: undoing and redoing changes.

use std::time::Duration;

use crossterm::event::KeyCode;
use insta::assert_snapshot;

use crate::fronts::tui::messages::Asked;
use crate::fronts::tui::tests::Desk;
use crate::protocol::{
    ChosenStep, Command, Direction, EventKind, Problem, ProblemKind, Reply, ReviewedState,
    TurnCommand, TurnId, TurnOutcome, UndoAction, UndoPreview, UndoStep, UndoTurn,
};

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
            ReviewedState::Cannot("no copy of what it held was kept"),
        ),
    ]
}

fn looked(steps: Vec<UndoStep>, width: u16, height: u16) -> Desk {
    let mut desk = Desk::connected(width, height);
    desk.ask("make it work");
    desk.event(EventKind::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Done });
    desk.cmds();
    desk.text("/undo");
    desk.press(KeyCode::Enter);
    assert!(matches!(
        turn(&mut desk),
        Some(TurnCommand::PreviewUndo { direction: Direction::Undo, turn: None })
    ));
    desk.reply(Reply::UndoPreview(Some(UndoPreview { steps, ..preview() })));
    desk.after(Duration::from_millis(400));
    desk
}

fn turn(desk: &mut Desk) -> Option<TurnCommand> {
    desk.sent().into_iter().find_map(|command| {
        if let Command::Turn(_, command) = command { Some(command) } else { None }
    })
}

/// The files of the undo that was sent.
fn chosen(desk: &mut Desk) -> Vec<String> {
    let Some(TurnCommand::Undo { steps, .. }) = turn(desk) else { return Vec::new() };
    steps
        .into_iter()
        .map(|ChosenStep { path, .. }| path.strip_prefix("/project").unwrap().display().to_string())
        .collect()
}

#[test]
fn the_list_says_what_happens_to_each_file_and_enter_leaves_what_may_be_a_persons() {
    for (width, height) in [(60, 18), (80, 24), (120, 40)] {
        let mut desk = looked(mixed(), width, height);
        assert_snapshot!(format!("undo_{width}x{height}"), desk.picture());
        desk.press(KeyCode::Enter);
        assert_eq!(chosen(&mut desk), ["docs/gone.md", "src/lib.rs", "src/main.rs"]);
        assert!(!desk.shows("Take the changes"));
    }
}

#[test]
fn the_caret_leaves_the_composer_once_the_dialog_takes_keys() {
    for (width, height, caret) in [(60, 18, "caret 2,15"), (80, 24, "caret 2,21")] {
        let mut desk = Desk::connected(width, height);
        desk.reply(Reply::UndoPreview(Some(UndoPreview { steps: mixed(), ..preview() })));
        assert!(desk.shows(caret), "{}", desk.picture());
        assert_eq!(desk.app.wakes(), Some(desk.now() + Duration::from_millis(400)));
        desk.after(Duration::from_millis(400));
        assert!(desk.shows("no caret"));
        assert_eq!(desk.app.wakes(), None);
    }
}

#[test]
fn what_may_be_a_persons_is_written_over_only_after_another_key() {
    let mut desk = looked(mixed(), 80, 24);
    desk.press(KeyCode::Down);
    desk.text("  ");
    desk.refuse(Problem::new(ProblemKind::Internal, "A note from before"));
    assert!(desk.shows("A note from before"));
    desk.press(KeyCode::Down);
    desk.text(" ");
    assert!(desk.shows("[x] remove   src/new.rs"), "{}", desk.picture());
    desk.press(KeyCode::Enter);
    assert!(turn(&mut desk).is_none());
    assert!(
        desk.shows("may hold changes of your own")
            && desk.shows("/redo")
            && !desk.shows("A note from before"),
        "{}",
        desk.picture()
    );
    desk.press(KeyCode::Esc);
    desk.text("y");
    assert!(turn(&mut desk).is_none() && desk.shows("Take the changes"));
    desk.press(KeyCode::Enter);
    desk.text("y");
    assert!(chosen(&mut desk).contains(&"src/new.rs".to_owned()));
}

#[test]
fn all_and_none_are_one_key() {
    let mut desk = looked(mixed(), 80, 24);
    desk.text("a");
    assert!(desk.shows("do\u{a0}it\u{a0}for\u{a0}5\u{a0}files"), "{}", desk.picture());
    desk.text("a");
    desk.press(KeyCode::Enter);
    assert!(turn(&mut desk).is_none() && desk.shows("Take the changes"), "nothing is chosen");
}

#[test]
fn a_dead_end_leads_on_to_the_turn_before_and_to_any_other() {
    let dead = vec![step(
        "film.mp4",
        UndoAction::Restore,
        ReviewedState::Cannot("no copy of what it held was kept"),
    )];
    let mut desk = looked(dead.clone(), 80, 24);
    desk.press(KeyCode::Enter);
    assert!(
        turn(&mut desk).is_none() && desk.shows("skip\u{a0}to\u{a0}the\u{a0}turn\u{a0}before"),
        "{}",
        desk.picture()
    );
    desk.text("s");
    assert!(matches!(turn(&mut desk), Some(TurnCommand::SkipUndo(TurnId(7)))));
    let mut desk = looked(dead, 80, 24);
    desk.text("t");
    assert_snapshot!("undo_turns", desk.picture());
    desk.press(KeyCode::Up);
    desk.press(KeyCode::Enter);
    assert!(matches!(
        turn(&mut desk),
        Some(TurnCommand::PreviewUndo { direction: Direction::Undo, turn: Some(TurnId(5)) })
    ));
    let mut desk = looked(mixed(), 80, 24);
    desk.text("t");
    (0..4).for_each(|_| desk.press(KeyCode::Up));
    desk.press(KeyCode::Enter);
    assert!(matches!(
        turn(&mut desk),
        Some(TurnCommand::PreviewUndo { direction: Direction::Redo, turn: Some(TurnId(2)) })
    ));
}

#[test]
fn making_again_changes_what_taking_back_restores() {
    let mut desk = looked(mixed(), 80, 24);
    assert!(desk.shows("restore  src/main.rs"), "{}", desk.picture());
    desk.press(KeyCode::Esc);
    desk.reply(Reply::UndoPreview(Some(UndoPreview {
        direction: Direction::Redo,
        steps: mixed(),
        ..preview()
    })));
    assert!(desk.shows("change   src/main.rs") && !desk.shows("restore"), "{}", desk.picture());
}

#[test]
fn a_long_list_scrolls_with_the_cursor() {
    let files = (0..60)
        .map(|number| {
            step(&format!("src/file-{number:02}.rs"), UndoAction::Restore, ReviewedState::AsLeft)
        })
        .collect();
    let mut desk = looked(files, 60, 18);
    assert!(desk.shows("file-00.rs") && desk.shows("of 60 files · up/down"), "{}", desk.picture());
    (0..9).for_each(|_| desk.press(KeyCode::PageDown));
    assert!(desk.shows("› [x] restore  src/file-59.rs"), "{}", desk.picture());
}

#[test]
fn without_changes_a_note_says_so() {
    let mut desk = Desk::connected(80, 24);
    desk.ctrl('x');
    desk.text("r");
    assert!(matches!(
        turn(&mut desk),
        Some(TurnCommand::PreviewUndo { direction: Direction::Redo, turn: None })
    ));
    let asked = |id: &str| Asked::UndoPreview(id.into(), Direction::Redo);
    desk.answered(asked("ses_before"), Ok(Reply::UndoPreview(None)));
    assert!(!desk.shows("nothing to redo"), "of a conversation that is closed");
    desk.answered(asked("ses_test"), Ok(Reply::UndoPreview(None)));
    assert!(desk.shows("There is nothing to redo"));
    desk.ctrl('x');
    desk.text("u");
    desk.reply(Reply::UndoPreview(None));
    assert!(desk.shows("There is nothing to undo"));
}

#[test]
fn not_while_a_turn_runs() {
    let mut desk = Desk::connected(80, 24);
    desk.ask("go");
    desk.cmds();
    desk.ctrl('x');
    desk.text("u");
    assert!(turn(&mut desk).is_none() && desk.shows("Not while a turn is running"));
}
