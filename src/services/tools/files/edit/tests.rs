//! Replacing, as texts: what is found, what is not, and what stays as it was.

use proptest::prelude::*;

use super::replace::Leniency::{
    BlankLines, Escapes, Indentation, LineEnds, LookAlikes, None as Exactly, TrailingBlanks,
};
use super::replace::{Leniency, ReplaceMiss, ReplaceScope, Replacement, replace};
use crate::base::text::says;

fn one(text: &str, old: &str, new: &str) -> Result<(String, Leniency), ReplaceMiss> {
    replace(text, old, new, ReplaceScope::One)
        .map(|Replacement { text, leniency, .. }| (text, leniency))
}

#[test]
fn a_piece_is_found_as_it_is_remembered() {
    let rows: [(&str, &str, &str, &str, Leniency); 52] = [
        // Exactly, in a line or over several.
        ("a b c", "b", "x", "a x c", Exactly),
        ("a\nb\nc\n", "a\nb", "x", "x\nc\n", Exactly),
        ("a\nb\nc\n", "b\n", "", "a\nc\n", Exactly),
        ("a\nb\n", "b", "b\nc", "a\nb\nc\n", Exactly),
        ("ä→ö", "→", "-", "ä-ö", Exactly),
        ("a\n\n\nb", "a\n\n\nb", "a\nb", "a\nb", Exactly),
        ("x\ty", "\t", " ", "x y", Exactly),
        ("say(“hi”)", "“hi”", "“ho”", "say(“ho”)", Exactly),
        // New lines end as those around them.
        ("a\r\nb\r\nc\r\n", "b", "x\ny", "a\r\nx\r\ny\r\nc\r\n", Exactly),
        ("a\r\nb\r\n", "a\r\nb\r\n", "a\r\nx\r\n", "a\r\nx\r\n", Exactly),
        ("a\nb\n", "b", "x\r\ny", "a\nx\ny\n", Exactly),
        ("a\r\nb\r\nc\nd\n", "c\nd", "x\ny", "a\r\nb\r\nx\ny\n", Exactly),
        ("a\r\nb\r\nc\r\n", "a\nb", "x\ny", "x\r\ny\r\nc\r\n", LineEnds),
        ("a\nb\nc\n", "a\r\nb", "x\r\ny", "x\ny\nc\n", LineEnds),
        (
            "fn a() {\r\n  b();\r\n}\r\n",
            "{\n  b",
            "{\n  c",
            "fn a() {\r\n  c();\r\n}\r\n",
            LineEnds,
        ),
        ("a\r\nb", "a\nb", "c\nd", "c\r\nd", LineEnds),
        // Blanks at the ends of lines; lines that stay keep theirs.
        ("a  \nb\n", "a\nb", "a\nx", "a  \nx\n", TrailingBlanks),
        ("a\nb\n", "a  \nb \n", "x\n", "x\n", TrailingBlanks),
        ("a\t\r\nb\r\n", "a\nb\n", "a\nc\n", "a\t\r\nc\r\n", TrailingBlanks),
        ("a \nb\nc \n", "a\nb\nc", "a\nc", "a \nc \n", TrailingBlanks),
        ("a\n  \nb\n", "a\n\nb", "a\n\nc", "a\n  \nc\n", TrailingBlanks),
        ("x\na \nb", "a\nb", "c\nd", "x\nc\nd", TrailingBlanks),
        // Indentation that differs by the same for all lines.
        (
            "    if a {\n        b\n    }\n",
            "if a {\n    b\n}",
            "if a {\n    c\n}",
            "    if a {\n        c\n    }\n",
            Indentation,
        ),
        (
            "if a {\n    b\n}\n",
            "    if a {\n        b\n    }",
            "    if a {\n        c\n    }",
            "if a {\n    c\n}\n",
            Indentation,
        ),
        (
            "\tif a {\n\t\tb\n\t}\n",
            "    if a {\n        b\n    }",
            "    if a {\n        c\n        d\n    }",
            "\tif a {\n\t\tc\n\t\td\n\t}\n",
            Indentation,
        ),
        (
            "  if a\n    b\n",
            "\tif a\n\t\tb",
            "\tif a\n\t\tb\n\t\tc",
            "  if a\n    b\n    c\n",
            Indentation,
        ),
        ("\t\ta\n\t\tb\n", "a\nb", "a\n\tx\n\nb", "\t\ta\n\t\t\tx\n\n\t\tb\n", Indentation),
        (
            "\tif a {\n\t\tb\n\t}\n",
            "if a {\n    b\n}",
            "if a {\n    b\n    c\n}",
            "\tif a {\n\t\tb\n\t\tc\n\t}\n",
            Indentation,
        ),
        ("  a\r\n  b\r\n", "a\nb", "a\nc", "  a\r\n  c\r\n", Indentation),
        ("    a\n    b", "  a\n  b\n", "  c\n", "    c", Indentation),
        // Lines that are already indented as the file is are not indented once more.
        ("    a\n    b\n", "a\nb", "    a\n    c", "    a\n    c\n", Indentation),
        (
            "    if a {\n        b\n    }\n",
            "if a {\n    b\n}",
            "    if a {\n        c\n    }",
            "    if a {\n        c\n    }\n",
            Indentation,
        ),
        (
            "\tif a {\n\t\tb\n\t}\n",
            "if a {\n    b\n}",
            "\tif a {\n\t\tc\n\t}",
            "\tif a {\n\t\tc\n\t}\n",
            Indentation,
        ),
        (
            "if a {\n    b\n}\n",
            "    if a {\n        b\n    }",
            "if a {\n    c\n}",
            "if a {\n    c\n}\n",
            Indentation,
        ),
        ("    a\n    b\n", "a\nb", "    a\nc", "        a\n    c\n", Indentation),
        ("    a\n    b\n", "a\nb", "a\n    c", "    a\n        c\n", Indentation),
        // Among mixed ends each line keeps its own.
        ("a\nb\r\nc\nd\n", "b", "x\ny", "a\nx\r\ny\r\nc\nd\n", Exactly),
        ("a \r\nb\nc\nd\n", "a\nb", "x\ny", "x\r\ny\nc\nd\n", TrailingBlanks),
        // Blank lines around what is remembered.
        ("a\nb\nc\n", "\na\nb\n\n", "\nx\nb\n\n", "x\nb\nc\n", BlankLines),
        ("  a\n  b\n", "\n\na\nb", "c\nd", "  c\n  d\n", BlankLines),
        ("a\nb\nz\n", "b\n\n", "y\n\n", "a\ny\nz\n", BlankLines),
        // Escaped once too often.
        ("a\nb\n", r"a\nb", r"x\ny", "x\ny\n", Escapes),
        ("say(\"hi\")", r#"say(\"hi\")"#, r#"say(\"ho\")"#, "say(\"ho\")", Escapes),
        ("it's `so`", r"it\'s \`so\`", "no", "no", Escapes),
        ("a\tb\n", r"a\tb", r"a\tc", "a\tc\n", Escapes),
        (
            "  f(\"x\",\n    \"y\")\n",
            r#"f(\"x\",\n  \"y\")"#,
            r#"g(\"x\")"#,
            "  g(\"x\")\n",
            Escapes,
        ),
        // Characters that look the same.
        ("say(“hi”)\n", "say(\"hi\")", "say(\"ho\")", "say(\"ho\")\n", LookAlikes),
        ("it’s – so…\n", "it's - so...", "it's so", "it's so\n", LookAlikes),
        ("a\u{a0}b\nc\n", "a b", "a c", "a c\nc\n", LookAlikes),
        ("un cafe\u{301} noir\n", "caf\u{e9}", "the\u{301}", "un the\u{301} noir\n", LookAlikes),
        ("un caf\u{e9} noir\n", "cafe\u{301} n", "thé n", "un thé noir\n", LookAlikes),
        ("    “a”\n    b\n", "\"a\"\nb", "\"a\"\nc", "    “a”\n    c\n", LookAlikes),
    ];
    for (text, old, new, wanted, leniency) in rows {
        assert_eq!(
            one(text, old, new),
            Ok((wanted.to_owned(), leniency)),
            "{text:?}: {old:?} -> {new:?}"
        );
    }
}

#[test]
fn what_could_mean_two_places_means_none() {
    for (text, old, lines) in [
        ("a\nb\na\n", "a", vec![1, 3]),
        ("aaa", "aa", vec![1, 1]),
        ("x\r\ny\r\nx\r\ny\r\n", "x\ny", vec![1, 3]),
        ("  a\n  b\n\ta\n\tb\n", "a\nb", vec![1, 3]),
        ("a \nb\na  \nb\n", "a\nb\n", vec![1, 3]),
        ("“a”\n“a”\n", "\"a\"", vec![1, 2]),
        (&"a\n".repeat(50), "a", (1..=10).collect()),
    ] {
        assert_eq!(one(text, old, "z"), Err(ReplaceMiss::Ambiguous(lines)), "{old:?}");
    }
}

#[test]
fn what_is_not_there_is_not_found() {
    for (text, old) in [
        ("", "a"),
        ("a\nb\n", "a\nc"),
        ("if a {\n  b\n}\n", "if a {\n      b\n  }"),
        ("    a\n  b\n", "a\nb"),
        ("a\n\n\nb\n", "a\n\nb"),
        ("a\n", "\n\n\n"),
        ("a…b", "."),
        ("Alpha", "alpha"),
        ("a\nb", "a\nb\nc"),
    ] {
        assert_eq!(one(text, old, "z"), Err(ReplaceMiss::Missing), "{text:?} {old:?}");
    }
}

#[test]
fn all_places_are_replaced_when_all_are_meant() {
    for (text, old, new, wanted, places) in [
        ("a b a\na", "a", "x", "x b x\nx", 3),
        ("aaa", "aa", "b", "ba", 1),
        ("a\r\nb\r\na\r\nb\r\n", "a\nb\n", "c\n", "c\r\nc\r\n", 2),
        ("  a\n  b\n\ta\n\tb\n", "a\nb", "a\nc", "  a\n  c\n\ta\n\tc\n", 2),
        ("“a” “a”", "\"a\"", "b", "b b", 2),
    ] {
        let replaced = replace(text, old, new, ReplaceScope::All).unwrap();
        assert_eq!((replaced.text.as_str(), replaced.places), (wanted, places), "{old:?}");
    }
    let text = "a".repeat(1 << 20);
    assert_eq!(replace(&text, "a", "12345", ReplaceScope::All), Err(ReplaceMiss::TooLarge));
}

#[test]
fn hostile_texts_take_no_longer_than_others() {
    let same = "a\n".repeat(150_000);
    let block = format!("{}b", " a\n".repeat(50_000));
    assert_eq!(one(&same, &block, "x"), Err(ReplaceMiss::Missing));
    assert!(matches!(one(&same, " a\n a", "x"), Err(ReplaceMiss::Ambiguous(_))));
    assert_eq!(one(&"ä".repeat(500_000), &"a".repeat(250_000), "x"), Err(ReplaceMiss::Missing));
}

#[test]
fn the_nearest_place_is_told_when_there_is_one() {
    let text = "use a;\n\nfn one() {\n    first();\n    second();\n}\n\nfn two() {}\n";
    let near = super::near(text, "fn one() {\n    first();\n    third();\n}");
    let lines = "\n3\tfn one() {\n4\t    first();\n5\t    second();\n6\t}";
    assert!(says(&near, "line 3: … ") && near.ends_with(lines), "{near}");
    assert!(says(&super::near(text, "fn two(a: u8) {}"), "line 8: … \n8\tfn two() {}"));
    assert!(says(&super::near(text, "entirely = else"), "read it again"));
    let long = format!("{}\n", "w ".repeat(10_000));
    assert!(super::near(&long, "w w w").len() < 600);
}

fn line() -> impl Strategy<Value = String> {
    prop_oneof!["[ab]{0,2}", "[ \t]{0,4}[a-c]{1,3}[ ]{0,2}", "[“\"'’ -]{0,3}"]
}

fn text() -> impl Strategy<Value = String> {
    (prop::collection::vec((line(), prop_oneof!["\n", "\r\n"]), 0..12), line()).prop_map(
        |(lines, last)| {
            lines.into_iter().map(|(line, end)| line + &end).collect::<String>() + &last
        },
    )
}

proptest! {
    #[test]
    fn nothing_changes_outside_of_the_place(text in text(), old in text(), new in text()) {
        if old.is_empty() {
            return Ok(());
        }
        if let Ok(replaced) = replace(&text, &old, &new, ReplaceScope::One) {
            // Whatever was taken out and put in: what is before and behind it is the same, byte by
            // byte.
            let same = |left: &mut dyn Iterator<Item = u8>, right: &mut dyn Iterator<Item = u8>| {
                std::iter::from_fn(|| Some((left.next()?, right.next()?))).take_while(|(left, right)| left == right).count()
            };
            let before = same(&mut text.bytes(), &mut replaced.text.bytes());
            let behind = same(&mut text.bytes().rev(), &mut replaced.text.bytes().rev()).min(text.len() - before).min(replaced.text.len() - before);
            let taken = &text[ceil(&text, before)..floor(&text, text.len() - behind)];
            let lines = taken.lines().count();
            prop_assert!(lines <= old.lines().count() + 1, "{taken:?} was taken for {old:?}");
        }
    }

    #[test]
    fn a_piece_of_the_text_itself_is_replaced_exactly(text in text(), from in 0_usize..40, length in 1_usize..20, new in "[x\ny]{0,6}") {
        let from = floor(&text, from.min(text.len()));
        let to = ceil(&text, (from + length).min(text.len()));
        let old = &text[from..to];
        // A part of a line end is nobody's piece.
        if old.is_empty() || old.starts_with('\n') || old.ends_with('\r') {
            return Ok(());
        }
        match replace(&text, old, &new, ReplaceScope::One) {
            Ok(replaced) => {
                prop_assert_eq!(replaced.leniency, Exactly);
                prop_assert!(replaced.text.starts_with(&text[..from]) && replaced.text.ends_with(&text[to..]));
                prop_assert_eq!(replaced.text[from..replaced.text.len() - (text.len() - to)].replace("\r\n", "\n"), new);
            }
            Err(miss) => prop_assert!(matches!(miss, ReplaceMiss::Ambiguous(_))),
        }
    }

    #[test]
    fn line_ends_stay_of_one_kind(lines in prop::collection::vec("[a-d ]{0,4}", 2..8), old in "[a-d\n ]{1,6}", new in "[x\n]{0,5}") {
        let text = lines.join("\r\n");
        for scope in [ReplaceScope::One, ReplaceScope::All] {
            if let Ok(replaced) = replace(&text, &old, &new, scope) {
                prop_assert!(!replaced.text.replace("\r\n", "").contains(['\r', '\n']), "{:?}", replaced.text);
            }
        }
    }
}

fn floor(text: &str, at: usize) -> usize {
    (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap()
}

fn ceil(text: &str, at: usize) -> usize {
    (at..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap()
}
