//! The timeline: esc twice, going back in words, files or both, and going on from a point.

use std::sync::Arc;
use std::time::Duration;

use crossterm::event::KeyCode;
use insta::assert_snapshot;

use super::undo::changed_since;
use crate::base::Timestamp;
use crate::protocol::{
    Command, Direction, EventKind, ForkPoint, GoBackPart, LeftPrompt, Notice, Picture, Problem,
    ProblemKind, Reply, ReviewedState, SaveState, SessionCommand, TimelineTurn, Transcript,
    TurnCommand, TurnId, TurnOutcome, UndoAction, UndoPreview, UndoStep, WentBack,
};
use crate::tui::messages::Asked;
use crate::tui::tests::Fixture;
use crate::tui::tests::fixture::NOON;

fn turns() -> Vec<TimelineTurn> {
    let turn = |turn, minutes: i64, prompt: &str, files| TimelineTurn {
        turn: TurnId(turn),
        began: Some(Timestamp(NOON.0 - minutes * 60_000)),
        prompt: prompt.into(),
        files,
    };
    vec![
        turn(1, 3_000, "What is this?", 0),
        turn(2, 90, "Add a parser for the settings file, with tests for each value", 4),
        TimelineTurn { began: None, ..turn(4, 0, "Now the writer", 1) },
        turn(5, 2, "Say it shorter", 0),
    ]
}

/// A conversation at rest.
fn rested(width: u16, height: u16) -> Fixture {
    let mut fixture = Fixture::connected(width, height);
    fixture.ask("say it shorter");
    fixture.event(EventKind::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Done });
    fixture.change(|view| view.saved = SaveState::OnDisk);
    fixture.after(Duration::from_secs(1));
    fixture.cmds();
    fixture
}

/// The timeline, which takes keys.
fn timeline(width: u16, height: u16) -> Fixture {
    let mut fixture = rested(width, height);
    fixture.presses([KeyCode::Esc, KeyCode::Esc]);
    assert!(matches!(fixture.turns().into_iter().next(), Some(TurnCommand::Timeline)));
    let id = fixture.app.talk.id().clone();
    fixture.answered(Asked::Timeline(id), Ok(Reply::Timeline(turns())));
    fixture.after(Duration::from_millis(400));
    fixture
}

fn step(path: &str, state: ReviewedState) -> UndoStep {
    let action = UndoAction::Restore;
    UndoStep { path: format!("/p/{path}").into(), shown: path.into(), action, state, seen: None }
}

/// The list of files, for both or for files alone.
fn files(way: usize, steps: Vec<UndoStep>, width: u16, height: u16) -> Fixture {
    let mut fixture = timeline(width, height);
    fixture.presses([KeyCode::Down, KeyCode::Enter]);
    fixture.presses(std::iter::repeat_n(KeyCode::Down, way));
    fixture.press(KeyCode::Enter);
    let Some(TurnCommand::PreviewGoBack(turn)) = fixture.turns().into_iter().next() else {
        panic!()
    };
    let preview = UndoPreview {
        direction: Direction::Undo,
        turn,
        prompt: "Now the writer".into(),
        steps,
        turns: Vec::new(),
    };
    let id = fixture.app.talk.id().clone();
    fixture.answered(Asked::GoBackPreview(id), Ok(Reply::UndoPreview(Some(preview))));
    fixture.after(Duration::from_millis(400));
    fixture
}

fn left(fixture: &mut Fixture) -> Option<(TurnId, GoBackPart)> {
    match fixture.turns().into_iter().next()? {
        TurnCommand::GoBack { before, part } => Some((before, part)),
        _ => None,
    }
}

#[test]
fn prompts_stand_newest_first_with_their_time_and_files_and_are_found_by_words() {
    for (width, height) in [(60, 18), (80, 24)] {
        let mut fixture = timeline(width, height);
        assert_snapshot!(format!("timeline_{width}x{height}"), fixture.picture());
        fixture.text("parser");
        assert!(!fixture.shows("Now the writer"));
        fixture.press(KeyCode::Enter);
        assert_snapshot!(format!("going_back_{width}x{height}"), fixture.picture());
        fixture.press(KeyCode::Esc);
        assert!(fixture.shows("before a prompt"));
    }
}

