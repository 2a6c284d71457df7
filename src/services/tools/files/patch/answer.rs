//! The answer to a patch that was applied: in codling's own words, or in the form that models know
//! which were taught with Codex's tools.

use std::time::Duration;

use crate::protocol::{DiffKind, FileDiff};

/// A line for each file, with what became of it.
pub fn own(diffs: &[FileDiff]) -> String {
    diffs.iter().map(|diff| format!("{}\n", describe(diff))).collect()
}

fn describe(diff: &FileDiff) -> String {
    let FileDiff { path, kind, added, removed, .. } = diff;
    match kind {
        DiffKind::Added => format!("Made `{path}` (+{added})"),
        DiffKind::Deleted => format!("Deleted `{path}`"),
        DiffKind::Moved { from } => format!("Moved `{from}` to `{path}` (+{added} -{removed})"),
        DiffKind::Updated => format!("Changed `{path}` (+{added} -{removed})"),
    }
}

/// The lines that Codex's `apply_patch` prints, under the head of a command's output.
pub fn as_codex(diffs: &[FileDiff], took: Duration) -> String {
    let tenths = (took.as_secs_f32() * 10.0).round() / 10.0;
    format!("Exit code: 0\nWall time: {tenths} seconds\nOutput:\n{}", as_program(diffs))
}

/// The same lines alone: added files first, then changed ones, then deleted ones. A moved file is
/// changed, under its new name.
pub fn as_program(diffs: &[FileDiff]) -> String {
    let mut text = "Success. Updated the following files:\n".to_owned();
    for wanted in ["A", "M", "D"] {
        for diff in diffs.iter().filter(|diff| letter(&diff.kind) == wanted) {
            text.push_str(&format!("{wanted} {}\n", diff.path));
        }
    }
    text
}

fn letter(kind: &DiffKind) -> &'static str {
    match kind {
        DiffKind::Added => "A",
        DiffKind::Deleted => "D",
        DiffKind::Moved { .. } | DiffKind::Updated => "M",
    }
}
