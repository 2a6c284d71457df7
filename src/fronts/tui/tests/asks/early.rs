//! Choices made before the conversation is open.

use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::fronts::tui::messages::{Asked, Msg};
use crate::fronts::tui::tests::Desk;
use crate::fronts::tui::tests::desk::{models, plus, start};
use crate::fronts::tui::{Beginning, StartInfo};
use crate::protocol::{
    Agent, ApprovalMode, Command, EventKind, Problem, ProblemKind, Reply, Sandbox, SessionCommand,
    SessionId, SessionMode, SessionPlace, SessionSelector, SettingsCommand, TurnCommand,
};

/// A start that resumes a conversation, which is not open yet.
fn resuming() -> Desk {
    let begin = Beginning::Resume {
        which: SessionSelector::Latest("/home/me/project".into()),
        model: None,
        effort: None,
    };
    let mut desk = Desk::with(StartInfo { begin, ..start() }, 80, 24);
    desk.accounts(vec![plus()]);
    desk.event(models());
    desk.cmds();
    desk
}

fn opens(desk: &mut Desk) {
    desk.change(|view| {
        view.place = Some(SessionPlace { folder: "/home/me/project".into(), branch: None });
        view.session_mode = Some(SessionMode {
            agent: Agent::Build,
            approval_mode: ApprovalMode::Ask,
            sandbox: Sandbox::Namespaces,
        });
    });
}

/// The settings that were sent, and their conversation.
fn set(desk: &mut Desk) -> Vec<(SessionId, SettingsCommand)> {
    let settings = |command| match command {
        Command::Settings(id, setting) => Some((id, setting)),
        _ => None,
    };
    desk.sent().into_iter().filter_map(settings).collect()
}

fn shift_tab(desk: &mut Desk) {
    desk.msg(Msg::Key(KeyEvent::new(KeyCode::BackTab, KeyModifiers::SHIFT)));
}

#[test]
fn keys_that_choose_how_it_works_are_kept_until_a_conversation_is_open() {
    let mut desk = Desk::new(80, 24);
    desk.press(KeyCode::Tab);
    shift_tab(&mut desk);
    shift_tab(&mut desk);
    assert!(desk.cmds().is_empty() && desk.shows("still being opened"), "{}", desk.picture());
    opens(&mut desk);
    let set = set(&mut desk);
    assert!(
        matches!(
            set.as_slice(),
            [
                (_, SettingsCommand::Agent(Agent::Plan)),
                (_, SettingsCommand::Mode(ApprovalMode::Auto)),
                (_, SettingsCommand::Mode(ApprovalMode::ReadOnly)),
            ]
        ),
        "{set:?}"
    );
    opens(&mut desk);
    assert!(desk.cmds().is_empty(), "once");
}

#[test]
fn a_prompt_does_not_overtake_what_was_chosen_before_it() {
    let mut desk = Desk::new(80, 24);
    desk.accounts(vec![plus()]);
    desk.press(KeyCode::Tab);
    desk.text("only think about it");
    desk.press(KeyCode::Enter);
    assert!(desk.sent().is_empty() && desk.shows("│ only think about it"), "{}", desk.picture());
    opens(&mut desk);
    assert!(matches!(set(&mut desk).as_slice(), [(_, SettingsCommand::Agent(Agent::Plan))]));
    desk.press(KeyCode::Enter);
    assert!(matches!(desk.sent().first(), Some(Command::Turn(_, TurnCommand::Submit(_)))));
}

#[test]
fn the_list_of_modes_comes_up_once_there_is_something_to_choose_for() {
    let mut desk = Desk::new(80, 24);
    desk.text("/approvals");
    desk.press(KeyCode::Enter);
    assert!(!desk.shows("What may happen"));
    opens(&mut desk);
    assert!(desk.shows("What may happen without asking"), "{}", desk.picture());
}

#[test]
fn what_is_typed_or_chosen_while_an_earlier_conversation_comes_reaches_that_one() {
    let mut desk = resuming();
    desk.text("/approvals auto");
    desk.press(KeyCode::Enter);
    desk.text("/model gpt-6.1-luna");
    desk.press(KeyCode::Enter);
    desk.text("/models");
    desk.press(KeyCode::Enter);
    desk.cmds();
    desk.answered(Asked::Resume, Ok(Reply::Opened("ses_earlier".into())));
    opens(&mut desk);
    // Chosen after it opened, in a list that was opened before.
    desk.press(KeyCode::Enter);
    let set = set(&mut desk);
    assert!(set.iter().all(|(id, _)| id.as_str() == "ses_earlier"), "{set:?}");
    assert!(
        matches!(
            set.as_slice(),
            [
                (_, SettingsCommand::Mode(ApprovalMode::Auto)),
                (_, SettingsCommand::Model { model: named, .. }),
                (_, SettingsCommand::Model { .. }),
            ] if named.id.as_str() == "gpt-6.1-luna"
        ),
        "{set:?}"
    );
}

