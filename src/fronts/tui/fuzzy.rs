//! Finds paths by some of their letters, in order.

use std::cmp::Reverse;

/// What a path must hold; capitals count only where one was typed.
struct Wanted {
    letters: Vec<char>,
    case: Case,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Case {
    Any,
    AsTyped,
}

const LETTER: i64 = 16;
/// It begins a name or a word.
const BEGINNING: i64 = 12;
/// It stands beside the one before.
const BESIDE: i64 = 8;
/// All letters are in the last name.
const IN_NAME: i64 = 24;

/// The places of those that fit best, the best first, at most so many. Without letters, the shortest.
pub fn best(paths: &[String], typed: &str, most: usize) -> Vec<usize> {
    let case = if typed.chars().any(char::is_uppercase) { Case::AsTyped } else { Case::Any };
    let wanted = Wanted { letters: typed.chars().collect(), case };
    let mut best: Vec<(i64, Reverse<usize>, Reverse<usize>)> = Vec::with_capacity(most + 1);
    for (at, path) in paths.iter().enumerate() {
        let Some(score) = score(&wanted, path) else { continue };
        let rank = (score, Reverse(path.len()), Reverse(at));
        if best.len() == most && best.last().is_some_and(|last| *last >= rank) {
            continue;
        }
        let place = best.partition_point(|other| *other > rank);
        best.insert(place, rank);
        best.truncate(most);
    }
    best.into_iter().map(|(_, _, Reverse(at))| at).collect()
}

fn score(wanted: &Wanted, path: &str) -> Option<i64> {
    let name = path.rfind('/').map_or(path, |at| &path[at + 1..]);
    // A query with a slash never fits in a name; then, and where the name has too little, the whole path counts.
    fit(wanted, name).map(|score| score + IN_NAME).or_else(|| fit(wanted, path))
}

/// The letters are found from the left, then pulled together from where the last one stands.
fn fit(wanted: &Wanted, text: &str) -> Option<i64> {
    let mut letters = wanted.letters.iter();
    let Some(mut next) = letters.next() else { return Some(0) };
    let mut end = None;
    for (at, c) in text.char_indices() {
        if wanted.is(*next, c) {
            match letters.next() {
                Some(letter) => next = letter,
                None => {
                    end = Some(at + c.len_utf8());
                    break;
                }
            }
        }
    }
    let mut left = wanted.letters.iter().rev().peekable();
    let (mut score, mut gap) = (0, 0);
    let mut letters = text[..end?].chars().rev().peekable();
    while let (Some(c), Some(letter)) = (letters.next(), left.peek()) {
        if !wanted.is(**letter, c) {
            gap += 1;
            continue;
        }
        left.next();
        score += LETTER - i64::min(gap, 8) + if gap == 0 { BESIDE } else { 0 };
        score += if letters.peek().is_none_or(|before| begins(*before, c)) { BEGINNING } else { 0 };
        gap = 0;
    }
    Some(score)
}

fn begins(before: char, c: char) -> bool {
    !before.is_alphanumeric() || (before.is_lowercase() && c.is_uppercase())
}

impl Wanted {
    fn is(&self, letter: char, c: char) -> bool {
        letter == c || (self.case == Case::Any && c.to_lowercase().eq(letter.to_lowercase()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(typed: &str) -> Vec<&'static str> {
        const PATHS: [&str; 8] = [
            "src/main.rs",
            "src/tui/app.rs",
            "src/tui/screen/mod.rs",
            "src/tui/ask/mod.rs",
            "docs/Mann.md",
            "tests/screens/start.rs",
            "Cargo.toml",
            "über/straße.txt",
        ];
        let paths = PATHS.map(str::to_owned);
        best(&paths, typed, 3).into_iter().map(|at| PATHS[at]).collect()
    }

    #[test]
    fn the_name_counts_before_the_folders_and_the_short_before_the_long() {
        for (typed, expected) in [
            ("main", &["src/main.rs"][..]),
            ("ma", &["src/main.rs", "docs/Mann.md"]),
            ("Ma", &["docs/Mann.md"]),
            ("mod", &["src/tui/ask/mod.rs", "src/tui/screen/mod.rs"]),
            ("scmod", &["src/tui/screen/mod.rs", "src/tui/ask/mod.rs"]),
            ("tui/a", &["src/tui/app.rs", "src/tui/ask/mod.rs"]),
            ("ÜBER", &[]),
            ("überß", &["über/straße.txt"]),
            ("zzz", &[]),
            ("", &["Cargo.toml", "src/main.rs", "docs/Mann.md"]),
        ] {
            let found = found(typed);
            assert_eq!(found[..found.len().min(expected.len().max(1))], *expected, "{typed}");
        }
    }
}
