//! The fate of a call that changes something, and the wishes in a refusal. Makes no call.

use super::conversation::PastOutput;
use super::folder;
use crate::demo::brain::intent::bare;

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    Done,
    Refused {
        reason: Option<String>,
    },
    /// The file is not what it was when it was read.
    Stale,
}

/// The wishes of all refusals so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heed {
    /// Another word than the one that was wished for.
    pub word: Option<String>,
    /// Files that stay as they are.
    pub without: Vec<String>,
}

impl Fate {
    pub fn of(output: &str) -> Self {
        let low = output.to_lowercase();
        if low.contains("refused this call") || low.contains("user refused") {
            let reason = output.split_once("said:").map(|(_, reason)| reason.trim().to_owned());
            return Self::Refused { reason: reason.filter(|reason| !reason.is_empty()) };
        }
        if low.contains("nobody can be asked") {
            return Self::Refused { reason: None };
        }
        match ["read it again", "changed on disk", "since it was last read"]
            .iter()
            .any(|words| low.contains(words))
        {
            true => Self::Stale,
            false => Self::Done,
        }
    }
}

impl Heed {
    /// Everything that was asked for since the prompt, about files of these names.
    pub fn of<'r>(ran: impl Iterator<Item = &'r PastOutput>, paths: &[&str]) -> Self {
        let mut heed = Self::default();
        for ran in ran {
            if let Fate::Refused { reason: Some(reason) } = Fate::of(&ran.output) {
                heed.take(&reason, paths);
            }
        }
        heed
    }

    fn take(&mut self, reason: &str, paths: &[&str]) {
        let words: Vec<&str> =
            reason.split_whitespace().map(bare).filter(|word| !word.is_empty()).collect();
        let is_named =
            |path: &str| words.iter().any(|word| *word == path || *word == folder::file_name(path));
        let named: Vec<&str> = paths.iter().copied().filter(|path| is_named(path)).collect();
        if !named.is_empty() {
            let only = words.iter().any(|word| word.eq_ignore_ascii_case("only"));
            let out = paths.iter().filter(|path| named.contains(path) != only);
            self.without.extend(out.map(|path| (*path).to_owned()));
        } else if let Some(word) = instead(&words) {
            self.word = Some(word.to_owned());
        }
    }
}

/// `use the word pear instead`, `call it pear`, `pear instead`.
fn instead<'w>(words: &[&'w str]) -> Option<&'w str> {
    let is =
        |word: &str, known: &[&str]| known.iter().any(|known| word.eq_ignore_ascii_case(known));
    let after = words
        .iter()
        .position(|word| is(word, &["use", "call", "say", "prefer", "take", "write", "to"]))
        .and_then(|verb| {
            words[verb + 1..].iter().copied().find(|word| {
                !is(
                    word,
                    &["the", "word", "name", "it", "them", "a", "an", "term", "instead", "rather"],
                )
            })
        });
    let before = words
        .iter()
        .position(|word| is(word, &["instead"]))
        .filter(|at| *at > 0)
        .map(|at| words[at - 1]);
    after.or(before)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_tells_what_became_of_its_call() {
        let refused = |reason: Option<&str>| Fate::Refused { reason: reason.map(str::to_owned) };
        for (output, fate) in [
            ("Updated a.md", Fate::Done),
            ("The user refused this call and said: use pear", refused(Some("use pear"))),
            ("The user refused this call. Do not try the same in another way", refused(None)),
            ("Nobody can be asked here: this runs without a screen", refused(None)),
            ("`a.md` changed on disk since it was last read: read it again", Fate::Stale),
        ] {
            assert_eq!(Fate::of(output), fate, "{output}");
        }
    }

    #[test]
    fn a_reason_names_a_word_or_a_file() {
        let paths = ["docs/a.md", "b.txt"];
        for (reason, word, without) in [
            ("use the word pear instead", Some("pear"), &[][..]),
            ("Please call it `pear`.", Some("pear"), &[]),
            ("pear instead!", Some("pear"), &[]),
            ("leave out b.txt", None, &["b.txt"]),
            ("not in a.md please", None, &["docs/a.md"]),
            ("only docs/a.md", None, &["b.txt"]),
            ("no", None, &[]),
            ("", None, &[]),
        ] {
            let mut heed = Heed::default();
            heed.take(reason, &paths);
            assert_eq!(
                (heed.word.as_deref(), heed.without),
                (word, without.iter().map(|path| (*path).to_owned()).collect()),
                "{reason}"
            );
        }
    }
}
