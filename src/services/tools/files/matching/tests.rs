//! Lines found among lines, by each way of comparing.

use super::*;

fn at(text: &str, wanted: &[&str], way: MatchStrictness) -> Vec<usize> {
    blocks(&rows(text), wanted, 0, way).into_iter().map(|fit| fit.at).collect()
}

#[test]
fn each_way_overlooks_what_it_says_and_no_more() {
    for (text, wanted, ways) in [
        ("a\nb\na\nb", &["a", "b"][..], [2, 2, 2, 2, 2]),
        ("a \nb", &["a", "b"], [0, 1, 1, 1, 1]),
        ("  a\n  b", &["a", "b"], [0, 0, 1, 1, 1]),
        ("  a\nb", &["a", "b"], [0, 0, 0, 1, 1]),
        ("“a”\nb", &["\"a\"", "b"], [0, 0, 0, 0, 1]),
        ("a\na\na", &["a", "a"], [2, 2, 2, 2, 2]),
        ("\n\n", &[""], [2, 0, 0, 0, 0]),
        ("a", &["a", "b"], [0, 0, 0, 0, 0]),
        ("a", &[], [0, 0, 0, 0, 0]),
    ] {
        let found = [
            MatchStrictness::Exact,
            MatchStrictness::TrailingBlanks,
            MatchStrictness::Indentation,
            MatchStrictness::Trimmed,
            MatchStrictness::LookAlikes,
        ]
        .map(|way| at(text, wanted, way).len());
        assert_eq!(found, ways, "{text:?} {wanted:?}");
    }
}

#[test]
fn the_same_shift_explains_all_lines_or_none_does() {
    for (pairs, line, wanted) in [
        (&[("a", "  a"), ("  b", "    b")][..], " x", Some("   x")),
        (&[("  a", "a"), ("", ""), ("    b", "  b")], "    x", Some("  x")),
        (&[("    a", "\ta"), ("        b", "\t\tb")], "            x", Some("\t\t\tx")),
        (&[("\ta", "  a"), ("\t\tb", "    b")], "\tx", Some("  x")),
        (&[("  a", "a")], " x", Some("x")),
        (&[("  a", "a")], "x", Some("x")),
        (&[("a", "a"), ("b", "  b")], "x", None),
        (&[("", "   "), (" ", "")], "x", Some("x")),
    ] {
        assert_eq!(
            IndentShift::between(pairs).map(|shift| shift.apply(line).into_owned()).as_deref(),
            wanted,
            "{pairs:?}"
        );
    }
}

#[test]
fn a_folded_text_knows_where_it_came_from() {
    let text = "a\r\nb…c\u{a0}";
    let flat = Flat::new(text, Folding::LookAlikes);
    assert_eq!(flat.text, "a\nb...c ");
    for (part, origin) in [
        (0..2, Some(0..3)),
        (1..2, Some(1..3)),
        (2..6, Some(3..7)),
        (2..4, None),
        (4..6, None),
        (6..8, Some(7..10)),
        (0..99, None),
    ] {
        assert_eq!(flat.origin(&part), origin, "{part:?}");
    }
}
