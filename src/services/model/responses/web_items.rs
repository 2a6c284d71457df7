//! Web searches of the server: the actions of a `web_search_call`, and the pages that its messages
//! cite.

use serde_json::value::RawValue;

use crate::protocol::{Citation, WebAction, WebSearch, WebSearchState};

use super::shapes::{ContentPart, OwnedText, WireAnnotation, WireItem, WireWebAction, plain};

/// A `web_search_call`. A kind of action that is not known is a search for something unknown.
pub fn search(item: &WireItem<'_>) -> WebSearch {
    let action = item
        .action
        .and_then(|raw| serde_json::from_str::<WireWebAction<'_>>(raw.get()).ok())
        .unwrap_or_default();
    let words = |text: Option<OwnedText<'_>>| text.map(|text| text.0.into_owned());
    let action = match action.kind.as_str() {
        "open_page" => WebAction::Open { url: words(action.url).unwrap_or_default() },
        "find_in_page" => WebAction::Find {
            url: words(action.url).unwrap_or_default(),
            pattern: words(action.pattern).unwrap_or_default(),
        },
        _ => {
            let queries = action.queries.filter(|queries| !queries.is_empty());
            let queries = queries.unwrap_or_else(|| action.query.into_iter().collect());
            let queries = queries.into_iter().map(|query| query.0.into_owned());
            WebAction::Search { queries: queries.filter(|query| !query.is_empty()).collect() }
        }
    };
    // It is whole: whatever its state is called, the server is through with it.
    let state = match plain(item.status).as_str() {
        "failed" | "incomplete" => WebSearchState::Failed,
        _ => WebSearchState::Done,
    };
    WebSearch { action, state }
}

/// The pages that a message's parts cite, in the order of its text, each address once.
pub fn citations(content: Option<&RawValue>) -> Vec<Citation> {
    let parts = content.and_then(|raw| serde_json::from_str::<Vec<&RawValue>>(raw.get()).ok());
    let annotations = parts.into_iter().flatten().flat_map(|part| {
        let part = serde_json::from_str::<ContentPart<'_>>(part.get()).unwrap_or_default();
        let all = part.annotations.map(RawValue::get).unwrap_or("[]");
        serde_json::from_str::<Vec<&RawValue>>(all).unwrap_or_default()
    });
    Citation::distinct(annotations.filter_map(|raw| {
        let annotation: WireAnnotation<'_> = serde_json::from_str(raw.get()).ok()?;
        let words = |text: Option<OwnedText<'_>>| text.map(|text| text.0.into_owned());
        (annotation.kind.as_str() == "url_citation").then(|| Citation {
            title: words(annotation.title).unwrap_or_default(),
            url: words(annotation.url).unwrap_or_default(),
        })
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(item: &str) -> WebSearch {
        search(&serde_json::from_str(item).unwrap())
    }

    #[test]
    fn every_action_of_a_search_is_read_and_an_odd_one_is_still_a_search() {
        let queries = |queries: &[&str]| WebAction::Search {
            queries: queries.iter().map(|&query| query.to_owned()).collect(),
        };
        for (action, expected) in [
            (r#"{"type":"search","query":"a","queries":["a","b"]}"#, queries(&["a", "b"])),
            (r#"{"type":"search","query":"a"}"#, queries(&["a"])),
            (r#"{"type":"search","query":"a","queries":[]}"#, queries(&["a"])),
            (
                r#"{"type":"open_page","url":"https://a"}"#,
                WebAction::Open { url: "https://a".into() },
            ),
            (r#"{"type":"open_page","url":null}"#, WebAction::Open { url: String::new() }),
            (
                r#"{"type":"find_in_page","url":"https://a","pattern":"x"}"#,
                WebAction::Find { url: "https://a".into(), pattern: "x".into() },
            ),
            (r#"{"type":"tomorrow"}"#, queries(&[])),
            ("[7]", queries(&[])),
            ("null", queries(&[])),
        ] {
            let item =
                format!(r#"{{"type":"web_search_call","status":"completed","action":{action}}}"#);
            assert_eq!(read(&item), WebSearch { action: expected, state: WebSearchState::Done });
        }
        for (status, state) in [
            (r#""failed""#, WebSearchState::Failed),
            (r#""incomplete""#, WebSearchState::Failed),
            ("null", WebSearchState::Done),
            ("[1]", WebSearchState::Done),
        ] {
            let item = format!(r#"{{"type":"web_search_call","status":{status}}}"#);
            assert_eq!(read(&item), WebSearch { action: queries(&[]), state });
        }
    }

    #[test]
    fn citations_are_read_from_all_parts_and_what_is_odd_is_passed_over() {
        let content: &RawValue = serde_json::from_str(
            r#"[{"type":"output_text","text":"t","annotations":[
                {"type":"url_citation","start_index":0,"end_index":1,"url":"https://a","title":"A"},
                {"type":"file_citation","url":"https://no"},
                {"type":"url_citation","url":"https://b","title":null},
                7]},
                {"type":"output_text","text":"t","annotations":{"odd":true}},
                {"type":"output_text","text":"t","annotations":[{"type":"url_citation","url":"https://a","title":"again"},{"type":"url_citation"}]}]"#,
        )
        .unwrap();
        let citation = |title: &str, url: &str| Citation { title: title.into(), url: url.into() };
        assert_eq!(
            citations(Some(content)),
            [citation("A", "https://a"), citation("", "https://b")]
        );
        let bare: &RawValue = serde_json::from_str(r#""bare""#).unwrap();
        assert_eq!((citations(Some(bare)), citations(None)), (vec![], vec![]));
    }
}
