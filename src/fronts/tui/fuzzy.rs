//! Fuzzy search for paths by some of their letters, in order.

use std::cmp::Reverse;

use nucleo_matcher::pattern::{Atom, AtomKind, CaseMatching, Normalization};
use nucleo_matcher::{Config, Matcher, Utf32Str};

/// A bonus if all letters are in the file name; worth more than one letter.
const IN_NAME: u32 = 24;

/// The query and its buffers.
struct Search {
    wanted: Atom,
    matcher: Matcher,
    letters: Vec<char>,
}

/// The indices of the best matches, best first, at most `most`. Without a query, the shortest
/// paths. Case counts only if a capital was typed.
pub fn best(paths: &[String], typed: &str, most: usize) -> Vec<usize> {
    let wanted =
        Atom::new(typed, CaseMatching::Smart, Normalization::Never, AtomKind::Fuzzy, false);
    let matcher = Matcher::new(Config::DEFAULT.match_paths());
    let mut search = Search { wanted, matcher, letters: Vec::new() };
    let mut best: Vec<(u32, Reverse<usize>, Reverse<usize>)> = Vec::with_capacity(most + 1);
    for (at, path) in paths.iter().enumerate() {
        let Some(score) = search.score(path) else { continue };
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

impl Search {
    fn score(&mut self, path: &str) -> Option<u32> {
        let name = path.rfind('/').map_or(path, |at| &path[at + 1..]);
        // A query with a slash never matches a name; then the whole path counts.
        self.fit(name).map(|score| score + IN_NAME).or_else(|| self.fit(path))
    }

    fn fit(&mut self, text: &str) -> Option<u32> {
        let letters = Utf32Str::new(text, &mut self.letters);
        self.wanted.score(letters, &mut self.matcher).map(u32::from)
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
