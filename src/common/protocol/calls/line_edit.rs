//! Edits of a command line before it runs: words that policy adds so that a line which nobody was
//! asked about shows no more than it may.

use std::ops::Range;
use std::path::{Path, PathBuf};

/// All edits of one line.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineEdits {
    /// In the order of the line; no two overlap.
    pub edits: Vec<LineEdit>,
    /// Whether git leaves files that may hold secrets out of what it shows because of them.
    pub leaves_out: bool,
}

/// One edit of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineEdit {
    /// The letters that are replaced, counted as `char`s; none where text is only added.
    pub letters: Range<usize>,
    /// The text that replaces it.
    pub text: String,
    /// The edit is left out where something is at one of these places.
    pub unless_there: Vec<PathBuf>,
}

impl LineEdits {
    /// The line as it is to be run. `is_there` tells whether something is at a place.
    pub fn apply(&self, line: &str, is_there: impl Fn(&Path) -> bool) -> String {
        let letters: Vec<char> = line.chars().collect();
        let mut edited = String::new();
        let mut at = 0;
        let wanted = |edit: &&LineEdit| !edit.unless_there.iter().any(|place| is_there(place));
        for edit in self.edits.iter().filter(wanted) {
            edited.extend(letters.get(at..edit.letters.start).unwrap_or_default());
            edited.push_str(&edit.text);
            at = edit.letters.end;
        }
        edited.extend(letters.get(at..).unwrap_or_default());
        edited
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_replace_letters_add_some_and_give_way_to_what_is_there() {
        let edit = |letters, text: &str, unless: &[&str]| LineEdit {
            letters,
            text: text.to_owned(),
            unless_there: unless.iter().map(PathBuf::from).collect(),
        };
        let edits = vec![edit(1..2, "X", &[]), edit(3..3, " y", &["/a"]), edit(4..4, "!", &[])];
        let edits = LineEdits { edits, leaves_out: true };
        assert_eq!(edits.apply("äbcd", |_| false), "äXc yd!");
        assert_eq!(edits.apply("äbcd", |path| path == Path::new("/a")), "äXcd!");
        assert_eq!(LineEdits::default().apply("git log", |_| true), "git log");
    }
}
