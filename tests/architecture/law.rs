//! The two tables of `src/lib.rs`, and what they say about a source file.

use std::collections::BTreeMap;

use super::source::{Place, Source, Use, room};

/// Rooms that test code of every room may use besides its own row: the stand-in is there for tests.
const FOR_TESTS: [&str; 1] = ["demo"];

#[derive(Debug)]
pub struct Law {
    /// In the order of the table.
    rows: Vec<(String, Vec<String>)>,
    /// The rooms of each outside crate that is limited to some.
    crates: BTreeMap<String, Vec<String>>,
}

impl Law {
    /// Takes the tables from the crate's documentation: rows `room -> room room`, and `crate crate
    /// : room room`. A line of a table without its sign goes on with the row above.
    pub fn parse(text: &str) -> Self {
        let mut law = Self { rows: Vec::new(), crates: BTreeMap::new() };
        let mut after = "";
        let mut last: Vec<String> = Vec::new();
        let mut fenced = false;
        let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
        for line in text.lines().filter_map(|line| line.strip_prefix("//!")) {
            if line.trim_start().starts_with("```") {
                fenced = !fenced;
            } else if !fenced {
                after = ["Who may use whom", "Outside crates"]
                    .into_iter()
                    .find(|title| line.contains(title))
                    .unwrap_or(after);
            } else if let ("Who may use whom", Some((room, used))) = (after, line.split_once("->"))
            {
                law.rows.push((room.trim().to_owned(), words(used)));
            } else if let ("Outside crates", Some((names, rooms))) = (after, line.split_once(" : "))
            {
                last = words(names);
                law.crates.extend(last.iter().map(|name| (name.clone(), words(rooms))));
            } else if after == "Who may use whom" {
                law.rows.iter_mut().last().into_iter().for_each(|row| row.1.extend(words(line)));
            } else {
                let known = law.crates.iter_mut().filter(|(name, _)| last.contains(name));
                known.for_each(|(_, rooms)| rooms.extend(words(line)));
            }
        }
        assert!(
            !law.rows.is_empty() && !law.crates.is_empty(),
            "the tables were not found: {law:?}"
        );
        let strangers = law
            .crates
            .values()
            .chain(law.rows.iter().map(|(_, used)| used))
            .flatten()
            .find(|room| law.row(room).is_none());
        assert_eq!(strangers, None, "a room is used in a table that has no row");
        law
    }

    pub fn rooms(&self) -> impl Iterator<Item = &str> {
        self.rows.iter().map(|(room, _)| room.as_str())
    }

    /// Returns the rooms that a row uses before they have a row of their own: if there are none,
    /// there can be no circle.
    pub fn circles(&self) -> Vec<String> {
        let mut seen: Vec<&str> = Vec::new();
        let mut found = Vec::new();
        for (room, used) in &self.rows {
            found.extend(
                used.iter()
                    .filter(|used| !seen.contains(&used.as_str()))
                    .map(|used| format!("{room} -> {used}")),
            );
            seen.push(room);
        }
        found
    }

    /// Returns a sentence for each use that is not allowed.
    pub fn judge(&self, file: &Source) -> Vec<String> {
        let Some(room) = room(&file.path) else { return Vec::new() };
        let wrong = |used: &Use| {
            self.objection(room, used).map(|what| format!("{}:{}: {what}", file.path, used.line))
        };
        let mut found: Vec<String> = file.uses.iter().filter_map(wrong).collect();
        found.dedup();
        found
    }

    fn objection(&self, room: &str, used: &Use) -> Option<String> {
        let name = used.name.as_str();
        match used.place {
            Place::Inside if name == "*" => Some("imports all rooms at once".to_owned()),
            Place::Inside if name == room => None,
            Place::Inside if used.in_test && FOR_TESTS.contains(&name) => None,
            Place::Inside if self.row(name).is_none() => {
                Some(format!("`{name}` is not a room of the map"))
            }
            Place::Inside => (!self.row(room)?.iter().any(|allowed| allowed == name))
                .then(|| format!("`{room}` may not use `{name}`")),
            // Tests may need a runtime or a wire where the code itself has none.
            Place::Outside if used.in_test => None,
            Place::Outside => {
                let rooms = self.crates.get(name)?;
                (!rooms.iter().any(|allowed| allowed == room))
                    .then(|| format!("`{room}` may not use the crate `{name}`"))
            }
        }
    }

