//! Rules of the settings and learned ones.

use super::*;
use crate::policy::evaluate_repeat;
use RuleSubject::{Any, Edit, Outside, Read, Repeat, Shell};
use Ruling::{Allow, Ask, Deny};

#[test]
fn rules_of_the_settings_are_held_against_each_command_of_a_line() {
    for (rules, line, ask, auto) in [
        (&[(Shell, "cargo test *", Allow)][..], "cargo test", "free", "free"),
        (&[(Shell, "cargo test *", Allow)], "cargo test && ls", "free", "free"),
        (&[(Shell, "cargo test *", Allow)], "cargo test && foo", "ask", "run"),
        (&[(Shell, "cargo test *", Allow)], "cargo test > out", "ask", "run"),
        (&[(Shell, "cargo test *", Allow)], "cargo test > /tmp/out", "ask", "ask"),
        (&[(Shell, "cargo test *", Allow)], "cargo test $(rm a)", "ask", "run"),
        (&[(Shell, "cargo test *", Allow)], "cargo test .env", "ask", "ask"),
        (&[(Shell, "cargo test *", Allow)], "cargo test '", "ask", "ask"),
        (&[(Shell, "cargo test *", Allow)], "RUST_LOG=x cargo test", "free", "free"),
        (&[(Shell, "cargo test *", Allow)], "FOO=x cargo test", "free", "free"),
        (&[(Shell, "cargo test *", Allow)], "PATH=. cargo test", "ask", "run"),
        (&[(Shell, "cargo test *", Allow)], "timeout 5 cargo test", "free", "free"),
        (&[(Shell, "git push *", Allow)], "git push", "free", "free"),
        (&[(Shell, "git push *", Allow)], "git push && ./evil", "ask", "ask"),
        (&[(Shell, "git push *", Allow)], "PATH=. git push", "ask", "ask"),
        (&[(Shell, "git push *", Allow)], "export PATH=.; git push", "ask", "ask"),
        (&[(Shell, "git push *", Allow)], "git push --force", "ask", "ask"),
        (&[(Shell, "git push --force", Allow)], "git push --force", "free", "free"),
        (&[(Shell, "*", Allow)], "foo; bar", "free", "free"),
        (&[(Shell, "*", Allow)], "rm -rf /", "ask", "ask"),
        (&[(Shell, "*", Allow)], "cat .env", "ask", "ask"),
        (&[(Any, "*", Allow)], "cat .env", "ask", "ask"),
        (&[(Shell, "cat *", Allow)], "cat .env", "ask", "ask"),
        (&[(Shell, "cat .env", Allow)], "cat .env", "free", "free"),
        (&[(Shell, "cat .env *", Allow)], "cat .env .env.prod", "ask", "ask"),
        (&[(Read, "a.pem", Deny)], "for f in a.txt a.pem; do cat \"$f\"; done", "deny", "deny"),
        (&[(Read, "a.pem", Deny)], "for f in pem; do cat a.$f; done", "deny", "deny"),
        (&[(Shell, "cat a.txt", Deny)], "for f in a.txt; do cat \"$f\"; done", "deny", "deny"),
        (&[(Shell, "grep -r *", Deny)], "for x in r; do grep -$x foo; done", "deny", "deny"),
        (
            &[(Shell, "printf *", Allow)],
            "for x in -v; do for f in a; do printf $x f /x; cat $f; done; done",
            "ask",
            "run",
        ),
        (&[(Shell, "read *", Allow)], "for f in a; do read f; cat $f; done", "ask", "run"),
        (
            &[(Shell, "trap *", Allow)],
            "trap 'f=/x' DEBUG; for f in a; do cat $f; done",
            "ask",
            "run",
        ),
        (&[(Shell, "rm *", Deny)], "rm a", "deny", "deny"),
        (&[(Shell, "rm *", Deny)], "ls; 'r'm a", "deny", "deny"),
        (&[(Shell, "rm *", Deny)], "/bin/rm a", "deny", "deny"),
        (&[(Shell, "rm *", Deny)], "sh -c 'rm a'", "deny", "deny"),
        (&[(Shell, "rm *", Deny)], "ls | xargs rm", "deny", "deny"),
        (&[(Shell, "rm *", Deny)], "find . -exec rm {} +", "deny", "deny"),
        (&[(Shell, "rm *", Deny)], "echo \"$(env A=b rm a)\"", "deny", "deny"),
        (&[(Shell, "rm *", Deny)], "if ls; then\n rm a 'b", "deny", "deny"),
        (&[(Shell, "*", Deny), (Shell, "ls *", Allow)], "ls", "free", "free"),
        (&[(Shell, "*", Deny), (Shell, "ls *", Allow)], "ls; pwd", "deny", "deny"),
        (&[(Shell, "*", Allow), (Shell, "git *", Ask)], "git status", "ask", "ask"),
        (&[(Shell, "ls *", Ask)], "ls", "ask", "ask"),
        (&[(Shell, "say a b", Allow)], "say 'a b'", "ask", "run"),
        (&[(Shell, "say 'a b'", Allow)], "say 'a b'", "free", "free"),
        (&[(Any, "*", Deny)], "ls", "deny", "deny"),
        (&[(Read, "*.sql", Deny)], "cat a.sql", "deny", "deny"),
        (&[(Edit, "src/*", Deny)], "echo x > src/a", "deny", "deny"),
        (&[(Edit, "src/*", Deny)], "rm src/a", "deny", "deny"),
        (&[(Edit, "src/*", Deny)], "cp a src/b", "deny", "deny"),
        (&[(Edit, "src/*", Deny)], "cp a ./src", "deny", "deny"),
        (&[(Edit, "src/*", Deny)], "cd src && rm a", "deny", "deny"),
        (&[(Edit, "src/*", Deny)], "sed -i s/a/b/ src/a", "deny", "deny"),
        (&[(Edit, "src/*", Deny)], "ls | tee src/a", "deny", "deny"),
        (&[(Edit, "src/*", Deny)], "rm -rf src", "deny", "deny"),
        (&[(Edit, "src/*", Deny)], "rm -rf s*", "deny", "deny"),
        (&[(Edit, "src/*", Deny)], "mv src b", "deny", "deny"),
        (&[(Edit, "src/a", Deny)], "rm -r .", "deny", "deny"),
        (&[(Edit, "src/*", Deny)], "find src -name '*.o' -delete", "deny", "deny"),
        (&[(Edit, "src/*", Deny)], "sh -c 'rm src/a'", "deny", "deny"),
        (&[(Edit, "src/*", Deny)], "cp src/a b", "ask", "run"),
        (&[(Edit, "src/*", Deny)], "cat src/a", "read", "read"),
        (&[(Edit, "*", Deny), (Edit, "src/*", Allow)], "rm src/a", "ask", "run"),
        (&[(Edit, "/tmp/*", Deny)], "cp a /tmp/b", "deny", "deny"),
        // A rule that forbids everything leaves to rules about commands what they allow.
        (&[(Any, "*", Deny), (Shell, "rm *", Allow)], "rm a", "free", "free"),
        (&[(Any, "*", Deny), (Shell, "cat *", Allow)], "cat a /etc/b", "free", "free"),
        (
            &[(Any, "*", Deny), (Edit, "src/*", Deny), (Shell, "rm *", Allow)],
            "rm src/a",
            "deny",
            "deny",
        ),
        (&[(Outside, "/etc/*", Deny)], "cat /etc/hosts", "deny", "deny"),
        (&[(Outside, "/etc/*", Deny)], "cat < /etc/hosts", "deny", "deny"),
        (&[(Outside, "/etc/*", Deny)], "ls /etc", "deny", "deny"),
        (&[(Outside, "/etc/*", Deny)], "cp a /etc/b", "deny", "deny"),
        (&[(Outside, "/etc/*", Deny)], "echo a > /etc/b", "deny", "deny"),
        (&[(Outside, "/etc/*", Deny)], "cat /usr/a", "ask", "run"),
        (&[(Read, "/etc/*", Deny)], "cat < /etc/hosts", "deny", "deny"),
        (&[(Edit, "out/*", Allow)], "echo x > out/a", "read", "run"),
    ] {
        let policy = policy(rules);
        let is =
            [ApprovalMode::Ask, ApprovalMode::Auto].map(|mode| asked(&policy, &[], mode, line).0);
        assert_eq!(is, [ask, auto], "{rules:?} {line}");
        let full = asked(&policy, &[], ApprovalMode::Full, line).0;
        assert_eq!(full, if ask == "deny" { "deny" } else { "free" }, "{line}");
        let reading = asked(&policy, &[], ApprovalMode::ReadOnly, line).0;
        assert!(["read", "ask", "deny"].contains(&reading), "{line}");
    }
}

