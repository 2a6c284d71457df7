//! The guide: the pages of `assets/guide/`, found by their topic or by words in them.

mod printed;

pub use printed::{GuideOutput, guide};

/// One page of the guide, in Markdown: `# Title`, one sentence on what it is for, the rest.
#[derive(Debug, PartialEq, Eq)]
pub struct Page {
    /// The word that opens it, which is the name of its file.
    pub topic: &'static str,
    /// Search words that the page rarely or never contains.
    keywords: &'static str,
    pub text: &'static str,
}

/// A page found by a search.
#[derive(Debug, PartialEq, Eq)]
pub struct Hit {
    pub page: &'static Page,
    /// How many of the words the page has, then how often it has them; headings count more.
    score: (usize, usize),
}

macro_rules! page {
    ($topic:literal, $text:ident, $keywords:literal) => {
        Page { topic: $topic, keywords: $keywords, text: codling_assets::guide::$text }
    };
}

/// All pages, in the order in which they are listed.
pub const PAGES: [Page; 17] = [
    page!("sign-in", SIGN_IN, "login log in account headless no browser device code plan"),
    page!(
        "permissions",
        PERMISSIONS,
        "approval approvals mode modes allow deny ask yolo safe trust"
    ),
    page!("sandbox", SANDBOX, "docker container network internet landlock"),
    page!("undo", UNDO, "revert rollback restore checkpoint backup back rewind timeline"),
    page!("sessions", SESSIONS, "conversations history resume privacy"),
    page!("keys", KEYS, "keyboard shortcuts bindings"),
    page!("commands", COMMANDS, "slash options flags"),
    page!(
        "extensions",
        EXTENSIONS,
        "skills skill custom slash prompts agentskills memory remember"
    ),
    page!("mcp", MCP, "servers server tools context protocol"),
    page!("configuration", CONFIGURATION, "settings config options telemetry"),
    page!("providers", PROVIDERS, "ollama local models other key"),
    page!("headless", HEADLESS, "script scripts ci pipe batch cost"),
    page!("eval", EVAL, "evaluation benchmark compare models tasks"),
    page!("app-server", APP_SERVER, "vscode visual studio code ide extension sdk remote"),
    page!("acp", ACP, "zed jetbrains intellij vim neovim emacs ide editor"),
    page!("files", FILES, "folders paths uninstall privacy"),
    page!("troubleshooting", TROUBLESHOOTING, "problem error broken help windows"),
];

/// Weights of a word in a title, in another heading, and together with the other words.
const IN_TITLE: usize = 100;
const IN_HEADING: usize = 20;
const IN_PHRASE: usize = 60;
/// The weight of a page's keyword, greater than that of any text.
const IN_KEYWORDS: usize = 200;

impl Page {
    /// The sentence below its title.
    pub fn purpose(&self) -> &'static str {
        self.text.split("\n\n").nth(1).unwrap_or_default()
    }
}

/// Words of a question that say nothing about its subject.
const FILLERS: [&str; 22] = [
    "a", "an", "and", "at", "can", "codling", "do", "does", "for", "how", "i", "in", "is", "it",
    "may", "my", "of", "the", "to", "what", "with", "without",
];

/// The most pages that are named beside the best one.
const OTHERS: usize = 3;

/// Returns the pages that fit, best first: the one of that topic, then those that hold most of the
/// words.
pub fn find(words: &str) -> Vec<Hit> {
    let words = words.trim().trim_end_matches('?').to_lowercase();
    let topic = words.replace([' ', '_'], "-");
    let all: Vec<&str> = words.split_whitespace().collect();
    let telling: Vec<&str> = all.iter().copied().filter(|word| !FILLERS.contains(word)).collect();
    let words = if telling.is_empty() { all } else { telling };
    let mut hits: Vec<Hit> = PAGES
        .iter()
        .map(|page| match score(page, &words) {
            (found, _) if page.topic == topic => Hit { page, score: (found, usize::MAX) },
            score => Hit { page, score },
        })
        .collect();
    let most = hits.iter().map(|hit| hit.score.0).max().unwrap_or(0);
    hits.retain(|hit| most > 0 && hit.score.0 == most);
    hits.sort_by_key(|hit| std::cmp::Reverse(hit.score));
    hits.truncate(1 + OTHERS);
    hits
}

