//! Intents: the user's request, guessed from single words.

pub mod orders;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Intent {
    Ask {
        text: String,
        options: Vec<String>,
    },
    Create {
        path: String,
        text: String,
    },
    Delete {
        path: String,
    },
    Fetch {
        url: String,
    },
    /// Asks for the output of the command that stays.
    Listen,
    /// Asks about the folder.
    Look,
    /// Another name for a file.
    Move {
        from: String,
        to: String,
    },
    Plan,
    Read {
        path: String,
    },
    Run {
        command: String,
    },
    /// Something with headings, a table and code in it.
    Sample,
    Search {
        pattern: String,
        path: Option<String>,
    },
    /// A command that stays.
    Start {
        command: String,
    },
    Story {
        kilobytes: usize,
    },
    /// One word for another, in one file or in all.
    Swap {
        from: String,
        to: String,
        path: Option<String>,
    },
    /// Something in several files that could be better.
    Tidy,
    /// A line for the command that stays.
    Type {
        text: String,
    },
    Unknown,
    /// For the command that stays to end, or to say more.
    Wait,
    /// Something on the web, as if there were one.
    Web {
        query: String,
    },
}

const LOOK: &[&str] = &[
    "look",
    "folder",
    "directory",
    "project",
    "repo",
    "repository",
    "file",
    "files",
    "code",
    "codebase",
    "explain",
    "summarise",
    "summarize",
    "summary",
    "overview",
    "describe",
    "read",
    "readme",
    "list",
    "tree",
    "here",
];
const PLACE: &[&str] =
    &["folder", "directory", "project", "repo", "repository", "files", "codebase", "readme"];
const READ: &[&str] = &[
    "read",
    "open",
    "cat",
    "show",
    "view",
    "print",
    "explain",
    "summarise",
    "summarize",
    "describe",
    "look",
    "what",
    "what's",
];
const SAMPLE: &[&str] = &["table", "markdown", "sample"];
const SEARCH: &[&str] = &["grep", "search", "find"];
/// Words between the verb and what is looked for.
const FILLERS: &[&str] = &[
    "for",
    "the",
    "a",
    "an",
    "all",
    "any",
    "every",
    "me",
    "where",
    "word",
    "text",
    "uses",
    "of",
    "occurrences",
    "is",
    "are",
];
/// Names of files that have no dot.
const NAMES: &[&str] =
    &["README", "LICENSE", "LICENCE", "Makefile", "Dockerfile", "Justfile", "CHANGELOG"];

impl Intent {
    pub fn read(prompt: &str) -> Self {
        if let Some(order) = orders::read(prompt) {
            return order;
        }
        let words: Vec<&str> =
            prompt.split_whitespace().map(bare).filter(|word| !word.is_empty()).collect();
        let low: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
        let says = |known: &[&str]| low.iter().any(|word| known.contains(&word.as_str()));
        let phrase = low.join(" ");
        if let Some(search) = search(prompt, &words, &low) {
            return search;
        }
        if says(READ)
            && let Some(path) = words.iter().find(|word| looks_like_a_path(word))
        {
            return Self::Read { path: (*path).into() };
        }
        if (says(SAMPLE) || phrase.contains("long answer")) && !says(PLACE) {
            return Self::Sample;
        }
        if says(LOOK)
            || ["what is this", "what's this", "what is in", "what's in"]
                .iter()
                .any(|asked| phrase.contains(asked))
        {
            return Self::Look;
        }
        Self::Unknown
    }
}

/// `grep for X`, `search for X in src`, `find "a b"`; but not `find out`.
fn search(prompt: &str, words: &[&str], low: &[String]) -> Option<Intent> {
    let verb = low.iter().position(|word| SEARCH.contains(&word.as_str()))?;
    let rest = verb
        + 1
        + low[verb + 1..].iter().take_while(|word| FILLERS.contains(&word.as_str())).count();
    let wanted = *words.get(rest)?;
    if low[rest] == "out" {
        return None;
    }
    let pattern = quoted(prompt).unwrap_or(wanted).to_owned();
    let path = low
        .iter()
        .rposition(|word| word == "in")
        .filter(|&at| at > rest)
        .and_then(|at| words.get(at + 1));
    let path = path
        .filter(|path| looks_like_a_path(path) || path.ends_with("src") || path.ends_with("tests"));
    Some(Intent::Search { pattern, path: path.map(|path| (*path).to_owned()) })
}

/// The text between backticks or double quotes.
pub(super) fn quoted(prompt: &str) -> Option<&str> {
    ['`', '"']
        .into_iter()
        .find_map(|mark| prompt.split(mark).nth(1).filter(|_| prompt.matches(mark).count() > 1))
        .filter(|text| !text.is_empty())
}

pub(super) fn bare(word: &str) -> &str {
    word.trim_start_matches(['`', '"', '\'', '(', '@', '<', '['])
        .trim_end_matches(['`', '"', '\'', ')', '.', ',', ';', ':', '!', '?', '>', ']'])
}

pub(super) fn looks_like_a_path(word: &str) -> bool {
    let name = word.rsplit('/').next().unwrap_or(word);
    let shortened = ["e.g", "i.e"].contains(&name);
    let dotted = !shortened
        && name
            .rsplit_once('.')
            .is_some_and(|(_, end)| !end.is_empty() && end.chars().all(char::is_alphanumeric));
    !word.contains("://")
        && (dotted || NAMES.contains(&name) || (word.contains('/') && word.len() > 2))
}