#[test]
fn in_a_place_that_a_rule_forbids_nothing_runs_in_any_mode() {
    for (pattern, says) in [("/tmp", "deny"), ("/tmp/*", "deny"), ("/t*", "deny"), ("/var/*", "")] {
        let policy = policy(&[(Outside, pattern, Deny)]);
        for mode in ApprovalMode::ALL {
            let wanted = RequestedConfinement::AsUsual;
            let folder = target("/tmp");
            let kind = ActionKind::Command { line: "pwd".to_owned(), folder, wanted };
            let said = word(&evaluate(&policy, &[], &session_mode(mode), &action(kind)));
            let expected = match (says, mode) {
                ("", ApprovalMode::Full) => "free",
                ("", _) => "ask",
                (says, _) => says,
            };
            assert_eq!(said, expected, "{pattern} {mode:?}");
        }
    }
}

#[test]
fn a_learned_rule_never_overrules_what_the_settings_forbid() {
    let policy = policy(&[(Shell, "rm *", Deny), (Shell, "git *", Ask)]);
    let learned = [Rule::new(Shell, "*", Allow)];
    assert_eq!(asked(&policy, &learned, ApprovalMode::Full, "rm a").0, "deny");
    assert_eq!(asked(&policy, &learned, ApprovalMode::Ask, "git add a").0, "free");
}

