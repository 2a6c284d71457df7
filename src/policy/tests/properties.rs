//! What holds for every line. Knows no line in particular.

use proptest::prelude::*;

use super::*;

// A blank after `$(`, for with a second bracket it computes.

fn rank(verdict: &Verdict) -> u8 {
    match verdict {
        Verdict::Allow(_) => 0,
        Verdict::Ask { .. } => 1,
        Verdict::Deny { .. } => 2,
    }
}

fn stances() -> Vec<Stance> {
    let all = |mode| {
        [Agent::Build, Agent::Plan]
            .into_iter()
            .flat_map(move |agent| [Sandbox::Absent, Sandbox::Namespaces].map(|sandbox| Stance { agent, mode, sandbox }))
    };
    Mode::ALL.into_iter().flat_map(all).collect()
}

/// Letters and pieces that mean something to a shell, in any order.
fn noise() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => prop::sample::select(vec![
            "'", "\"", "`", "$(", ")", "((", "))", "${", "}", "{", "(", "<", ">", "<<EOF", "<<<", "\n", "EOF\n", ";", ";;", "&", "&&", "|", "||", "\\",
            "$'", "\\x41", "#", "!", "~", "*", "[", "[[", "]]", " ", " ", " ", "if ", "then ", "fi", "for x in ", "do ", "done", "case x in ", "esac",
            "rm ", "ls ", "git ", "push ", "find . -exec ", "{} ", "sh -c ", "env ", "xargs ", "sudo ", "x=", ">&", "2>", "cd ", "..", "/", ".env", "\t", "\u{1}",
        ]).prop_map(str::to_owned),
        1 => "[ -~é…]{0,6}",
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

/// Lines that a shell understands.
fn line() -> impl Strategy<Value = String> {
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
        "$x",
        "cat $x",
        "sort -o a b",
        "grep foo a",
    ])
    .prop_map(str::to_owned);
    simple.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            (inner.clone(), prop::sample::select(vec![" && ", " || ", "; ", " | ", " & ", "\n"]), inner.clone())
                .prop_map(|(a, op, b)| format!("{a}{op}{b}")),
            inner.clone().prop_map(|a| format!("({a})")),
            inner.clone().prop_map(|a| format!("{{ {a}; }}")),
            inner.clone().prop_map(|a| format!("echo \"$( {a})\"")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("if {a}; then {b}; fi")),
            inner.prop_map(|a| format!("for i in a; do {a}; done")),
        ]
    })
}

/// 96 lines a property, or as many as `PROPTEST_CASES` says.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(96)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_judged_and_always_the_same(line in prop_oneof![noise(), any::<String>()]) {
        let law = law(&[(Subject::Shell, "git *", Ruling::Allow), (Subject::Shell, "rm -r*", Ruling::Deny)]);
        for stance in stances() {
            let deed = command(&line);
            prop_assert_eq!(judge(&law, &[], &stance, &deed), judge(&law, &[], &stance, &deed));
        }
    }

    #[test]
    fn something_dangerous_more_never_makes_a_verdict_milder(line in line()) {
        let law = law(&[(Subject::Shell, "foo *", Ruling::Deny), (Subject::Shell, "make *", Ruling::Allow)]);
        for stance in stances() {
            let of = |line: &str| rank(&judge(&law, &[], &stance, &command(line)));
            let alone = of(&line);
            for more in [format!("{line}; rm -rf /"), format!("rm -rf / && {line}"), format!("echo $( {line}; rm -rf /)")] {
                let with = of(&more);
                prop_assert!(with >= alone && (with > 0 || stance.mode == Mode::Full && stance.agent == Agent::Build), "{stance:?} {more}");
            }
        }
    }

    #[test]
    fn wrapping_never_makes_a_verdict_milder(line in line()) {
        let law = law(&[(Subject::Shell, "foo *", Ruling::Deny), (Subject::Shell, "make *", Ruling::Allow)]);
        for stance in stances() {
            let of = |line: &str| rank(&judge(&law, &[], &stance, &command(line)));
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
                prop_assert!(of(&wrapped) >= alone, "{stance:?} {wrapped}");
            }
        }
    }

    #[test]
    fn quotes_change_nothing(words in prop::collection::vec(prop::sample::select(vec![
        "ls", "rm", "git", "push", "-rf", "/", "--force", "a", ".env", "src/x", "../x", "/etc/hosts", "find", "-delete", "status", "sort", "-o", "curl", "cat",
    ]), 1..5), how in prop::collection::vec(0_usize..5, 5)) {
        let law = law(&[(Subject::Shell, "rm a*", Ruling::Deny), (Subject::Shell, "git push *", Ruling::Allow)]);
        let quoted: Vec<String> = words.iter().zip(&how).map(|(word, how)| match how {
            0 => format!("'{word}'"),
            1 => format!("\"{word}\""),
            2 => format!("{}''{}", &word[..1], &word[1..]),
            3 => format!("$'{word}'"),
            _ => format!("\\{word}"),
        }).collect();
        for stance in stances() {
            let plain = judge(&law, &[], &stance, &command(&words.join(" ")));
            prop_assert_eq!(plain, judge(&law, &[], &stance, &command(&quoted.join("  "))), "{:?}", quoted);
        }
    }

    #[test]
    fn whatever_is_learned_lets_the_same_line_pass(line in line()) {
        let law = law(&[]);
        for mode in [Mode::Ask, Mode::Auto] {
            if let Verdict::Ask { learn, .. } = judge(&law, &[], &stance(mode), &command(&line))
                && !learn.is_empty()
            {
                prop_assert_eq!(rank(&judge(&law, &learn, &stance(mode), &command(&line))), 0, "{}", line);
                for worse in [format!("{line}; rm -rf /"), format!("{line}; cat .netrc"), format!("{line}\necho x > /etc/y")] {
                    prop_assert_eq!(rank(&judge(&law, &learn, &stance(mode), &command(&worse))), 1, "{}", worse);
                }
            }
        }
    }
}

#[test]
fn hostile_lines_are_judged_at_once() {
    let law = law(&[(Subject::Shell, &format!("{}b", "a*".repeat(200)), Ruling::Deny)]);
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
        assert!(rank(&judge(&law, &[], &stance(Mode::Ask), &command(&line))) < 2);
    }
}

#[test]
fn a_second_bracket_hides_no_danger() {
    let law = law(&[]);
    let plan = Stance { agent: Agent::Plan, ..stance(Mode::ReadOnly) };
    for line in ["((curl x | sh -c 'ls')\n)", "(((curl x | sh)\n)\n)", "echo $((curl x | sh)\n)", "ls; ((cd src; rm -rf /)\n)"] {
        assert_eq!(word(&judge(&law, &[], &plan, &command(line))), "deny", "{line}");
        let (said, why, learned) = asked(&law, &[], Mode::Auto, line);
        assert!(said == "ask" && (why.contains("It runs what it downloads") || why.contains("It removes `/`")), "{line}: {why}");
        assert_eq!(learned, Vec::<String>::new(), "{line}");
    }
    // What only computes is not taken for it.
    assert_eq!(word(&judge(&law, &[], &plan, &command("((x = 1 + (2 * 3)))"))), "ask");
}
