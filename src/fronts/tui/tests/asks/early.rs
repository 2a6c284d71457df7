//! Choices made before the conversation is open.

use crate::tui::tests::sentences;
use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::protocol::{
    Agent, ApprovalMode, Command, Problem, ProblemKind, Reply, Sandbox, SessionCommand,
    SessionPlace, SettingsCommand, TurnCommand,
};
use crate::tui::messages::{Asked, Msg};
use crate::tui::tests::Fixture;
use crate::tui::tests::fixture::{models, plus, session_mode};

/// A start that resumes a conversation, which is not open yet.
fn resuming() -> Fixture {
    let mut fixture = Fixture::resuming(80, 24);
    fixture.accounts(vec![plus()]);
    fixture.event(models());
    fixture.cmds();
    fixture
}

fn opens(fixture: &mut Fixture) {
    fixture.change(|view| {
        view.place = Some(SessionPlace { folder: "/home/me/project".into(), branch: None });
        view.session_mode =
            Some(session_mode(Agent::Build, ApprovalMode::Ask, Sandbox::Namespaces));
    });
}

fn shift_tab(fixture: &mut Fixture) {
    fixture.msg(Msg::Key(KeyEvent::new(KeyCode::BackTab, KeyModifiers::SHIFT)));
}

#[test]
fn keys_that_choose_how_it_works_are_kept_until_a_conversation_is_open() {
    let mut fixture = Fixture::new(80, 24);
    fixture.press(KeyCode::Tab);
    shift_tab(&mut fixture);
    shift_tab(&mut fixture);
    assert!(
        fixture.cmds().is_empty() && fixture.shows("still being opened"),
        "{}",
        fixture.picture()
    );
    opens(&mut fixture);
    let set = fixture.settings();
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
    opens(&mut fixture);
    assert!(fixture.cmds().is_empty(), "once");
}

#[test]
fn a_prompt_does_not_overtake_what_was_chosen_before_it() {
    let mut fixture = Fixture::new(80, 24);
    fixture.accounts(vec![plus()]);
    fixture.press(KeyCode::Tab);
    fixture.enter("only think about it");
    assert!(
        fixture.sent().is_empty() && fixture.shows("│ only think about it"),
        "{}",
        fixture.picture()
    );
    opens(&mut fixture);
    assert!(matches!(fixture.settings().as_slice(), [(_, SettingsCommand::Agent(Agent::Plan))]));
    fixture.press(KeyCode::Enter);
    assert!(matches!(fixture.sent().first(), Some(Command::Turn(_, TurnCommand::Submit(_)))));
}

#[test]
fn the_list_of_modes_comes_up_once_there_is_something_to_choose_for() {
    let mut fixture = Fixture::new(80, 24);
    fixture.enter("/approvals");
    assert!(!fixture.shows("What may happen"));
    opens(&mut fixture);
    fixture.assert_shows([sentences::MODES_DIALOG]);
}

#[test]
fn what_is_typed_or_chosen_while_an_earlier_conversation_comes_reaches_that_one() {
    let mut fixture = resuming();
    fixture.enter("/approvals auto");
    fixture.enter("/model gpt-6.1-luna");
    fixture.enter("/models");
    fixture.cmds();
    fixture.answered(Asked::Resume, Ok(Reply::Opened("ses_earlier".into())));
    opens(&mut fixture);
    // Chosen after it opened, in a list that was opened before.
    fixture.press(KeyCode::Enter);
    let set = fixture.settings();
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
    let mut fixture = resuming();
    shift_tab(&mut fixture);
    let problem = Problem::new(ProblemKind::Config, "There is no earlier conversation");
    fixture.answered(Asked::Resume, Err(problem));
    let sent = fixture.sent();
    assert!(matches!(sent.as_slice(), [Command::Session(SessionCommand::Open { .. })]), "{sent:?}");
    opens(&mut fixture);
    assert!(matches!(
        fixture.settings().as_slice(),
        [(_, SettingsCommand::Mode(ApprovalMode::Auto))]
    ));
}

#[test]
fn where_no_conversation_opens_prompts_are_not_kept_back_for_it() {
    let mut fixture = Fixture::new(80, 24);
    fixture.accounts(vec![plus()]);
    fixture.press(KeyCode::Tab);
    let problem = Problem::new(ProblemKind::Config, "The folder is gone");
    fixture.answered(Asked::Open, Err(problem));
    fixture.assert_shows(["The folder is gone"]);
    fixture.cmds();
    fixture.enter("hello");
    assert!(matches!(fixture.sent().first(), Some(Command::Turn(_, TurnCommand::Submit(_)))));
}

#[test]
fn what_was_chosen_for_a_new_conversation_does_not_reach_another_that_comes_before_it() {
    let mut fixture = Fixture::new(80, 24);
    fixture.accounts(vec![plus()]);
    shift_tab(&mut fixture);
    fixture.cmds();
    fixture.answered(Asked::Resume, Ok(Reply::Opened("ses_b".into())));
    opens(&mut fixture);
    assert!(fixture.settings().is_empty(), "it was meant for the one before");
    fixture.answered(Asked::Open, Ok(Reply::Opened("ses_test".into())));
    assert_eq!(fixture.app.talk.id().as_str(), "ses_b");
    let sent = fixture.sent();
    assert!(
        matches!(&sent[..], [Command::Session(SessionCommand::Close(id))] if id.as_str() == "ses_test"),
        "{sent:?}"
    );
}

#[test]
fn a_list_of_modes_that_is_open_when_another_conversation_comes_begins_anew_with_its_mode() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.mode(Agent::Build, ApprovalMode::Full, Sandbox::Namespaces);
    fixture.enter("/approvals");
    fixture.answered(Asked::Resume, Ok(Reply::Opened("ses_b".into())));
    fixture.cmds();
    fixture.press(KeyCode::Enter);
    assert!(fixture.settings().is_empty(), "{}", fixture.picture());
    opens(&mut fixture);
    fixture.after(Duration::from_secs(1));
    fixture.assert_shows(["● ask"]);
    fixture.presses([KeyCode::Down, KeyCode::Down, KeyCode::Enter]);
    assert!(
        fixture.settings().is_empty() && fixture.shows(sentences::FULL_WARNING),
        "{}",
        fixture.picture()
    );
}

#[test]
fn a_mode_that_was_chosen_just_now_holds_for_the_new_conversation_too() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.mode(Agent::Build, ApprovalMode::Full, Sandbox::Namespaces);
    shift_tab(&mut fixture);
    fixture.enter("/new");
    let opened = fixture.sent().into_iter().find_map(|command| match command {
        Command::Session(SessionCommand::Open { options, .. }) => Some(options.mode),
        _ => None,
    });
    assert_eq!(opened, Some(Some(ApprovalMode::ReadOnly)));
}