#[test]
fn esc_twice_counts_at_rest_alone() {
    let mut fixture = rested(80, 24);
    fixture.press(KeyCode::Esc);
    assert!(fixture.shows("esc again to"));
    fixture.after(Duration::from_millis(600));
    assert!(!fixture.shows("esc again"));
    fixture.press(KeyCode::Esc);
    assert!(fixture.turns().into_iter().next().is_none(), "the second came too late");
    fixture.press(KeyCode::Esc);
    assert!(matches!(fixture.turns().into_iter().next(), Some(TurnCommand::Timeline)));
    // A dialog was closed just now.
    fixture.press(KeyCode::F(1));
    fixture.presses([KeyCode::Esc, KeyCode::Esc, KeyCode::Esc]);
    assert!(fixture.turns().into_iter().next().is_none());
    fixture.after(Duration::from_secs(1));
    fixture.text("x");
    fixture.presses([KeyCode::Esc, KeyCode::Esc]);
    assert!(fixture.turns().into_iter().next().is_none(), "something is typed");
    fixture.press(KeyCode::Backspace);
    fixture.press(KeyCode::Esc);
    fixture.text("y");
    fixture.press(KeyCode::Backspace);
    fixture.press(KeyCode::Esc);
    assert!(fixture.turns().into_iter().next().is_none(), "another key came between");
    // While a turn runs and just after it, esc is for the turn.
    let mut fixture = Fixture::connected(80, 24);
    fixture.presses([KeyCode::Esc, KeyCode::Esc]);
    assert!(fixture.turns().into_iter().next().is_none(), "nothing was said yet");
    fixture.ask("go");
    fixture.cmds();
    fixture.event(EventKind::TurnEnded { turn: TurnId(1), outcome: TurnOutcome::Done });
    fixture.presses([KeyCode::Esc, KeyCode::Esc]);
    assert!(fixture.turns().into_iter().next().is_none());
    fixture.after(Duration::from_secs(1));
    fixture.presses([KeyCode::Esc, KeyCode::Esc]);
    assert!(matches!(fixture.turns().into_iter().next(), Some(TurnCommand::Timeline)));
}

#[test]
fn a_prompt_that_is_left_comes_back_into_the_composer() {
    let mut fixture = timeline(80, 24);
    // The newest changed no files.
    fixture.presses([KeyCode::Enter, KeyCode::Enter]);
    assert_eq!(left(&mut fixture), Some((TurnId(5), GoBackPart::Words)));
    let notice = Notice { message: "The conversation went back to here".into(), next: None };
    let mut transcript = Transcript::default();
    transcript.apply(&EventKind::Notice(notice));
    let (before, title, usage) = (TurnId(5), "What is this?".into(), None);
    fixture.event(EventKind::WentBack(Arc::new(WentBack { before, transcript, title, usage })));
    let text = "Say it shorter,\nplease".to_owned();
    let picture = Picture { mime: "image/png", data: "AAAA".into() };
    let id = fixture.app.talk.id().clone();
    let reply = Reply::WentBack(LeftPrompt { text: text.clone(), images: vec![picture] });
    fixture.answered(Asked::GoBack(id), Ok(reply));
    assert_eq!(fixture.app.prompt.composer.text(), text);
    assert!(fixture.shows("attach it again"));
    assert!(fixture.shows("back to here") && !fixture.shows("say it shorter"));
    // A picture that has a label in the text is a chip again, and is sent with it.
    fixture.ctrl('c');
    let text = "What is on [picture a.png 640×480]?".to_owned();
    let picture = Picture { mime: "image/png", data: "AAAA".into() };
    let reply = Reply::WentBack(LeftPrompt { text, images: vec![picture.clone()] });
    fixture.answered(Asked::GoBack(fixture.app.talk.id().clone()), Ok(reply));
    assert_eq!(fixture.app.prompt.composer.pictures().collect::<Vec<_>>(), [Some(&picture)]);
    fixture.ctrl('c');
    let text = "Say it shorter,\nplease".to_owned();
    let reply = Reply::WentBack(LeftPrompt { text: text.clone(), images: Vec::new() });
    fixture.answered(Asked::GoBack(fixture.app.talk.id().clone()), Ok(reply));
    let other = LeftPrompt { text: "late".into(), images: Vec::new() };
    fixture.answered(Asked::GoBack("ses_gone".into()), Ok(Reply::WentBack(other)));
    assert_eq!(fixture.app.prompt.composer.text(), text, "that conversation is closed");
}

#[test]
fn files_are_listed_first_and_those_that_stay_are_asked_about() {
    let cannot = || ReviewedState::Cannot("no copy of what it held was kept".into());
    for (width, height) in [(60, 18), (80, 24)] {
        let steps = vec![step("a.rs", ReviewedState::AsLeft), step("film.mp4", cannot())];
        let mut fixture = files(0, steps, width, height);
        assert_snapshot!(format!("going_back_with_files_{width}x{height}"), fixture.picture());
        fixture.press(KeyCode::Enter);
        assert!(fixture.shows("1 file stays"));
        assert_eq!(left(&mut fixture), None);
        fixture.press(KeyCode::Char('y'));
        let Some((TurnId(4), GoBackPart::Both(chosen))) = left(&mut fixture) else { panic!() };
        assert_eq!(chosen.len(), 1);
    }
    let mut fixture = files(0, vec![step("a.rs", cannot())], 80, 24);
    fixture.presses([KeyCode::Enter, KeyCode::Char('y')]);
    assert_eq!(left(&mut fixture), Some((TurnId(4), GoBackPart::Both(Vec::new()))));
    // An edit by hand is not written over without a word, and files alone leave the conversation.
    let steps = vec![step("a.rs", ReviewedState::AsLeft), changed_since("b.rs")];
    let mut fixture = files(2, steps, 80, 24);
    fixture.press(KeyCode::Enter);
    let Some((TurnId(4), GoBackPart::Files(chosen))) = left(&mut fixture) else { panic!() };
    assert_eq!(chosen.len(), 1);
}

