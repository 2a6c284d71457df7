//! YAML frontmatter: the head between `---` lines of a Markdown file.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// A longer head is not read.
const LONGEST: usize = 16 * 1024;
/// Values, lists and tables in a head.
const MOST_NODES: usize = 500;

/// The fields of a head as text, and the text below it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Document<'a> {
    fields: BTreeMap<String, String>,
    pub(super) body: &'a str,
    /// The reason why the head could not be read as YAML, without a full stop.
    pub(super) problem: Option<String>,
}

impl<'a> Document<'a> {
    /// Splits a text. Without a head, or with one that has no end, all of it is the body.
    pub(super) fn parse(text: &'a str) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let Some((head, body)) = split(text) else {
            return Self { body: text, ..Self::default() };
        };
        if head.len() > LONGEST {
            let problem = Some(format!("its head is longer than {LONGEST} bytes"));
            return Self { body, problem, ..Self::default() };
        }
        match yaml(head) {
            Ok(fields) => Self { fields, body, problem: None },
            // Many files have a colon in a value without quotes, which other programs take.
            Err(problem) => Self { fields: lines(head), body, problem: Some(problem) },
        }
    }

    /// A field with text in it.
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        self.fields.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }
}

fn split(text: &str) -> Option<(&str, &str)> {
    let rest = text.strip_prefix("---")?;
    let rest = rest.trim_start_matches([' ', '\t', '\r']).strip_prefix('\n')?;
    let mut at = 0;
    for line in rest.split_inclusive('\n') {
        if line.trim_end() == "---" {
            return Some((&rest[..at], &rest[at + line.len()..]));
        }
        at += line.len();
    }
    None
}

#[derive(Deserialize)]
#[serde(transparent)]
struct Head(BTreeMap<String, Value>);

fn yaml(head: &str) -> Result<BTreeMap<String, String>, String> {
    if head.trim().is_empty() {
        return Ok(BTreeMap::new());
    }
    let options = serde_saphyr::options! {
        strict_booleans: true,
        budget: serde_saphyr::budget! {
            max_aliases: 0,
            max_anchors: 0,
            max_depth: 16,
            max_documents: 1,
            max_nodes: MOST_NODES,
        },
    };
    let read: Result<Head, _> = serde_saphyr::from_str_with_options(head, options);
    // The error quotes the file over several lines.
    let Head(fields) = read.map_err(|_error| "its head is not valid YAML".to_owned())?;
    Ok(fields.into_iter().filter_map(|(name, value)| Some((name, text(value)?))).collect())
}

fn text(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Array(list) => Some(list.into_iter().filter_map(text).collect::<Vec<_>>().join(" ")),
        Value::Null | Value::Object(_) => None,
    }
}

/// Reads `name: value` lines.
fn lines(head: &str) -> BTreeMap<String, String> {
    let fields = head.lines().filter_map(|line| line.split_once(':'));
    let is_name = |name: &str| name.starts_with(|c: char| c.is_ascii_alphabetic());
    let fields = fields.filter(|(name, _)| is_name(name));
    fields
        .map(|(name, value)| {
            let value = value.trim();
            let bare = |quote: char| value.strip_prefix(quote)?.strip_suffix(quote);
            (name.to_owned(), bare('"').or_else(|| bare('\'')).unwrap_or(value).to_owned())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_in_the_ways_that_people_write_it() {
        for (text, description, body) in [
            ("---\ndescription: a b\n---\nbody", Some("a b"), "body"),
            ("\u{feff}---\r\ndescription: \"a: b\"\r\n---\r\nbody", Some("a: b"), "body"),
            ("---\ndescription: >-\n  a\n  b\n---\nbody\n", Some("a b"), "body\n"),
            ("---\ndescription: |\n  a\n  b\n---\n", Some("a\nb"), ""),
            ("---\ndescription: [a, 1]\n---\n", Some("a 1"), ""),
            ("---\n---\nbody", None, "body"),
            ("no head\n---\n", None, "no head\n---\n"),
            ("---\nno end", None, "---\nno end"),
            ("", None, ""),
        ] {
            let document = Document::parse(text);
            let found = (document.field("description"), document.body);
            assert_eq!(found, (description, body), "{text:?}");
            assert_eq!(document.problem, None, "{text:?}");
        }
    }

    #[test]
    fn a_head_that_is_no_yaml_is_read_line_by_line_and_said() {
        let text = "---\nname: x\ndescription: Use when: asked\n  more\n---\nbody";
        let document = Document::parse(text);
        assert_eq!(document.field("name"), Some("x"));
        assert_eq!(document.field("description"), Some("Use when: asked"));
        assert!(document.problem.is_some());
    }

    #[test]
    fn bombs_are_not_unfolded() {
        let mut bomb = "---\na: &a [x,x,x,x,x,x,x,x,x]\n".to_owned();
        for (one, before) in ["b", "c", "d", "e", "f", "g"].iter().zip(["a", "b", "c", "d", "e"]) {
            bomb.push_str(&format!(
                "{one}: &{one} [{}]\n",
                vec![format!("*{before}"); 9].join(",")
            ));
        }
        bomb.push_str("---\n");
        let deep = format!("---\na: {}\n---\n", "[".repeat(5_000));
        let long = format!("---\na: {}\n---\n", "x".repeat(LONGEST));
        let many = format!("---\na: [{}]\n---\n", "1,".repeat(MOST_NODES));
        for text in [bomb, deep, long, many] {
            assert!(Document::parse(&text).problem.is_some(), "{}", &text[..40]);
        }
    }
}
