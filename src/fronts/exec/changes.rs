//! What became of files, in a line each.

use crate::protocol::{CallOutput, DiffKind, EventKind, FileDiff, ToolResult};

/// `M src/a.rs +3 −1`, as git names it: A added, D deleted, M modified, R renamed.
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

/// What a call changed; nothing where it was refused, though it was looked over.
pub fn done(event: &EventKind) -> &[FileDiff] {
    match event {
        EventKind::CallEnded {
            output: CallOutput { ok: true, result: ToolResult::Edits(diffs), .. },
            ..
        } => diffs,
        _ => &[],
    }
}
