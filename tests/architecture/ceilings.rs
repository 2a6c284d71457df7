//! Limits for the size of folders, structs and knots of files. The table holds today's counts that
//! are over a limit: they may only sink.

use std::collections::{BTreeMap, BTreeSet};

use super::modules::Modules;
use super::source::{Source, room};
use super::types::{impls, structs};

/// Subjects that are over the limit of their kind, with today's count.
///
/// A row never rises: divide the folder, the knot or the struct instead. Where a count has sunk,
/// its row must say so, and a row that came down to the limit must go. The failing test prints it.
#[rustfmt::skip]
const CEILINGS: &[(Kind, &str, usize)] = &[
];

/// Files of fewer than 40 lines that have a reason to stand alone.
const SHORT: &[(&str, &str)] = &[
    ("src/services/auth/endpoint/tokens.rs", "other rooms see it"),
    ("src/common/base/advice.rs", "one trait for every room's errors"),
    ("src/common/base/git.rs", "other rooms ask it by its name"),
    (
        "src/core/engine/work/standalone_command.rs",
        "the door of the fronts to commands of their own",
    ),
    ("src/fronts/acp/ids.rs", "the ids of both sides meet here alone"),
    ("src/fronts/acp/setup.rs", "all files of the front may need it"),
    ("src/fronts/host/wording.rs", "sentences for people stand in one place"),
    ("src/common/protocol/calls/job.rs", "a word of the glossary"),
    ("src/common/protocol/session/ask.rs", "a word of the glossary"),
    ("src/services/sandbox/process/descriptors.rs", "closed before anything else happens"),
    ("src/services/sandbox/program.rs", "the folders beside it all need it"),
    ("src/services/sandbox/walls/seccomp/files.rs", "the rules of one call"),
    ("src/fronts/tui/transcript/call/plan.rs", "the cell of a plan"),
    ("src/services/undo/changes/touched.rs", "other rooms hand it in"),
];

/// A snapshot that events are folded into. It decides nothing, so its fields are not counted.
const NOT_A_MACHINE: &str = "src/common/protocol/session/session_view.rs SessionView";

type Subject = (Kind, String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// Files beside each other in a folder, doors (`mod.rs`) aside.
    LooseFiles,
    /// Files of a room that are in knots of more than three: they name each other in a loop.
    FilesInKnots,
    /// Fields of a struct that has functions with `&mut self`.
    Fields,
    /// Files with an `impl` of one type.
    FilesWithImpl,
    /// Files of a room with fewer than 40 lines, doors aside.
    ShortFiles,
}

use Kind::{Fields, FilesInKnots, FilesWithImpl, LooseFiles, ShortFiles};

impl Kind {
    /// The highest count that needs no row.
    fn limit(self) -> usize {
        match self {
            LooseFiles | Fields => 15,
            FilesWithImpl => 4,
            FilesInKnots | ShortFiles => 0,
        }
    }
}

/// Everything that is counted, with what it is made of.
fn measured(src: &[Source], tests: &[Source]) -> BTreeMap<Subject, Vec<String>> {
    let mut found: BTreeMap<Subject, Vec<String>> = BTreeMap::new();
    let mut count = |kind, subject: &str, piece: &str| {
        found.entry((kind, subject.to_owned())).or_default().push(piece.to_owned());
    };
    for file in src.iter().chain(tests) {
        let (folder, name) = file.path.rsplit_once('/').unwrap_or_default();
        if name != "mod.rs" {
            count(LooseFiles, folder, name);
        }
    }
    let modules = Modules::of(src);
    let is_test = |file: &&Source| modules.is_test(&file.outline.module);
    for file in src.iter().filter(|file| !is_test(file)) {
        let is_short = file.text.lines().count() < 40 && !file.path.ends_with("/mod.rs");
        if let (true, Some(room)) = (is_short, room(&file.path))
            && !SHORT.iter().any(|(path, _)| *path == file.path)
        {
            count(ShortFiles, room, &file.path);
        }
    }
    for knot in modules.knots().iter().filter(|knot| knot.len() > 3) {
        for path in knot {
            count(FilesInKnots, room(path).unwrap_or_default(), path);
        }
    }
    // Which files have an `impl` of which type, and which types change themselves.
    let mut changing = BTreeSet::new();
    for file in src.iter().filter(|file| !is_test(file)) {
        let mut here = BTreeSet::new();
        for found in impls(file) {
            let Some((to, name)) = modules.item(&file.outline.module, &found.path) else {
                continue;
            };
            let subject = format!("{} {name}", src[to].path);
            if found.changes_itself {
                changing.insert(subject.clone());
            }
            here.insert(subject);
        }
        for subject in here {
            count(FilesWithImpl, &subject, &file.path);
        }
    }
    for file in src {
        for found in structs(file) {
            let subject = format!("{} {}", file.path, found.name);
            if changing.contains(&subject) && subject != NOT_A_MACHINE {
                for field in &found.fields {
                    count(Fields, &subject, field);
                }
            }
        }
    }
    found
}

