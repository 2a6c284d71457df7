//! The decision about what is typed into a job: as free as the job is, and no freer than the mode.

use crate::protocol::{
    Confinement, Denial, DenialCause, Grant, Rule, RuleSubject, Ruling, SessionMode,
};

use super::command::{ReasonKind, line_edits, parts};
use super::decision::{Allowance, Decision, forbidden};
use super::glob;
use super::rules::RuleSet;

/// Ctrl-C and Ctrl-\, which interrupt and end a command.
const ENDING: [&str; 2] = ["\u{3}", "\u{1c}"];

/// `command` is all of the job's command, and `confinement` what keeps it in.
pub fn evaluate(
    rules: &RuleSet,
    session_mode: &SessionMode,
    command: &str,
    text: &str,
    confinement: Confinement,
) -> Decision {
    let allowed = Decision::Allow(Grant::within(confinement));
    // To wait for it and to end it changes nothing that starting it did not.
    if text.is_empty() || ENDING.contains(&text) {
        return allowed;
    }
    let found = rules.find(RuleSubject::Input, |rule| glob::fits(&rule.pattern, command));
    if let Some(found) = found.as_ref().filter(|found| found.ruling() == Ruling::Deny) {
        return forbidden(found.rule);
    }
    let scope = Allowance::of(session_mode);
    if scope == Allowance::Full {
        return allowed;
    }
    if scope.is_reading() && confinement != Confinement::ReadOnly {
        let (cause, so) = match scope {
            Allowance::Plan => (DenialCause::Plan, "Plan changes nothing"),
            _ => (DenialCause::ReadOnly, "The mode is read-only"),
        };
        let why = format!(
            "{so}, and this command was started where it may change files: say what you would type"
        );
        let detail = Some("This command was started where it may change files".to_owned());
        return Decision::Deny { why, denial: Denial { cause, detail } };
    }
    let asked = found.as_ref().is_some_and(|found| found.ruling() == Ruling::Ask);
    let passes = match confinement {
        Confinement::ReadOnly => true,
        Confinement::Folder => scope == Allowance::Auto,
        Confinement::Free => false,
    };
    let secret = || shown_secret(rules, text);
    if found.is_some_and(|found| found.allows()) {
        return allowed;
    }
    let secret = if passes && !asked { secret() } else { None };
    if passes && !asked && secret.is_none() {
        return allowed;
    }
    let why = match (asked, confinement) {
        _ if secret.is_some() => secret.unwrap_or_default(),
        (true, _) => {
            let first = command.lines().next().unwrap_or_default();
            format!("A rule says to ask (`{first}`)")
        }
        (false, Confinement::Free) => {
            "It is typed into a command that runs outside of the sandbox".to_owned()
        }
        (false, _) => "It is typed into a running command".to_owned(),
    };
    let learn = vec![Rule::new(RuleSubject::Input, glob::exactly(command), Ruling::Allow)];
    Decision::Ask { why, learn, grant: Grant::within(confinement) }
}

/// Why a line would be asked about for what it shows if it is typed into a shell.
fn shown_secret(rules: &RuleSet, text: &str) -> Option<String> {
    let (policy, text) = (rules.policy, text.trim_end_matches(['\n', '\r', '\u{4}']));
    let mut reasons = parts(policy, text, &policy.folder).into_iter().flat_map(|part| part.reasons);
    let secret = reasons.find(|reason| matches!(reason.kind, ReasonKind::Secret(_)));
    let shows = || {
        let leaves_out = line_edits(policy, text, &policy.folder).leaves_out;
        leaves_out.then(|| "It may show secrets that were committed".to_owned())
    };
    secret.map(|reason| reason.why).or_else(shows)
}
