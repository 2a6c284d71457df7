//! Which parts of a command a person should see before they answer: what deletes, and what is graver than work in the folder.

use std::ops::Range;
use std::path::Path;

use crate::protocol::{ActionKind, Hazard, PlannedAction};

use super::PolicyConfig;
use super::command::{self, CommandPart, ReasonKind};

/// Parts that are told of at most: nobody reads more.
const MOST: usize = 200;
/// Words that are looked for where the command could not be taken apart.
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
    let mut add = |gravity: Gravity, at: Range<usize>, deletes: &[String]| {
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
            None => {
                for at in lines_with_words(line) {
                    add(gravity, at, &part.deletes);
                }
            }
        }
    }
    found.sort_by_key(|(gravity, hazard)| (std::cmp::Reverse(*gravity), hazard.at.start));
    found.into_iter().map(|(_, hazard)| hazard).collect()
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Gravity {
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

/// Where a part stands that was found in a text of the line, such as a here-document: in the line that holds its words.
fn named_in(line: &str, part: &CommandPart, known: Option<&Range<usize>>) -> Option<Range<usize>> {
    let within = known.cloned().unwrap_or(0..line.len());
    let is_one_line = !line[within.clone()].contains('\n');
    let words = &part.texts.last()?.also[0];
    let words: Vec<&str> = words.split_whitespace().collect();
    let holds = |text: &str| !words.is_empty() && words.iter().all(|word| text.contains(word));
    // What is no text in another command stands where it was found.
    if part.texts.len() < 2 || is_one_line && holds(&line[within.clone()]) {
        return None;
    }
    let near = lines(line).filter(|at| at.start < within.end && within.start < at.end);
    near.chain(lines(line)).find(|at| holds(&line[at.clone()]))
}

/// Lines with a word in them that is worth a look; all of it where there is none.
fn lines_with_words(line: &str) -> Vec<Range<usize>> {
    let is_word = |text: &str| {
        text.split(|c: char| !(c.is_alphanumeric() || c == '_')).any(|word| WORDS.contains(&word))
    };
    lines(line).filter(|at| is_word(&line[at.clone()])).collect()
}

fn lines(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut from = 0;
    text.split('\n').map(move |line| {
        let at = from..from + line.len();
        from = at.end + 1;
        at
    })
}