/// Returns the changes, row by row, that would make the table say what is there.
fn wrong(found: &BTreeMap<Subject, Vec<String>>, rows: &[(Kind, &str, usize)]) -> Vec<String> {
    let row = |kind, subject: &str, count| format!("({kind:?}, {subject:?}, {count}),");
    let mut wrong = Vec::new();
    for (kind, subject, ceiling) in rows {
        let count = found.get(&(*kind, (*subject).to_owned())).map_or(0, Vec::len);
        let old = row(*kind, subject, *ceiling);
        if count <= kind.limit() {
            wrong.push(format!("delete the row {old} (it is {count} now)"));
        } else if count < *ceiling {
            wrong.push(format!("write {} instead of {old}", row(*kind, subject, count)));
        }
    }
    for ((kind, subject), pieces) in found {
        let ceiling = rows.iter().find(|row| (row.0, row.1) == (*kind, subject.as_str()));
        let ceiling = ceiling.map_or(kind.limit(), |(_, _, ceiling)| *ceiling);
        if pieces.len() > ceiling {
            let row = row(*kind, subject, pieces.len());
            let pieces = pieces.join(" ");
            wrong.push(format!(
                "over the ceiling of {ceiling}: divide it, or if it only moved, \
                 write {row}\n    {pieces}"
            ));
        }
    }
    wrong
}

/// Returns the changes that the tables of this file need.
pub fn wrong_ceilings(src: &[Source], tests: &[Source]) -> Vec<String> {
    let mut wrong = wrong(&measured(src, tests), CEILINGS);
    let misplaced = CEILINGS.windows(2).find(|rows| rows[0] >= rows[1]);
    wrong.extend(misplaced.map(|rows| format!("sort the rows: {:?} stands too low", rows[1])));
    let gone = SHORT.iter().filter(|(path, _)| src.iter().all(|file| file.path != *path));
    wrong.extend(gone.map(|(path, _)| format!("take {path} out of SHORT: it is not there")));
    wrong
}

#[test]
fn a_count_over_its_ceiling_and_a_ceiling_over_its_count_are_found() {
    let files = |count: usize| -> BTreeMap<Subject, Vec<String>> {
        let files = (0..count).map(|at| format!("{at}.rs")).collect();
        BTreeMap::from([((LooseFiles, "src/a".to_owned()), files)])
    };
    for (count, rows, says) in [
        (15, &[][..], ""),
        (16, &[], "write (LooseFiles, \"src/a\", 16),"),
        (17, &[(LooseFiles, "src/a", 17)], ""),
        (17, &[(LooseFiles, "src/a", 16)], "write (LooseFiles, \"src/a\", 17),"),
        (17, &[(LooseFiles, "src/a", 18)], "write (LooseFiles, \"src/a\", 17),"),
        (15, &[(LooseFiles, "src/a", 16)], "delete the row (LooseFiles, \"src/a\", 16),"),
    ] {
        let wrong = wrong(&files(count), rows);
        assert_eq!(wrong.len(), usize::from(!says.is_empty()), "{count}: {wrong:?}");
        assert!(wrong.iter().all(|line| line.contains(says)), "{count}: {wrong:?}");
    }
}
