//! Words after a slash command, the menu that offers them, and the first prompt of the command
//! line.

use crossterm::event::KeyCode;
use insta::assert_snapshot;

use crate::protocol::{
    Agent, ApprovalMode, Command, ContextPart, ContextReport, EventKind, PromptTiming, Reply,
    Sandbox, SessionCommand, SettingsCommand, TurnCommand, Usage,
};
use crate::tui::StartInfo;
use crate::tui::messages::Msg;
use crate::tui::tests::Fixture;
use crate::tui::tests::fixture::{plus, start};

/// A screen with nothing sent so far, on which this was typed.
fn typed(text: &str) -> Fixture {
    let mut fixture = Fixture::connected(80, 24);
    fixture.text(text);
    fixture.cmds();
    fixture
}

fn model_and_effort(fixture: &mut Fixture) -> (String, Option<String>) {
    let sent = fixture.sent();
    match sent.as_slice() {
        [Command::Settings(_, SettingsCommand::Model { model, effort })] => {
            (model.id.to_string(), effort.as_ref().map(|effort| effort.0.clone()))
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_model_and_its_effort_are_chosen_in_one_line() {
    for (line, model, effort) in [
        ("/model gpt-6.1-luna", "gpt-6.1-luna", None),
        ("/model gpt-6.1-luna high", "gpt-6.1-luna", Some("high")),
        ("/effort HIGH", "gpt-6.1-sol", Some("high")),
    ] {
        let mut fixture = typed(line);
        fixture.press(KeyCode::Enter);
        let expected = (model.to_owned(), effort.map(str::to_owned));
        assert_eq!(model_and_effort(&mut fixture), expected, "{line}");
    }
}

#[test]
fn the_menu_offers_the_values_of_a_command_and_narrows_as_one_types() {
    let mut fixture = typed("/model ");
    assert_snapshot!("values", fixture.picture());
    fixture.text("luna");
    assert!(fixture.shows("gpt-6.1-luna") && !fixture.shows("› gpt-6.1-sol"));
    fixture.press(KeyCode::Tab);
    assert!(fixture.shows("│ /model gpt-6.1-luna ") && fixture.shows("› gpt-6.1-luna low"));
    fixture.presses([KeyCode::Down, KeyCode::Enter]);
    let (model, effort) = model_and_effort(&mut fixture);
    assert_eq!((&*model, effort.as_deref()), ("gpt-6.1-luna", Some("medium")));

    let mut fixture = typed("/effort h");
    fixture.press(KeyCode::Enter);
    assert_eq!(model_and_effort(&mut fixture).1.as_deref(), Some("high"));
    let mut fixture = typed("/approvals re");
    assert!(fixture.shows("› read-only"));
    let mut fixture = typed("/help und");
    fixture.press(KeyCode::Enter);
    assert!(fixture.shows("Guide: undo"));
    let mut fixture = typed("/compact ");
    assert!(!fixture.shows("›"), "any words may follow");
}

#[test]
fn a_summary_is_told_what_it_must_keep() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.ask("hello");
    fixture.event(EventKind::TurnEnded {
        turn: crate::protocol::TurnId(1),
        outcome: crate::protocol::TurnOutcome::Done,
    });
    fixture.text("/compact keep the tests");
    fixture.cmds();
    fixture.press(KeyCode::Enter);
    let sent = fixture.sent();
    assert!(
        matches!(sent.as_slice(), [Command::Turn(_, TurnCommand::Compact { focus })] if focus == "keep the tests"),
        "{sent:?}"
    );
}

#[test]
fn a_new_conversation_begins_with_the_words_behind_it() {
    let mut fixture = typed("/new fix the bug");
    fixture.press(KeyCode::Enter);
    let sent = fixture.sent();
    let prompt = sent.iter().find_map(|command| match command {
        Command::Turn(_, TurnCommand::Submit(prompt)) => Some(&*prompt.text),
        _ => None,
    });
    assert_eq!(prompt, Some("fix the bug"), "{sent:?}");
    assert!(sent.iter().any(|it| matches!(it, Command::Session(SessionCommand::Open { .. }))));
    // Words are queued as they are.
    let mut fixture = Fixture::connected(80, 24);
    fixture.ask("go");
    fixture.text("/queue then test");
    fixture.cmds();
    fixture.press(KeyCode::Enter);
    let sent = fixture.sent();
    assert!(
        matches!(sent.first(), Some(Command::Turn(_, TurnCommand::Submit(prompt)))
            if prompt.text == "then test" && prompt.timing == PromptTiming::NextTurn),
        "{sent:?}"
    );
}

#[test]
fn a_review_is_asked_for_in_words_or_by_a_target_and_waits_for_a_running_turn() {
    for (line, what) in [
        ("/review", "current changes"),
        ("/review --base main", "changes against 'main'"),
        ("/review the parser", "the parser"),
    ] {
        let mut fixture = typed(line);
        fixture.press(KeyCode::Enter);
        let sent = fixture.sent();
        let [Command::Turn(_, TurnCommand::Submit(prompt))] = sent.as_slice() else {
            panic!("{line}: {sent:?}")
        };
        assert_eq!(prompt.review.as_ref().map(|review| &*review.what), Some(what));
        assert_eq!(prompt.timing, PromptTiming::NextTurn);
    }
    let mut fixture = typed("/review --base $(x)");
    fixture.press(KeyCode::Enter);
    assert!(fixture.sent().is_empty() && fixture.shows("/review --base $(x)"));
}

#[test]
fn logging_out_asks_first_and_says_where_nobody_is_signed_in() {
    let mut fixture = typed("/logout");
    fixture.press(KeyCode::Enter);
    assert_snapshot!("logout", fixture.picture());
    assert!(fixture.sent().is_empty());
    let mut fixture = Fixture::not_connected(80, 24);
    fixture.enter("/logout");
    assert!(fixture.shows("Nobody is signed") && !fixture.shows("Connect a provider"));
}

#[test]
fn the_page_on_the_context_shows_each_part_and_what_was_spent() {
    let mut fixture = Fixture::connected(80, 24);
    let usage = Usage { input: 61_000, cached: 40_000, output: 2_100, reasoning: 900, cost: None };
    fixture.event(EventKind::Usage(usage));
    fixture.text("/cost");
    fixture.cmds();
    fixture.press(KeyCode::Enter);
    let sent = fixture.sent();
    assert!(matches!(sent.as_slice(), [Command::Turn(_, TurnCommand::Context)]), "{sent:?}");
    fixture.reply(Reply::Context(ContextReport {
        size: Some(272_000),
        used: 31_400,
        compacted_at: 85,
        parts: vec![
            (ContextPart::Instructions, 1_900),
            (ContextPart::Tools, 4_100),
            (ContextPart::Server("github".into()), 8_000),
            (ContextPart::Folder, 1_200),
            (ContextPart::Prompts, 240),
            (ContextPart::Calls, 15_000),
            (ContextPart::Pictures, 1_000),
        ],
    }));
    assert_snapshot!("context", fixture.picture());
    // Nothing is cut in the smallest window.
    fixture.msg(Msg::Resize { width: 60, height: 18 });
    fixture.press(KeyCode::End);
    assert_snapshot!("context_60x18", fixture.picture());
}

fn open(fixture: &mut Fixture) {
    fixture.opened("/home/me/project", Some("main"));
    fixture.mode(Agent::Build, ApprovalMode::Ask, Sandbox::Landlock);
}

#[test]
fn the_prompt_of_the_command_line_is_sent_once_the_conversation_is_open() {
    let prompt = Some("what is this?".to_owned());
    let mut fixture = Fixture::with(StartInfo { prompt, ..start() }, 80, 24);
    assert!(fixture.shows("│ what is this?"));
    fixture.accounts(vec![plus()]);
    fixture.cmds();
    open(&mut fixture);
    let sent = fixture.sent();
    assert!(
        matches!(sent.first(), Some(Command::Turn(_, TurnCommand::Submit(prompt))) if prompt.text == "what is this?"),
        "{sent:?}"
    );
    assert!(!fixture.shows("│ what is this?"));
    // Without an account it waits for one in the composer.
    let prompt = Some("what is this?".to_owned());
    let mut fixture = Fixture::with(StartInfo { prompt, ..start() }, 80, 24);
    fixture.accounts(Vec::new());
    open(&mut fixture);
    assert!(fixture.shows("Connect a provider"));
    fixture.presses([KeyCode::Esc]);
    assert!(fixture.shows("│ what is this?"));
}
