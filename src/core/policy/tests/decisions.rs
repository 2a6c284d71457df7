//! Every decision about the lines of the table, written to a file that can be compared with that of
//! another commit.

use std::fmt::Write;

use super::*;
use crate::protocol::{AllowedHost, SandboxOpening};
use RuleSubject::{Any, Edit, Outside, Read, Shell};
use Ruling::{Allow, Ask, Deny};

/// Rules of the settings, then the patterns that were learned.
type Rules = (&'static [(RuleSubject, &'static str, Ruling)], &'static [&'static str]);

const RULES: [Rules; 16] = [
    (&[], &[]),
    (&[(Shell, "*", Allow)], &[]),
    (&[(Any, "*", Allow)], &[]),
    (&[(Any, "*", Deny), (Shell, "ls *", Allow)], &[]),
    (&[(Shell, "*", Ask)], &[]),
    (&[(Shell, "*", Allow), (Shell, "git *", Ask)], &[]),
    (&[(Shell, "git push*", Allow), (Shell, "curl *", Allow), (Shell, "npm *", Allow)], &[]),
    (&[(Shell, "cat .env", Allow), (Shell, "rm -rf /", Allow), (Shell, "PATH=. ls", Allow)], &[]),
    (&[(Shell, "rm *", Deny), (Shell, "sh *", Deny)], &[]),
    (&[(Edit, "src/*", Deny), (Edit, "out.txt", Allow), (Read, ".env*", Deny)], &[]),
    (&[(Edit, "*", Allow)], &[]),
    (&[(Outside, "/etc/*", Deny), (Outside, "/srv/data", Allow)], &[]),
    (&[(Outside, "/srv/*", Deny)], &[]),
    (&[], &["*"]),
    (&[], &["ls *", "rm *", "git push *", "xargs rm", "foo *"]),
    (&[(Shell, "git *", Deny)], &["git *", "env *", "sudo ls"]),
];

/// Policies that differ in the folder and in what is open in the sandbox.
fn policies(rules: &[(RuleSubject, &str, Ruling)]) -> [(&'static str, PolicyConfig); 3] {
    let mut open = policy(rules);
    open.grants.add(SandboxOpening::Host(AllowedHost::parse("example.com").unwrap()));
    open.grants.add(SandboxOpening::Folder("/tmp".into()));
    let home = PolicyConfig { home: Some("/srv/app/ada".into()), ..policy(rules) };
    [("plain", policy(rules)), ("home inside", home), ("opened", open)]
}

fn session_modes() -> Vec<SessionMode> {
    let modes = ApprovalMode::ALL.map(|mode| (Agent::Build, mode));
    let modes = modes.into_iter().chain([(Agent::Plan, ApprovalMode::Auto)]);
    let sandboxes = [Sandbox::Absent, Sandbox::Landlock, Sandbox::Namespaces, Sandbox::Seatbelt];
    modes
        .flat_map(|(agent, approval_mode)| {
            sandboxes.map(|sandbox| SessionMode { agent, approval_mode, sandbox })
        })
        .collect()
}

/// Each decision about one action, with the modes and sandboxes in which it holds.
fn of_action(policy: &PolicyConfig, learned: &[Rule], action: &PlannedAction) -> String {
    let mut found: Vec<(Decision, Vec<String>)> = Vec::new();
    for mode in session_modes() {
        let decision = evaluate(policy, learned, &mode, action);
        let name = format!("{:?}/{:?}/{:?}", mode.agent, mode.approval_mode, mode.sandbox);
        match found.iter_mut().find(|(known, _)| *known == decision) {
            Some((_, names)) => names.push(name),
            None => found.push((decision, vec![name])),
        }
    }
    let mut text = String::new();
    for (decision, names) in found {
        writeln!(text, "    {decision:?}\n        {}", names.join(" ")).unwrap();
    }
    text
}

/// Run `CODLING_DECISIONS=before.txt cargo test --lib every_decision -- --ignored` on one commit,
/// with `after.txt` on the other; `diff` then shows every decision that a change of policy changed.
#[test]
#[ignore = "writes 100 MB for people to compare, in minutes; see above"]
fn every_decision_about_the_table_is_written_down() {
    let path = std::env::var("CODLING_DECISIONS").expect("CODLING_DECISIONS names the file");
    let lines: Vec<String> = commands::rows().into_iter().map(|(_, line)| line).collect();
    let mut text = String::new();
    for (rules, learned) in RULES {
        let learned: Vec<Rule> =
            learned.iter().map(|pattern| Rule::new(Shell, *pattern, Allow)).collect();
        for (name, policy) in policies(rules) {
            for (folder, wanted) in [
                (target("."), RequestedConfinement::AsUsual),
                (target("."), RequestedConfinement::Unconfined),
                (target("/srv/data"), RequestedConfinement::AsUsual),
            ] {
                for line in &lines {
                    let kind =
                        ActionKind::Command { line: line.clone(), folder: folder.clone(), wanted };
                    let decisions = of_action(&policy, &learned, &action(kind));
                    let place = &folder.shown;
                    writeln!(text, "{rules:?} {learned:?} {name} {place} {wanted:?}: {line:?}")
                        .unwrap();
                    text.push_str(&decisions);
                }
            }
        }
    }
    std::fs::write(path, text).unwrap();
}
