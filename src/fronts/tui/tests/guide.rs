//! The guide's table of keys: it contains every key of the program.

use std::collections::BTreeSet;

use crossterm::event::KeyCode;
use insta::assert_snapshot;

use super::Fixture;

use crate::tui::commands::{ACTIONS, Key, OTHER_KEYS};
use crate::tui::tests::sentences;

/// The keys in the table's first column as written, and the letters after `ctrl+x`.
fn in_the_guide() -> (BTreeSet<String>, BTreeSet<char>) {
    let page = include_str!("../../../../assets/guide/keys.md");
    let rows = page.lines().filter(|line| line.starts_with("| ")).skip(1);
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
fn every_key_of_the_program_stands_in_the_guide() {
    let (keys, letters) = in_the_guide();
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
        // The condition of a key is given in words.
        for key in words.split(", ").filter(|key| !key.starts_with("while ")) {
            assert!(keys.contains(key), "`{key}` does not stand in the guide: {keys:?}");
        }
    }
}

#[test]
fn help_with_a_topic_opens_its_page_and_says_where_there_is_none() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.enter("/help undo");
    assert_snapshot!("guide_page", fixture.picture());
    fixture.press(KeyCode::End);
    assert!(fixture.shows(sentences::GUIDE_UNTIL_DELETED));
    fixture.press(KeyCode::Esc);
    assert!(!fixture.shows("Guide: undo") && !fixture.shows("/help undo"));
    fixture.enter("/help npm install");
    assert!(fixture.shows(sentences::GUIDE_ALLOW_NPM) && !fixture.shows(sentences::GUIDE_MAY_DO));
    fixture.press(KeyCode::Esc);
    fixture.enter("/help guide");
    assert!(fixture.shows("troubleshooting") || fixture.shows("sign-in"));
    fixture.press(KeyCode::Esc);
    fixture.enter("/help frobnicate");
    assert!(fixture.shows("/help frobnicate") && fixture.shows("`/help guide`"));
}

#[test]
fn every_command_stands_in_the_guide() {
    let page = include_str!("../../../../assets/guide/commands.md");
    for entry in ACTIONS.iter().filter(|entry| !entry.slash.is_empty()) {
        assert!(page.contains(&format!("| `/{}` |", entry.slash)), "{}", entry.slash);
    }
}
