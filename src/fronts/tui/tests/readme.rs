//! The table of keys in the README: every key of the program stands in it.

use std::collections::BTreeSet;

use crate::fronts::tui::commands::{ACTIONS, Key, OTHER_KEYS};

/// The keys of the table's first column, as they are written there, and the letters after `ctrl+x`.
fn in_the_readme() -> (BTreeSet<String>, BTreeSet<char>) {
    let readme = include_str!("../../../../README.md");
    let section = readme.split("## Keys\n").nth(1).unwrap().split("\n## ").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| ")).skip(1);
    let cells = rows.map(|line| line.split('|').nth(1).unwrap().trim().to_lowercase());
    let (mut keys, mut letters) = (BTreeSet::new(), BTreeSet::new());
    for cell in cells {
        if let Some(after) = cell.strip_prefix("ctrl+x, then ") {
            letters.extend(after.split(' ').map(|letter| letter.parse::<char>().unwrap()));
        } else {
            let words = cell.replace(" · ", ", ").replace(" or ", ", ");
            keys.extend(words.split(", ").map(str::to_owned));
        }
    }
    (keys, letters)
}

#[test]
fn every_key_of_the_program_stands_in_the_readme() {
    let (keys, letters) = in_the_readme();
    assert!(keys.len() > 30 && letters.len() > 8, "the table was not found: {keys:?} {letters:?}");
    let of_the_table: BTreeSet<char> = ACTIONS.iter().filter_map(|entry| entry.chord()).collect();
    assert_eq!(letters, of_the_table);
    let actions = ACTIONS
        .iter()
        .filter_map(|entry| entry.key.filter(|key| !matches!(key, Key::Chord(_))))
        .map(Key::label);
    let others = OTHER_KEYS.iter().map(|(keys, _)| (*keys).to_owned());
    for label in actions.chain(others) {
        let words = label.replace(" or ", ", ");
        // When a key counts is told in words of its own.
        for key in words.split(", ").filter(|key| !key.starts_with("while ")) {
            assert!(keys.contains(key), "`{key}` does not stand in the README: {keys:?}");
        }
    }
}
