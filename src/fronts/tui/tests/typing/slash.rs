//! Slash commands with arguments, and unknown ones.

use std::path::PathBuf;

use crossterm::event::KeyCode;

use crate::fronts::tui::tests::Desk;
use crate::protocol::{
    ApprovalMode, Command, EventKind, ExportTo, SessionCommand, SessionMode, SettingsCommand,
    TurnCommand,
};

fn typed(desk: &mut Desk, text: &str) -> Vec<Command> {
    desk.sent();
    desk.text(text);
    desk.press(KeyCode::Enter);
    desk.sent()
}

#[test]
fn nothing_that_begins_as_a_command_is_sent_to_the_model() {
    for (text, said) in [
        ("/undo 2", "`/undo` takes no argument: type `/undo` alone"),
        ("/compact keep the tests", "`/compact` takes no argument"),
        ("/new thing", "`/new` takes no argument"),
        ("/modles", "Did you mean `/models`?"),
        ("/frobnicate all of it", "There is no command `/frobnicate`"),
        ("/agents", "There is no command `/agents`"),
        ("/approvals sometimes", "The approval modes are"),
        ("/export x.md", "nothing to export yet"),
    ] {
        let mut desk = Desk::connected(80, 24);
        let sent = typed(&mut desk, text);
        assert!(
            sent.is_empty() && desk.shows(said) && desk.shows(&format!("│ {text}")),
            "{text}: {}",
            desk.picture()
        );
    }
}

#[test]
fn a_path_and_a_leading_blank_are_a_prompt() {
    for text in ["/usr/bin is missing", " /frobnicate"] {
        let mut desk = Desk::connected(80, 24);
        let sent = typed(&mut desk, text);
        assert!(
            sent.iter().any(|command| matches!(command, Command::Turn(_, TurnCommand::Submit(draft)) if draft.text == text)),
            "{sent:?}"
        );
    }
}

#[test]
fn what_a_command_can_take_it_takes() {
    let mut desk = Desk::connected(80, 24);
    typed(&mut desk, "/models luna");
    assert!(
        desk.shows("Choose a model") && desk.shows("GPT-6.1 Luna") && !desk.shows("codex-mini"),
        "{}",
        desk.picture()
    );
    let mut desk = Desk::connected(80, 24);
    typed(&mut desk, "/resume pear tree");
    assert!(desk.shows("│ pear tree"), "{}", desk.picture());

    let mut desk = Desk::connected(80, 24);
    let sandbox = crate::protocol::Sandbox::Landlock;
    desk.event(EventKind::SessionMode(SessionMode {
        agent: crate::protocol::Agent::Build,
        approval_mode: ApprovalMode::Ask,
        sandbox,
    }));
    let sent = typed(&mut desk, "/approvals auto");
    assert!(
        matches!(
            sent.as_slice(),
            [Command::Settings(_, SettingsCommand::Mode(ApprovalMode::Auto))]
        ),
        "{sent:?}"
    );
    typed(&mut desk, "/approvals full");
    assert!(desk.shows("What may happen without asking"), "{}", desk.picture());

    let mut desk = Desk::connected(80, 24);
    desk.ask("hello");
    desk.event(EventKind::TurnEnded {
        turn: crate::protocol::TurnId(1),
        outcome: crate::protocol::TurnOutcome::Done,
    });
    for (text, to) in [
        ("/export notes/a.md", ExportTo::File(PathBuf::from("/home/me/project/notes/a.md"))),
        ("/export ~/a b.md", ExportTo::File(PathBuf::from("/home/me/a b.md"))),
        ("/export /srv/", ExportTo::Folder(PathBuf::from("/srv/"))),
    ] {
        let sent = typed(&mut desk, text);
        assert!(
            matches!(sent.as_slice(), [Command::Session(SessionCommand::Export { to: asked, .. })] if *asked == to),
            "{sent:?}"
        );
    }
}
