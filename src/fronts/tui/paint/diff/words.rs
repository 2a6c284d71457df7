//! Word differences in changed lines: removed lines are paired with similar added ones and compared
//! word by word.

use std::ops::Range;

use similar::{Algorithm, DiffTag, capture_diff_slices};

/// Longer lines (in bytes) are not compared.
const LONGEST: usize = 400;
/// Lines with more tokens are not compared.
const MOST_TOKENS: usize = 120;
/// How far ahead the partner of a removed line is searched.
const AHEAD: usize = 6;
/// The percentage of a pair that must be equal.
const ALIKE: usize = 45;

/// The differing byte ranges of two lines.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ChangedWords {
    pub old: Vec<Range<usize>>,
    pub new: Vec<Range<usize>>,
}

/// A removed line, the added line that replaced it, and their differences.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pair {
    pub old: usize,
    pub new: usize,
    pub changed: ChangedWords,
}

/// Pairs the lines of a block in order. Lines without a similar one stay alone.
pub(super) fn pairs(old: &[&str], new: &[&str]) -> Vec<Pair> {
    let mut pairs = Vec::new();
    let mut from = 0;
    for (at, line) in old.iter().enumerate() {
        // In blocks of equal length each line most likely replaced the one of the same index.
        let window =
            if old.len() == new.len() { at..at + 1 } else { from..new.len().min(from + AHEAD) };
        let found =
            window.into_iter().find_map(|other| Some((other, compare(line, new.get(other)?)?)));
        if let Some((other, changed)) = found {
            pairs.push(Pair { old: at, new: other, changed });
            from = other + 1;
        }
    }
    pairs
}

/// The differences, if the lines are similar enough for them to help.
fn compare(old: &str, new: &str) -> Option<ChangedWords> {
    if old.len().max(new.len()) > LONGEST || !may_be_alike(old, new) {
        return None;
    }
    let (olds, news) = (tokens(old), tokens(new));
    if olds.len().max(news.len()) > MOST_TOKENS {
        return None;
    }
    let mut changed = ChangedWords::default();
    let mut same = 0;
    for op in capture_diff_slices(Algorithm::Myers, &olds, &news) {
        let (before, after) = (op.old_range(), op.new_range());
        if op.tag() == DiffTag::Equal {
            same += olds[before].iter().map(|token| token.trim().len()).sum::<usize>();
        } else {
            add(&mut changed.old, old, &olds, before);
            add(&mut changed.new, new, &news, after);
        }
    }
    let whole = ink(old).max(ink(new));
    (whole == 0 || same * 100 >= whole * ALIKE).then_some(changed)
}

/// A cheap upper bound: lines share no more bytes than occur in both.
fn may_be_alike(old: &str, new: &str) -> bool {
    let mut counts = [0_i32; 256];
    old.bytes().for_each(|byte| counts[usize::from(byte)] += 1);
    let common = new.bytes().filter(|byte| {
        let count = &mut counts[usize::from(*byte)];
        *count -= 1;
        *count >= 0 && !byte.is_ascii_whitespace()
    });
    common.count() * 100 >= ink(old).max(ink(new)) * ALIKE
}

/// The number of bytes that are not blank.
fn ink(line: &str) -> usize {
    line.bytes().filter(|byte| !byte.is_ascii_whitespace()).count()
}

/// Adds a range of tokens; merges it with the previous one if only blanks lie between.
fn add(ranges: &mut Vec<Range<usize>>, line: &str, tokens: &[&str], part: Range<usize>) {
    let bytes = |tokens: &[&str]| tokens.iter().map(|token| token.len()).sum::<usize>();
    let start = bytes(&tokens[..part.start]);
    let range = start..start + bytes(&tokens[part]);
    if range.is_empty() {
        return;
    }
    match ranges.last_mut() {
        Some(last) if line[last.end..range.start].trim().is_empty() => last.end = range.end,
        _ => ranges.push(range),
    }
}

/// Splits a line into words, runs of blanks, and single other characters.
fn tokens(line: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        let same: fn(char) -> bool = match first {
            c if is_word(c) => is_word,
            ' ' => |c| c == ' ',
            _ => |_| false,
        };
        let end =
            rest.char_indices().skip(1).find(|(_, c)| !same(*c)).map_or(rest.len(), |(at, _)| at);
        let (token, after) = rest.split_at(end);
        tokens.push(token);
        rest = after;
    }
    tokens
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn marked(line: &str, ranges: &[Range<usize>]) -> String {
        let mut marked = line.to_owned();
        for range in ranges.iter().rev() {
            marked.insert(range.end, ']');
            marked.insert(range.start, '[');
        }
        marked
    }

    #[test]
    fn words_that_differ_are_marked() {
        for (old, new, expected) in [
            ("let x = 1;", "let x = 2;", Some(("let x = [1];", "let x = [2];"))),
            ("call(a, b)", "call(a, b, c)", Some(("call(a, b)", "call(a, b[, c])"))),
            (
                "the old words here",
                "the very new words here",
                Some(("the [old] words here", "the [very new] words here")),
            ),
            ("    indented();", "  indented();", Some(("[    ]indented();", "[  ]indented();"))),
            ("größe = alt", "größe = neu", Some(("größe = [alt]", "größe = [neu]"))),
            ("fn one() {", "completely unlike it", None),
            ("", "", Some(("", ""))),
            ("a", "", None),
        ] {
            let shown = compare(old, new)
                .map(|changed| (marked(old, &changed.old), marked(new, &changed.new)));
            assert_eq!(
                shown.as_ref().map(|(old, new)| (old.as_str(), new.as_str())),
                expected,
                "{old:?} {new:?}"
            );
        }
    }

    #[test]
    fn long_lines_are_not_compared() {
        let long = "word ".repeat(100);
        assert_eq!(compare(&long, &long), None);
        let signs = ".,".repeat(150);
        assert_eq!(compare(&signs, &signs), None);
    }

    #[test]
    fn a_line_finds_its_like_among_those_that_came_with_it() {
        let places = |old: &[&str], new: &[&str]| {
            pairs(old, new).iter().map(|pair| (pair.old, pair.new)).collect::<Vec<_>>()
        };
        assert_eq!(places(&["let total = a;"], &["// the sum", "let total = a + b;"]), [(0, 1)]);
        assert_eq!(places(&["one = 1", "two = 2", "xyz"], &["two = 3"]), [(1, 0)]);
        assert_eq!(places(&["a = 1", "b = 2"], &["a = 2", "b = 3"]), [(0, 0), (1, 1)]);
        assert_eq!(places(&["abc"], &[]), []);
    }

    proptest! {
        #[test]
        fn marks_stand_between_letters_and_in_order(old in "[ ab(.é中]{0,40}", new in "[ ab(.é中]{0,40}") {
            if let Some(changed) = compare(&old, &new) {
                for (line, ranges) in [(&old, &changed.old), (&new, &changed.new)] {
                    let mut from = 0;
                    for range in ranges {
                        prop_assert!(range.start >= from && range.end > range.start);
                        prop_assert!(line.get(range.clone()).is_some());
                        from = range.end;
                    }
                }
            }
        }
    }
}