#[test]
fn a_conversation_goes_on_from_a_point_in_another_one() {
    let mut fixture = timeline(80, 24);
    fixture.presses([KeyCode::Enter, KeyCode::Down, KeyCode::Enter]);
    let fork = fixture.sent().pop().unwrap();
    let Command::Session(SessionCommand::Fork { at, .. }) = fork else { panic!("{fork:?}") };
    assert_eq!(at, ForkPoint::Before(TurnId(5)));
    fixture.enter("/fork");
    let fork = fixture.sent().pop().unwrap();
    let Command::Session(SessionCommand::Fork { at, .. }) = fork else { panic!("{fork:?}") };
    assert_eq!(at, ForkPoint::End);
}

#[test]
fn a_conversation_is_named_at_the_prompt() {
    let mut fixture = rested(80, 24);
    fixture.enter("/rename");
    assert_eq!(fixture.app.prompt.composer.text(), "/rename say it shorter");
    fixture.enter("!");
    let rename = fixture.sent().pop().unwrap();
    let Command::Session(SessionCommand::Rename { title, .. }) = rename else { panic!() };
    assert_eq!(title, "say it shorter!");
    fixture.answered(Asked::Rename, Ok(Reply::Sessions([].into())));
    assert!(fixture.shows("Renamed"));
}

#[test]
fn an_undo_can_take_the_conversation_along() {
    let mut fixture = rested(80, 24);
    let steps = vec![step("a.rs", ReviewedState::AsLeft)];
    let preview = UndoPreview {
        direction: Direction::Undo,
        turn: TurnId(4),
        prompt: "Now the writer".into(),
        steps,
        turns: Vec::new(),
    };
    fixture.reply(Reply::UndoPreview(Some(preview.clone())));
    fixture.after(Duration::from_millis(400));
    fixture.press(KeyCode::Char('w'));
    assert!(matches!(
        fixture.turns().into_iter().next(),
        Some(TurnCommand::PreviewGoBack(TurnId(4)))
    ));
    let id = fixture.app.talk.id().clone();
    fixture.answered(Asked::GoBackPreview(id.clone()), Ok(Reply::UndoPreview(Some(preview))));
    fixture.after(Duration::from_millis(400));
    fixture.press(KeyCode::Enter);
    assert!(matches!(left(&mut fixture), Some((TurnId(4), GoBackPart::Both(_)))));
    let problem = Problem::new(ProblemKind::NotNow, "Some files stayed as they are");
    fixture.answered(Asked::GoBack(id), Err(problem));
    assert!(fixture.shows("Some files stayed"));
}

/// Types `/undo` with this behind it; returns the screen and the turn whose files were asked for.
fn undo(number: &str) -> (Fixture, Option<TurnId>) {
    let mut fixture = rested(80, 24);
    fixture.enter(&format!("/undo {number}"));
    let asked_first = fixture.turns().into_iter().next();
    if !matches!(asked_first, Some(TurnCommand::Timeline)) {
        return (fixture, None);
    }
    let id = fixture.app.talk.id().clone();
    fixture.answered(Asked::Timeline(id), Ok(Reply::Timeline(turns())));
    let turn = match fixture.turns().into_iter().next() {
        Some(TurnCommand::PreviewGoBack(turn)) => Some(turn),
        _ => None,
    };
    (fixture, turn)
}

#[test]
fn the_files_of_several_turns_are_taken_back_with_the_words_left_alone() {
    let (mut fixture, turn) = undo("2");
    assert_eq!(turn, Some(TurnId(2)));
    let id = fixture.app.talk.id().clone();
    let steps = vec![step("parser.rs", ReviewedState::AsLeft)];
    let preview = UndoPreview {
        direction: Direction::Undo,
        turn: TurnId(2),
        prompt: "Add a parser".into(),
        steps,
        turns: Vec::new(),
    };
    fixture.answered(Asked::GoBackPreview(id), Ok(Reply::UndoPreview(Some(preview))));
    fixture.after(Duration::from_millis(400));
    fixture.press(KeyCode::Enter);
    let went = fixture.turns().into_iter().next();
    let Some(TurnCommand::GoBack { before, part }) = went else { panic!("{went:?}") };
    assert_eq!(before, TurnId(2));
    assert!(matches!(part, GoBackPart::Files(_)), "{part:?}");
}

#[test]
fn an_undo_of_more_turns_than_changed_files_says_how_many_there_are() {
    let (mut fixture, turn) = undo("3");
    assert!(turn.is_none() && fixture.shows("/undo 2") && fixture.app.dialogs.is_empty());
    for number in ["0", "-1", "all", "99999999999999999999999"] {
        let (mut fixture, turn) = undo(number);
        assert!(turn.is_none() && fixture.shows(&format!("│ /undo {number}")), "{number}");
    }
}
