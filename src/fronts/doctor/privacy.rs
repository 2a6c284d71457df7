//! Takes out of a text what belongs to the person: the home folder, names, and what looks like a
//! secret.

use crate::base::{redact, text};

use super::facts::DoctorFacts;

/// The texts that are not shown.
#[derive(Debug)]
pub struct Privacy {
    home: Option<String>,
    names: Vec<String>,
}

impl Privacy {
    pub fn of(facts: &DoctorFacts) -> Self {
        let home = facts.home.as_ref().and_then(|home| home.to_str());
        let home = home.map(|home| home.trim_end_matches('/')).filter(|home| home.len() > 1);
        let names = facts.names.iter().filter(|name| !name.is_empty());
        Self { home: home.map(str::to_owned), names: names.cloned().collect() }
    }

    /// One line without them.
    pub fn shown(&self, line: &str) -> String {
        let line = match &self.home {
            Some(home) => in_place_of(line, home, "~", |before, after| {
                !before.is_some_and(is_of_name) && !after.is_some_and(is_of_name)
            }),
            None => line.to_owned(),
        };
        let line = self.names.iter().fold(line, |line, name| {
            // A name that is a common word stays where it is no part of a path or an address.
            in_place_of(&line, name, "…", |before, after| {
                let is_word = !before.is_some_and(is_of_name) && !after.is_some_and(is_of_name);
                let is_in_path = before == Some('/')
                    || matches!((before, after), (Some('@'), _) | (_, Some('@')));
                is_word && is_in_path
            })
        });
        text::clean_line(&redact(&line)).into_owned()
    }
}

/// Replaces each `part` whose neighbours are such.
fn in_place_of(
    line: &str,
    part: &str,
    by: &str,
    is_meant: impl Fn(Option<char>, Option<char>) -> bool,
) -> String {
    let mut shown = String::with_capacity(line.len());
    let mut kept = 0;
    for (at, _) in line.match_indices(part) {
        let end = at + part.len();
        if is_meant(line[..at].chars().next_back(), line[end..].chars().next()) {
            shown.push_str(&line[kept..at]);
            shown.push_str(by);
            kept = end;
        }
    }
    shown.push_str(&line[kept..]);
    shown
}

fn is_of_name(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.')
}
