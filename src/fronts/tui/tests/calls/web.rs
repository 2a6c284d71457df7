//! Web searches, and the pages that an answer cites.

use insta::assert_snapshot;

use crate::protocol::{
    Citation, EventKind, Item, ItemId, ItemKind, ItemOpening, WebAction, WebSearch, WebSearchState,
};
use crate::tui::tests::Fixture;

fn done(id: &str, kind: ItemKind) -> EventKind {
    EventKind::ItemDone(Item { id: ItemId::from(id), kind, wire: None })
}

fn searched(id: &str, action: WebAction, state: WebSearchState) -> EventKind {
    done(id, ItemKind::WebSearch(WebSearch { action, state }))
}

fn began(id: &str) -> EventKind {
    EventKind::ItemStarted { item: ItemId::from(id), opening: ItemOpening::WebSearch }
}

const PAGE: &str = "https://pears.example/releases";

fn long_address() -> String {
    format!("https://a.example/{}", "very-long-indeed/".repeat(6))
}

fn cited() -> EventKind {
    let citation = |title: &str, url: &str| Citation { title: title.into(), url: url.into() };
    let citations = vec![
        citation("Pears: what is new", PAGE),
        citation("", "https://b.example/"),
        citation("An address over two rows", &long_address()),
    ];
    done("m", ItemKind::Assistant { text: "The newest pear is **Conference**.".into(), citations })
}

/// The text of all links.
fn linked(fixture: &mut Fixture) -> String {
    fixture.links().into_iter().map(|(_, said)| said).collect()
}

#[test]
fn searches_are_one_row_each_and_pages_are_numbered_under_the_answer() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.ask("Which pears are new?");
    fixture.event(began("w1"));
    fixture.assert_shows(["◌ Searching the web …"]);
    let queries = vec!["new pears".into(), "pear releases".into()];
    fixture.event(searched("w1", WebAction::Search { queries }, WebSearchState::Done));
    assert!(!fixture.shows("Searching the web"));
    fixture.event(searched("w2", WebAction::Open { url: PAGE.into() }, WebSearchState::Done));
    let find = WebAction::Find { url: PAGE.into(), pattern: "Conference".repeat(9) };
    fixture.event(searched("w3", find, WebSearchState::Done));
    fixture.event(searched("w4", WebAction::Open { url: PAGE.into() }, WebSearchState::Failed));
    fixture.event(cited());
    assert_snapshot!(fixture.picture());
}

#[test]
fn an_address_is_a_link_only_where_all_of_it_is_on_screen() {
    let mut fixture = Fixture::connected(80, 24);
    fixture.ask("Which pears are new?");
    fixture.event(cited());
    assert_eq!(linked(&mut fixture), format!("{PAGE}https://b.example/{}", long_address()));
    // More text below pushes the pages out of view, row by row from the top.
    let mut seen = Vec::new();
    for n in 0..30 {
        let open = WebAction::Open { url: String::new() };
        fixture.event(searched(&format!("more {n}"), open, WebSearchState::Done));
        seen.push(linked(&mut fixture));
    }
    seen.dedup();
    let whole = format!("{PAGE}https://b.example/{}", long_address());
    assert_eq!(
        seen,
        [whole, format!("https://b.example/{}", long_address()), long_address(), String::new()]
    );
}

#[test]
fn what_a_dialog_leaves_of_a_link_leads_to_all_of_its_address() {
    let mut fixture = Fixture::connected(120, 24);
    fixture.ask("Which pears are new?");
    fixture.event(cited());
    let targets = |fixture: &mut Fixture| {
        let mut targets: Vec<String> = fixture.links().into_iter().map(|link| link.0).collect();
        targets.dedup();
        targets
    };
    let before = targets(&mut fixture);
    assert_eq!(before, [PAGE, "https://b.example/", &long_address()]);
    fixture.ctrl('p');
    fixture.assert_shows(["https://pear"]);
    fixture.assert_hides([PAGE]);
    let behind = targets(&mut fixture);
    assert_eq!(behind, before, "{}", fixture.picture());
}
