//! Slash commands with arguments, and unknown ones.

use std::path::PathBuf;
use std::sync::Arc;

use crate::protocol::{
    ApprovalMode, Command, EventKind, ExportTo, OfferedCommand, OfferedExtensions, Problem,
    ProblemKind, Reply, SessionCommand, SettingsCommand, TurnCommand,
};
use crate::tui::messages::Asked;
use crate::tui::tests::{Fixture, sentences};

fn typed(fixture: &mut Fixture, text: &str) -> Vec<Command> {
    fixture.sent();
    fixture.enter(text);
    fixture.sent()
}

#[test]
fn nothing_that_begins_as_a_command_is_sent_to_the_model() {
    for (text, said) in [
        ("/redo 2", sentences::REDO_TAKES_NOTHING),
        ("/detach now", "`/detach` takes no argument"),
        ("/modles", "Did you mean `/models`?"),
        ("/frobnicate all of it", sentences::UNKNOWN_COMMAND),
        ("/agents", sentences::NO_COMMAND_AGENTS),
        ("/approvals sometimes", sentences::THE_MODES),
        ("/export x.md", sentences::EXPORT_OF_NOTHING),
    ] {
        let mut fixture = Fixture::connected(80, 24);
        let sent = typed(&mut fixture, text);
        assert!(
            sent.is_empty() && fixture.shows(said) && fixture.shows(&format!("│ {text}")),
            "{text}: {}",
            fixture.picture()
        );
    }
}

#[test]
fn enter_on_a_name_that_may_be_a_files_waits_until_those_are_known() {
    let list = |name: &str| {
        let command = OfferedCommand {
            name: name.into(),
            description: String::new(),
            hint: None,
            origin: "x.md".into(),
        };
        Arc::new(OfferedExtensions { commands: vec![command], ..OfferedExtensions::default() })
    };
    let prompts = |fixture: &mut Fixture| {
        let is_prompt = |it: &Command| matches!(it, Command::Turn(_, TurnCommand::Submit(_)));
        fixture.sent().into_iter().filter(is_prompt).count()
    };
    let early = || {
        let mut fixture = Fixture::connecting(80, 24);
        fixture.enter("/fix it");
        assert!(!fixture.shows(sentences::NO_COMMAND));
        fixture
    };
    let mut fixture = early();
    fixture.reply(Reply::Extensions(list("fix")));
    assert_eq!(prompts(&mut fixture), 1);
    let mut fixture = early();
    fixture.reply(Reply::Extensions(list("other")));
    assert!(prompts(&mut fixture) == 0 && fixture.shows(sentences::NO_COMMAND_FIX));
    // Another prompt was typed meanwhile.
    let mut fixture = early();
    fixture.text(" now");
    fixture.reply(Reply::Extensions(list("fix")));
    assert_eq!(prompts(&mut fixture), 0);
    let mut fixture = early();
    let problem = Problem::new(ProblemKind::NotNow, "No");
    fixture.answered(Asked::Extensions, Err(problem));
    assert!(fixture.shows(sentences::NO_COMMAND_FIX));
}

#[test]
fn a_path_and_a_leading_blank_are_a_prompt() {
    for text in ["/usr/bin is missing", " /frobnicate"] {
        let mut fixture = Fixture::connected(80, 24);
        let sent = typed(&mut fixture, text);
        assert!(
            sent.iter().any(|command| matches!(command, Command::Turn(_, TurnCommand::Submit(draft)) if draft.text == text)),
            "{sent:?}"
        );
    }
}

#[test]
fn what_a_command_can_take_it_takes() {
    let mut fixture = Fixture::connected(80, 24);
    typed(&mut fixture, "/models 6.1 lu");
    fixture.assert_shows(["Choose a model", "GPT-6.1 Luna"]);
    fixture.assert_hides(["codex-mini"]);
    let mut fixture = Fixture::connected(80, 24);
    typed(&mut fixture, "/resume pear tree");
    fixture.assert_shows(["│ pear tree"]);

    let mut fixture = Fixture::connected(80, 24);
    let sandbox = crate::protocol::Sandbox::Landlock;
    fixture.mode(crate::protocol::Agent::Build, ApprovalMode::Ask, sandbox);
    let sent = typed(&mut fixture, "/approvals auto");
    assert!(
        matches!(
            sent.as_slice(),
            [Command::Settings(_, SettingsCommand::Mode(ApprovalMode::Auto))]
        ),
        "{sent:?}"
    );
    typed(&mut fixture, "/approvals full");
    fixture.assert_shows([sentences::MODES_DIALOG]);

    let mut fixture = Fixture::connected(80, 24);
    fixture.ask("hello");
    fixture.event(EventKind::TurnEnded {
        turn: crate::protocol::TurnId(1),
        outcome: crate::protocol::TurnOutcome::Done,
    });
    for (text, to) in [
        ("/export notes/a.md", ExportTo::File(PathBuf::from("/home/me/project/notes/a.md"))),
        ("/export ~/a b.md", ExportTo::File(PathBuf::from("/home/me/a b.md"))),
        ("/export /srv/", ExportTo::Folder(PathBuf::from("/srv/"))),
    ] {
        let sent = typed(&mut fixture, text);
        assert!(
            matches!(sent.as_slice(), [Command::Session(SessionCommand::Export { to: asked, .. })] if *asked == to),
            "{sent:?}"
        );
    }
}
