//! Web searches and citations as parts of a line, and reading them back.

use serde::{Deserialize, Serialize};

use crate::protocol::{Citation, WebAction, WebSearch, WebSearchState};

/// The name of a web search for readers that do not know its kind.
pub(super) const NAME: &str = "web_search_call";

#[derive(Deserialize, Serialize)]
pub(super) struct CitationLine<T> {
    title: T,
    url: T,
}

#[derive(Deserialize, Serialize)]
#[serde(bound(deserialize = "T: Deserialize<'de>"))]
pub(super) struct WebLine<T> {
    /// `find`, `open` or `search`.
    action: T,
    /// `done`, `failed` or `running`.
    state: T,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pattern: Option<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    queries: Option<Vec<T>>,
}

pub(super) fn write_citations(citations: &[Citation]) -> Option<Vec<CitationLine<&str>>> {
    (!citations.is_empty()).then(|| {
        citations
            .iter()
            .map(|Citation { title, url }| CitationLine { title: &**title, url })
            .collect()
    })
}

pub(super) fn read_citations(lines: Vec<CitationLine<String>>) -> Vec<Citation> {
    lines.into_iter().map(|CitationLine { title, url }| Citation { title, url }).collect()
}

pub(super) fn write(search: &WebSearch) -> WebLine<&str> {
    let state = match search.state {
        WebSearchState::Done => "done",
        WebSearchState::Failed => "failed",
        WebSearchState::Running => "running",
    };
    let line = WebLine { action: "search", state, url: None, pattern: None, queries: None };
    match &search.action {
        WebAction::Find { url, pattern } => {
            WebLine { action: "find", url: Some(url), pattern: Some(pattern), ..line }
        }
        WebAction::Open { url } => WebLine { action: "open", url: Some(url), ..line },
        WebAction::Search { queries } => {
            WebLine { queries: Some(queries.iter().map(String::as_str).collect()), ..line }
        }
    }
}

/// Reads a web search; `None` if only a newer codling may know it.
pub(super) fn read(line: WebLine<String>) -> Option<WebSearch> {
    let state = match line.state.as_str() {
        "done" => WebSearchState::Done,
        "failed" => WebSearchState::Failed,
        "running" => WebSearchState::Running,
        _ => return None,
    };
    let action = match line.action.as_str() {
        "find" => WebAction::Find { url: line.url?, pattern: line.pattern? },
        "open" => WebAction::Open { url: line.url? },
        "search" => WebAction::Search { queries: line.queries? },
        _ => return None,
    };
    Some(WebSearch { action, state })
}
