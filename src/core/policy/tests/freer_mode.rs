//! The approval mode that would spare a question, and the rules that would.

use super::*;
use crate::policy::freer_mode;
use crate::protocol::{ApprovalMode::*, HostLocation, Look};

fn look(path: &str) -> PlannedAction {
    action(ActionKind::Look { look: Look::Read, targets: vec![target(path)] })
}

fn change(path: &str) -> PlannedAction {
    action(ActionKind::Change { diffs: Vec::new(), targets: vec![target(path)] })
}

fn fetch(url: &str, host: HostLocation) -> PlannedAction {
    action(ActionKind::Fetch { url: url.into(), host })
}

/// A line that asks in `ask`, the mode that would let it pass, and whether a rule would.
fn asked_in_ask() -> Vec<(PlannedAction, ApprovalMode, bool)> {
    vec![
        (change("a.rs"), Auto, true),
        (command("cargo test"), Auto, true),
        (command("touch a && cargo test"), Auto, true),
        (command("git reset --hard"), Full, true),
        (command("crontab x"), Full, false),
        // It asks in `auto` as well only where nothing keeps what it removes, and undo has no copy.
        (command("rm a.txt"), Auto, true),
        (command("curl https://a.org"), Full, true),
        (look("/etc/hostname"), Full, true),
        (look(".env"), Full, true),
        (change("/srv/other/a"), Full, false),
        (change(".git/hooks/pre-commit"), Full, false),
        (fetch("https://docs.rs/", HostLocation::Public), Full, true),
        (fetch("http://127.0.0.1:8080/", HostLocation::Private), Full, true),
    ]
}

#[test]
fn a_freer_mode_is_named_where_it_would_really_not_ask() {
    for (action, freer, _) in asked_in_ask() {
        let policy = policy(&[]);
        let of = |mode: &SessionMode| freer_mode(&policy, &[], mode, &action);
        let mode = session_mode(Ask);
        assert_eq!(word(&evaluate(&policy, &[], &mode, &action)), "ask", "{action:?}");
        assert_eq!(of(&mode), Some(freer), "{action:?}");
        let next = evaluate(&policy, &[], &session_mode(freer), &action);
        assert!(matches!(next, Decision::Allow(_)), "{action:?}");
        assert_eq!(of(&session_mode(Auto)), Some(Full), "{action:?}");
        assert_eq!(of(&session_mode(Full)), None, "{action:?}");
        let plan = SessionMode { agent: Agent::Plan, ..mode };
        if word(&evaluate(&policy, &[], &plan, &action)) == "ask" {
            assert_eq!(of(&plan), None, "{action:?}");
        }
        if matches!(action.kind, ActionKind::Command { .. }) {
            let nothing = SessionMode { sandbox: Sandbox::Absent, ..mode };
            assert_eq!(of(&nothing), Some(Full), "{action:?}");
        }
    }
}

#[test]
fn what_could_be_learned_lets_the_call_pass_as_a_setting_too() {
    for (action, _, is_learnable) in asked_in_ask() {
        for mode in [Ask, Auto] {
            let mode = session_mode(mode);
            let Decision::Ask { learn, .. } = evaluate(&policy(&[]), &[], &mode, &action) else {
                continue;
            };
            assert_eq!(!learn.is_empty(), is_learnable, "{action:?}");
            if is_learnable {
                let policy = PolicyConfig { rules: learn.into(), ..policy(&[]) };
                let next = evaluate(&policy, &[], &mode, &action);
                assert!(matches!(next, Decision::Allow(_)), "{action:?}: {next:?}");
            }
        }
    }
}
