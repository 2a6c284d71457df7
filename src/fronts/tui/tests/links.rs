//! Links in answers lead to the address that they show, at every width.

use std::collections::BTreeMap;

use super::Fixture;
use super::fixture::{answer, delta};

const DOCS: &str = "https://docs.example/guide/very-long-indeed/very-long-indeed/page";

/// The visible text of each address, with its rows joined.
fn seen(fixture: &mut Fixture) -> BTreeMap<String, String> {
    let mut seen = BTreeMap::new();
    for (address, cells) in fixture.links() {
        seen.entry(address).or_insert_with(String::new).push_str(&cells);
    }
    seen
}

fn answered(text: &str, width: u16, height: u16) -> Fixture {
    let mut fixture = Fixture::connected(width, height);
    fixture.ask("where?");
    fixture.event(answer("a", text));
    fixture
}

#[test]
fn marked_links_and_addresses_in_the_text_are_links_at_every_width() {
    let text = format!(
        "Read [the guide]({DOCS}) or {DOCS}?q=1, and <https://auto.example/>.\n\n\
         - item `https://code.example/x`\n\n\
         > quoted [one](https://quote.example)\n\n\
         | a | b |\n|---|---|\n| [cell](https://cell.example) | x |\n"
    );
    for (width, height) in [(60, 30), (80, 30), (120, 40)] {
        let mut fixture = answered(&text, width, height);
        let seen = seen(&mut fixture);
        let picture = fixture.picture();
        for (address, shown) in [
            (DOCS.to_owned(), format!("the guide{DOCS}")),
            (format!("{DOCS}?q=1"), format!("{DOCS}?q=1")),
            ("https://auto.example/".to_owned(), "https://auto.example/".to_owned()),
            ("https://code.example/x".to_owned(), "https://code.example/x".to_owned()),
            ("https://quote.example".to_owned(), "onehttps://quote.example".to_owned()),
            ("https://cell.example".to_owned(), "cellhttps://cell.example".to_owned()),
        ] {
            let found = seen.get(&address).map(|cells| cells.replace(' ', ""));
            assert_eq!(found, Some(shown.replace(' ', "")), "{address} at {width}:\n{picture}");
        }
        assert_eq!(seen.len(), 6, "{seen:?}");
    }
}

#[test]
fn only_what_a_browser_may_be_sent_to_is_a_link() {
    let text = "[a](javascript:alert(1)) [b](file:///etc/passwd) [c](/etc/passwd) \
                [d](https://evil.example/\u{1b}]8;;x\u{7}) [e](data:text/html,x) \
                [f](https://a\u{202e}b) [g](<https://a b>) [h](mailto:me@example.com)";
    let mut fixture = answered(text, 120, 40);
    // Text that is no Markdown link stays text, and an address in it leads to itself.
    let shown = "https://evil.example/".to_owned();
    let shown = BTreeMap::from([(shown.clone(), shown)]);
    assert_eq!(seen(&mut fixture), shown, "{}", fixture.picture());
}

#[test]
fn a_link_that_is_still_being_written_moves_nothing_when_it_is_done() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.ask("where?");
    fixture.event(delta("a", "See [the guide](https://docs.exa"));
    let before = fixture.picture();
    assert!(before.contains("the guide"), "{before}");
    fixture.event(delta("a", "mple/x) now\n\n"));
    assert_eq!(
        seen(&mut fixture).get("https://docs.example/x").map(String::as_str),
        Some("the guidehttps://docs.example/x")
    );
    fixture.assert_shows(["See the guide (https://docs.example/x) now"]);
}

#[test]
fn what_is_scrolled_half_out_of_sight_leads_to_the_whole_address() {
    let long = format!("https://long.example/{}", "x".repeat(150));
    let mut fixture = answered(&format!("{long}\n\n{}", "text\n\n".repeat(5)), 60, 18);
    let all: Vec<String> = fixture.links().into_iter().map(|(address, _)| address).collect();
    assert!(all.iter().all(|address| *address == long), "{all:?}");
    assert!(!all.is_empty(), "{}", fixture.picture());
}
