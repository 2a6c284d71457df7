//! Earlier conversations: the list, and continuing one.

use crate::tui::tests::sentences;
use std::sync::Arc;
use std::time::Duration;

use crossterm::event::KeyCode;
use insta::assert_snapshot;

use super::Fixture;
use super::fixture::{NOON, start};
use crate::base::Timestamp;
use crate::protocol::{
    Branch, CallOutput, Command, EventKind, FollowedPart, ForkPoint, Item, ItemKind, KeepFrom,
    ListDepth, OpenElsewhere, Problem, ProblemKind, Record, Reply, SaveState, SessionCommand,
    SessionHolder, SessionSelector, SessionSummary, SessionView, ToolCall, TurnId, WhenHeld,
};
use crate::tui::messages::{Asked, Cmd};
use crate::tui::{Beginning, ScreenEnd, StartInfo};

pub(super) fn summary(id: &str, folder: &str, title: &str, hours: u64) -> SessionSummary {
    let changed = Timestamp(NOON.0 - i64::try_from(hours * 3_600_000).unwrap());
    SessionSummary {
        id: id.into(),
        folder: folder.into(),
        title: title.into(),
        is_named: false,
        created: changed,
        changed,
        prompts: 3,
        branches: 0,
        failure: None,
        is_open_elsewhere: false,
        activity: None,
    }
}

fn three() -> EventKind {
    EventKind::Sessions(
        [
            summary("ses_test", "/home/me/project", "What is on the screen", 0),
            summary("ses_b", "/home/me/project", "Why does the build fail on macOS?", 5),
            summary("ses_c", "/home/me/plants", "When are pears ripe?", 100),
        ]
        .into(),
    )
}

fn sessions(width: u16, height: u16) -> Fixture {
    let mut fixture = Fixture::connected(width, height);
    fixture.cmds();
    fixture.ctrl('x');
    fixture.text("l");
    fixture.event(three());
    fixture
}

#[test]
fn a_conversation_that_went_back_says_so_and_each_of_its_ends_opens_as_a_copy() {
    for (width, height) in [(60, 18), (80, 24)] {
        let mut fixture = sessions(width, height);
        fixture.cmds();
        let went_back = SessionSummary {
            branches: 2,
            ..summary("ses_test", "/home/me/project", "What is on the screen", 0)
        };
        fixture.event(EventKind::Sessions([went_back].into()));
        assert!(fixture.shows("2 branches"));
        fixture.ctrl('b');
        assert!(matches!(commands(&mut fixture)[..], [SessionCommand::Branches(_)]));
        let branch =
            |prompt: &str, prompts| Branch { left: Some(NOON), prompts, prompt: prompt.into() };
        let branches = vec![branch("Use a regex", 1), branch("Write it by hand", 3)];
        fixture.reply(Reply::Branches { id: "ses_test".into(), branches });
        assert_snapshot!(format!("branches_{width}x{height}"), fixture.picture());
        fixture.presses([KeyCode::Down, KeyCode::Enter]);
        let fork = commands(&mut fixture).pop();
        let Some(SessionCommand::Fork { at, .. }) = fork else { panic!("{fork:?}") };
        assert_eq!(at, ForkPoint::Branch(0));
    }
}

fn commands(fixture: &mut Fixture) -> Vec<SessionCommand> {
    fixture
        .sent()
        .into_iter()
        .filter_map(
            |command| if let Command::Session(command) = command { Some(command) } else { None },
        )
        .collect()
}