#[test]
fn what_was_chosen_holds_for_the_new_conversation_where_the_earlier_one_does_not_come() {
    let mut desk = resuming();
    shift_tab(&mut desk);
    let problem = Problem::new(ProblemKind::Config, "There is no earlier conversation");
    desk.answered(Asked::Resume, Err(problem));
    let sent = desk.sent();
    assert!(matches!(sent.as_slice(), [Command::Session(SessionCommand::Open { .. })]), "{sent:?}");
    opens(&mut desk);
    assert!(matches!(set(&mut desk).as_slice(), [(_, SettingsCommand::Mode(ApprovalMode::Auto))]));
}

#[test]
fn where_no_conversation_opens_prompts_are_not_kept_back_for_it() {
    let mut desk = Desk::new(80, 24);
    desk.accounts(vec![plus()]);
    desk.press(KeyCode::Tab);
    let problem = Problem::new(ProblemKind::Config, "The folder is gone");
    desk.answered(Asked::Open, Err(problem));
    assert!(desk.shows("The folder is gone"), "{}", desk.picture());
    desk.cmds();
    desk.text("hello");
    desk.press(KeyCode::Enter);
    assert!(matches!(desk.sent().first(), Some(Command::Turn(_, TurnCommand::Submit(_)))));
}

#[test]
fn what_was_chosen_for_a_new_conversation_does_not_reach_another_that_comes_before_it() {
    let mut desk = Desk::new(80, 24);
    desk.accounts(vec![plus()]);
    shift_tab(&mut desk);
    desk.cmds();
    desk.answered(Asked::Resume, Ok(Reply::Opened("ses_b".into())));
    opens(&mut desk);
    assert!(set(&mut desk).is_empty(), "it was meant for the one before");
    desk.answered(Asked::Open, Ok(Reply::Opened("ses_test".into())));
    assert_eq!(desk.app.talk.id().as_str(), "ses_b");
    let sent = desk.sent();
    assert!(
        matches!(&sent[..], [Command::Session(SessionCommand::Close(id))] if id.as_str() == "ses_test"),
        "{sent:?}"
    );
}

#[test]
fn a_list_of_modes_that_is_open_when_another_conversation_comes_begins_anew_with_its_mode() {
    let mut desk = Desk::connected(80, 24);
    let session_mode = SessionMode {
        agent: Agent::Build,
        approval_mode: ApprovalMode::Full,
        sandbox: Sandbox::Namespaces,
    };
    desk.event(EventKind::SessionMode(session_mode));
    desk.text("/approvals");
    desk.press(KeyCode::Enter);
    desk.answered(Asked::Resume, Ok(Reply::Opened("ses_b".into())));
    desk.cmds();
    desk.press(KeyCode::Enter);
    assert!(set(&mut desk).is_empty(), "{}", desk.picture());
    opens(&mut desk);
    desk.after(Duration::from_secs(1));
    assert!(desk.shows("● ask"), "{}", desk.picture());
    desk.presses([KeyCode::Down, KeyCode::Down, KeyCode::Enter]);
    assert!(
        set(&mut desk).is_empty() && desk.shows("With `full`, the model"),
        "{}",
        desk.picture()
    );
}

#[test]
fn a_mode_that_was_chosen_just_now_holds_for_the_new_conversation_too() {
    let mut desk = Desk::connected(80, 24);
    let session_mode = SessionMode {
        agent: Agent::Build,
        approval_mode: ApprovalMode::Full,
        sandbox: Sandbox::Namespaces,
    };
    desk.event(EventKind::SessionMode(session_mode));
    shift_tab(&mut desk);
    desk.text("/new");
    desk.press(KeyCode::Enter);
    let opened = desk.sent().into_iter().find_map(|command| match command {
        Command::Session(SessionCommand::Open { options, .. }) => Some(options.mode),
        _ => None,
    });
    assert_eq!(opened, Some(Some(ApprovalMode::ReadOnly)));
}
