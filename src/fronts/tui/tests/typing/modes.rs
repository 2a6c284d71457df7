//! Modes and agents: showing and changing them.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use insta::assert_snapshot;

use crate::fronts::tui::messages::Msg;
use crate::fronts::tui::tests::Desk;
use crate::protocol::{
    Agent, ApprovalMode, Command, EventKind, KnownRule, Problem, ProblemKind, Rule, RuleSource,
    RuleSubject, Ruling, Sandbox, SessionMode, SettingsCommand,
};

fn desk(mode: ApprovalMode, width: u16, height: u16) -> Desk {
    let mut desk = Desk::connected(width, height);
    desk.event(EventKind::SessionMode(SessionMode {
        agent: Agent::Build,
        approval_mode: mode,
        sandbox: Sandbox::Namespaces,
    }));
    desk.cmds();
    desk
}

fn set(desk: &mut Desk) -> Option<ApprovalMode> {
    let sent = desk.sent();
    sent.into_iter().find_map(|command| {
        if let Command::Settings(_, SettingsCommand::Mode(mode)) = command {
            Some(mode)
        } else {
            None
        }
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
        let mut desk = desk(from, 80, 24);
        desk.msg(Msg::Key(KeyEvent::new(KeyCode::BackTab, KeyModifiers::SHIFT)));
        assert_eq!(set(&mut desk), Some(to), "{from:?}");
    }
}

#[test]
fn the_status_line_names_agent_and_mode() {
    let mut desk = desk(ApprovalMode::Auto, 80, 24);
    desk.ask("go");
    assert!(desk.shows("Build · auto · GPT-6.1 Sol (medium)"), "{}", desk.picture());
    desk.event(EventKind::SessionMode(SessionMode {
        agent: Agent::Plan,
        approval_mode: ApprovalMode::ReadOnly,
        sandbox: Sandbox::Namespaces,
    }));
    assert!(desk.shows("Plan · read-only · GPT-6.1 Sol"));
}

#[test]
fn tab_changes_the_agent_whatever_is_typed_but_not_in_a_menu() {
    let mut desk = desk(ApprovalMode::Ask, 80, 24);
    desk.text("half a thought");
    desk.press(KeyCode::Tab);
    assert!(matches!(
        desk.sent().as_slice(),
        [Command::Settings(_, SettingsCommand::Agent(Agent::Plan))]
    ));
    assert!(desk.shows("half a thought"));
    desk.ctrl('c');
    desk.text("/mod");
    desk.press(KeyCode::Tab);
    assert!(desk.sent().is_empty() && desk.shows("/models"));
    desk.ctrl('c');
    desk.event(EventKind::SessionMode(SessionMode {
        agent: Agent::Plan,
        approval_mode: ApprovalMode::Ask,
        sandbox: Sandbox::Namespaces,
    }));
    desk.press(KeyCode::Tab);
    assert!(matches!(
        desk.sent().as_slice(),
        [Command::Settings(_, SettingsCommand::Agent(Agent::Build))]
    ));
}

#[test]
fn the_four_modes_say_what_they_mean() {
    for (width, height) in [(60, 18), (80, 24)] {
        let mut desk = desk(ApprovalMode::Ask, width, height);
        desk.text("/approvals");
        desk.press(KeyCode::Enter);
        assert_snapshot!(format!("modes_{width}x{height}"), desk.picture());
        desk.press(KeyCode::Down);
        desk.press(KeyCode::Enter);
        assert_eq!(set(&mut desk), Some(ApprovalMode::Auto));
        assert!(!desk.shows("What may happen"));
    }
}

#[test]
fn the_mode_in_which_nothing_asks_needs_another_key_after_enter() {
    let mut desk = desk(ApprovalMode::Ask, 80, 24);
    desk.text("/approvals");
    desk.presses([KeyCode::Enter, KeyCode::Up, KeyCode::Up, KeyCode::Enter, KeyCode::Enter]);
    assert_eq!(set(&mut desk), None, "a key held down does not get there");
    desk.press(KeyCode::Esc);
    assert!(desk.shows("What may happen"), "the first esc only takes the choice back");
    desk.press(KeyCode::Char('y'));
    assert_eq!(set(&mut desk), None);
    desk.refuse(Problem::new(ProblemKind::Internal, "A note from before"));
    assert!(desk.shows("A note from before"));
    desk.press(KeyCode::Enter);
    assert_snapshot!("modes_full", desk.picture());
    desk.press(KeyCode::Char('y'));
    assert_eq!(set(&mut desk), Some(ApprovalMode::Full));
}

#[test]
fn without_a_sandbox_the_list_says_what_follows() {
    let mut desk = desk(ApprovalMode::Ask, 80, 24);
    desk.event(EventKind::SessionMode(SessionMode {
        agent: Agent::Build,
        approval_mode: ApprovalMode::Ask,
        sandbox: Sandbox::Absent,
    }));
    desk.text("/permissions");
    desk.press(KeyCode::Enter);
    assert!(desk.shows("This system has no sandbox, so every mode except `full`"));
}

#[test]
fn the_status_says_why_commands_are_kept_in_no_better() {
    let mut desk = desk(ApprovalMode::Auto, 80, 40);
    desk.event(EventKind::SessionMode(SessionMode {
        agent: Agent::Build,
        approval_mode: ApprovalMode::Auto,
        sandbox: Sandbox::Landlock,
    }));
    let refused = ["namespaces: a namespace of users: EPERM", "bubblewrap: there is none"]
        .map(str::to_owned)
        .into();
    desk.change(|view| view.refused = refused);
    desk.text("/status");
    desk.press(KeyCode::Enter);
    for shown in [
        "tier 3 of 4: Landlock and seccomp",
        "refused     namespaces: a namespace of users: EPERM",
        "            bubblewrap: there is none",
    ] {
        assert!(desk.shows(shown), "{shown}: {}", desk.picture());
    }
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
        let mut desk = desk(ApprovalMode::Ask, width, height);
        desk.event(EventKind::Rules(rules().into()));
        desk.text("/approvals");
        desk.press(KeyCode::Enter);
        assert!(desk.shows("tab\u{a0}3\u{a0}rules"), "{}", desk.picture());
        desk.press(KeyCode::Tab);
        desk.cmds();
        assert_snapshot!(format!("rules_{width}x{height}"), desk.picture());
        desk.press(KeyCode::Char('x'));
        assert!(desk.sent().is_empty(), "it stands in a file that a person wrote");
        assert!(desk.shows("change it there"), "{}", desk.picture());
        for at in 1..3 {
            desk.press(KeyCode::Down);
            desk.press(KeyCode::Char('x'));
            let sent = desk.sent();
            assert!(
                matches!(&sent[..], [Command::Settings(_, SettingsCommand::Revoke(known))] if *known == rules()[at]),
                "{sent:?}"
            );
        }
        desk.event(EventKind::Rules(rules()[..1].into()));
        assert!(!desk.shows("cargo test"), "{}", desk.picture());
        desk.event(EventKind::Rules([].into()));
        assert!(desk.shows("There are no rules"), "{}", desk.picture());
        desk.press(KeyCode::Char('x'));
        assert!(desk.sent().is_empty());
        desk.press(KeyCode::Tab);
        assert!(desk.shows("What may happen without asking"), "{}", desk.picture());
    }
}

#[test]
fn more_rules_than_fit_follow_the_cursor_and_the_keys_stay_in_sight() {
    let mut desk = desk(ApprovalMode::Ask, 60, 18);
    let many: Vec<_> =
        (1..=40).map(|at| known(&format!("tool{at} *"), RuleSource::Folder)).collect();
    desk.event(EventKind::Rules(many.into()));
    desk.text("/approvals");
    desk.presses([KeyCode::Enter, KeyCode::Tab]);
    for _ in 0..39 {
        assert!(desk.shows("x\u{a0}revoke"), "{}", desk.picture());
        desk.press(KeyCode::Down);
    }
    assert!(desk.shows("› allow  shell: tool40 *"), "{}", desk.picture());
}

#[test]
fn the_status_lists_the_rules_with_where_they_come_from() {
    let mut desk = desk(ApprovalMode::Ask, 80, 40);
    desk.event(EventKind::Rules(rules().into()));
    desk.text("/status");
    desk.press(KeyCode::Enter);
    for shown in [
        "rules       deny read: *.pem · ~/.config/codling/config.toml",
        "            allow shell: cargo test * · this folder",
    ] {
        assert!(desk.shows(shown), "{shown}: {}", desk.picture());
    }
}