fn past() -> Vec<Record> {
    let item = |kind| Record::Item(Arc::new(Item { id: "i".into(), kind, wire: None }));
    vec![
        Record::TurnStarted(TurnId(1)),
        item(ItemKind::user("why?")),
        item(ItemKind::Call(ToolCall {
            id: "c1".into(),
            name: "read".into(),
            arguments: "{\"filePath\":\"a.rs\"}".into(),
        })),
        item(ItemKind::Output {
            call: "c1".into(),
            output: CallOutput::text("a.rs", "fn main() {}"),
        }),
        item(ItemKind::assistant("Because.")),
        Record::TurnEnded { turn: TurnId(1), outcome: crate::protocol::TurnOutcome::Done },
        Record::TurnStarted(TurnId(2)),
        item(ItemKind::user("and then?")),
        item(ItemKind::Call(ToolCall {
            id: "c2".into(),
            name: "grep".into(),
            arguments: "{\"pattern\":\"x\"}".into(),
        })),
    ]
}

#[test]
fn the_list_shows_this_folder_and_with_tab_all_with_the_last_words_below() {
    for (width, height) in [(80, 24), (120, 40), (60, 18)] {
        let mut fixture = sessions(width, height);
        assert!(matches!(
            commands(&mut fixture).as_slice(),
            [SessionCommand::List(ListDepth::Latest), SessionCommand::Preview(_)]
        ));
        fixture.press(KeyCode::Down);
        assert!(
            matches!(commands(&mut fixture).as_slice(), [SessionCommand::Preview(id)] if id.as_str() == "ses_b")
        );
        let (prompt, answer) =
            ("Try it with the other toolchain".into(), "The linker is not found. ".repeat(12));
        fixture.reply(Reply::Preview { id: "ses_b".into(), prompt, answer });
        assert_snapshot!(format!("sessions_{width}x{height}"), fixture.picture());
        assert!(!fixture.shows("pears"));
        fixture.press(KeyCode::Tab);
        assert!(fixture.shows("When are pears ripe?") && fixture.shows(sentences::ALL_SESSIONS));
    }
}

#[test]
fn enter_opens_the_one_under_the_cursor_and_the_one_on_screen_is_closed() {
    let mut fixture = sessions(80, 24);
    fixture.press(KeyCode::Down);
    fixture.cmds();
    fixture.press(KeyCode::Enter);
    let sent = commands(&mut fixture);
    assert!(
        matches!(sent.as_slice(), [SessionCommand::Resume { which: SessionSelector::Named(id), .. }] if id == "ses_b"),
        "{sent:?}"
    );
    fixture.reply(Reply::Opened("ses_b".into()));
    assert!(
        matches!(commands(&mut fixture).as_slice(), [SessionCommand::Close(id)] if id.as_str() == "ses_test")
    );
    fixture.opened("/home/me/project", None);
    fixture.replayed(&past(), SaveState::OnDisk);
    assert_snapshot!("resumed_80x24", fixture.picture());
    assert_eq!(fixture.app.farewell(ScreenEnd::Asked), [sentences::CONTINUE_WITH]);
    fixture.event(EventKind::SaveState(SaveState::NotYet));
    assert_eq!(
        fixture.app.farewell(ScreenEnd::Asked),
        Vec::<String>::new(),
        "a disk that took no more of it would bring back another conversation"
    );
    fixture.event(EventKind::SaveState(SaveState::OnDisk));
    assert_eq!(fixture.app.farewell(ScreenEnd::Asked).len(), 1);
    fixture.reply(Reply::Opened("ses_copy".into()));
    fixture.replayed(&past(), SaveState::NotYet);
    assert_eq!(
        fixture.app.farewell(ScreenEnd::Asked),
        Vec::<String>::new(),
        "a copy without a prompt of its own cannot be come back to"
    );
}

#[test]
fn delete_asks_once_and_any_other_key_takes_it_back() {
    let mut fixture = sessions(80, 24);
    fixture.press(KeyCode::Down);
    fixture.cmds();
    fixture.ctrl('d');
    assert!(fixture.shows(sentences::DELETE_HINT) && fixture.shows("esc back"));
    fixture.press(KeyCode::Up);
    fixture.press(KeyCode::Down);
    fixture.ctrl('d');
    assert!(
        !commands(&mut fixture).iter().any(|command| matches!(command, SessionCommand::Delete(_)))
    );
    fixture.press(KeyCode::Esc);
    assert!(fixture.shows(sentences::SESSIONS_HERE) && !fixture.shows("again deletes"));
    fixture.ctrl('d');
    fixture.ctrl('d');
    assert!(
        commands(&mut fixture)
            .iter()
            .any(|command| matches!(command, SessionCommand::Delete(id) if id.as_str() == "ses_b"))
    );
}