#[test]
fn without_a_sandbox_no_rule_makes_a_command_read_only() {
    let policy = policy(&[(Shell, "cargo *", Allow)]);
    for (agent, said) in [(Agent::Build, "ask"), (Agent::Plan, "deny")] {
        let session_mode =
            SessionMode { agent, approval_mode: ApprovalMode::ReadOnly, sandbox: Sandbox::Absent };
        assert_eq!(word(&evaluate(&policy, &[], &session_mode, &command("cargo test"))), said);
    }
}

#[test]
fn the_same_call_again_and_again_asks_unless_a_rule_says_otherwise() {
    for (rules, ruling) in [
        (&[][..], Ask),
        (&[(Repeat, "*", Allow)], Allow),
        (&[(Any, "*", Deny)], Deny),
        (&[(Any, "*", Deny), (Repeat, "*", Allow)], Allow),
        (&[(Shell, "*", Allow)], Ask),
    ] {
        assert_eq!(evaluate_repeat(&policy(rules), &[]), ruling, "{rules:?}");
    }
    let learned = [Rule::new(Repeat, "*", Allow)];
    assert_eq!(evaluate_repeat(&policy(&[(Repeat, "*", Deny)]), &learned), Deny);
    assert_eq!(evaluate_repeat(&policy(&[]), &learned), Allow);
}

#[test]
fn what_is_forbidden_stays_so_inside_of_what_is_not_understood() {
    let policy = policy(&[(RuleSubject::Shell, "foo *", Ruling::Deny)]);
    for line in [
        "((foo --x))",
        "eval '((foo --x))'",
        "sh -c '((foo --x))'",
        "((if foo --x; then ls; fi)\n)",
    ] {
        assert!(
            matches!(
                evaluate(&policy, &[], &session_mode(ApprovalMode::Full), &command(line)),
                Decision::Deny { .. }
            ),
            "{line}"
        );
    }
}
