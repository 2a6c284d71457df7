//! Modes and agents: showing and changing them.

use crate::tui::tests::sentences;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use insta::assert_snapshot;

use crate::protocol::{
    Agent, AllowedHost, ApprovalMode, Command, EventKind, KnownRule, Problem, ProblemKind, Rule,
    RuleSource, RuleSubject, Ruling, Sandbox, SandboxOpenings, SettingsCommand,
};
use crate::tui::messages::Msg;
use crate::tui::tests::Fixture;

fn fixture(mode: ApprovalMode, width: u16, height: u16) -> Fixture {
    let mut fixture = Fixture::connected(width, height);
    fixture.mode(Agent::Build, mode, Sandbox::Namespaces);
    fixture.cmds();
    fixture
}

fn set(fixture: &mut Fixture) -> Option<ApprovalMode> {
    fixture.settings().into_iter().find_map(|(_, setting)| match setting {
        SettingsCommand::Mode(mode) => Some(mode),
        _ => None,
    })
}

#[test]
fn shift_tab_goes_round_and_never_reaches_the_mode_in_which_nothing_asks() {
    let rounds = [
        (ApprovalMode::ReadOnly, ApprovalMode::Ask),
        (ApprovalMode::Ask, ApprovalMode::Auto),
        (ApprovalMode::Auto, ApprovalMode::ReadOnly),
        (ApprovalMode::Full, ApprovalMode::ReadOnly),
    ];
    for (from, to) in rounds {
        let mut fixture = fixture(from, 80, 24);
        fixture.msg(Msg::Key(KeyEvent::new(KeyCode::BackTab, KeyModifiers::SHIFT)));
        assert_eq!(set(&mut fixture), Some(to), "{from:?}");
    }
}

#[test]
fn the_status_line_names_agent_and_mode() {
    let mut fixture = fixture(ApprovalMode::Auto, 80, 24);
    fixture.ask("go");
    fixture.assert_shows(["Build · auto · GPT-6.1 Sol (medium)"]);
    fixture.mode(Agent::Plan, ApprovalMode::ReadOnly, Sandbox::Namespaces);
    assert!(fixture.shows("Plan · read-only · GPT-6.1 Sol"));
}

#[test]
fn tab_changes_the_agent_whatever_is_typed_but_not_in_a_menu() {
    let mut fixture = fixture(ApprovalMode::Ask, 80, 24);
    fixture.text("half a thought");
    fixture.press(KeyCode::Tab);
    assert!(matches!(
        fixture.sent().as_slice(),
        [Command::Settings(_, SettingsCommand::Agent(Agent::Plan))]
    ));
    assert!(fixture.shows("half a thought"));
    fixture.ctrl('c');
    fixture.text("/mod");
    fixture.press(KeyCode::Tab);
    assert!(fixture.sent().is_empty() && fixture.shows("/models"));
    fixture.ctrl('c');
    fixture.mode(Agent::Plan, ApprovalMode::Ask, Sandbox::Namespaces);
    fixture.press(KeyCode::Tab);
    assert!(matches!(
        fixture.sent().as_slice(),
        [Command::Settings(_, SettingsCommand::Agent(Agent::Build))]
    ));
}

#[test]
fn the_four_modes_say_what_they_mean() {
    for (width, height) in [(60, 18), (80, 24)] {
        let mut fixture = fixture(ApprovalMode::Ask, width, height);
        fixture.enter("/approvals");
        assert_snapshot!(format!("modes_{width}x{height}"), fixture.picture());
        fixture.press(KeyCode::Down);
        fixture.press(KeyCode::Enter);
        assert_eq!(set(&mut fixture), Some(ApprovalMode::Auto));
        assert!(!fixture.shows("What may happen"));
    }
}

#[test]
fn the_mode_in_which_nothing_asks_needs_another_key_after_enter() {
    let mut fixture = fixture(ApprovalMode::Ask, 80, 24);
    fixture.text("/approvals");
    fixture.presses([KeyCode::Enter, KeyCode::Up, KeyCode::Up, KeyCode::Enter, KeyCode::Enter]);
    assert_eq!(set(&mut fixture), None, "a key held down does not get there");
    fixture.press(KeyCode::Esc);
    assert!(fixture.shows("What may happen"), "the first esc only takes the choice back");
    fixture.press(KeyCode::Char('y'));
    assert_eq!(set(&mut fixture), None);
    fixture.refuse(Problem::new(ProblemKind::Internal, "A note from before"));
    assert!(fixture.shows("A note from before"));
    fixture.press(KeyCode::Enter);
    assert_snapshot!("modes_full", fixture.picture());
    fixture.press(KeyCode::Char('y'));
    assert_eq!(set(&mut fixture), Some(ApprovalMode::Full));
}

#[test]
fn without_a_sandbox_the_list_says_what_follows() {
    let mut fixture = fixture(ApprovalMode::Ask, 80, 24);
    fixture.mode(Agent::Build, ApprovalMode::Ask, Sandbox::Absent);
    fixture.enter("/permissions");
    assert!(fixture.shows(sentences::SYSTEM_WITHOUT_SANDBOX));
}