#[test]
fn a_note_from_before_does_not_cover_the_question() {
    let mut fixture = sessions(80, 24);
    let problem = Problem::new(ProblemKind::Internal, "The conversation is open")
        .with_next("Leave it first, here or in the other codling");
    fixture.refuse(problem);
    assert!(fixture.shows("Leave it first"));
    fixture.press(KeyCode::Down);
    assert!(fixture.shows("Leave it first"));
    fixture.ctrl('d');
    fixture.assert_shows([sentences::DELETE_AGAIN]);
    fixture.assert_hides(["Leave it first"]);
}

#[test]
fn a_title_is_typed_under_the_list_and_a_copy_has_a_name_of_its_own() {
    let mut fixture = sessions(80, 24);
    fixture.ctrl('r');
    fixture.text("!");
    fixture.assert_shows([sentences::SAVE_TITLE_HINT]);
    fixture.assert_hides(["esc close"]);
    fixture.press(KeyCode::Enter);
    assert!(fixture.shows("esc close"));
    let sent = commands(&mut fixture);
    assert!(
        sent.iter().any(|command| matches!(command, SessionCommand::Rename { title, .. } if title == "What is on the screen!")),
        "{sent:?}"
    );
    fixture.ctrl('f');
    let sent = commands(&mut fixture);
    let [SessionCommand::Fork { from, options, .. }] = sent.as_slice() else { panic!("{sent:?}") };
    assert_eq!((from.as_str(), options.keep_from), ("ses_test", KeepFrom::Start));
}

#[test]
fn a_prompt_waits_for_a_conversation_on_its_way_and_one_that_does_not_come_is_a_new_one() {
    let mut fixture = Fixture::resuming(80, 24);
    assert!(matches!(
        fixture.app.begin().first(),
        Some(Command::Session(SessionCommand::Resume { .. }))
    ));
    fixture.enter("go on");
    assert!(fixture.shows("go on") && fixture.shows(sentences::PROMPT_KEPT));
    fixture.cmds();
    let problem =
        Problem::new(ProblemKind::Config, "There is no earlier conversation in this folder");
    fixture.answered(Asked::Resume, Err(problem));
    assert!(fixture.shows(sentences::NONE_EARLIER));
    assert!(matches!(commands(&mut fixture).as_slice(), [SessionCommand::Open { .. }]));
    fixture.press(KeyCode::Enter);
    assert!(fixture.cmds().iter().any(|cmd| matches!(cmd, Cmd::Send(Command::Turn(..)))));
}

/// A start with `--continue` while another program has the conversation open.
fn elsewhere(width: u16, height: u16) -> Fixture {
    let mut fixture = Fixture::resuming(width, height);
    fixture.answered(Asked::Resume, Err(open_elsewhere(4711)));
    fixture.after(Duration::from_secs(1));
    fixture.cmds();
    fixture
}

fn open_elsewhere(process: u32) -> Problem {
    let holder = SessionHolder {
        process,
        terminal: Some("/dev/pts/4".into()),
        host: None,
        since: Timestamp(NOON.0 - 120_000),
    };
    let open = OpenElsewhere { session: "ses_b".into(), holder: Some(holder), unjoined: None };
    let kind = ProblemKind::OpenElsewhere(Box::new(open));
    Problem::new(kind, "The conversation is open in another codling")
}

