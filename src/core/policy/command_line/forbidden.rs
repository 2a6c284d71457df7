//! Rules that forbid a command line: by its place, its commands, the files it reads and writes, and
//! by its pieces where it was not understood.

use std::path::Path;

use crate::policy::command::{CommandPart, NamedFiles, ReasonKind};
use crate::policy::rules::{MatchedRule, RuleSet};
use crate::policy::{glob, shell};
use crate::protocol::{Location, Rule, RuleSubject, Ruling, Target};

/// Words of such a piece that are looked at.
const WORDS: usize = 64;

/// The rule that forbids to run anything in this place.
pub(super) fn forbidden_place<'a>(rules: &RuleSet<'a>, folder: &Target) -> Option<&'a Rule> {
    (folder.location == Location::Outside)
        .then(|| forbids(rules, RuleSubject::Outside, &folder.path))?
}

/// The rule that forbids a part: about it, its wrappers, or a file that it reads or writes.
pub(super) fn forbidden_part<'a>(rules: &RuleSet<'a>, part: &CommandPart) -> Option<&'a Rule> {
    let denies = |found: MatchedRule<'a>| (found.ruling() == Ruling::Deny).then_some(found.rule);
    let shell = part.texts.iter().chain(&part.spelled).find_map(|text| {
        let also: Vec<&str> = text.also.iter().map(String::as_str).collect();
        rules.find_named(RuleSubject::Shell, &[&text.quoted], &also).and_then(denies)
    });
    let read = || {
        let mut names = part.mentions.iter().map(|name| name.trim_start_matches("./"));
        names.find_map(|name| forbids(rules, RuleSubject::Read, Path::new(name)))
    };
    let by_place = || {
        part.reasons.iter().find_map(|reason| match &reason.kind {
            ReasonKind::Write(path) => forbids(rules, RuleSubject::Edit, path),
            ReasonKind::ReadsOutside(Some(path)) => forbids(rules, RuleSubject::Outside, path)
                .or_else(|| forbids(rules, RuleSubject::Read, path)),
            ReasonKind::Beyond(Some(path)) | ReasonKind::Escape(Some(path)) => {
                forbids(rules, RuleSubject::Outside, path)
                    .or_else(|| forbids(rules, RuleSubject::Edit, path))
            }
            _ => None,
        })
    };
    let edited = || part.edits.iter().find_map(|edit| forbids_edit(rules, edit));
    shell.or_else(read).or_else(by_place).or_else(edited)
}

/// The rule that forbids a piece of a line that was not understood, cut wherever a command might
/// begin.
pub(super) fn forbidden_piece<'a>(
    rules: &RuleSet<'a>,
    line: &str,
    parts: &[CommandPart],
) -> Option<&'a Rule> {
    let is_clear = parts
        .iter()
        .flat_map(|part| &part.reasons)
        .all(|reason| reason.kind != ReasonKind::Unclear);
    if is_clear && shell::parse(line).is_ok()
        || !rules.policy.rules.iter().any(|rule| rule.ruling == Ruling::Deny)
    {
        return None;
    }
    // Any word may be a command's first: the words before it may be the shell's own.
    let pieces = line.split(|c: char| ";|&(){}`\n".contains(c)).take(4096).flat_map(|piece| {
        let words: Vec<String> = piece
            .split_whitespace()
            .take(WORDS)
            .map(|word| word.replace(['\'', '"', '\\'], ""))
            .collect();
        (0..words.len()).map(|first| words[first..].join(" ")).collect::<Vec<_>>()
    });
    pieces.chain([line.trim().to_owned()]).filter(|piece| !piece.is_empty()).find_map(|piece| {
        let found = rules.find_named(RuleSubject::Shell, &[&piece], &[])?;
        (found.ruling() == Ruling::Deny).then_some(found.rule)
    })
}

/// The rule about this subject that forbids a path in one of its spellings. A rule about anything
/// leaves commands to the rules about commands.
fn forbids<'a>(rules: &RuleSet<'a>, subject: RuleSubject, path: &Path) -> Option<&'a Rule> {
    forbids_with(rules, subject, path, |_| false)
}

/// The rule that forbids a command to write to what it names, or to something that lies in it.
fn forbids_edit<'a>(rules: &RuleSet<'a>, edit: &NamedFiles) -> Option<&'a Rule> {
    let path = match edit {
        NamedFiles::Glob(pattern) => Path::new(pattern),
        NamedFiles::Tree(path) => path,
    };
    forbids_with(rules, RuleSubject::Edit, path, |pattern| {
        let stem = glob::stem(pattern);
        let stem = Path::new(&stem);
        edit.covers(stem.strip_prefix(&rules.policy.folder).unwrap_or(stem))
    })
}

/// The same; `lies_within` tells whether files that fit a forbidding pattern lie in the path.
fn forbids_with<'a>(
    rules: &RuleSet<'a>,
    subject: RuleSubject,
    path: &Path,
    lies_within: impl Fn(&str) -> bool,
) -> Option<&'a Rule> {
    let whole = rules.policy.folder.join(path);
    let names = [path, &whole].map(|path| path.to_string_lossy().into_owned());
    let inside = names.each_ref().map(|name| format!("{}/", name.trim_end_matches('/')));
    let found = rules.find(subject, |rule| {
        let pattern = rules.at_home(&rule.pattern);
        let is_named = || names.iter().chain(&inside).any(|name| glob::fits(&pattern, name));
        let holds_named = || rule.ruling == Ruling::Deny && lies_within(&pattern);
        rule.subject == subject && (is_named() || holds_named())
    })?;
    (found.ruling() == Ruling::Deny).then_some(found.rule)
}
