//! Changed files, one line each.

use crate::protocol::{CallOutput, DiffKind, EventKind, FileDiff, ToolResult};

/// A line in git's letters (A added, D deleted, M modified, R renamed): `M src/a.rs +3 −1`.
pub fn line(diff: &FileDiff) -> String {
    let (letter, path) = match &diff.kind {
        DiffKind::Added => ('A', diff.path.clone()),
        DiffKind::Deleted => ('D', diff.path.clone()),
        DiffKind::Moved { from } => ('R', format!("{from} → {}", diff.path)),
        DiffKind::Updated => ('M', diff.path.clone()),
    };
    let count = |sign, lines| if lines == 0 { String::new() } else { format!(" {sign}{lines}") };
    format!("{letter} {path}{}{}", count('+', diff.added), count('−', diff.removed))
}

/// The diffs of a call that ran; empty for a refused one, though it has a preview.
pub fn done(event: &EventKind) -> &[FileDiff] {
    match event {
        EventKind::CallEnded {
            output: CallOutput { ok: true, result: ToolResult::Edits(diffs), .. },
            ..
        } => diffs,
        _ => &[],
    }
}