#[test]
fn a_conversation_that_runs_elsewhere_says_where_and_offers_to_wait_to_watch_or_to_copy() {
    for (width, height) in [(80, 24), (120, 40), (60, 18)] {
        let mut fixture = elsewhere(width, height);
        assert!(!fixture.shows("Interrupted"));
        fixture.assert_shows(["process 4711", "/dev/pts/4", "Wait", "Watch", "Copy", "esc new"]);
        assert_snapshot!(format!("elsewhere_{width}x{height}"), fixture.picture());
    }
    let mut fixture = elsewhere(80, 24);
    fixture.press(KeyCode::Up);
    fixture.press(KeyCode::Enter);
    assert!(matches!(
        commands(&mut fixture).as_slice(),
        [SessionCommand::Resume { when_held: WhenHeld::Copy(_), .. }]
    ));
    let mut fixture = elsewhere(80, 24);
    fixture.press(KeyCode::Esc);
    assert!(matches!(commands(&mut fixture).as_slice(), [SessionCommand::Open { .. }]));
}

#[test]
fn whoever_waits_gets_the_conversation_when_it_is_let_go_of_and_waits_on_where_others_are_faster() {
    let mut fixture = elsewhere(60, 18);
    fixture.press(KeyCode::Enter);
    let follow = |part| move |sent: &[SessionCommand]| matches!(sent, [SessionCommand::Follow { part: of, .. }] if *of == part);
    assert!(follow(FollowedPart::End)(&commands(&mut fixture)));
    fixture.after(Duration::from_secs(3));
    fixture.assert_shows(["Waiting for", "esc back"]);
    fixture.event_of("ses_b", EventKind::Released);
    assert!(matches!(
        commands(&mut fixture).as_slice(),
        [SessionCommand::Resume { when_held: WhenHeld::Join, .. }]
    ));
    fixture.answered(Asked::Resume, Err(open_elsewhere(4712)));
    assert!(follow(FollowedPart::End)(&commands(&mut fixture)));
    fixture.assert_shows(["process 4712"]);
    fixture.press(KeyCode::Esc);
    assert!(matches!(commands(&mut fixture).as_slice(), [SessionCommand::Close(_)]));
    fixture.assert_shows(["Watch"]);
    fixture.press(KeyCode::Enter);
    fixture.cmds();
    fixture.event_of("ses_b", EventKind::Released);
    fixture.cmds();
    fixture.answered(Asked::Resume, Ok(Reply::Opened("ses_b".into())));
    fixture.opened("/home/me/project", None);
    fixture.replayed(&past(), SaveState::OnDisk);
    fixture.assert_shows(["Because."]);
    fixture.assert_hides(["another codling"]);
}

#[test]
fn whoever_comes_in_the_middle_of_a_turn_sees_how_long_it_runs_already() {
    let mut fixture = Fixture::new(80, 24);
    let began = Timestamp(fixture.now().0 - 77_000);
    fixture.change(|view| {
        (view.turn, view.turn_began) = (Some(TurnId(1)), Some(began));
    });
    fixture.assert_shows(["Working · 1 min 17 s"]);
}

