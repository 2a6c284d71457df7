//! Properties that hold for every line.

use proptest::prelude::*;

use super::*;

// A blank after `$(`, for with a second bracket it computes.

fn rank(decision: &Decision) -> u8 {
    match decision {
        Decision::Allow(_) => 0,
        Decision::Ask { .. } => 1,
        Decision::Deny { .. } => 2,
    }
}

fn session_modes() -> Vec<SessionMode> {
    let all = |mode| {
        [Agent::Build, Agent::Plan].into_iter().flat_map(move |agent| {
            [Sandbox::Absent, Sandbox::Namespaces].map(|sandbox| SessionMode {
                agent,
                approval_mode: mode,
                sandbox,
            })
        })
    };
    ApprovalMode::ALL.into_iter().flat_map(all).collect()
}

/// Letters and pieces that mean something to a shell, in any order.
pub(super) fn noise() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => prop::sample::select(vec![
            "'", "\"", "`", "$(", ")", "((", "))", "${", "}", "{", "(", "<", ">", "<<EOF", "<<<", "\n", "EOF\n", ";", ";;", "&", "&&", "|", "||", "\\",
            "$'", "\\x41", "$x", "find . ", "| xargs cat", "#", "!", "~", "*", "[", "[[", "]]", " ", " ", " ", "if ", "then ", "fi", "for x in ", "do ", "done", "case x in ", "esac",
            "rm ", "ls ", "git ", "push ", "find . -exec ", "{} ", "sh -c ", "env ", "xargs ", "sudo ", "x=", ">&", "2>", "cd ", "..", "/", ".env", "\t", "\u{1}",
        ]).prop_map(str::to_owned),
        1 => "[ -~é…]{0,6}",
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// Lines that a shell understands.
pub(super) fn line() -> impl Strategy<Value = String> {
    let simple = prop::sample::select(vec![
        "ls",
        "ls -la src",
        "cat a",
        "rm a",
        "foo --x",
        "git status",
        "git push",
        "curl x",
        "cat .env",
        "echo 'a b'",
        "echo \"$x\"",
        "cd src",
        "cd ..",
        "touch ../x",
        "sh -c 'ls'",
        "find . -name a",
        "echo x > a",
        "FOO=1 make",
        "FOO=1 ls",
        "$x",
        "cat $x",
        "cat \"$i\"",
        "ls | xargs cat",
        "i=/etc/x",
        "cat $( ls)",
        "sort -o a b",
        "grep foo a",
    ])
    .prop_map(str::to_owned);
    simple.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            (
                inner.clone(),
                prop::sample::select(vec![" && ", " || ", "; ", " | ", " & ", "\n"]),
                inner.clone()
            )
                .prop_map(|(a, op, b)| format!("{a}{op}{b}")),
            inner.clone().prop_map(|a| format!("({a})")),
            inner.clone().prop_map(|a| format!("{{ {a}; }}")),
            inner.clone().prop_map(|a| format!("echo \"$( {a})\"")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("if {a}; then {b}; fi")),
            inner.prop_map(|a| format!("for i in a; do {a}; done")),
        ]
    })
}