/// Returns the list of all pages, in Markdown.
pub fn contents() -> String {
    let mut text =
        "# Guide\n\nEach page can be read alone.\n\n| topic | what it is for |\n|---|---|\n"
            .to_owned();
    for page in &PAGES {
        text += &format!("| `{}` | {} |\n", page.topic, page.purpose().replace('\n', " "));
    }
    text
}

/// Counts how many of the words a page has, and how often.
fn score(page: &Page, words: &[&str]) -> (usize, usize) {
    let lower = page.text.to_lowercase();
    let phrase = words.join(" ");
    let is_known =
        words.len() > 1 && format!(" {} ", page.keywords).contains(&format!(" {phrase} "));
    let mut total = match words {
        [] | [_] => 0,
        _ => lower.matches(&phrase).count() * IN_PHRASE + usize::from(is_known) * IN_TITLE,
    };
    let weight = |line: &str| match line {
        line if line.starts_with("# ") => IN_TITLE,
        line if line.starts_with('#') => IN_HEADING,
        _ => 1,
    };
    let mut found = 0;
    for word in words {
        let in_text: usize =
            lower.lines().map(|line| line.matches(word).count() * weight(line)).sum();
        let is_keyword = page.keywords.split(' ').any(|keyword| keyword == *word);
        let score = in_text + usize::from(is_keyword) * IN_KEYWORDS;
        found += usize::from(score > 0);
        total += score;
    }
    (found, total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_opens_its_page_and_other_words_find_the_page_that_says_most_of_them() {
        for (words, topic) in [
            ("sandbox", "sandbox"),
            ("Sign in", "sign-in"),
            ("ssh", "sign-in"),
            ("npm install", "permissions"),
            ("zed", "acp"),
            ("vs code", "app-server"),
            ("one file", "undo"),
            ("auto", "permissions"),
            ("exit code", "headless"),
            ("no cursor", "troubleshooting"),
            ("no browser", "sign-in"),
            ("vscode", "app-server"),
            ("visual studio code", "app-server"),
            ("auto mode", "permissions"),
            ("modes", "permissions"),
            ("approvals", "permissions"),
            ("what may auto do", "permissions"),
            ("point Zed at codling", "acp"),
            ("how do I sign in over SSH?", "sign-in"),
            ("rollback", "undo"),
            ("neovim", "acp"),
            ("docker", "sandbox"),
        ] {
            assert_eq!(find(words).first().map(|hit| hit.page.topic), Some(topic), "{words}");
        }
        assert!(find("headless").iter().any(|hit| hit.page.topic == "sign-in"));
        assert!(find("folder").len() == 1 + OTHERS);
        assert!(find("frobnicate").is_empty() && find(" ").is_empty());
    }

    #[test]
    fn every_page_says_what_it_is_for_and_has_no_long_paragraph() {
        for page in &PAGES {
            assert!(page.text.starts_with("# "), "{}", page.topic);
            assert!(page.purpose().ends_with('.') && page.purpose().len() < 110, "{}", page.topic);
            let mut is_code = false;
            let mut rows = 0;
            for line in page.text.lines() {
                is_code ^= line.starts_with("```");
                let is_prose = !is_code && !line.starts_with(['|', '#', '`', '-', '1', '2', '3']);
                rows = if is_prose && !line.is_empty() { rows + 1 } else { 0 };
                assert!(rows <= 6, "{}: {line}", page.topic);
                assert!(!is_prose || line.chars().count() <= 100, "{}: {line}", page.topic);
            }
        }
    }

    #[test]
    fn the_guide_has_a_page_for_each_file_and_names_only_pages_that_are_there() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../assets/guide");
        let mut files: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        files.sort();
        let mut pages: Vec<String> =
            PAGES.iter().map(|page| format!("{}.md", page.topic)).collect();
        pages.sort();
        assert_eq!(files, pages);
        for page in PAGES.iter() {
            for named in page.text.split("`codling guide ").skip(1) {
                let topic = named.split('`').next().unwrap();
                let is_there = PAGES.iter().any(|page| page.topic == topic);
                assert!(is_there || topic.starts_with('['), "{}: {topic}", page.topic);
            }
        }
        assert!(PAGES.iter().all(|page| contents().contains(page.topic)));
    }
}
