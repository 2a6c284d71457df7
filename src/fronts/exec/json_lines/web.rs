//! Web searches and citations.

use serde::Serialize;

use crate::protocol::{Citation, WebAction, WebSearch, WebSearchState};

#[derive(Serialize)]
pub struct CitationPart<'a> {
    title: &'a str,
    url: &'a str,
}

#[derive(Serialize)]
pub struct WebSearchPart<'a> {
    /// `find`, `open` or `search`.
    action: &'static str,
    /// `search` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    queries: Option<&'a [String]>,
    /// `find` and `open` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<&'a str>,
    /// `find` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pattern: Option<&'a str>,
    ok: bool,
}

impl<'a> CitationPart<'a> {
    pub fn all(citations: &'a [Citation]) -> Vec<Self> {
        citations.iter().map(|Citation { title, url }| Self { title, url }).collect()
    }
}

impl<'a> WebSearchPart<'a> {
    pub fn of(search: &'a WebSearch) -> Self {
        let ok = search.state == WebSearchState::Done;
        let part = Self { action: "search", queries: None, url: None, pattern: None, ok };
        match &search.action {
            WebAction::Find { url, pattern } => {
                Self { action: "find", url: Some(url), pattern: Some(pattern), ..part }
            }
            WebAction::Open { url } => Self { action: "open", url: Some(url), ..part },
            WebAction::Search { queries } => Self { queries: Some(queries), ..part },
        }
    }
}
