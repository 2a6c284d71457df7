//! The head of a call: a mark, a word for the tool, what it is about, and how it stands. Does not know what is shown below.

use super::naming::{self, Kind};
use super::{Sheet, command, plan, said};
use crate::base::text;
use crate::protocol::{CallOutput, CallState, DiffKind, FileDiff, Said, Shown, ToolCall};
use crate::tui::paint::diff;
use crate::tui::paint::wrap::{Breaks, Prefix, wrap_into};
use crate::tui::paint::{Ink, Lines, Role, Span};

pub fn put(lines: &mut Lines, call: &ToolCall, title: &str, state: &CallState, sheet: Sheet) {
    let (mark, role) = match state {
        CallState::Waiting => ("◌ ", Role::Dim),
        CallState::Running { .. } => ("◌ ", Role::Accent),
        CallState::Asking => ("? ", Role::Warn),
        CallState::Interrupted => ("■ ", Role::Warn),
        CallState::Ended(output) if output.ok => ("✓ ", Role::Good),
        CallState::Ended(output) if matches!(said(output), Some(Said::Stopped(_) | Said::Unrun)) => ("■ ", Role::Warn),
        CallState::Ended(_) => ("✗ ", Role::Bad),
    };
    let word = format!("{} ", naming::word(call));
    let front = vec![Span::new(mark, role), Span::new(word, Ink::from(Role::Text).bold())];
    let title = match state {
        CallState::Ended(CallOutput { shown: Shown::Todos(todos), ok: true, .. }) => plan::standing(todos),
        _ => naming::title(call, title, state),
    };
    match naming::kind(call) {
        Kind::Command => command::put(lines, front, &command::line(call, &title), &standing(call, &title, state), sheet),
        Kind::Question => put_question(lines, front, &title, &standing(call, &title, state), sheet.width),
        Kind::Other | Kind::Plan => {
            let standing = standing(call, &title, state);
            let columns = |spans: &[Span<'_>]| spans.iter().map(|span| text::width(&span.text)).sum::<usize>();
            let room = usize::from(sheet.width).saturating_sub(columns(&front) + standing.width(0));
            push_all(lines, &front);
            lines.push(&text::cut(&title, room), Role::Text);
            push_row(lines, &standing);
        }
    }
}

/// In full, since it has to be read.
fn put_question(lines: &mut Lines, front: Vec<Span<'static>>, question: &str, standing: &Lines, width: u16) {
    let prefix = Prefix::new(front, vec![Span::new("  ", Role::Text)]);
    let mut spans = vec![Span::new(question.to_owned(), Role::Text)];
    spans.extend(standing.row(0).map(|(piece, ink)| Span::new(piece.to_owned(), ink)));
    wrap_into(lines, &spans, usize::from(width), &prefix, Breaks::Words);
}

/// How it stands, in one row of its own.
fn standing(call: &ToolCall, title: &str, state: &CallState) -> Lines {
    let mut lines = Lines::new();
    match state {
        CallState::Waiting => lines.push(" · waiting", Role::Dim),
        CallState::Running { .. } => lines.push(" …", Role::Dim),
        CallState::Asking => lines.push(" · waits for you", Role::Warn),
        CallState::Interrupted => lines.push(" · interrupted", Role::Dim),
        CallState::Ended(output) => put_outcome(&mut lines, call, title, output),
    }
    lines.end_row();
    lines
}

fn put_outcome(lines: &mut Lines, call: &ToolCall, title: &str, output: &CallOutput) {
    let kind = naming::kind(call);
    match said(output) {
        Some(Said::Declined(_)) => return lines.push(" · you gave no answer", Role::Dim),
        Some(Said::Refused(_)) => return lines.push(" · you said no", Role::Dim),
        Some(Said::Stopped(_)) => return lines.push(" · interrupted", Role::Dim),
        Some(Said::Unrun) => return lines.push(" · not run", Role::Dim),
        Some(Said::Unasked(_)) => return lines.push(" · there was nobody to ask", Role::Dim),
        Some(Said::Answered(_)) | None => {}
    }
    match &output.shown {
        Shown::Diffs(diffs) if output.ok => {
            diff::push_counts(lines, diffs);
            lines.push(what_became(diffs), Role::Dim);
        }
        Shown::Todos(_) if output.ok => {}
        _ if kind == Kind::Command => {
            let outcome = command::outcome(&output.text);
            lines.push(&outcome.map_or_else(String::new, |outcome| outcome.words), Role::Dim);
        }
        _ if kind == Kind::Question || !output.ok => {}
        _ => lines.push(&size(call, title, output), Role::Dim),
    }
}

/// Of a single file; several say so in their own heads.
fn what_became(diffs: &[FileDiff]) -> &'static str {
    match diffs {
        [FileDiff { kind: DiffKind::Added, .. }] => " · new file",
        [FileDiff { kind: DiffKind::Deleted, .. }] => " · deleted",
        _ => "",
    }
}

/// ` · 212 lines`, so that a folded output says how much it is; of pictures, how many, and of what was looked for, how much was found.
fn size(call: &ToolCall, title: &str, output: &CallOutput) -> String {
    if ["glob", "grep"].contains(&call.name.as_str())
        && let Some((found, _)) = output.title.split_once(" for ")
    {
        return if title == output.title { String::new() } else { format!(" · {}", text::clean_line(found)) };
    }
    match (output.images.len(), lines_of(call, &output.text)) {
        (0, 0) => String::new(),
        (0, 1) => " · 1 line".into(),
        (0, lines) => format!(" · {lines} lines"),
        (1, _) => " · 1 image".into(),
        (images, _) => format!(" · {images} images"),
    }
}

/// Those of the file alone, where the tool has put a number before each.
fn lines_of(call: &ToolCall, text: &str) -> usize {
    let is_numbered = |line: &&str| line.split_once('\t').is_some_and(|(number, _)| number.parse::<usize>().is_ok());
    let numbered = if call.name == "read" { text.lines().filter(is_numbered).count() } else { 0 };
    if numbered > 0 { numbered } else { text.lines().count() }
}

pub fn push_all(lines: &mut Lines, spans: &[Span<'_>]) {
    spans.iter().for_each(|span| lines.push(&span.text, span.ink));
}

pub fn push_row(lines: &mut Lines, row: &Lines) {
    row.row(0).for_each(|(piece, ink)| lines.push(piece, ink));
    lines.end_row();
}
