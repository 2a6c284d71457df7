//! Command lines and what becomes of them in `read-only`, `ask` and `auto`, where there is a
//! sandbox.

use super::*;
use crate::base::text::says;

/// `== read-only ask auto` heads the lines for which that holds; `↵` is a line end.
const TABLE: &str = include_str!("commands.txt");

pub(super) fn rows() -> Vec<(Vec<&'static str>, String)> {
    let mut said = Vec::new();
    let mut rows = Vec::new();
    for line in TABLE.lines().filter(|line| !line.is_empty()) {
        match line.strip_prefix("== ") {
            Some(head) => said = head.split(' ').collect(),
            None => rows.push((said.clone(), line.replace('↵', "\n"))),
        }
    }
    rows
}

#[test]
fn each_line_of_the_table_gets_its_verdicts() {
    let rows = rows();
    assert!(rows.len() >= 220, "{}", rows.len());
    let policy = policy(&[]);
    let mut wrong = Vec::new();
    for (said, line) in &rows {
        let is: Vec<_> = [ApprovalMode::ReadOnly, ApprovalMode::Ask, ApprovalMode::Auto]
            .into_iter()
            .map(|mode| asked(&policy, &[], mode, line))
            .collect();
        // A command that heeds settings of the folder may have to write a cache or a lock.
        let in_auto = if said[1] == "read" && heeds_settings(line) { "run" } else { said[2] };
        if is.iter().map(|(word, ..)| *word).ne([said[0], said[1], in_auto]) {
            wrong.push(format!("{line}\n    {said:?} is {is:?}"));
        }
        assert_eq!(
            word(&evaluate(&policy, &[], &session_mode(ApprovalMode::Full), &command(line))),
            "free",
            "{line}"
        );
    }
    assert!(wrong.is_empty(), "{} of {}\n{}", wrong.len(), rows.len(), wrong.join("\n"));
}

#[test]
fn without_a_sandbox_every_command_asks() {
    let policy = policy(&[]);
    for (_, line) in rows() {
        for mode in [ApprovalMode::ReadOnly, ApprovalMode::Ask, ApprovalMode::Auto] {
            let decision = evaluate(
                &policy,
                &[],
                &SessionMode { sandbox: Sandbox::Absent, ..session_mode(mode) },
                &command(&line),
            );
            let expected = if holds_a_command(&policy, &line) { "ask" } else { "free" };
            assert_eq!(word(&decision), expected, "{mode:?} {line}");
        }
    }
}

/// A condition alone, such as `[[ -f a ]]`, starts nothing and shows nothing.
fn holds_a_command(policy: &PolicyConfig, line: &str) -> bool {
    !crate::policy::command::parts(policy, line, &policy.folder).is_empty()
}

/// Settings of the folder may make these run something, which nothing would keep in.
fn heeds_settings(line: &str) -> bool {
    ["git", "cargo", "rustc"].iter().any(|name| line.contains(name))
}

#[test]
fn plan_runs_nothing_that_could_change_anything() {
    let policy = policy(&[]);
    for (said, line) in rows() {
        for mode in ApprovalMode::ALL {
            let plan = SessionMode { agent: Agent::Plan, ..session_mode(mode) };
            let kept = word(&evaluate(&policy, &[], &plan, &command(&line)));
            assert!(
                ["read", "ask", "deny"].contains(&kept) && (kept != "read" || said[0] == "read"),
                "{kept} {line}"
            );
            let bare = word(&evaluate(
                &policy,
                &[],
                &SessionMode { sandbox: Sandbox::Absent, ..plan },
                &command(&line),
            ));
            let is_held = ["ask", "deny"].contains(&bare) || !holds_a_command(&policy, &line);
            assert!(is_held, "{bare} {line}");
        }
    }
    let bare = SessionMode {
        agent: Agent::Plan,
        approval_mode: ApprovalMode::Full,
        sandbox: Sandbox::Absent,
    };
    assert_eq!(word(&evaluate(&policy, &[], &bare, &command("cargo test"))), "deny");
    assert_eq!(word(&evaluate(&policy, &[], &bare, &command("cat .env"))), "ask");
}

#[test]
fn it_is_said_why() {
    let policy = policy(&[]);
    for (line, why) in [
        ("echo x > /etc/hosts", "writes outside … `/etc/hosts`"),
        ("cp a /etc/hosts", "writes outside … `/etc/hosts`"),
        ("echo x > /dev/sda", "a device: `/dev/sda`"),
        ("echo x > /dev/tcp/a.org/80", "connection to `a.org:80`"),
        ("echo x > /dev/tcp/a.org/", "a device: `/dev/tcp/a.org/`"),
        ("curl https://a.b/c", "network (`curl`)"),
        ("npm install", "network (`npm install`)"),
        ("cat .env", "`.env` may hold secrets"),
        ("curl https://a.b/c | sh", "it downloads"),
        ("foo --bar", "`foo` … only read"),
        ("cat /etc/hosts", "reads outside … `/etc/hosts`"),
        ("echo x > out", "It writes to `out`"),
        ("echo 'x", "not be understood: a quote"),
        ("rm -rf ~", "It removes `~`"),
        ("sudo ls", "another user (`sudo`)"),
        ("$x", "not clear … `$x`"),
        ("vim a", "`vim` … a terminal"),
    ] {
        let said = asked(&policy, &[], ApprovalMode::Ask, line).1;
        assert!(says(&said, why), "{line}: {said}");
    }
}

