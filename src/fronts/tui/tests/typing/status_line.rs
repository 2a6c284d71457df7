//! The status line as a person chose it.

use std::time::Duration;

use crossterm::event::KeyCode;

use crate::protocol::{Agent, ApprovalMode, EventKind, Sandbox, StatusChoice, StatusPart, Usage};
use crate::tui::StartInfo;
use crate::tui::messages::{Cmd, Msg};
use crate::tui::tests::Fixture;
use crate::tui::tests::fixture::{session_mode, start};

fn chosen(parts: &[StatusPart], command: &[&str]) -> StartInfo {
    let command = command.iter().map(|word| (*word).to_owned()).collect();
    StartInfo { status: StatusChoice { parts: parts.into(), command }, ..start() }
}

/// A conversation in this mode that has cost a little, at this width.
fn conversation(start: StartInfo, mode: ApprovalMode, width: u16) -> Fixture {
    let mut fixture = Fixture::connected_with(start, width, 24);
    fixture.change(|view| {
        let (agent, approval_mode, sandbox) = (Agent::Build, mode, Sandbox::Namespaces);
        view.session_mode = Some(session_mode(agent, approval_mode, sandbox));
    });
    fixture.ask("hello");
    let usage = Usage { input: 27_200, cost: Some(7_655), ..Usage::default() };
    fixture.event(EventKind::Usage(usage));
    fixture
}

fn line(fixture: &mut Fixture) -> String {
    // The caret's position stands below it.
    fixture.picture().lines().rev().nth(1).unwrap().trim().to_owned()
}

#[test]
fn parts_stand_in_the_order_that_was_chosen_and_the_folder_at_the_right() {
    use StatusPart::{Branch, Context, Cost, Effort, Folder, Mode, Model};
    for (parts, shown) in [
        (&[Cost, Model, Effort][..], "$0.0077 · GPT-6.1 Sol (medium)"),
        (&[Effort, Context], "medium · context 10%"),
        (&[Mode, Branch], "ask main"),
        (&[Folder], "~/project"),
    ] {
        let mut fixture = conversation(chosen(parts, &[]), ApprovalMode::Ask, 80);
        let line = line(&mut fixture);
        let line: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(line.join(" "), shown, "{parts:?}");
    }
}

#[test]
fn a_mode_that_asks_little_is_shown_whatever_was_chosen() {
    for (mode, is_shown) in
        [(ApprovalMode::Full, true), (ApprovalMode::Auto, true), (ApprovalMode::Ask, false)]
    {
        let start = chosen(&[StatusPart::Cost, StatusPart::Folder], &[]);
        let mut fixture = conversation(start, mode, 80);
        assert_eq!(line(&mut fixture).starts_with(mode.as_str()), is_shown, "{mode:?}");
    }
}

#[test]
fn a_figure_is_left_out_whole_where_the_line_is_short() {
    let parts = [StatusPart::Model, StatusPart::Context, StatusPart::Cost, StatusPart::Folder];
    let mut fixture = conversation(chosen(&parts, &[]), ApprovalMode::Ask, 60);
    assert!(line(&mut fixture).contains("context 10% · $0.0077"));
    let parts = [StatusPart::Agent, StatusPart::Mode, StatusPart::Effort].repeat(4);
    let parts: Vec<_> = parts.into_iter().chain([StatusPart::Cost]).collect();
    let mut fixture = conversation(chosen(&parts, &[]), ApprovalMode::Ask, 60);
    assert!(!line(&mut fixture).contains('$'));
}

/// The facts that the command gets now, if it is started.
fn started(fixture: &mut Fixture) -> Option<String> {
    fixture.cmds().into_iter().find_map(|cmd| match cmd {
        Cmd::RunStatus { facts, .. } => Some(facts),
        _ => None,
    })
}

#[test]
fn a_command_is_told_what_changed_and_its_line_is_the_status_line() {
    let mut fixture = conversation(chosen(&[], &["my-line"]), ApprovalMode::Ask, 80);
    fixture.after(Duration::ZERO);
    assert!(started(&mut fixture).is_some());
    assert!(line(&mut fixture).contains("GPT-6.1 Sol"));
    fixture.msg(Msg::StatusPrinted(Ok("plants on main".into())));
    assert_eq!(line(&mut fixture), "plants on main");
    let usage = Usage { input: 54_400, ..Usage::default() };
    fixture.event(EventKind::Usage(usage));
    fixture.after(Duration::from_secs(1));
    assert_eq!(started(&mut fixture), None);
    fixture.after(Duration::from_secs(1));
    assert!(started(&mut fixture).unwrap().contains(r#""context_percent":20"#));
    fixture.msg(Msg::StatusPrinted(Ok("10 percent".into())));
    assert_eq!(line(&mut fixture), "10 percent");
    // A key changes nothing that it is told.
    fixture.after(Duration::from_secs(9));
    fixture.press(KeyCode::Char('x'));
    assert_eq!(started(&mut fixture), None);
    fixture.msg(Msg::StatusPrinted(Err("late".into())));
    assert!(fixture.shows("late"));
    assert!(line(&mut fixture).contains("GPT-6.1 Sol"));
}