    fn row(&self, room: &str) -> Option<&[String]> {
        self.rows.iter().find(|(name, _)| name == room).map(|(_, used)| used.as_slice())
    }
}

const SAMPLE: &str = "//! Who may use whom (read):
//!
//! ```text
//! base  ->
//! words -> base
//! hand  -> base words
//! other -> base words
//! front -> base words
//!          hand other
//! one   -> base
//! demo  -> base
//! ```
//!
//! Outside crates have rooms too:
//!
//! ```text
//! serde serde_json : hand
//! tokio            : hand
//!                    front
//! ```
";

fn judged(path: &str, text: &str) -> Vec<String> {
    Law::parse(SAMPLE).judge(&Source::parse(path, text))
}

#[test]
fn what_the_map_allows_is_let_through() {
    for (path, text) in [
        (
            "src/hand/mod.rs",
            "use crate::base::Secret; use crate::words::{A, b::C}; use crate::hand::own; use serde::Deserialize;",
        ),
        (
            "src/hand/deep/file.rs",
            "use super::sibling; use super::super::base::X; fn f() { crate::words::g() }",
        ),
        (
            "src/hand/mod.rs",
            "// crate::other\n/* crate::front */ const S: &str = \"use crate::front\"; const R: &str = r#\"crate::\"other\"#;",
        ),
        (
            "src/hand/mod.rs",
            "/// See [`crate::front::F`].\npub(crate) fn f<'a>(x: &'a str, c: char) { x.serde(); let _ = ('\"', '\\'', c); }",
        ),
        ("src/base/mod.rs", "mod serde_like; use std::fs; use other::not::ours;"),
        (
            "src/base/mod.rs",
            "#[cfg(test)] mod tests { use crate::demo::Stand; use tokio::test; use super::*; }",
        ),
        ("src/base/tests.rs", "use crate::demo::Stand; use serde_json::json;"),
        ("src/main.rs", "use codling::front;"),
        ("src/fronts/lib.rs", "use codling_core::hand; pub mod one;"),
        (
            "src/fronts/one/deep/file.rs",
            "use crate::one::A; use super::super::B; use crate::base::C;",
        ),
    ] {
        assert_eq!(judged(path, text), Vec::<String>::new(), "{path}: {text}");
    }
}

