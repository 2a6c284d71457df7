//! The guide: the pages of `assets/guide/`, found by their topic or by words in them.

mod printed;

pub use printed::{GuideOutput, guide};

/// One page of the guide, in Markdown: `# Title`, one sentence on what it is for, the rest.
#[derive(Debug, PartialEq, Eq)]
pub struct Page {
    /// The word that opens it, which is the name of its file.
    pub topic: &'static str,
    pub text: &'static str,
}

/// A page that answers a search.
#[derive(Debug, PartialEq, Eq)]
pub struct Hit {
    pub page: &'static Page,
    /// How often the words stand on the page, headings counting more.
    score: usize,
}

macro_rules! page {
    ($topic:literal) => {
        Page {
            topic: $topic,
            text: include_str!(concat!("../../../../assets/guide/", $topic, ".md")),
        }
    };
}

/// All pages, in the order in which they are listed.
pub const PAGES: [Page; 14] = [
    page!("sign-in"),
    page!("permissions"),
    page!("sandbox"),
    page!("undo"),
    page!("sessions"),
    page!("keys"),
    page!("commands"),
    page!("configuration"),
    page!("providers"),
    page!("headless"),
    page!("app-server"),
    page!("acp"),
    page!("files"),
    page!("troubleshooting"),
];

/// How much more a word counts in a title, in another heading, and together with the other words.
const IN_TITLE: usize = 100;
const IN_HEADING: usize = 20;
const IN_PHRASE: usize = 60;

impl Page {
    /// The sentence below its title.
    pub fn purpose(&self) -> &'static str {
        self.text.split("\n\n").nth(1).unwrap_or_default()
    }
}

/// Returns the pages that fit: the one of that topic, else those that hold every word, best first.
pub fn find(words: &str) -> Vec<Hit> {
    let words = words.trim().to_lowercase();
    let topic = words.replace([' ', '_'], "-");
    if let Some(page) = PAGES.iter().find(|page| page.topic == topic) {
        return vec![Hit { page, score: IN_TITLE }];
    }
    let words: Vec<&str> = words.split_whitespace().collect();
    if words.is_empty() {
        return Vec::new();
    }
    let mut hits: Vec<Hit> =
        PAGES.iter().filter_map(|page| Some(Hit { page, score: score(page, &words)? })).collect();
    hits.sort_by_key(|hit| std::cmp::Reverse(hit.score));
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

fn score(page: &Page, words: &[&str]) -> Option<usize> {
    let lower = page.text.to_lowercase();
    let mut score = match words {
        [_] => 0,
        phrase => lower.matches(&phrase.join(" ")).count() * IN_PHRASE,
    };
    for word in words {
        let weight = |line: &str| match line {
            line if line.starts_with("# ") => IN_TITLE,
            line if line.starts_with('#') => IN_HEADING,
            _ => 1,
        };
        let found: usize =
            lower.lines().map(|line| line.matches(word).count() * weight(line)).sum();
        if found == 0 {
            return None;
        }
        score += found;
    }
    Some(score)
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
        ] {
            assert_eq!(find(words).first().map(|hit| hit.page.topic), Some(topic), "{words}");
        }
        assert_eq!(find("sandbox").len(), 1);
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
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/guide");
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
