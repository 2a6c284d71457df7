//! The parts of a command that a person should see before they answer: deletions, and effects
//! graver than work in the folder.

use std::ops::Range;
use std::path::Path;

use crate::protocol::{ActionKind, Hazard, PlannedAction};

use super::command::{self, CommandPart, ReasonKind};
use super::decision::PolicyConfig;

/// Parts that are told of at most: nobody reads more.
const MOST: usize = 200;
/// Words that are looked for in text that is not taken apart: a line that is not understood, a
/// program in a here-document.
const WORDS: [&str; 22] = [
    "chmod", "chown", "curl", "dd", "del", "delete", "doas", "eval", "kill", "mkfs", "mv",
    "pkexec", "rm", "rmdir", "rmtree", "shred", "srm", "su", "sudo", "truncate", "unlink", "wget",
];

/// The gravest first; of equal ones, in the order they stand in. Empty for what is no command.
pub fn hazards(policy: &PolicyConfig, action: &PlannedAction) -> Vec<Hazard> {
    let ActionKind::Command { line, folder, .. } = &action.kind else { return Vec::new() };
    of_line(policy, line, &folder.path)
}

fn of_line(policy: &PolicyConfig, line: &str, folder: &Path) -> Vec<Hazard> {
    let parts = command::parts(policy, line, folder);
    let bytes: Vec<usize> = line.char_indices().map(|(at, _)| at).chain([line.len()]).collect();
    let mut found: Vec<(Gravity, Hazard)> = Vec::new();
    let mut unplaced = Vec::new();
    let mut add = |gravity: Gravity, at: Range<usize>, deletes: &[String]| {
        let holds = |hazard: &Hazard| hazard.at.start <= at.start && at.end <= hazard.at.end;
        if gravity == Gravity::Mentions && found.iter().any(|(_, hazard)| holds(hazard)) {
            return;
        }
        if let Some((known, hazard)) = found.iter_mut().find(|(_, hazard)| hazard.at == at) {
            *known = (*known).max(gravity);
            hazard.deletes.extend(deletes.iter().cloned());
        } else if found.len() < MOST {
            found.push((gravity, Hazard { at, deletes: deletes.to_vec() }));
        }
    };
    for part in &parts {
        let Some(gravity) = gravity(part) else { continue };
        let known =
            part.at.as_ref().and_then(|at| Some(*bytes.get(at.start)?..*bytes.get(at.end)?));
        match named_in(line, part, known.as_ref()).or(known) {
            Some(at) => add(gravity, at, &part.deletes),
            None => unplaced.push((gravity, &part.deletes)),
        }
    }
    // A part without a known place, and text that is not taken apart, are found by their words.
    let words = mentions(line);
    for (gravity, deletes) in unplaced {
        words.iter().for_each(|at| add(gravity, at.clone(), deletes));
    }
    words.into_iter().for_each(|at| add(Gravity::Mentions, at, &[]));
    found.sort_by_key(|(gravity, hazard)| (std::cmp::Reverse(*gravity), hazard.at.start));
    found.into_iter().map(|(_, hazard)| hazard).collect()
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Gravity {
    /// A word in it is worth a look.
    Mentions,
    /// It reaches further than the folder, or nobody knows.
    Reaches,
    Deletes,
    Dangerous,
}

fn gravity(part: &CommandPart) -> Option<Gravity> {
    let worst = part.reasons.iter().map(|reason| &reason.kind).max()?;
    match worst {
        ReasonKind::Danger => Some(Gravity::Dangerous),
        _ if !part.deletes.is_empty() => Some(Gravity::Deletes),
        ReasonKind::Loss | ReasonKind::Care => Some(Gravity::Deletes),
        kind if kind > &ReasonKind::Care && !kind.is_harmless_inside() => Some(Gravity::Reaches),
        _ => None,
    }
}

/// The place of a part that was found in a text of the line, such as a here-document: in the line
/// that holds its words.
fn named_in(line: &str, part: &CommandPart, known: Option<&Range<usize>>) -> Option<Range<usize>> {
    let within = known.cloned().unwrap_or(0..line.len());
    let is_one_line = !line[within.clone()].contains('\n');
    let words = &part.texts.last()?.also[0];
    let words: Vec<&str> = words.split_whitespace().collect();
    let holds = |text: &str| !words.is_empty() && words.iter().all(|word| text.contains(word));
    // A part that is no text in another command stands where it was found.
    if part.texts.len() < 2 || is_one_line && holds(&line[within.clone()]) {
        return None;
    }
    let near = lines(line).filter(|at| at.start < within.end && within.start < at.end);
    near.chain(lines(line)).find(|at| holds(&line[at.clone()]))
}

/// Stretches that begin with a word that is worth a look, up to where a command may end.
fn mentions(line: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut from = 0;
    for word in line.split(|c: char| !(c.is_alphanumeric() || c == '_')) {
        let at = from;
        from += word.len() + line[from + word.len()..].chars().next().map_or(0, char::len_utf8);
        if WORDS.contains(&word) && found.last().is_none_or(|before| before.end <= at) {
            let end = line[at..].find(['\n', ';', '|', '&']).map_or(line.len(), |end| at + end);
            found.push(at..end);
        }
    }
    found.truncate(MOST);
    found
}

fn lines(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut from = 0;
    text.split('\n').map(move |line| {
        let at = from..from + line.len();
        from = at.end + 1;
        at
    })
}
