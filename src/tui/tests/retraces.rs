//! Taking changes back, and making them again.

use std::time::Duration;

use crossterm::event::KeyCode;
use insta::assert_snapshot;

use super::Desk;
use crate::protocol::{
    Act, Command, Direction, EventKind, Footing, Later, Outcome, Problem, ProblemKind, RequestId, Retrace, Step, TurnCommand, TurnId,
};

fn step(path: &str, act: Act, footing: Footing) -> Step {
    Step { path: path.into(), act, footing }
}

pub(super) fn changed_since(path: &str) -> Step {
    step(path, Act::Restore, Footing::ChangedSince)
}

pub(super) fn retrace() -> Retrace {
    Retrace { direction: Direction::Undo, turn: TurnId(7), prompt: "Make it work on Windows too".into(), files: Vec::new() }
}

fn mixed() -> Vec<Step> {
    vec![
        step("src/main.rs", Act::Restore, Footing::AsLeft),
        step("src/new.rs", Act::Remove, Footing::ChangedSince),
        step("docs/gone.md", Act::Create, Footing::AsLeft),
        step("Cargo.lock", Act::Restore, Footing::Nothing),
        step("assets/film.mp4", Act::Restore, Footing::Unknown),
    ]
}

fn looked(files: Vec<Step>, width: u16, height: u16) -> Desk {
    let mut desk = Desk::connected(width, height);
    desk.ask("make it work");
    desk.event(EventKind::TurnEnded { turn: TurnId(1), outcome: Outcome::Done });
    desk.cmds();
    desk.text("/undo");
    desk.press(KeyCode::Enter);
    assert!(matches!(turn(&mut desk), Some(TurnCommand::LookBack(Direction::Undo))));
    desk.event(EventKind::Retrace(Some(Retrace { files, ..retrace() })));
    desk.after(Duration::from_millis(400));
    desk
}

fn turn(desk: &mut Desk) -> Option<TurnCommand> {
    desk.sent().into_iter().find_map(|command| if let Command::Turn(_, command) = command { Some(command) } else { None })
}

#[test]
fn the_list_says_what_happens_to_each_file() {
    for (width, height) in [(60, 18), (80, 24)] {
        let mut desk = looked(mixed(), width, height);
        assert_snapshot!(format!("retrace_{width}x{height}"), desk.picture());
        desk.press(KeyCode::Enter);
        let sent = turn(&mut desk);
        assert!(matches!(sent, Some(TurnCommand::Retrace { direction: Direction::Undo, turn: TurnId(7), later: Later::Keep })), "{sent:?}");
        assert!(!desk.shows("Take the changes"));
    }
}

#[test]
fn the_caret_leaves_the_composer_once_the_dialog_takes_keys() {
    for (width, height, caret) in [(60, 18, "caret 2,15"), (80, 24, "caret 2,21")] {
        let mut desk = Desk::connected(width, height);
        desk.event(EventKind::Retrace(Some(Retrace { files: mixed(), ..retrace() })));
        assert!(desk.shows(caret), "{}", desk.picture());
        assert_eq!(desk.app.wakes(), Some(desk.now() + Duration::from_millis(400)));
        desk.after(Duration::from_millis(400));
        assert!(desk.shows("no caret"));
        assert_eq!(desk.app.wakes(), None);
    }
}

#[test]
fn what_was_changed_since_is_overwritten_only_after_another_key() {
    let mut desk = looked(mixed(), 80, 24);
    desk.text("oo");
    desk.press(KeyCode::Enter);
    assert!(turn(&mut desk).is_none());
    desk.event(EventKind::Failed { request: RequestId(9), problem: Problem::new(ProblemKind::Internal, "A note from before") });
    assert!(desk.shows("A note from before"));
    desk.text("o");
    assert!(desk.shows("What was changed since is lost for good") && !desk.shows("A note from before"));
    desk.press(KeyCode::Esc);
    desk.text("y");
    assert!(turn(&mut desk).is_none() && desk.shows("Take the changes"));
    desk.text("oy");
    assert!(matches!(turn(&mut desk), Some(TurnCommand::Retrace { later: Later::Overwrite, .. })));
}

#[test]
fn where_all_files_were_changed_since_enter_does_nothing() {
    let mut desk = looked(vec![step("a.rs", Act::Restore, Footing::ChangedSince)], 80, 24);
    desk.press(KeyCode::Enter);
    assert!(turn(&mut desk).is_none() && desk.shows("overwrite\u{a0}that\u{a0}too"));
    desk.press(KeyCode::Esc);
    assert!(turn(&mut desk).is_none() && !desk.shows("Take the changes"));
}

#[test]
fn making_again_changes_what_taking_back_restores() {
    let mut desk = looked(mixed(), 80, 24);
    assert!(desk.shows("restore   src/main.rs"), "{}", desk.picture());
    desk.press(KeyCode::Esc);
    desk.event(EventKind::Retrace(Some(Retrace { direction: Direction::Redo, files: mixed(), ..retrace() })));
    assert!(desk.shows("change    src/main.rs") && !desk.shows("restore"), "{}", desk.picture());
}

#[test]
fn a_long_list_scrolls() {
    let files = (0..60).map(|number| step(&format!("src/file-{number}.rs"), Act::Restore, Footing::AsLeft)).collect();
    let mut desk = looked(files, 60, 18);
    assert!(desk.shows("file-0.rs") && desk.shows("of 60 files · up/down"), "{}", desk.picture());
    (0..9).for_each(|_| desk.press(KeyCode::PageDown));
    assert!(desk.shows("file-59.rs"), "{}", desk.picture());
}

#[test]
fn without_changes_a_note_says_so() {
    let mut desk = Desk::connected(80, 24);
    desk.ctrl('x');
    desk.text("r");
    assert!(matches!(turn(&mut desk), Some(TurnCommand::LookBack(Direction::Redo))));
    desk.event(EventKind::Retrace(None));
    assert!(desk.shows("There is nothing to make again"));
    desk.ctrl('x');
    desk.text("u");
    desk.event(EventKind::Retrace(None));
    assert!(desk.shows("There is nothing to take back"));
}

#[test]
fn not_while_a_turn_runs() {
    let mut desk = Desk::connected(80, 24);
    desk.ask("go");
    desk.cmds();
    desk.ctrl('x');
    desk.text("u");
    assert!(turn(&mut desk).is_none() && desk.shows("Not while it works"));
}
