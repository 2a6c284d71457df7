//! A table of cases for each step of the decision about a command line.

use crate::policy::tests::{policy, target};
use crate::protocol::{Agent, ApprovalMode};
use ApprovalMode::{Auto, Full, ReadOnly};
use RuleSubject::{Outside, Shell};
use Ruling::{Allow, Ask, Deny};
use Sandbox::{Absent, Namespaces};

use super::*;
use crate::protocol::Ruling;

type Rules<'a> = &'a [(RuleSubject, &'a str, Ruling)];

/// A call: its rules, its mode and its place.
struct Fixture {
    policy: crate::policy::decision::PolicyConfig,
    allowance: Allowance,
    sandbox: Sandbox,
    folder: Target,
    wanted: RequestedConfinement,
}

fn fixture(rules: Rules, mode: ApprovalMode, sandbox: Sandbox) -> Fixture {
    let mode = SessionMode { agent: Agent::Build, approval_mode: mode, sandbox };
    Fixture {
        policy: policy(rules),
        allowance: Allowance::of(&mode),
        sandbox,
        folder: target("."),
        wanted: RequestedConfinement::AsUsual,
    }
}

impl Fixture {
    /// The result of a step that is given the call and the parts of a line.
    fn step<T>(&self, line: &str, step: impl Fn(&Call, &[MatchedPart]) -> T) -> T {
        let parts = self.call().understand(line);
        let parts: Vec<_> = parts.iter().map(|part| self.call().apply_rules(part)).collect();
        step(&self.call(), &parts)
    }

    fn call(&self) -> Call<'_> {
        Call {
            rules: RuleSet { policy: &self.policy, learned: &[] },
            allowance: self.allowance,
            sandbox: self.sandbox,
            folder: &self.folder,
            wanted: self.wanted,
        }
    }

    fn decision(&self, line: &str, mode: ApprovalMode) -> Decision {
        let mode = SessionMode { agent: Agent::Build, approval_mode: mode, sandbox: self.sandbox };
        evaluate(&self.call().rules, &mode, line, &self.folder, self.wanted)
    }
}

fn kinds(reasons: &[AskReason]) -> Vec<String> {
    let name = |reason: &AskReason| format!("{:?}", reason.kind);
    let short = |name: String| name.split('(').next().unwrap_or_default().to_owned();
    reasons.iter().map(name).map(short).collect()
}

#[test]
fn understand_gives_each_part_its_reasons_and_a_need_to_leave_the_sandbox() {
    use RequestedConfinement::{AsUsual, Unconfined};
    for (line, sandbox, wanted, expected) in [
        ("ls; foo", Namespaces, AsUsual, &[&[][..], &["Other"]][..]),
        ("ls; foo", Namespaces, Unconfined, &[&["Need"], &["Other", "Need"]]),
        ("ls; foo", Absent, Unconfined, &[&[], &["Other"]]),
        ("git status", Absent, AsUsual, &[&["Configured"]]),
    ] {
        let fixture = Fixture { wanted, ..fixture(&[], Auto, sandbox) };
        let parts = fixture.call().understand(line);
        let found: Vec<_> = parts.iter().map(|part| kinds(&part.reasons)).collect();
        assert_eq!(found, expected, "{line} {sandbox:?} {wanted:?}");
    }
}

#[test]
fn a_rule_forbids_a_part_a_piece_of_what_is_unclear_and_a_place() {
    for (rules, line, place, is_forbidden) in [
        (&[(Shell, "rm *", Deny)][..], "ls; rm a", ".", true),
        (&[(Shell, "rm *", Deny)], "if ls; then\n rm a 'b", ".", true),
        (&[(Shell, "rm *", Deny)], "ls", ".", false),
        (&[(Outside, "/tmp", Deny)], "ls", "/tmp", true),
        (&[(Outside, "/tmp", Ask)], "ls", "/tmp", false),
    ] {
        let fixture = Fixture { folder: target(place), ..fixture(rules, Auto, Namespaces) };
        let call = fixture.call();
        let parts = call.understand(line);
        assert_eq!(call.forbidding_rule(line, &parts).is_some(), is_forbidden, "{rules:?} {line}");
    }
}

#[test]
fn full_allows_all_that_no_rule_forbids_anywhere() {
    let anywhere = Decision::Allow(Grant::anywhere(Confinement::Free));
    for (line, is_allowed) in [("rm -rf /", true), ("echo 'x", true), ("foo", false)] {
        for sandbox in [Absent, Namespaces] {
            let fixture = fixture(&[(Shell, "foo *", Deny)], Full, sandbox);
            assert_eq!(fixture.decision(line, Full) == anywhere, is_allowed, "{line} {sandbox:?}");
        }
    }
}

#[test]
fn the_reasons_here_depend_on_the_sandbox() {
    for (line, with, without) in [
        ("ls", &[][..], &["Unguarded"][..]),
        ("git status", &[], &["Configured"]),
        ("foo", &["Other"], &["Other"]),
    ] {
        for (sandbox, expected) in [(Namespaces, with), (Absent, without)] {
            let found = fixture(&[], Auto, sandbox).step(line, |_, parts| kinds(&parts[0].reasons));
            assert_eq!(found, expected, "{line} {sandbox:?}");
        }
    }
}

#[test]
fn rules_take_reasons_away_ask_or_say_nothing() {
    for (rules, line, remaining, effect) in [
        (&[][..], "foo", &["Other"][..], Effect::Nothing),
        (&[(Shell, "foo *", Allow)], "foo", &[], Effect::Allows),
        (&[(Shell, "foo *", Ask)], "foo", &["Other"], Effect::Asks),
        (&[(Shell, "cat *", Allow)], "cat .env", &["Secret"], Effect::Allows),
        (&[(Shell, "cat .env", Allow)], "cat .env", &[], Effect::Allows),
        (&[(RuleSubject::Edit, "a", Allow)], "echo x > a", &[], Effect::Nothing),
    ] {
        let found = fixture(rules, Auto, Namespaces)
            .step(line, |_, parts| (kinds(&parts[0].remaining), parts[0].effect));
        assert_eq!((found.0.as_slice(), found.1), (&strings(remaining)[..], effect), "{line}");
    }
}

fn strings(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[test]
fn a_place_outside_asks_unless_a_rule_about_it_allows() {
    for (rules, place, asks) in [
        (&[][..], ".", false),
        (&[], "/srv/data", true),
        (&[(Outside, "/srv/data/*", Allow)], "/srv/data", false),
        (&[(Shell, "*", Allow)], "/srv/data", true),
    ] {
        let fixture = Fixture { folder: target(place), ..fixture(rules, Auto, Namespaces) };
        assert_eq!(fixture.call().outside_place().is_some(), asks, "{rules:?} {place}");
    }
}

#[test]
fn while_reading_the_sandbox_lets_fail_and_without_it_rules_lift_only_reading() {
    for (rules, sandbox, line, expected) in [
        (&[][..], Namespaces, "foo > a", &[][..]),
        (&[], Namespaces, "cat /etc/hosts .env", &["ReadsOutside", "Secret"]),
        (&[(Shell, "cat .env", Allow)], Namespaces, "cat .env", &[]),
        (&[(Shell, "cat .env", Allow)], Absent, "cat .env", &[]),
        (&[(Shell, "foo *", Allow)], Absent, "foo", &["Other"]),
        (&[], Absent, "ls", &["Unguarded"]),
    ] {
        let mut found = fixture(rules, ReadOnly, sandbox).step(line, |call, parts| {
            let reasons = call.reasons_while_reading(parts);
            kinds(&reasons.into_iter().cloned().collect::<Vec<_>>())
        });
        found.sort();
        assert_eq!(found, expected, "{rules:?} {sandbox:?} {line}");
    }
}

#[test]
fn plan_refuses_danger_and_without_a_sandbox_all_but_reading() {
    for (allowance, sandbox, line, is_refused) in [
        (Allowance::Plan, Namespaces, "rm -rf /", true),
        (Allowance::Plan, Namespaces, "cat /etc/hosts", false),
        (Allowance::Plan, Absent, "foo", true),
        (Allowance::Plan, Absent, "cat .env", false),
        (Allowance::ReadOnly, Absent, "rm -rf /", false),
    ] {
        let fixture = Fixture { allowance, ..fixture(&[], ReadOnly, sandbox) };
        let found = fixture.step(line, |call, parts| {
            call.refused_by_plan(&call.reasons_while_reading(parts)).is_some()
        });
        assert_eq!(found, is_refused, "{allowance:?} {sandbox:?} {line}");
    }
}

#[test]
fn only_auto_in_a_sandbox_without_the_home_makes_reasons_harmless() {
    for (mode, sandbox, home, line, is_harmless) in [
        (Auto, Namespaces, "/home/ada", "foo", true),
        (Auto, Namespaces, "/home/ada", "curl https://a.b", false),
        (Auto, Namespaces, "/home/ada", "rm -rf /", false),
        (Auto, Namespaces, "/srv/app/ada", "foo", false),
        (Auto, Absent, "/home/ada", "foo", false),
        (ApprovalMode::Ask, Namespaces, "/home/ada", "foo", false),
    ] {
        let mut fixture = fixture(&[], mode, sandbox);
        fixture.policy.home = Some(home.into());
        let why = fixture.step(line, |call, parts| call.not_harmless_inside(parts));
        assert_eq!(why.is_none(), is_harmless, "{mode:?} {sandbox:?} {home} {line}");
    }
}

#[test]
fn an_opening_covers_its_host_and_its_folder_only() {
    let mut fixture = fixture(&[], Auto, Namespaces);
    fixture.policy.grants.add(SandboxOpening::Host(AllowedHost::parse("a.b").unwrap()));
    fixture.policy.grants.add(SandboxOpening::Folder("/tmp".into()));
    for (kind, is_open) in [
        (ReasonKind::Network(vec!["a.b".into()]), true),
        (ReasonKind::Network(vec!["a.b".into(), "c.d".into()]), false),
        (ReasonKind::Network(Vec::new()), false),
        (ReasonKind::Beyond(Some("/tmp/a".into())), true),
        (ReasonKind::Escape(Some("/etc/a".into())), false),
        (ReasonKind::Escape(None), false),
        (ReasonKind::Danger, false),
    ] {
        assert_eq!(fixture.call().is_open(&kind), is_open, "{kind:?}");
    }
}

#[test]
fn a_line_is_not_split_between_the_sandbox_and_its_outside() {
    let rules = &[(Shell, "git push *", Allow), (Shell, "ls *", Ask)];
    for (line, asks, splits) in [
        ("git push", false, false),
        ("git push && ./evil", false, true),
        ("./evil", false, false),
        ("ls", true, false),
    ] {
        let found = fixture(rules, Auto, Namespaces)
            .step(line, |call, parts| (rule_asks(parts), call.cannot_split(parts)));
        assert_eq!((found.0.is_some(), found.1.is_some()), (asks, splits), "{line}");
    }
}

#[test]
fn a_grant_is_no_wider_than_its_mode_needs() {
    use Confinement::{Folder, Free, ReadOnly as Reading};
    for (rules, mode, sandbox, line, confinement, secrets) in [
        (&[][..], Auto, Namespaces, "ls", Reading, SecretAccess::Plain),
        (&[], Auto, Namespaces, "git status", Folder, SecretAccess::Plain),
        (&[], ApprovalMode::Ask, Namespaces, "git status", Reading, SecretAccess::Plain),
        (&[], Auto, Namespaces, "foo", Folder, SecretAccess::All),
        (&[(Shell, "foo *", Allow)], Auto, Namespaces, "foo", Free, SecretAccess::All),
        (&[(Shell, "foo *", Allow)], Auto, Namespaces, "foo; bar", Folder, SecretAccess::All),
        (&[(Shell, "ls *", Allow)], Auto, Absent, "ls", Free, SecretAccess::Plain),
    ] {
        let grant = fixture(rules, mode, sandbox).step(line, |call, parts| call.grant(parts));
        let found = (grant.confinement, grant.secrets);
        assert_eq!(found, (confinement, secrets), "{rules:?} {mode:?} {line}");
    }
}

#[test]
fn an_approval_lets_out_unless_the_mode_only_reads() {
    for (mode, sandbox, expected) in [
        (Auto, Namespaces, Confinement::Free),
        (ReadOnly, Namespaces, Confinement::ReadOnly),
        (ReadOnly, Absent, Confinement::Free),
    ] {
        let grant = fixture(&[], mode, sandbox).call().grant_if_approved();
        assert_eq!(grant.confinement, expected, "{mode:?} {sandbox:?}");
    }
}
