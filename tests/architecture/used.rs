//! Public names that nothing but tests uses. Within a crate the compiler finds them; between crates
//! it does not.

use std::collections::BTreeMap;

use super::modules::Modules;
use super::source::{Source, room};

/// The words of a file that are neither comments nor in its module of tests.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let code = text.split_once("#[cfg(test)]\nmod tests {").map_or(text, |(code, _)| code);
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.flat_map(|line| line.split(|c: char| !c.is_alphanumeric() && c != '_'))
}

/// The name that a line makes public.
fn public_name(line: &str) -> Option<&str> {
    let kinds =
        ["async", "const", "enum", "fn", "static", "struct", "trait", "type", "union", "unsafe"];
    let mut words = line.trim_start().strip_prefix("pub ")?.split(['(', '<', ':', ' ', ';']);
    let is_item = words.clone().next().is_some_and(|word| kinds.contains(&word));
    words.find(|word| !kinds.contains(word)).filter(|_| is_item)
}

/// Returns a sentence for each public name of a room that stands nowhere else.
pub fn unused(files: &[Source]) -> Vec<String> {
    let modules = Modules::of(files);
    let is_test = |file: &&Source| {
        modules.is_test(&file.outline.module) || file.path.ends_with("/testing.rs")
    };
    let code: Vec<&Source> = files.iter().filter(|file| !is_test(file)).collect();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for word in code.iter().flat_map(|file| words(&file.text)) {
        *counts.entry(word).or_default() += 1;
    }
    let mut found = Vec::new();
    // The demo is there for stories as well.
    for file in code.iter().filter(|file| room(&file.path) != Some("demo")) {
        let lines: Vec<&str> = file.text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            let above = lines[..at].iter().rev().map(|line| line.trim_start());
            let is_for_tests = above
                .take_while(|line| line.starts_with("//") || line.starts_with("#["))
                .any(|line| line.starts_with("/// For tests") || line == "#[cfg(test)]");
            if let Some(name) = public_name(line).filter(|_| !is_for_tests)
                && counts.get(name) == Some(&1)
            {
                found.push(format!("{}:{}: only tests use `{name}`", file.path, at + 1));
            }
        }
    }
    found
}

#[test]
fn public_names_that_stand_nowhere_else_are_found() {
    let files = |texts: &[&str]| -> Vec<Source> {
        let path = |at: usize| format!("src/core/a/{at}.rs");
        texts.iter().enumerate().map(|(at, text)| Source::parse(&path(at), text)).collect()
    };
    for (texts, name) in [
        (&["pub fn lost() {}"][..], Some("lost")),
        (&["pub const fn lost<T>() {}", "// lost"], Some("lost")),
        (&["pub struct Lost;", "#[cfg(test)]\nmod tests { use super::Lost; }"], Some("Lost")),
        (&["pub const LOST: u8 = 1;", "fn f() -> String { format!(\"{LOST}\") }"], None),
        (&["pub fn found() {}", "use super::found;"], None),
        (&["/// For tests: more.\n#[must_use]\npub fn lost() {}"], None),
        (&["struct A { pub field: u8 }", "pub mod one;", "pub use one::One;"], None),
    ] {
        let found = unused(&files(texts));
        assert_eq!(found.len(), usize::from(name.is_some()), "{texts:?}: {found:?}");
        assert!(found.iter().all(|line| line.contains(&format!("`{}`", name.unwrap()))));
    }
}