#[test]
fn what_the_map_forbids_is_caught_however_it_is_written() {
    for (path, text, says) in [
        ("src/hand/mod.rs", "use crate::other;", "src/hand/mod.rs:1: `hand` may not use `other`"),
        (
            "src/hand/mod.rs",
            "\nuse crate::{base::A, other::{B, C}};",
            "src/hand/mod.rs:2: `hand` may not use `other`",
        ),
        (
            "src/hand/mod.rs",
            "use {crate::other::B, std::fs};",
            "src/hand/mod.rs:1: `hand` may not use `other`",
        ),
        (
            "src/hand/mod.rs",
            "use crate::other as words;",
            "src/hand/mod.rs:1: `hand` may not use `other`",
        ),
        (
            "src/hand/mod.rs",
            "pub use crate::front::F;",
            "src/hand/mod.rs:1: `hand` may not use `front`",
        ),
        (
            "src/hand/mod.rs",
            "fn f() -> Vec<crate::other::T> {}",
            "src/hand/mod.rs:1: `hand` may not use `other`",
        ),
        (
            "src/hand/mod.rs",
            "macro_rules! m { () => { $crate::other::f() } }",
            "src/hand/mod.rs:1: `hand` may not use `other`",
        ),
        (
            "src/hand/mod.rs",
            "use super::other::X;",
            "src/hand/mod.rs:1: `hand` may not use `other`",
        ),
        (
            "src/hand/deep/file.rs",
            "use super::super::super::other::X;",
            "src/hand/deep/file.rs:1: `hand` may not use `other`",
        ),
        (
            "src/hand/mod.rs",
            "mod inner { use super::super::other::X; }",
            "src/hand/mod.rs:1: `hand` may not use `other`",
        ),
        (
            "src/hand/mod.rs",
            "use codling::other::X;",
            "src/hand/mod.rs:1: `hand` may not use `other`",
        ),
        ("src/hand/mod.rs", "use crate::*;", "src/hand/mod.rs:1: imports all rooms at once"),
        (
            "src/fronts/one/mod.rs",
            "use crate::hand::A;",
            "src/fronts/one/mod.rs:1: `one` may not use `hand`",
        ),
        (
            "src/fronts/one/mod.rs",
            "use codling_core::hand::A;",
            "src/fronts/one/mod.rs:1: `one` may not use `hand`",
        ),
        (
            "src/fronts/one/deep.rs",
            "use super::super::hand::A;",
            "src/fronts/one/deep.rs:1: `one` may not use `hand`",
        ),
        (
            "src/hand/mod.rs",
            "use codling_fronts::one::A;",
            "src/hand/mod.rs:1: `hand` may not use `one`",
        ),
        (
            "src/hand/mod.rs",
            "use crate::cellar::X;",
            "src/hand/mod.rs:1: `cellar` is not a room of the map",
        ),
        ("src/hand.rs", "use crate::other;", "src/hand.rs:1: `hand` may not use `other`"),
        (
            "src/hand/mod.rs",
            "fn f() { crate::demo::g() }",
            "src/hand/mod.rs:1: `hand` may not use `demo`",
        ),
        (
            "src/hand/tests.rs",
            "use crate::front::F;",
            "src/hand/tests.rs:1: `hand` may not use `front`",
        ),
        (
            "src/hand/mod.rs",
            "#[cfg(test)] fn f() {} use crate::demo::g;",
            "src/hand/mod.rs:1: `hand` may not use `demo`",
        ),
        (
            "src/hand/mod.rs",
            "#[cfg(not(test))] use crate::demo::g;",
            "src/hand/mod.rs:1: `hand` may not use `demo`",
        ),
        (
            "src/front/mod.rs",
            "use serde::Serialize;",
            "src/front/mod.rs:1: `front` may not use the crate `serde`",
        ),
        (
            "src/front/mod.rs",
            "#[derive(serde::Serialize)] struct S;",
            "src/front/mod.rs:1: `front` may not use the crate `serde`",
        ),
        (
            "src/front/mod.rs",
            "fn f() { ::serde_json::to_string(&1); }",
            "src/front/mod.rs:1: `front` may not use the crate `serde_json`",
        ),
        (
            "src/base/mod.rs",
            "use {std::fs, tokio};",
            "src/base/mod.rs:1: `base` may not use the crate `tokio`",
        ),
        (
            "src/base/mod.rs",
            "extern crate tokio;",
            "src/base/mod.rs:1: `base` may not use the crate `tokio`",
        ),
        (
            "src/base/mod.rs",
            "fn f<'a>() { let c = '\\''; tokio::spawn(1); }",
            "src/base/mod.rs:1: `base` may not use the crate `tokio`",
        ),
    ] {
        assert_eq!(judged(path, text), [says], "{path}: {text}");
    }
}

#[test]
fn a_circle_in_the_map_is_found() {
    let sample = SAMPLE.replace("//! base  ->\n", "//! base  -> words\n");
    assert_eq!(Law::parse(&sample).circles(), ["base -> words"]);
    assert_eq!(Law::parse(SAMPLE).circles(), Vec::<String>::new());
}

#[test]
#[should_panic(expected = "the tables were not found")]
fn a_map_without_tables_is_no_map() {
    Law::parse("//! Who may use whom: everyone.\n");
}