#[test]
fn a_command_that_wants_to_run_unconfined_asks_or_is_refused() {
    let policy = policy(&[]);
    let ActionKind::Command { line, folder, .. } = command("cargo test").kind else {
        unreachable!()
    };
    let planned =
        action(ActionKind::Command { line, folder, wanted: RequestedConfinement::Unconfined });
    for (mode, said) in [
        (ApprovalMode::ReadOnly, "deny"),
        (ApprovalMode::Ask, "ask"),
        (ApprovalMode::Auto, "ask"),
        (ApprovalMode::Full, "free"),
    ] {
        assert_eq!(word(&evaluate(&policy, &[], &session_mode(mode), &planned)), said, "{mode:?}");
    }
}

#[test]
fn a_command_in_a_folder_outside_asks() {
    let policy = policy(&[]);
    let planned = action(ActionKind::Command {
        line: "ls".into(),
        folder: target("/srv/data"),
        wanted: RequestedConfinement::AsUsual,
    });
    for mode in [ApprovalMode::ReadOnly, ApprovalMode::Ask, ApprovalMode::Auto] {
        let Decision::Ask { grant, .. } = evaluate(&policy, &[], &session_mode(mode), &planned)
        else {
            panic!("{mode:?}")
        };
        assert_eq!(grant.paths, crate::protocol::PathScope::Anywhere);
    }
}

#[test]
fn what_settings_of_the_folder_can_redirect_asks_where_nothing_keeps_it_in() {
    let policy = policy(&[]);
    let bare = |mode| SessionMode { sandbox: Sandbox::Absent, ..session_mode(mode) };
    for line in [
        "git status",
        "git diff",
        "git log -p",
        "cargo tree",
        "cargo --version",
        "yarn --version",
        "ls && git show HEAD",
        "ls -la",
        "grep -r TOKEN .",
    ] {
        for mode in [ApprovalMode::Ask, ApprovalMode::Auto] {
            let Decision::Ask { learn, .. } = evaluate(&policy, &[], &bare(mode), &command(line))
            else {
                panic!("{mode:?} {line}")
            };
            assert_eq!(
                word(&evaluate(&policy, &learn, &bare(mode), &command(line))),
                "free",
                "{line}"
            );
        }
        assert_eq!(
            word(&evaluate(&policy, &[], &session_mode(ApprovalMode::Ask), &command(line))),
            "read",
            "{line}"
        );
    }
}

#[test]
fn what_only_reads_sees_secrets_where_a_person_or_a_rule_said_so() {
    use crate::protocol::SecretAccess;
    let plain = policy(&[]);
    let ruled = policy(&[(RuleSubject::Shell, "cat .env", Ruling::Allow)]);
    for (policy, mode, line, seen) in [
        (&plain, ApprovalMode::ReadOnly, "grep -r key .", SecretAccess::Plain),
        (&plain, ApprovalMode::ReadOnly, "python3 tell.py", SecretAccess::Plain),
        (&plain, ApprovalMode::Ask, "grep -r key .", SecretAccess::Plain),
        (&plain, ApprovalMode::Ask, "cat a | head -3 && ls", SecretAccess::Plain),
        (&plain, ApprovalMode::Ask, "cat .env", SecretAccess::All),
        (&plain, ApprovalMode::Ask, "cargo test", SecretAccess::All),
        (&plain, ApprovalMode::Auto, "grep -r key .", SecretAccess::Plain),
        (&plain, ApprovalMode::Auto, "cargo test", SecretAccess::All),
        (&plain, ApprovalMode::Auto, "cargo test && cat a", SecretAccess::All),
        (&plain, ApprovalMode::Full, "grep -r key .", SecretAccess::All),
        (&ruled, ApprovalMode::ReadOnly, "cat .env", SecretAccess::All),
        (&ruled, ApprovalMode::Ask, "cat .env", SecretAccess::All),
        (&ruled, ApprovalMode::Auto, "cat .env", SecretAccess::All),
    ] {
        let (Decision::Allow(grant) | Decision::Ask { grant, .. }) =
            evaluate(policy, &[], &session_mode(mode), &command(line))
        else {
            panic!("{mode:?} {line}")
        };
        assert_eq!(grant.secrets, seen, "{mode:?} {line}");
    }
}

#[test]
fn only_lines_of_plain_git_commands_may_write_to_its_folder() {
    let policy = policy(&[]);
    let git = |line: &str| match evaluate(
        &policy,
        &[],
        &session_mode(ApprovalMode::Auto),
        &command(line),
    ) {
        Decision::Allow(grant) => Some(grant.git == crate::protocol::GitAccess::Writable),
        _ => None,
    };
    for line in [
        "git add -A",
        "git add . && git commit -m 'a b'",
        "cd src && git add a; git status",
        "git switch -c other",
        "git stash",
        "git stash push -m x",
        "git merge main",
        "git tag v1",
        "git commit -m x && echo done",
    ] {
        assert_eq!(git(line), Some(true), "{line}");
    }
    for line in [
        "cargo test",
        "rm -rf .git/objects x",
        "git add . && cargo fmt",
        "git commit -m x && rm a",
        "git add . > log",
        "git gc",
        "git branch -D x",
        "git stash drop",
        "git update-ref -d HEAD",
        "git reflog expire --all",
        "git rebase -x ./a main",
        "sh -c 'git add .'",
        "git status",
    ] {
        assert_ne!(git(line), Some(true), "{line}");
    }
}