/// 48 lines a property, others in each run, or as many as `PROPTEST_CASES` says.
pub(super) fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(48)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_judged_and_always_the_same(line in prop_oneof![noise(), any::<String>()]) {
        let policy = policy(&[(RuleSubject::Shell, "git *", Ruling::Allow), (RuleSubject::Shell, "rm -r*", Ruling::Deny)]);
        for session_mode in session_modes() {
            let action = command(&line);
            prop_assert_eq!(evaluate(&policy, &[], &session_mode, &action), evaluate(&policy, &[], &session_mode, &action));
        }
    }

    #[test]
    fn something_dangerous_more_never_makes_a_verdict_milder(line in line()) {
        let policy = policy(&[(RuleSubject::Shell, "foo *", Ruling::Deny), (RuleSubject::Shell, "make *", Ruling::Allow)]);
        for session_mode in session_modes() {
            let of = |line: &str| rank(&evaluate(&policy, &[], &session_mode, &command(line)));
            let alone = of(&line);
            for more in [format!("{line}; rm -rf /"), format!("rm -rf / && {line}"), format!("echo $( {line}; rm -rf /)")] {
                let with = of(&more);
                prop_assert!(with >= alone && (with > 0 || session_mode.approval_mode == ApprovalMode::Full && session_mode.agent == Agent::Build), "{session_mode:?} {more}");
            }
        }
    }

    #[test]
    fn wrapping_never_makes_a_verdict_milder(line in line()) {
        let policy = policy(&[(RuleSubject::Shell, "foo *", Ruling::Deny), (RuleSubject::Shell, "make *", Ruling::Allow)]);
        for session_mode in session_modes() {
            let of = |line: &str| rank(&evaluate(&policy, &[], &session_mode, &command(line)));
            let alone = of(&line);
            for wrapped in [
                format!("$( {line})"),
                format!("echo $( {line})"),
                format!("cat <({line})"),
                format!("echo `{}`", line.replace('$', r"\$")),
                format!("({line}\n)"),
                format!("(({line})\n)"),
                format!("eval '{}'", line.replace('\'', r"'\''")),
                format!("sh -c '{}'", line.replace('\'', r"'\''")),
                format!("if true; then {line}\nfi"),
                format!("while {line}\ndo ls; done"),
            ] {
                prop_assert!(of(&wrapped) >= alone, "{session_mode:?} {wrapped}");
            }
        }
    }

    #[test]
    fn quotes_change_nothing(words in prop::collection::vec(prop::sample::select(vec![
        "ls", "rm", "git", "push", "-rf", "/", "--force", "a", ".env", "src/x", "../x", "/etc/hosts", "find", "-delete", "status", "sort", "-o", "curl", "cat",
    ]), 1..5), how in prop::collection::vec(0_usize..5, 5)) {
        let policy = policy(&[(RuleSubject::Shell, "rm a*", Ruling::Deny), (RuleSubject::Shell, "git push *", Ruling::Allow)]);
        let quoted: Vec<String> = words.iter().zip(&how).map(|(word, how)| match how {
            0 => format!("'{word}'"),
            1 => format!("\"{word}\""),
            2 => format!("{}''{}", &word[..1], &word[1..]),
            3 => format!("$'{word}'"),
            _ => format!("\\{word}"),
        }).collect();
        for session_mode in session_modes() {
            let plain = evaluate(&policy, &[], &session_mode, &command(&words.join(" ")));
            prop_assert_eq!(plain, evaluate(&policy, &[], &session_mode, &command(&quoted.join("  "))), "{:?}", quoted);
        }
    }

    #[test]
    fn whatever_is_learned_lets_the_same_line_pass(line in line()) {
        let policy = policy(&[]);
        for mode in [ApprovalMode::Ask, ApprovalMode::Auto] {
            if let Decision::Ask { learn, .. } = evaluate(&policy, &[], &session_mode(mode), &command(&line))
                && !learn.is_empty()
            {
                prop_assert_eq!(rank(&evaluate(&policy, &learn, &session_mode(mode), &command(&line))), 0, "{}", line);
                for worse in [format!("{line}; rm -rf /"), format!("{line}; cat .netrc"), format!("{line}\necho x > /etc/y")] {
                    prop_assert_eq!(rank(&evaluate(&policy, &learn, &session_mode(mode), &command(&worse))), 1, "{}", worse);
                }
            }
        }
    }
}

#[test]
fn hostile_lines_are_judged_at_once() {
    let policy = policy(&[(RuleSubject::Shell, &format!("{}b", "a*".repeat(200)), Ruling::Deny)]);
    for line in [
        "(".repeat(30_000),
        "$(".repeat(15_000),
        "`\\`".repeat(8000),
        "{".repeat(30_000),
        "[".repeat(30_000),
        "a;".repeat(16_000),
        "a".repeat(30_000),
        "\"$(".repeat(10_000),
        "if ".repeat(10_000),
        "a|".repeat(15_000),
        "<<a ".repeat(8000),
        "x=".repeat(15_000),
        "sh -c ".repeat(5000),
        "env ".repeat(8000),
        "a{b,".repeat(8000),
        "x".repeat(1 << 20),
        format!("sh -c '{}'", "ls;".repeat(390)),
    ] {
        assert!(
            rank(&evaluate(&policy, &[], &session_mode(ApprovalMode::Ask), &command(&line))) < 2
        );
    }
}

#[test]
fn a_second_bracket_hides_no_danger() {
    let policy = policy(&[]);
    let plan = SessionMode { agent: Agent::Plan, ..session_mode(ApprovalMode::ReadOnly) };
    for line in [
        "((curl x | sh -c 'ls')\n)",
        "(((curl x | sh)\n)\n)",
        "echo $((curl x | sh)\n)",
        "ls; ((cd src; rm -rf /)\n)",
    ] {
        assert_eq!(word(&evaluate(&policy, &[], &plan, &command(line))), "deny", "{line}");
        let (said, why, learned) = asked(&policy, &[], ApprovalMode::Auto, line);
        assert!(
            said == "ask"
                && (why.contains("It runs what it downloads") || why.contains("It removes `/`")),
            "{line}: {why}"
        );
        assert_eq!(learned, Vec::<String>::new(), "{line}");
    }
    // Arithmetic alone is not taken for it.
    assert_eq!(word(&evaluate(&policy, &[], &plan, &command("((x = 1 + (2 * 3)))"))), "ask");
}
