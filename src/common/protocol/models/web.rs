//! The web as the model's provider searches it: what was looked for, what was opened, and where an
//! answer comes from. The servers do this; codling fetches nothing for it.

use serde::{Deserialize, Serialize};

/// How a provider's own search may reach the web.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WebAccess {
    /// Out of what the provider keeps of the web: no page is fetched because the model asked for
    /// it.
    Cached,
    /// Pages are fetched as the model asks for them, addresses that it made up included.
    Live,
}

/// One use of the provider's web search.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WebSearch {
    /// The search or page.
    pub action: WebAction,
    /// How far it has come.
    pub state: WebSearchState,
}

/// A search or a visit to a page. All text is the model's own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WebAction {
    /// A text was looked for on one page.
    Find {
        /// The address of the page; empty where the server does not say.
        url: String,
        /// The text.
        pattern: String,
    },
    /// A page was opened.
    Open {
        /// Its address; empty where the server does not say.
        url: String,
    },
    /// The web was searched.
    Search {
        /// The queries; empty where they are not known, or not known yet.
        queries: Vec<String>,
    },
}

/// How far a use of the web search has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum WebSearchState {
    /// It came to its end.
    Done,
    /// The server gave it up, or the turn ended before it did.
    Failed,
    /// The server is at it.
    Running,
}

/// A page that an answer refers to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Citation {
    /// The title of the page; empty where the server does not say.
    pub title: String,
    /// Its address.
    pub url: String,
}

impl WebSearch {
    /// One that has begun, and of which no more is known.
    pub fn begun() -> Self {
        Self { action: WebAction::Search { queries: Vec::new() }, state: WebSearchState::Running }
    }

    /// In one sentence without a full stop, such as `Searched for rust releases`. What is quoted is
    /// as the model wrote it: whoever shows it cleans it.
    pub fn sentence(&self) -> String {
        use WebSearchState::{Done, Failed, Running};
        let known = |text: &str, unknown: &str| {
            if text.trim().is_empty() { unknown.to_owned() } else { text.to_owned() }
        };
        match (&self.action, self.state) {
            (WebAction::Search { queries }, state) => {
                let queries = queries.join(", ");
                match (state, queries.trim().is_empty()) {
                    (Done, true) => "Searched the web".into(),
                    (Done, false) => format!("Searched for {queries}"),
                    (Failed, true) => "A web search failed".into(),
                    (Failed, false) => format!("The search failed for {queries}"),
                    (Running, true) => "Searching the web".into(),
                    (Running, false) => format!("Searching for {queries}"),
                }
            }
            (WebAction::Open { url }, state) => {
                let url = known(url, "a page");
                match state {
                    Done => format!("Opened {url}"),
                    Failed => format!("Could not open {url}"),
                    Running => format!("Opening {url}"),
                }
            }
            (WebAction::Find { url, pattern }, state) => {
                let (url, pattern) = (known(url, "a page"), known(pattern, "a text"));
                match state {
                    Done => format!("Looked for {pattern} in {url}"),
                    Failed => format!("Could not look for {pattern} in {url}"),
                    Running => format!("Looking for {pattern} in {url}"),
                }
            }
        }
    }
}

impl Citation {
    /// Without those whose address came before, and without those that have none. The order is
    /// that of the first mention.
    pub fn distinct(citations: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let mut seen = std::collections::HashSet::new();
        citations
            .into_iter()
            .filter(|citation| !citation.url.is_empty() && seen.insert(citation.url.clone()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_says_what_it_did_in_one_sentence() {
        let search = |queries: &[&str]| WebAction::Search {
            queries: queries.iter().map(|&query| query.to_owned()).collect(),
        };
        let open = |url: &str| WebAction::Open { url: url.into() };
        let find =
            |url: &str, pattern: &str| WebAction::Find { url: url.into(), pattern: pattern.into() };
        for (action, words) in [
            (
                search(&["a", "b c"]),
                ["Searched for a, b c", "The search failed for a, b c", "Searching for a, b c"],
            ),
            (search(&[]), ["Searched the web", "A web search failed", "Searching the web"]),
            (
                open("https://a"),
                ["Opened https://a", "Could not open https://a", "Opening https://a"],
            ),
            (open(""), ["Opened a page", "Could not open a page", "Opening a page"]),
            (
                find("https://a", "x"),
                [
                    "Looked for x in https://a",
                    "Could not look for x in https://a",
                    "Looking for x in https://a",
                ],
            ),
            (
                find("", ""),
                [
                    "Looked for a text in a page",
                    "Could not look for a text in a page",
                    "Looking for a text in a page",
                ],
            ),
        ] {
            let states = [WebSearchState::Done, WebSearchState::Failed, WebSearchState::Running];
            let said = states.map(|state| WebSearch { action: action.clone(), state }.sentence());
            assert_eq!(said, words);
        }
    }

    #[test]
    fn a_page_is_cited_once_by_its_address() {
        let citation = |title: &str, url: &str| Citation { title: title.into(), url: url.into() };
        let all =
            [citation("A", "a"), citation("B", "b"), citation("again", "a"), citation("C", "")];
        assert_eq!(Citation::distinct(all), [citation("A", "a"), citation("B", "b")]);
    }
}
