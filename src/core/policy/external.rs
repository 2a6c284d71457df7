//! The decision about tools of a tool source (MCP servers, clients): they ask, unless a rule names
//! them or they declare that they only read.

use crate::base::tool_name;
use crate::protocol::{
    ApprovalMode, CLIENT_TOOLS, Confinement, Denial, DenialCause, Grant, Rule, RuleSubject, Ruling,
    SessionMode,
};

use super::decision::{Allowance, Decision, forbidden};
use super::glob;
use super::rules::RuleSet;

/// Decides about a call of such a tool. `read_only` is the source's own claim: it counts only in
/// `auto`, for Plan and in read-only mode.
pub fn evaluate(
    rules: &RuleSet,
    session_mode: &SessionMode,
    server: &str,
    tool: &str,
    read_only: bool,
) -> Decision {
    let name = tool_name::canonical(server, tool);
    let others = [tool_name::offered(server, tool), tool_name::short(server, tool)];
    let found = rules.find_named(RuleSubject::Tool, &[&name], &[&others[0], &others[1]]);
    if let Some(found) = found.filter(|found| found.ruling() == Ruling::Deny) {
        return forbidden(found.rule);
    }
    let scope = Allowance::of(session_mode);
    if scope == Allowance::Full {
        return Decision::Allow(Grant::anywhere(Confinement::Free));
    }
    if scope.is_reading() && !read_only {
        let (cause, so) = match scope {
            Allowance::Plan => (DenialCause::Plan, "Plan changes nothing"),
            _ => (DenialCause::ReadOnly, "The mode is read-only"),
        };
        let why = format!(
            "{so}, and this tool does not say that it only reads: say what you would do with it"
        );
        let detail = Some("This tool does not say that it only reads".to_owned());
        return Decision::Deny { why, denial: Denial { cause, detail } };
    }
    let grant = Grant::within(Confinement::ReadOnly);
    let asked = found.is_some_and(|found| found.ruling() == Ruling::Ask);
    // The client that brought a tool runs it itself, and can refuse to.
    let passes =
        read_only && session_mode.approval_mode == ApprovalMode::Auto || server == CLIENT_TOOLS;
    if found.is_some_and(|found| found.allows()) || passes && !asked {
        return Decision::Allow(grant);
    }
    let why = match (asked, read_only) {
        (true, _) => format!("A rule says to ask (`{name}`)"),
        (false, true) => format!("It calls a tool of `{server}`, which says that it only reads"),
        (false, false) => format!("It calls a tool of `{server}`"),
    };
    let learn = vec![Rule::new(RuleSubject::Tool, glob::exactly(&name), Ruling::Allow)];
    Decision::Ask { why, learn, grant }
}