#[test]
fn a_conversation_that_is_watched_grows_and_takes_no_keys_until_it_is_closed_there() {
    for (width, height) in [(80, 24), (60, 18)] {
        let mut fixture = elsewhere(width, height);
        fixture.press(KeyCode::Down);
        fixture.press(KeyCode::Enter);
        assert!(matches!(
            commands(&mut fixture).as_slice(),
            [SessionCommand::Follow { part: FollowedPart::Log, .. }]
        ));
        fixture.answered(Asked::Watch("ses_b".into()), Ok(Reply::Done));
        let mut view = SessionView::new("ses_b".into());
        view.replay_running(&past());
        fixture.event_of("ses_b", EventKind::Snapshot(Arc::new(view)));
        fixture.assert_shows(["Because."]);
        fixture.assert_hides(["Interrupted"]);
        assert!(fixture.shows("Working in process 4711") && fixture.shows("read-only"));
        assert_snapshot!(format!("watched_{width}x{height}"), fixture.picture());
        fixture.ctrl('f');
        fixture.text("because");
        fixture.assert_shows([" 1/1 "]);
        fixture.presses([KeyCode::Enter, KeyCode::Char('n'), KeyCode::Esc]);
        fixture.text("x");
        fixture.ctrl('x');
        fixture.text("u");
        fixture.ctrl('c');
        assert_eq!(commands(&mut fixture).len(), 0);
        fixture.assert_shows(["Only read here"]);
        fixture.press(KeyCode::Esc);
        fixture.assert_shows(["Wait", "esc close"]);
        fixture.press(KeyCode::Esc);
        fixture.event_of("ses_b", EventKind::Released);
        fixture.assert_shows([sentences::OPENS_HERE]);
        fixture.press(KeyCode::Enter);
        assert!(matches!(
            commands(&mut fixture).as_slice(),
            [SessionCommand::Resume { when_held: WhenHeld::Join, .. }]
        ));
        fixture.reply(Reply::Opened("ses_b".into()));
        fixture.opened("/home/me/project", None);
        fixture.replayed(&past(), SaveState::OnDisk);
        assert!(
            !fixture.shows("read-only") && commands(&mut fixture).is_empty(),
            "{}",
            fixture.picture()
        );
    }
}

#[test]
fn what_cannot_be_opened_says_so_in_the_list_and_where_nothing_was_said_is_not_in_it() {
    let mut fixture = sessions(80, 24);
    let damaged = SessionSummary {
        folder: "".into(),
        failure: Some(crate::protocol::LogFailure::FirstLine),
        ..summary("ses_d", "", "Which pears?", 2)
    };
    let newer = SessionSummary {
        failure: Some(crate::protocol::LogFailure::Newer),
        ..summary("ses_n", "/home/me/project", "", 3)
    };
    let elsewhere = SessionSummary {
        is_open_elsewhere: true,
        ..summary("ses_e", "/home/me/project", "Why?", 4)
    };
    let empty = SessionSummary { prompts: 0, ..summary("ses_empty", "/home/me/project", "", 1) };
    fixture.event(EventKind::Sessions([damaged, newer, elsewhere, empty].into()));
    fixture.assert_shows([
        "Which pears?",
        "damaged",
        "ses_n",
        "newer codling",
        "in another codling",
    ]);
    fixture.assert_hides(["ses_empty"]);
}

#[test]
fn nothing_is_asked_of_a_conversation_that_is_still_on_its_way() {
    let mut fixture = Fixture::resuming(80, 24);
    for (typed, said) in [("/undo", "then undo"), ("/redo", "then redo"), ("!ls", "then run a")] {
        fixture.cmds();
        fixture.enter(typed);
        assert!(
            fixture.cmds().is_empty()
                && fixture.shows(sentences::STILL_OPENING)
                && fixture.shows(said),
            "{}",
            fixture.picture()
        );
    }
    assert!(fixture.shows("│ !ls"), "a command is kept");
}

#[test]
fn the_list_can_be_what_stands_there_first() {
    let mut fixture = Fixture::with(StartInfo { begin: Beginning::Choose, ..start() }, 80, 24);
    assert!(fixture.shows(sentences::SESSIONS_HERE));
    assert!(fixture.app.begin().iter().any(|command| matches!(
        command,
        Command::Session(SessionCommand::List(ListDepth::Latest))
    )));
    fixture.after(Duration::from_secs(1));
    fixture.event(three());
    assert!(fixture.shows("Why does the build fail"));
}

#[test]
fn an_export_needs_a_conversation_and_says_where_it_went() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.enter("/export");
    assert!(fixture.shows(sentences::NOTHING_TO_EXPORT));
    fixture.ask("why?");
    fixture.cmds();
    fixture.enter("/export");
    assert!(matches!(commands(&mut fixture).as_slice(), [SessionCommand::Export { .. }]));
    fixture.reply(Reply::Exported {
        path: Some("/home/me/project/codling-x.md".into()),
        markdown: "".into(),
    });
    assert!(fixture.shows("Written to `~/project/codling-x.md`"));
}
