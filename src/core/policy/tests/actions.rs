//! Looks, changes and fetches.

use std::path::Path;

use super::*;
use crate::base::text::says;
use crate::protocol::{Grant, HostLocation, Look, PathScope};
use RuleSubject::{Any, Edit, Outside, Read, WebFetch};
use Ruling::{Allow, Ask, Deny};

type Rows<'a> =
    &'a [(&'a [(RuleSubject, &'a str, Ruling)], &'a [&'a str], [&'a str; 4], &'a [&'a str])];

fn check(rows: Rows, make: impl Fn(&[&str]) -> PlannedAction) {
    for (rules, names, said, learns) in rows {
        let policy = policy(rules);
        for (mode, said) in ApprovalMode::ALL.into_iter().zip(said) {
            let decision = evaluate(&policy, &[], &session_mode(mode), &make(names));
            let is = match &decision {
                Decision::Allow(_) => "allow",
                other => word(other),
            };
            assert_eq!(is, *said, "{mode:?} {names:?} {rules:?}");
            if let Decision::Ask { learn, .. } = decision {
                let shown: Vec<String> = learn
                    .iter()
                    .map(|rule| format!("{}: {}", rule.subject.as_str(), rule.pattern))
                    .collect();
                assert_eq!(shown, *learns, "{names:?}");
                if !learn.is_empty() {
                    assert!(
                        matches!(
                            evaluate(&policy, &learn, &session_mode(mode), &make(names)),
                            Decision::Allow(_)
                        ),
                        "{names:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn looks_are_free_inside() {
    let free = ["allow"; 4];
    let asks = ["ask", "ask", "ask", "allow"];
    let none = &[][..];
    let look = |names: &[&str]| {
        action(ActionKind::Look {
            look: Look::Read,
            targets: names.iter().map(|name| target(name)).collect(),
        })
    };
    check(
        &[
            (none, &["src/main.rs"], free, none_learned()),
            (none, &["src/main.rs", "/etc/hosts"], asks, &["external_directory: /etc/*"]),
            (none, &["/a*b/c"], asks, &[r"external_directory: /a\*b/*"]),
            (none, &[".env"], asks, &["read: .env"]),
            (
                none,
                &["/home/ada/.ssh/id_rsa"],
                asks,
                &["read: /home/ada/.ssh/id_rsa", "external_directory: /home/ada/.ssh/*"],
            ),
            (&[(Read, "*", Allow)], &[".env"], asks, &["read: .env"]),
            (&[(Read, "*.env", Allow)], &["config/a.env"], asks, &["read: config/a.env"]),
            (&[(Read, "config/*", Allow)], &["config/a.env"], asks, &["read: config/a.env"]),
            (&[(Read, "config/a*", Allow)], &["config/a.env"], free, &[]),
            (&[(Read, ".env", Allow)], &[".env"], free, &[]),
            (&[(Outside, "/srv/*", Allow)], &["/srv/a"], free, &[]),
            (&[(Outside, "~/notes/*", Allow)], &["/home/ada/notes/a"], free, &[]),
            (&[(Read, "*", Allow)], &["/srv/a"], asks, &["external_directory: /srv/*"]),
            (&[(Any, "*", Allow)], &["/srv/a"], free, &[]),
            (&[(Read, "*.sql", Deny)], &["a.rs", "a.sql"], ["deny"; 4], &[]),
            (&[(Outside, "*", Deny)], &["/srv/a"], ["deny"; 4], &[]),
            (&[(Read, "a", Ask)], &["a"], asks, &["read: a"]),
        ],
        look,
    );
}

fn none_learned() -> &'static [&'static str] {
    &[]
}

#[test]
fn changes_ask_and_are_never_free_outside() {
    let change = |names: &[&str]| {
        action(ActionKind::Change {
            targets: names.iter().map(|name| target(name)).collect(),
            diffs: Vec::new(),
        })
    };
    let usual = ["deny", "ask", "allow", "allow"];
    let grave = ["deny", "ask", "ask", "allow"];
    let free = ["deny", "allow", "allow", "allow"];
    check(
        &[
            (&[], &["src/main.rs"], usual, &["edit: *"]),
            (&[], &["/etc/hosts"], grave, &[]),
            (&[], &["a", "/etc/hosts"], grave, &[]),
            (&[], &[".env"], grave, &[]),
            (&[], &[".git/hooks/pre-commit"], grave, &[]),
            (&[], &[".bashrc"], grave, &[]),
            (&[], &[".codling/config.toml"], grave, &[]),
            (&[], &["sub/AGENTS.md"], grave, &[]),
            (&[(Edit, "*", Allow)], &["a"], free, &[]),
            (&[(Edit, "*", Allow)], &["/etc/hosts"], grave, &[]),
            (&[(Edit, "*", Allow)], &[".env"], grave, &[]),
            (&[(Edit, ".env", Allow)], &[".env"], free, &[]),
            (&[(Edit, "*", Allow)], &[".git/config"], grave, &[]),
            (&[(Outside, "/srv/*", Allow), (Edit, "*", Allow)], &["/srv/a"], grave, &[]),
            (&[(Edit, "src/*", Deny)], &["a", "src/b"], ["deny"; 4], &[]),
            (&[(Edit, "*", Deny), (Edit, "docs/*", Allow)], &["docs/a"], free, &[]),
            (&[(Edit, "a", Ask)], &["a"], grave, &["edit: *"]),
        ],
        change,
    );
    let plan = SessionMode { agent: Agent::Plan, ..session_mode(ApprovalMode::Full) };
    assert_eq!(
        word(&evaluate(&policy(&[(Edit, "*", Allow)]), &[], &plan, &change(&["a"]))),
        "deny"
    );
    let Decision::Ask { grant, .. } =
        evaluate(&policy(&[]), &[], &session_mode(ApprovalMode::Auto), &change(&["/a"]))
    else {
        panic!()
    };
    assert_eq!(grant.paths, PathScope::Anywhere);
}

#[test]
fn fetches_ask_for_each_host() {
    let fetch = |names: &[&str]| {
        let host = if names[0].contains("localhost") {
            HostLocation::Private
        } else {
            HostLocation::Public
        };
        action(ActionKind::Fetch { url: names[0].to_owned(), host })
    };
    let asks = ["ask", "ask", "ask", "allow"];
    let free = ["allow"; 4];
    check(
        &[
            (&[], &["https://docs.rs/a?b"], asks, &["webfetch: https://docs.rs/*"]),
            (&[], &["https://docs.rs"], asks, &["webfetch: https://docs.rs/*"]),
            (&[], &["HTTPS://u:p@Docs.rs:443/a"], asks, &["webfetch: https://docs.rs/*"]),
            (&[], &["http://localhost:3000/a"], asks, &["webfetch: http://localhost:3000/*"]),
            (&[], &["nonsense"], asks, &[]),
            (&[(WebFetch, "https://docs.rs/*", Allow)], &["https://docs.rs/a"], free, &[]),
            (
                &[(WebFetch, "https://docs.rs/*", Allow)],
                &["https://docs.rs@evil.com/a"],
                asks,
                &["webfetch: https://evil.com/*"],
            ),
            (
                &[(WebFetch, "https://docs.rs/*", Allow)],
                &["https://docs.rs.evil.com/a"],
                asks,
                &["webfetch: https://docs.rs.evil.com/*"],
            ),
            (&[(WebFetch, "*", Allow)], &["https://a.b/"], free, &[]),
            (
                &[(WebFetch, "*", Allow)],
                &["http://localhost:3000/a"],
                asks,
                &["webfetch: http://localhost:3000/*"],
            ),
            (
                &[(WebFetch, "http://localhost:3000/*", Allow)],
                &["http://localhost:3000/a"],
                free,
                &[],
            ),
            (&[(WebFetch, "https://evil.com/*", Deny)], &["https://evil.com/a"], ["deny"; 4], &[]),
        ],
        fetch,
    );
    let Decision::Ask { why, grant, .. } = evaluate(
        &policy(&[]),
        &[],
        &session_mode(ApprovalMode::Auto),
        &fetch(&["http://localhost:1/"]),
    ) else {
        panic!()
    };
    assert_eq!(grant, Grant::anywhere(Confinement::ReadOnly));
    assert!(says(&why, "`localhost` … this machine"), "{why}");
}

#[test]
fn a_question_and_a_plan_are_always_free() {
    let policy = policy(&[(Any, "*", Deny)]);
    assert!(matches!(
        evaluate(
            &policy,
            &[],
            &session_mode(ApprovalMode::ReadOnly),
            &action(ActionKind::Plan(Vec::new()))
        ),
        Decision::Allow(_)
    ));
}

#[test]
fn files_of_an_added_folder_are_read_and_changed_as_ones_own() {
    let added = PolicyConfig { added: vec!["/other".into()], ..policy(&[]) };
    let look = |path| action(ActionKind::Look { look: Look::Read, targets: vec![target(path)] });
    let change =
        |path| action(ActionKind::Change { targets: vec![target(path)], diffs: Vec::new() });
    for (policy, said) in [(&policy(&[]), "ask"), (&added, "run")] {
        let auto =
            |action| word(&evaluate(policy, &[], &session_mode(ApprovalMode::Auto), &action));
        assert_eq!(auto(change("/other/a.rs")), said);
        assert_eq!(auto(look("/other/a.rs")) == "ask", said == "ask");
        for path in ["/other/.envrc", "/others/a.rs", "/other/AGENTS.md"] {
            assert_eq!(auto(change(path)), "ask", "{path}");
        }
    }
}

#[test]
fn at_home_the_folder_is_no_bound_for_commands_nor_for_settings() {
    for folder in ["/home/ada", "/home", "/"] {
        let policy = PolicyConfig { folder: folder.into(), ..policy(&[]) };
        let auto = |line: &str| {
            word(&evaluate(&policy, &[], &session_mode(ApprovalMode::Auto), &command(line)))
        };
        assert_eq!((auto("cargo test"), auto("echo x > a")), ("ask", "ask"), "{folder}");
        let change = |path: &str| {
            let targets = vec![Target {
                path: Path::new("/home/ada").join(path),
                shown: path.to_owned(),
                location: Location::Inside,
            }];
            word(&evaluate(
                &policy,
                &[],
                &session_mode(ApprovalMode::Auto),
                &action(ActionKind::Change { targets, diffs: Vec::new() }),
            ))
        };
        for (path, said) in [
            (".config/codling/config.toml", "ask"),
            (".local/share/codling/x", "ask"),
            ("notes/a.md", "run"),
        ] {
            assert_eq!(change(path), said, "{folder} {path}");
        }
    }
}

#[test]
fn a_look_sees_secrets_where_it_names_one() {
    use crate::protocol::SecretAccess;
    for (path, seen) in [
        ("src", SecretAccess::Plain),
        (".", SecretAccess::Plain),
        (".env", SecretAccess::All),
        ("deploy/.ssh", SecretAccess::All),
    ] {
        let action = action(ActionKind::Look { look: Look::Read, targets: vec![target(path)] });
        let (Decision::Allow(grant) | Decision::Ask { grant, .. }) =
            evaluate(&policy(&[]), &[], &session_mode(ApprovalMode::Ask), &action)
        else {
            panic!("{path}")
        };
        assert_eq!(grant.secrets, seen, "{path}");
    }
}

#[test]
fn what_a_command_may_destroy_is_everything_unless_its_words_prove_less() {
    let everything = ["anything", "a/b"];
    for (line, taken, left) in [
        ("rm -rf build", &["build", "build/a/b"][..], &["builder", "src/build"][..]),
        ("rm a.txt b.txt", &["a.txt", "b.txt"], &["c.txt"]),
        ("cd src && rm -r deep", &["src/deep/x"], &["deep"]),
        ("rm *.log", &["a.log"], &["a.txt"]),
        ("sh -c 'rm -rf data'", &["data/x"], &["x"]),
        ("rm -rf /srv/app/data", &["data/x"], &["x"]),
        ("shred -u key", &["key"], &["a"]),
        ("ls; cp a b", &["b"], &["a"]),
        ("mv /dev/null a", &["a"], &["b"]),
        ("truncate -s0 a", &["a"], &["b"]),
        ("echo x > a", &["a"], &["b"]),
        (": > a", &["a"], &["b"]),
        ("rm {a,b}.log", &everything, &[]),
        ("x=a; rm $x", &everything, &[]),
        ("rm -rf \"$where\"", &everything, &[]),
        ("ls *.log | xargs rm", &everything, &[]),
        ("ls | xargs cp a", &everything, &[]),
        ("find . -name x | xargs rm -r", &everything, &[]),
        ("find . -name x -exec rm {} +", &everything, &[]),
        ("find . -delete", &everything, &[]),
        ("tar --remove-files -cf x.tar a", &everything, &[]),
        ("make clean", &everything, &[]),
        ("./run", &everything, &[]),
        ("$x", &everything, &[]),
        ("git checkout main", &everything, &[]),
        ("ls -l; cat a; git status; git log", &[], &everything),
        ("mkdir -p a/b && touch a/c; chmod +x a; git add a; git commit -m x", &[], &everything),
    ] {
        let losses = crate::policy::losses(&policy(&[]), &command(line));
        let takes = |path: &str| losses.iter().any(|loss| loss.covers(Path::new(path)));
        assert!(
            taken.iter().all(|path| takes(path)) && !left.iter().any(|path| takes(path)),
            "{line}: {losses:?}"
        );
    }
}

#[test]
fn what_is_typed_into_a_job_is_as_free_as_the_job_and_the_mode() {
    use crate::protocol::{Confinement, JobId};
    use RuleSubject::Input;
    let make = |names: &[&str]| {
        let confinement = match names[1] {
            "free" => Confinement::Free,
            "folder" => Confinement::Folder,
            _ => Confinement::ReadOnly,
        };
        action(ActionKind::JobInput {
            job: JobId(1),
            command: "python3 -i".into(),
            text: names[0].into(),
            confinement,
        })
    };
    let (free, none) = (["allow"; 4], &[][..]);
    let nothing: &[&str] = &[];
    let learns = &["input: python3 -i"][..];
    check(
        &[
            // To wait and to end it is always free.
            (none, &["", "free"], free, nothing),
            (none, &["\u{3}", "free"], free, nothing),
            (none, &["\u{1c}", "free"], free, nothing),
            (none, &["f()\n", "read-only"], free, nothing),
            (none, &["f()\n", "folder"], ["deny", "ask", "allow", "allow"], learns),
            (none, &["f()\n", "free"], ["deny", "ask", "ask", "allow"], learns),
            // Nothing can be left out of what is shown by what is typed.
            (none, &["cat .env\n", "folder"], ["deny", "ask", "ask", "allow"], learns),
            (none, &["git show HEAD~1\n", "folder"], ["deny", "ask", "ask", "allow"], learns),
            (none, &["git log\n", "folder"], ["deny", "ask", "allow", "allow"], learns),
            (none, &["git log -p\n", "read-only"], ["ask", "ask", "ask", "allow"], learns),
            (
                &[(Input, "python3*", Allow)],
                &["f()\n", "free"],
                ["deny", "allow", "allow", "allow"],
                nothing,
            ),
            (&[(Input, "python3*", Deny)], &["f()\n", "folder"], ["deny"; 4], nothing),
            (&[(Input, "*", Ask)], &["f()\n", "folder"], ["deny", "ask", "ask", "allow"], learns),
        ],
        make,
    );
}
