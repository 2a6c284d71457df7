//! The report for a bug tracker: versions, the system, the terminal, and a word for each part. It
//! is made of words of our own and of a few facts that name nobody; no sentence goes into it.

use crate::base::{Multiplexer, redact, text};

use super::facts::DoctorFacts;
use super::findings::Finding;

/// Letters of a value that a variable holds.
const LONGEST: usize = 32;

pub fn lines(facts: &DoctorFacts, found: &[Finding]) -> Vec<String> {
    let place = &facts.surroundings;
    let places = [("ssh", place.ssh), ("container", place.container)];
    let places: Vec<&str> = places.iter().filter(|(_, is)| *is).map(|(name, _)| *name).collect();
    let places = if places.is_empty() { String::new() } else { format!(", {}", places.join(", ")) };
    let terminal = &facts.terminal;
    let size =
        terminal.size.map_or("no size".to_owned(), |(columns, rows)| format!("{columns}x{rows}"));
    let behind = match terminal.kind.multiplexer {
        Some(Multiplexer::Tmux) => ", in tmux",
        Some(Multiplexer::Screen) => ", in screen",
        None => "",
    };
    let mut lines = vec![
        format!("codling {}, {}{places}", facts.program.version, facts.program.system),
        format!(
            "terminal: {} ({}), {}, {size}{behind}",
            plain(terminal.term.as_deref(), "no TERM", facts),
            plain(terminal.program.as_deref(), "no TERM_PROGRAM", facts),
            terminal.colours,
        ),
    ];
    lines.extend(
        found
            .iter()
            .filter(|one| one.topic != "terminal")
            .map(|one| format!("{} {}: {}", one.mark.sign(), one.topic, one.state)),
    );
    lines
}

/// The value of a variable, where it is a word such as terminals set, and no name of the person's.
fn plain(value: Option<&str>, none: &str, facts: &DoctorFacts) -> String {
    let Some(value) = value else { return none.to_owned() };
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.+".contains(letter);
    let is_private = facts.names.iter().any(|name| !name.is_empty() && value.contains(name));
    match value.chars().all(is_plain) && !is_private {
        true => text::cut(&redact(value), LONGEST).into_owned(),
        false => "other".to_owned(),
    }
}
