//! The head of a call: a mark, a word for the tool, what it is about, and how it stands.

use super::naming::{self, CallKind};
use super::{CallSheet, command, plan, said};
use crate::base::text;
use crate::fronts::tui::paint::diff;
use crate::fronts::tui::paint::wrap::{Breaks, Prefix, wrap_into};
use crate::fronts::tui::paint::{Ink, LaidOutLines, Role, Span};
use crate::protocol::{CallOutput, CallState, DiffKind, FileDiff, OutputDisplay, ToolCall, UserReply};

pub fn put(lines: &mut LaidOutLines, call: &ToolCall, title: &str, state: &CallState, sheet: CallSheet) {
    let (mark, role) = match state {
        CallState::Waiting => ("◌ ", Role::Dim),
        CallState::Running { .. } => ("◌ ", Role::Accent),
        CallState::Asking => ("? ", Role::Warn),
        CallState::Interrupted => ("■ ", Role::Warn),
        CallState::Ended(output) if output.ok => ("✓ ", Role::Good),
        CallState::Ended(output) if matches!(said(output), Some(UserReply::Stopped(_) | UserReply::Unrun)) => ("■ ", Role::Warn),
        CallState::Ended(_) => ("✗ ", Role::Bad),
    };
    let word = format!("{} ", naming::word(call));
    let front = vec![Span::new(mark, role), Span::new(word, Ink::from(Role::Text).bold())];
    let title = match state {
        CallState::Ended(CallOutput { display: OutputDisplay::Todos(todos), ok: true, .. }) => plan::standing(todos),
        _ => naming::title(call, title, state),
    };
    match naming::kind(call) {
        CallKind::Command => command::put(lines, front, &command::line(call, &title), &standing(call, &title, state), sheet),
        CallKind::Question => put_question(lines, front, &title, &standing(call, &title, state), sheet.width),
        CallKind::Other | CallKind::Plan => {
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
fn put_question(lines: &mut LaidOutLines, front: Vec<Span<'static>>, question: &str, standing: &LaidOutLines, width: u16) {
    let prefix = Prefix::new(front, vec![Span::new("  ", Role::Text)]);
    let mut spans = vec![Span::new(question.to_owned(), Role::Text)];
    spans.extend(standing.row(0).map(|(piece, ink)| Span::new(piece.to_owned(), ink)));
    wrap_into(lines, &spans, usize::from(width), &prefix, Breaks::Words);
}

/// How it stands, in one row of its own.
fn standing(call: &ToolCall, title: &str, state: &CallState) -> LaidOutLines {
    let mut lines = LaidOutLines::new();
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

fn put_outcome(lines: &mut LaidOutLines, call: &ToolCall, title: &str, output: &CallOutput) {
    let kind = naming::kind(call);
    match said(output) {
        Some(UserReply::Declined(_)) => return lines.push(" · you gave no answer", Role::Dim),
        Some(UserReply::Refused(_)) => return lines.push(" · you said no", Role::Dim),
        Some(UserReply::Stopped(_)) => return lines.push(" · interrupted", Role::Dim),
        Some(UserReply::Unrun) => return lines.push(" · not run", Role::Dim),
        Some(UserReply::Unasked(_)) => return lines.push(" · there was nobody to ask", Role::Dim),
        Some(UserReply::Answered(_)) | None => {}
    }
    match &output.display {
        OutputDisplay::Diffs(diffs) if output.ok => {
            diff::push_counts(lines, diffs);
            lines.push(what_became(diffs), Role::Dim);
        }
        OutputDisplay::Todos(_) if output.ok => {}
        _ if kind == CallKind::Command => {
            let outcome = command::outcome(&output.text);
            lines.push(&outcome.map_or_else(String::new, |outcome| outcome.words), Role::Dim);
        }
        _ if kind == CallKind::Question || !output.ok => {}
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

pub fn push_all(lines: &mut LaidOutLines, spans: &[Span<'_>]) {
    spans.iter().for_each(|span| lines.push(&span.text, span.ink));
}

pub fn push_row(lines: &mut LaidOutLines, row: &LaidOutLines) {
    row.row(0).for_each(|(piece, ink)| lines.push(piece, ink));
    lines.end_row();
}
