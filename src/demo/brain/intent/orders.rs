//! Orders: requests to do something, read from the first words of a prompt.

use super::{Intent, bare, looks_like_a_path, quoted};

/// Said before the verb, and no part of the order.
const POLITE: &[&str] =
    &["please", "can", "could", "would", "you", "now", "then", "and", "codling", "just"];
/// Most kilobytes of a story: more would only fill the disk.
const LONGEST_STORY: usize = 4_000;

pub fn read(prompt: &str) -> Option<Intent> {
    let rest = verb_first(prompt);
    let words: Vec<&str> = rest.split_whitespace().collect();
    let low: Vec<String> = words.iter().map(|word| bare(word).to_lowercase()).collect();
    let verb = low.first()?.as_str();
    if let Some(command) = rest.strip_prefix("$ ") {
        return run(command);
    }
    match verb {
        "rename" | "replace" | "change" | "move" => swap(rest, verb),
        "create" | "write" | "make" if low.iter().any(|word| word == "plan") => Some(Intent::Plan),
        "create" | "write" | "make" => create(rest),
        "plan" => Some(Intent::Plan),
        "delete" | "remove" => path_in(&words[1..]).map(|path| Intent::Delete { path }),
        "run" | "execute" => run(rest[words[0].len()..].trim()),
        "start" => line(rest[words[0].len()..].trim()).map(|command| Intent::Start { command }),
        "type" => keys(rest[words[0].len()..].trim()),
        "what" | "wait" => news(&low),
        "fetch" | "open" | "get" | "download" | "read" => {
            url_in(&words).map(|url| Intent::Fetch { url })
        }
        "search" | "look" | "google" if low.iter().any(|word| word == "web") => web(rest),
        "ask" => ask(&words, rest),
        "fix" | "tidy" | "clean" => Some(Intent::Tidy),
        "tell" if low.iter().any(|word| word == "story") => story(&low),
        _ => None,
    }
}

fn verb_first(prompt: &str) -> &str {
    let mut rest = prompt.trim_start();
    while let Some(word) = rest
        .split_whitespace()
        .next()
        .filter(|word| POLITE.contains(&bare(word).to_lowercase().as_str()))
    {
        rest = rest[word.len()..].trim_start();
    }
    rest
}

/// `rename X to Y`, `replace X with Y in FILE`; of two files, the file itself is moved.
fn swap(rest: &str, verb: &str) -> Option<Intent> {
    let rest = rest[verb.len()..].trim();
    let (from, after) = [" to ", " with ", " by ", " into "]
        .iter()
        .filter_map(|mid| rest.split_once(mid))
        .min_by_key(|(from, _)| from.len())?;
    let (to, place) = match after.rsplit_once(" in ") {
        Some((to, place)) if is_file(bare(place)) => (to, Some(bare(place).to_owned())),
        _ => (after, None),
    };
    let (from, to) = (name(from), name(to));
    if from.is_empty() || from == to {
        return None;
    }
    if matches!(verb, "rename" | "move") && is_file(&from) && is_file(&to) {
        return Some(Intent::Move { from, to });
    }
    (verb != "move").then_some(Intent::Swap { from, to, path: place })
}

/// A word without what people put before it and around it.
fn name(text: &str) -> String {
    let mut text = text.trim();
    for filler in ["the word ", "the name ", "the text ", "every ", "all ", "the "] {
        text = text.strip_prefix(filler).unwrap_or(text);
    }
    for filler in [" everywhere", " in all files", " in every file"] {
        text = text.strip_suffix(filler).unwrap_or(text);
    }
    quoted(text).unwrap_or_else(|| bare(text)).to_owned()
}