#[test]
fn the_status_says_why_commands_are_kept_in_no_better() {
    let mut fixture = fixture(ApprovalMode::Auto, 80, 40);
    fixture.mode(Agent::Build, ApprovalMode::Auto, Sandbox::Landlock);
    let refused = ["namespaces: a namespace of users: EPERM", "bubblewrap: there is none"]
        .map(str::to_owned)
        .into();
    fixture.change(|view| view.refused = refused);
    fixture.enter("/status");
    fixture.assert_shows([
        "tier 3 of 4: Landlock and seccomp",
        "refused     namespaces: a namespace of users: EPERM",
        "            bubblewrap: there is none",
    ]);
}

fn known(pattern: &str, source: RuleSource) -> KnownRule {
    KnownRule { rule: Rule::new(RuleSubject::Shell, pattern, Ruling::Allow), source }
}

fn rules() -> Vec<KnownRule> {
    let settings = RuleSource::Settings("/home/me/.config/codling/config.toml".into());
    let deny = Rule::new(RuleSubject::Read, "*.pem", Ruling::Deny);
    vec![
        KnownRule { rule: deny, source: settings },
        known("cargo test *", RuleSource::Folder),
        known(&format!("make {}", "target ".repeat(20)), RuleSource::Conversation),
    ]
}

#[test]
fn rules_are_listed_with_where_they_come_from_and_all_but_those_of_settings_are_revoked_there() {
    for (width, height) in [(60, 18), (80, 24), (120, 40)] {
        let mut fixture = fixture(ApprovalMode::Ask, width, height);
        fixture.event(EventKind::Rules(rules().into()));
        fixture.enter("/approvals");
        fixture.assert_shows(["tab\u{a0}3\u{a0}rules"]);
        fixture.press(KeyCode::Tab);
        fixture.cmds();
        assert_snapshot!(format!("rules_{width}x{height}"), fixture.picture());
        fixture.press(KeyCode::Char('x'));
        assert!(fixture.sent().is_empty(), "it stands in a file that a person wrote");
        fixture.assert_shows(["change it there"]);
        for at in 1..3 {
            fixture.press(KeyCode::Down);
            fixture.press(KeyCode::Char('x'));
            let sent = fixture.sent();
            assert!(
                matches!(&sent[..], [Command::Settings(_, SettingsCommand::Revoke(known))] if *known == rules()[at]),
                "{sent:?}"
            );
        }
        fixture.event(EventKind::Rules(rules()[..1].into()));
        fixture.assert_hides(["cargo test"]);
        fixture.event(EventKind::Rules([].into()));
        fixture.assert_shows([sentences::NO_RULES]);
        fixture.press(KeyCode::Char('x'));
        assert!(fixture.sent().is_empty());
        fixture.press(KeyCode::Tab);
        fixture.assert_shows([sentences::MODES_DIALOG]);
    }
}

#[test]
fn what_is_open_to_commands_is_listed_behind_the_rules_and_closed_there() {
    for (width, height) in [(80, 24), (120, 40)] {
        let mut fixture = fixture(ApprovalMode::Auto, width, height);
        fixture.event(EventKind::Rules(rules().into()));
        let hosts = ["127.0.0.1:5432", "crates.io"].map(|host| AllowedHost::parse(host).unwrap());
        let opened = SandboxOpenings { hosts: hosts.into(), ..SandboxOpenings::default() };
        fixture.event(EventKind::SandboxOpened(opened.clone()));
        fixture.text("/approvals");
        fixture.presses([KeyCode::Enter, KeyCode::Tab]);
        fixture.cmds();
        fixture.assert_shows(["crates.io"]);
        fixture.presses([KeyCode::Down; 3]);
        assert_snapshot!(format!("rules_and_openings_{width}x{height}"), fixture.picture());
        fixture.press(KeyCode::Char('x'));
        let sent = fixture.sent();
        assert!(
            matches!(&sent[..], [Command::Settings(_, SettingsCommand::Close(closed))] if opened.each().next().as_ref() == Some(closed)),
            "{sent:?}"
        );
        fixture.event(EventKind::SandboxOpened(SandboxOpenings::default()));
        fixture.assert_hides(["crates.io"]);
    }
}

#[test]
fn more_rules_than_fit_follow_the_cursor_and_the_keys_stay_in_sight() {
    let mut fixture = fixture(ApprovalMode::Ask, 60, 18);
    let many: Vec<_> =
        (1..=40).map(|at| known(&format!("tool{at} *"), RuleSource::Folder)).collect();
    fixture.event(EventKind::Rules(many.into()));
    fixture.text("/approvals");
    fixture.presses([KeyCode::Enter, KeyCode::Tab]);
    for _ in 0..39 {
        fixture.assert_shows(["x\u{a0}revoke"]);
        fixture.press(KeyCode::Down);
    }
    fixture.assert_shows(["› allow  shell: tool40 *"]);
}

#[test]
fn the_status_lists_the_rules_with_where_they_come_from() {
    let mut fixture = fixture(ApprovalMode::Ask, 80, 40);
    fixture.event(EventKind::Rules(rules().into()));
    fixture.enter("/status");
    fixture.assert_shows([
        "rules       deny read: *.pem · ~/.config/codling/config.toml",
        "            allow shell: cargo test * · this folder",
    ]);
}
