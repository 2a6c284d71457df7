//! Earlier conversations: the list, and continuing one.

use std::sync::Arc;
use std::time::Duration;

use crossterm::event::KeyCode;
use insta::assert_snapshot;

use super::Desk;
use super::desk::{NOON, start};
use crate::base::Timestamp;
use crate::fronts::tui::messages::{Asked, Cmd};
use crate::fronts::tui::{Beginning, StartInfo};
use crate::protocol::{
    CallOutput, Command, EventKind, FollowedPart, Item, ItemKind, KeepFrom, ListDepth,
    OpenElsewhere, Problem, ProblemKind, Record, Reply, SaveState, SessionCommand, SessionHolder,
    SessionSelector, SessionSummary, SessionView, ToolCall, TurnId, WhenHeld,
};

fn summary(id: &str, folder: &str, title: &str, hours: u64) -> SessionSummary {
    let changed = Timestamp(NOON.0 - i64::try_from(hours * 3_600_000).unwrap());
    SessionSummary {
        id: id.into(),
        folder: folder.into(),
        title: title.into(),
        is_named: false,
        created: changed,
        changed,
        prompts: 3,
        failure: None,
        is_open_elsewhere: false,
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

fn sessions(width: u16, height: u16) -> Desk {
    let mut desk = Desk::connected(width, height);
    desk.cmds();
    desk.ctrl('x');
    desk.text("l");
    desk.event(three());
    desk
}

fn commands(desk: &mut Desk) -> Vec<SessionCommand> {
    desk.sent()
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
        let mut desk = sessions(width, height);
        assert!(matches!(
            commands(&mut desk).as_slice(),
            [SessionCommand::List(ListDepth::Latest), SessionCommand::Preview(_)]
        ));
        desk.press(KeyCode::Down);
        assert!(
            matches!(commands(&mut desk).as_slice(), [SessionCommand::Preview(id)] if id.as_str() == "ses_b")
        );
        let (prompt, answer) =
            ("Try it with the other toolchain".into(), "The linker is not found. ".repeat(12));
        desk.reply(Reply::Preview { id: "ses_b".into(), prompt, answer });
        assert_snapshot!(format!("sessions_{width}x{height}"), desk.picture());
        assert!(!desk.shows("pears"));
        desk.press(KeyCode::Tab);
        assert!(desk.shows("When are pears ripe?") && desk.shows("Conversations of all folders"));
    }
}

#[test]
fn enter_opens_the_one_under_the_cursor_and_the_one_on_screen_is_closed() {
    let mut desk = sessions(80, 24);
    desk.press(KeyCode::Down);
    desk.cmds();
    desk.press(KeyCode::Enter);
    let sent = commands(&mut desk);
    assert!(
        matches!(sent.as_slice(), [SessionCommand::Resume { which: SessionSelector::Named(id), .. }] if id == "ses_b"),
        "{sent:?}"
    );
    desk.reply(Reply::Opened("ses_b".into()));
    assert!(
        matches!(commands(&mut desk).as_slice(), [SessionCommand::Close(id)] if id.as_str() == "ses_test")
    );
    desk.opened("/home/me/project", None);
    desk.replayed(&past(), SaveState::OnDisk);
    assert_snapshot!("resumed_80x24", desk.picture());
    assert_eq!(desk.app.farewell(), ["Go on with `codling --continue` · ses_b"]);
    desk.event(EventKind::SaveState(SaveState::NotYet));
    assert_eq!(
        desk.app.farewell(),
        Vec::<String>::new(),
        "a disk that took no more of it would bring back another conversation"
    );
    desk.event(EventKind::SaveState(SaveState::OnDisk));
    assert_eq!(desk.app.farewell().len(), 1);
    desk.reply(Reply::Opened("ses_copy".into()));
    desk.replayed(&past(), SaveState::NotYet);
    assert_eq!(
        desk.app.farewell(),
        Vec::<String>::new(),
        "a copy without a prompt of its own cannot be come back to"
    );
}

#[test]
fn delete_asks_once_and_any_other_key_takes_it_back() {
    let mut desk = sessions(80, 24);
    desk.press(KeyCode::Down);
    desk.cmds();
    desk.ctrl('d');
    assert!(desk.shows("ctrl+d again to delete") && desk.shows("esc back"));
    desk.press(KeyCode::Up);
    desk.press(KeyCode::Down);
    desk.ctrl('d');
    assert!(
        !commands(&mut desk).iter().any(|command| matches!(command, SessionCommand::Delete(_)))
    );
    desk.press(KeyCode::Esc);
    assert!(desk.shows("Conversations in this folder") && !desk.shows("again deletes"));
    desk.ctrl('d');
    desk.ctrl('d');
    assert!(
        commands(&mut desk)
            .iter()
            .any(|command| matches!(command, SessionCommand::Delete(id) if id.as_str() == "ses_b"))
    );
}

#[test]
fn a_note_from_before_does_not_cover_the_question() {
    let mut desk = sessions(80, 24);
    let problem = Problem::new(ProblemKind::Internal, "The conversation is open")
        .with_next("Leave it first, here or in the other codling");
    desk.refuse(problem);
    assert!(desk.shows("Leave it first"));
    desk.press(KeyCode::Down);
    assert!(desk.shows("Leave it first"));
    desk.ctrl('d');
    assert!(
        desk.shows("Press ctrl+d again to delete this conversation for good")
            && !desk.shows("Leave it first"),
        "{}",
        desk.picture()
    );
}

#[test]
fn a_title_is_typed_under_the_list_and_a_copy_has_a_name_of_its_own() {
    let mut desk = sessions(80, 24);
    desk.ctrl('r');
    desk.text("!");
    assert!(desk.shows("enter save · esc back") && !desk.shows("esc close"), "{}", desk.picture());
    desk.press(KeyCode::Enter);
    assert!(desk.shows("esc close"));
    let sent = commands(&mut desk);
    assert!(
        sent.iter().any(|command| matches!(command, SessionCommand::Rename { title, .. } if title == "What is on the screen!")),
        "{sent:?}"
    );
    desk.ctrl('f');
    let sent = commands(&mut desk);
    let [SessionCommand::Fork { from, options, .. }] = sent.as_slice() else { panic!("{sent:?}") };
    assert_eq!((from.as_str(), options.keep_from), ("ses_test", KeepFrom::Start));
}

#[test]
fn a_prompt_waits_for_a_conversation_on_its_way_and_one_that_does_not_come_is_a_new_one() {
    let begin = Beginning::Resume {
        which: SessionSelector::Latest("/home/me/project".into()),
        model: None,
        effort: None,
    };
    let mut desk = Desk::with(StartInfo { begin, ..start() }, 80, 24);
    assert!(matches!(
        desk.app.begin().first(),
        Some(Command::Session(SessionCommand::Resume { .. }))
    ));
    desk.text("go on");
    desk.press(KeyCode::Enter);
    assert!(desk.shows("go on") && desk.shows("your prompt is kept"));
    desk.cmds();
    let problem =
        Problem::new(ProblemKind::Config, "There is no earlier conversation in this folder");
    desk.answered(Asked::Resume, Err(problem));
    assert!(desk.shows("There is no earlier conversation"));
    assert!(matches!(commands(&mut desk).as_slice(), [SessionCommand::Open { .. }]));
    desk.press(KeyCode::Enter);
    assert!(desk.cmds().iter().any(|cmd| matches!(cmd, Cmd::Send(Command::Turn(..)))));
}

/// A start with `--continue` while another program has the conversation open.
fn elsewhere(width: u16, height: u16) -> Desk {
    let begin = Beginning::Resume {
        which: SessionSelector::Latest("/home/me/project".into()),
        model: None,
        effort: None,
    };
    let mut desk = Desk::with(StartInfo { begin, ..start() }, width, height);
    desk.answered(Asked::Resume, Err(open_elsewhere(4711)));
    desk.after(Duration::from_secs(1));
    desk.cmds();
    desk
}

fn open_elsewhere(process: u32) -> Problem {
    let holder = SessionHolder {
        process,
        terminal: Some("/dev/pts/4".into()),
        host: None,
        since: Timestamp(NOON.0 - 120_000),
    };
    let open = OpenElsewhere { session: "ses_b".into(), holder: Some(holder) };
    let kind = ProblemKind::OpenElsewhere(Box::new(open));
    Problem::new(kind, "The conversation is open in another codling")
}

#[test]
fn a_conversation_that_runs_elsewhere_says_where_and_offers_to_wait_to_watch_or_to_copy() {
    for (width, height) in [(80, 24), (120, 40), (60, 18)] {
        let mut desk = elsewhere(width, height);
        assert!(!desk.shows("Interrupted"));
        for words in ["process 4711", "/dev/pts/4", "Wait", "Watch", "Copy", "esc new"] {
            assert!(desk.shows(words), "{words}: {}", desk.picture());
        }
        assert_snapshot!(format!("elsewhere_{width}x{height}"), desk.picture());
    }
    let mut desk = elsewhere(80, 24);
    desk.press(KeyCode::Up);
    desk.press(KeyCode::Enter);
    assert!(matches!(
        commands(&mut desk).as_slice(),
        [SessionCommand::Resume { when_held: WhenHeld::Copy(_), .. }]
    ));
    let mut desk = elsewhere(80, 24);
    desk.press(KeyCode::Esc);
    assert!(matches!(commands(&mut desk).as_slice(), [SessionCommand::Open { .. }]));
}

#[test]
fn whoever_waits_gets_the_conversation_when_it_is_let_go_of_and_waits_on_where_others_are_faster() {
    let mut desk = elsewhere(60, 18);
    desk.press(KeyCode::Enter);
    let follow = |part| move |sent: &[SessionCommand]| matches!(sent, [SessionCommand::Follow { part: of, .. }] if *of == part);
    assert!(follow(FollowedPart::End)(&commands(&mut desk)));
    desk.after(Duration::from_secs(3));
    assert!(desk.shows("Waiting for") && desk.shows("esc back"), "{}", desk.picture());
    desk.event_of("ses_b", EventKind::Released);
    assert!(matches!(
        commands(&mut desk).as_slice(),
        [SessionCommand::Resume { when_held: WhenHeld::Refuse, .. }]
    ));
    desk.answered(Asked::Resume, Err(open_elsewhere(4712)));
    assert!(follow(FollowedPart::End)(&commands(&mut desk)));
    assert!(desk.shows("process 4712"), "{}", desk.picture());
    desk.press(KeyCode::Esc);
    assert!(matches!(commands(&mut desk).as_slice(), [SessionCommand::Close(_)]));
    assert!(desk.shows("Watch"), "{}", desk.picture());
    desk.press(KeyCode::Enter);
    desk.cmds();
    desk.event_of("ses_b", EventKind::Released);
    desk.cmds();
    desk.answered(Asked::Resume, Ok(Reply::Opened("ses_b".into())));
    desk.opened("/home/me/project", None);
    desk.replayed(&past(), SaveState::OnDisk);
    assert!(desk.shows("Because.") && !desk.shows("another codling"), "{}", desk.picture());
}

#[test]
fn a_conversation_that_is_watched_grows_and_takes_no_keys_until_it_is_closed_there() {
    for (width, height) in [(80, 24), (60, 18)] {
        let mut desk = elsewhere(width, height);
        desk.press(KeyCode::Down);
        desk.press(KeyCode::Enter);
        assert!(matches!(
            commands(&mut desk).as_slice(),
            [SessionCommand::Follow { part: FollowedPart::Log, .. }]
        ));
        desk.answered(Asked::Watch("ses_b".into()), Ok(Reply::Done));
        let mut view = SessionView::new("ses_b".into());
        view.replay_running(&past());
        desk.event_of("ses_b", EventKind::Snapshot(Arc::new(view)));
        assert!(desk.shows("Because.") && !desk.shows("Interrupted"), "{}", desk.picture());
        assert!(desk.shows("Working in process 4711") && desk.shows("read-only"));
        assert_snapshot!(format!("watched_{width}x{height}"), desk.picture());
        desk.text("x");
        desk.ctrl('x');
        desk.text("u");
        desk.ctrl('c');
        assert_eq!(commands(&mut desk).len(), 0);
        assert!(desk.shows("Only read here"), "{}", desk.picture());
        desk.press(KeyCode::Esc);
        assert!(desk.shows("Wait") && desk.shows("esc close"), "{}", desk.picture());
        desk.press(KeyCode::Esc);
        desk.event_of("ses_b", EventKind::Released);
        assert!(desk.shows("enter opens it here"), "{}", desk.picture());
        desk.press(KeyCode::Enter);
        assert!(matches!(
            commands(&mut desk).as_slice(),
            [SessionCommand::Resume { when_held: WhenHeld::Refuse, .. }]
        ));
        desk.reply(Reply::Opened("ses_b".into()));
        desk.opened("/home/me/project", None);
        desk.replayed(&past(), SaveState::OnDisk);
        assert!(!desk.shows("read-only") && commands(&mut desk).is_empty(), "{}", desk.picture());
    }
}

#[test]
fn what_cannot_be_opened_says_so_in_the_list_and_where_nothing_was_said_is_not_in_it() {
    let mut desk = sessions(80, 24);
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
    desk.event(EventKind::Sessions([damaged, newer, elsewhere, empty].into()));
    for words in ["Which pears?", "damaged", "ses_n", "newer codling", "open in another codling"] {
        assert!(desk.shows(words), "{words}: {}", desk.picture());
    }
    assert!(!desk.shows("ses_empty"), "{}", desk.picture());
}

#[test]
fn nothing_is_asked_of_a_conversation_that_is_still_on_its_way() {
    let begin = Beginning::Resume {
        which: SessionSelector::Latest("/home/me/project".into()),
        model: None,
        effort: None,
    };
    let mut desk = Desk::with(StartInfo { begin, ..start() }, 80, 24);
    for (typed, said) in [("/undo", "then undo"), ("/redo", "then redo"), ("!ls", "then run a")] {
        desk.cmds();
        desk.text(typed);
        desk.press(KeyCode::Enter);
        assert!(
            desk.cmds().is_empty()
                && desk.shows("The conversation is being opened")
                && desk.shows(said),
            "{}",
            desk.picture()
        );
    }
    assert!(desk.shows("│ !ls"), "a command is kept");
}

#[test]
fn the_list_can_be_what_stands_there_first() {
    let mut desk = Desk::with(StartInfo { begin: Beginning::Choose, ..start() }, 80, 24);
    assert!(desk.shows("Conversations in this folder"));
    assert!(desk.app.begin().iter().any(|command| matches!(
        command,
        Command::Session(SessionCommand::List(ListDepth::Latest))
    )));
    desk.after(Duration::from_secs(1));
    desk.event(three());
    assert!(desk.shows("Why does the build fail"));
}

#[test]
fn an_export_needs_a_conversation_and_says_where_it_went() {
    let mut desk = Desk::connected(80, 24);
    desk.text("/export");
    desk.press(KeyCode::Enter);
    assert!(desk.shows("There is nothing to export yet"));
    desk.ask("why?");
    desk.cmds();
    desk.text("/export");
    desk.press(KeyCode::Enter);
    assert!(matches!(commands(&mut desk).as_slice(), [SessionCommand::Export { .. }]));
    desk.reply(Reply::Exported {
        path: Some("/home/me/project/codling-x.md".into()),
        markdown: "".into(),
    });
    assert!(desk.shows("Written to `~/project/codling-x.md`"));
}
