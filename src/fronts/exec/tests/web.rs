//! Web searches, and the pages that an answer cites.

use super::scene::*;
use crate::exec::*;
use crate::protocol::*;

fn done(id: &str, kind: ItemKind) -> EventKind {
    EventKind::ItemDone(Item { id: id.into(), kind, wire: None })
}

fn searched(id: &str, action: WebAction, state: WebSearchState) -> EventKind {
    done(id, ItemKind::WebSearch(WebSearch { action, state }))
}

fn events() -> Vec<EventKind> {
    let (page, long) =
        ("https://pears.example/", format!("https://a.example/{}", "long/".repeat(30)));
    let citation = |title: &str, url: &str| Citation { title: title.into(), url: url.into() };
    vec![
        EventKind::ItemStarted { item: "w1".into(), opening: ItemOpening::WebSearch },
        searched("w1", WebAction::Search { queries: vec!["pears".into()] }, WebSearchState::Done),
        searched("w2", WebAction::Open { url: page.into() }, WebSearchState::Failed),
        searched(
            "w3",
            WebAction::Find { url: page.into(), pattern: "a\u{1b}[2Jb".into() },
            WebSearchState::Done,
        ),
        done(
            "m",
            ItemKind::Assistant {
                text: "Pears.".into(),
                citations: vec![citation("All \u{1b}[2Jpears", page), citation("", &long)],
            },
        ),
        ended(TurnOutcome::Done),
    ]
}

#[test]
fn json_has_a_line_for_each_search_and_the_pages_with_the_message() {
    let printed = play(OutputForm::Json, events());
    let lines: Vec<&str> = printed.out.lines().skip(1).collect();
    let long = "long/".repeat(30);
    assert_eq!(
        lines,
        [
            r#"{"type":"web_search","item":"w1","action":"search","queries":["pears"],"ok":true}"#,
            r#"{"type":"web_search","item":"w2","action":"open","url":"https://pears.example/","ok":false}"#,
            r#"{"type":"web_search","item":"w3","action":"find","url":"https://pears.example/","pattern":"a\u001b[2Jb","ok":true}"#,
            &format!(
                r#"{{"type":"message","item":"m","text":"Pears.","citations":[{{"title":"All \u001b[2Jpears","url":"https://pears.example/"}},{{"title":"","url":"https://a.example/{long}"}}]}}"#
            ),
            r#"{"type":"end","outcome":"done","exit":0}"#,
        ]
    );
}

#[test]
fn progress_has_a_line_for_each_search_and_each_page() {
    let printed = play(OutputForm::Text, events());
    assert_eq!(printed.out, "Pears.\n");
    let long = "long/".repeat(30);
    let expected = [
        "Searched for pears",
        "Could not open https://pears.example/",
        "Looked for a␛[2Jb in https://pears.example/",
        "[1] All ␛[2Jpears https://pears.example/",
        &format!("[2] https://a.example/{long}"),
    ];
    assert!(printed.err.ends_with(&format!("{}\n", expected.join("\n"))), "{}", printed.err);
}
