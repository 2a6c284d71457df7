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