fn create(rest: &str) -> Option<Intent> {
    let (before, text) = ["with the text", "with", "saying", "containing", "that says"]
        .iter()
        .filter_map(|mid| rest.split_once(&format!(" {mid} ")))
        .min_by_key(|(before, text)| (before.len(), text.len()))?;
    let words: Vec<&str> = before.split_whitespace().collect();
    let text =
        quoted(text).filter(|inner| inner.len() + 2 >= text.trim().len()).unwrap_or(text.trim());
    path_in(words.get(1..)?).map(|path| Intent::Create { path, text: text.replace("\\n", "\n") })
}

fn run(command: &str) -> Option<Intent> {
    line(command).map(|command| Intent::Run { command })
}

/// A line as it stands, or what is between its backticks.
fn line(text: &str) -> Option<String> {
    let text = text.trim();
    let inner = text.strip_prefix('`').and_then(|rest| rest.strip_suffix('`')).unwrap_or(text);
    (!inner.is_empty()).then(|| inner.to_owned())
}

/// ``type `1 + 1` into it``
fn keys(rest: &str) -> Option<Intent> {
    let rest = rest.trim_end_matches(['.', '!']);
    line(rest.strip_suffix(" into it")?).map(|text| Intent::Type { text })
}

/// `what does it say?`, `wait for it`
fn news(low: &[String]) -> Option<Intent> {
    let words: Vec<&str> = low.iter().map(String::as_str).collect();
    match words[..] {
        ["what", "does", "it", "say"] | ["what", "does", "it", "say", "now"] => {
            Some(Intent::Listen)
        }
        ["wait"] | ["wait", "for", "it"] => Some(Intent::Wait),
        _ => None,
    }
}

/// `search the web for rust releases`
fn web(rest: &str) -> Option<Intent> {
    let (_, query) = rest.split_once(" for ")?;
    let query = query.trim();
    let query = quoted(query).unwrap_or(query).trim_end_matches(['.', '?', '!']);
    (!query.is_empty()).then(|| Intent::Web { query: query.to_owned() })
}

/// `ask me which fruit I like: apples, pears or figs`
fn ask(words: &[&str], rest: &str) -> Option<Intent> {
    let me = words.get(1).is_some_and(|word| word.eq_ignore_ascii_case("me"));
    let about =
        rest.get(rest.find("me")? + 2..).filter(|_| me)?.trim().trim_end_matches(['?', '.']);
    let (text, options) = match about.split_once(':') {
        Some((text, options)) => (text.trim(), options),
        None if about.contains(" or ") => ("Which one", about),
        None => (about, ""),
    };
    let options = options.replace(" or ", ",");
    let options = options
        .split(',')
        .map(|option| option.trim().to_owned())
        .filter(|option| !option.is_empty())
        .collect();
    let text = if text.is_empty() { "What should I know" } else { text };
    let mut letters = text.chars();
    let text: String = letters
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .chain(letters)
        .chain(['?'])
        .collect();
    Some(Intent::Ask { text, options })
}

/// `tell me a long story of 300 kB`
fn story(low: &[String]) -> Option<Intent> {
    let number = low
        .iter()
        .find_map(|word| word.trim_end_matches("kb").trim_end_matches('k').parse::<usize>().ok())
        .unwrap_or(20);
    Some(Intent::Story { kilobytes: number.clamp(1, LONGEST_STORY) })
}

/// Where a file is what is expected, its name may be short.
pub fn is_file(word: &str) -> bool {
    let short = word.rsplit_once('.').is_some_and(|(stem, ending)| {
        !stem.is_empty()
            && (1..=5).contains(&ending.len())
            && ending.chars().all(char::is_alphanumeric)
    });
    looks_like_a_path(word) || short && !word.contains("://")
}

fn path_in(words: &[&str]) -> Option<String> {
    words.iter().map(|word| bare(word)).find(|word| is_file(word)).map(str::to_owned)
}

fn url_in(words: &[&str]) -> Option<String> {
    let is_url = |word: &str| word.starts_with("http://") || word.starts_with("https://");
    words.iter().map(|word| bare(word)).find(|word| is_url(word)).map(str::to_owned)
}
