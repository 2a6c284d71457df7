//! Tools of a tool source.

use super::*;

#[test]
fn tools_from_elsewhere_ask_unless_a_rule_or_their_word_and_the_mode_let_them_pass() {
    use crate::protocol::ApprovalMode::{Ask, Auto, Full, ReadOnly};
    const NO: Option<(&str, Ruling)> = None;
    let named = |pattern, ruling| Some((pattern, ruling));
    for (agent, mode, read_only, rule, expected) in [
        (Agent::Build, Ask, false, NO, "ask"),
        (Agent::Build, Ask, true, NO, "ask"),
        (Agent::Build, Auto, false, NO, "ask"),
        (Agent::Build, Auto, true, NO, "allow"),
        (Agent::Build, Full, false, NO, "allow"),
        (Agent::Build, ReadOnly, false, NO, "deny"),
        (Agent::Build, ReadOnly, true, NO, "ask"),
        (Agent::Plan, Ask, false, NO, "deny"),
        (Agent::Plan, Ask, true, NO, "ask"),
        (Agent::Plan, Auto, true, NO, "allow"),
        (Agent::Plan, Full, false, NO, "deny"),
        (Agent::Build, Ask, false, named("mcp__acme__*", Ruling::Allow), "allow"),
        (Agent::Build, Ask, false, named("mcp__acme__find_all", Ruling::Allow), "allow"),
        (Agent::Build, Ask, false, named("mcp__other__*", Ruling::Allow), "ask"),
        (Agent::Plan, Full, false, named("mcp__acme__*", Ruling::Allow), "deny"),
        (Agent::Build, Auto, true, named("acme_*", Ruling::Ask), "ask"),
        (Agent::Build, Full, true, named("acme_*", Ruling::Deny), "deny"),
        (Agent::Build, Full, true, named("mcp__acme__*", Ruling::Deny), "deny"),
        // A name that opencode would allow, but that others may have as well, asks here.
        (Agent::Build, Ask, false, named("acme_find_all", Ruling::Allow), "ask"),
    ] {
        let rules: Vec<_> = rule
            .map(|(pattern, ruling)| (RuleSubject::Tool, pattern, ruling))
            .into_iter()
            .collect();
        let policy = policy(&rules);
        let mode = SessionMode { agent, approval_mode: mode, sandbox: Sandbox::Landlock };
        let kind =
            ActionKind::External { server: "acme".into(), tool: "find_all".into(), read_only };
        let action = PlannedAction::new("", kind);
        let decision = evaluate(&policy, &[], &mode, &action);
        let word = match &decision {
            Decision::Allow(_) => "allow",
            Decision::Ask { learn, .. } => {
                assert!(
                    learn.iter().all(|rule| rule.pattern == "mcp__acme__find_all"),
                    "{learn:?}"
                );
                "ask"
            }
            Decision::Deny { .. } => "deny",
        };
        assert_eq!(word, expected, "{mode:?} {read_only} {rule:?}");
    }
}

#[test]
fn where_places_are_hidden_nothing_runs_that_could_read_them_without_a_persons_yes() {
    use crate::protocol::ApprovalMode::{Ask, Auto, Full};
    let rules = [
        (RuleSubject::Any, "*", Ruling::Allow),
        (RuleSubject::Shell, "cargo *", Ruling::Allow),
        (RuleSubject::Shell, "rm *", Ruling::Deny),
        (RuleSubject::Tool, "mcp__acme__*", Ruling::Allow),
    ];
    let open = policy(&rules);
    let hiding = policy(&rules).hiding();
    for (mode, line, free, kept_in) in [
        (Auto, "cargo build", "free", "run"),
        (Ask, "cargo build", "free", "ask"),
        (Full, "cargo build", "free", "ask"),
        (Auto, "sort a.txt", "free", "read"),
        (Auto, "rm a.txt", "deny", "deny"),
        (Full, "rm a.txt", "deny", "deny"),
    ] {
        let found = [&open, &hiding].map(|policy| asked(policy, &[], mode, line).0);
        assert_eq!(found, [free, kept_in], "{mode:?} {line}");
    }
    for sandbox in Sandbox::ALL {
        for mode in ApprovalMode::ALL {
            let mode = SessionMode { agent: Agent::Build, approval_mode: mode, sandbox };
            let decision = evaluate(&hiding, &[], &mode, &command("ls"));
            assert_ne!(word(&decision), "free", "{mode:?}");
        }
    }
    for (server, expected) in [("acme", "ask"), (crate::protocol::CLIENT_TOOLS, "allow")] {
        let (server, tool) = (server.to_owned(), "find_all".to_owned());
        let action = action(ActionKind::External { server, tool, read_only: true });
        let decision = evaluate(&hiding, &[], &session_mode(Full), &action);
        let said = if matches!(decision, Decision::Allow(_)) { "allow" } else { "ask" };
        assert_eq!(said, expected);
    }
}
