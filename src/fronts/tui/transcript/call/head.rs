//! The head of a call: a mark, a word for the tool, its subject and its state.

use super::naming::{self, CallKind};
use super::sheet::{CallSheet, ShownCall};
use super::{command, plan};
use crate::base::{phrases, text};
use crate::protocol::{CallOutput, CallState, DiffKind, FileDiff, Found, ToolResult, UserReply};
use crate::tui::paint::diff;
use crate::tui::paint::wrap::Prefix;
use crate::tui::paint::{Ink, LaidOutLines, Role, Span};

pub fn put(lines: &mut LaidOutLines, shown: ShownCall<'_>, sheet: CallSheet) {
    let ShownCall { call, action, state, .. } = shown;
    let (mark, role) = match state {
        CallState::Asking | CallState::Waiting => ("◌ ", Role::Dim),
        CallState::Running { .. } => ("◌ ", Role::Accent),
        CallState::Interrupted => ("■ ", Role::Warn),
        CallState::Ended(output) if output.ok => ("✓ ", Role::Good),
        CallState::Ended(output)
            if matches!(output.result.reply(), Some(UserReply::Stopped(_) | UserReply::NotRun)) =>
        {
            ("■ ", Role::Warn)
        }
        CallState::Ended(_) => ("✗ ", Role::Bad),
    };
    let word = format!("{} ", naming::word(call, action, state));
    let front = vec![Span::new(mark, role), Span::new(word, Ink::from(Role::Text).bold())];
    let title = subject(shown);
    let kind = naming::kind(action, state);
    match kind {
        CallKind::Command => command::put(
            lines,
            front,
            &command::line(shown, &title),
            &standing(kind, &title, state),
            sheet,
        ),
        CallKind::Question => {
            put_question(lines, front, &title, &standing(kind, &title, state), sheet.width)
        }
        CallKind::Other | CallKind::Plan => {
            let standing = standing(kind, &title, state);
            let columns = |spans: &[Span<'_>]| {
                spans.iter().map(|span| text::width(&span.text)).sum::<usize>()
            };
            let room = usize::from(sheet.width).saturating_sub(columns(&front) + standing.width(0));
            push_front(lines, &front);
            lines.push(&text::cut(&title, room), Role::Text);
            push_row(lines, &standing);
        }
    }
}

/// The subject of a call: the progress of a plan, else its title.
pub fn subject(shown: ShownCall<'_>) -> String {
    match shown.state {
        CallState::Ended(CallOutput { result: ToolResult::Plan(todos), ok: true, .. }) => {
            plan::progress(todos)
        }
        _ => naming::title(shown),
    }
}

/// Adds a question in full, because it must be read.
fn put_question(
    lines: &mut LaidOutLines,
    front: Vec<Span<'static>>,
    question: &str,
    standing: &LaidOutLines,
    width: u16,
) {
    let kept = words_of(&front);
    let prefix = Prefix::new(front, vec![Span::new("  ", Role::Text)]).keeping(kept);
    let mut spans = vec![Span::new(question.to_owned(), Role::Text)];
    spans.extend(standing.row(0).map(|(piece, ink)| Span::new(piece.to_owned(), ink)));
    lines.wrap(&spans, usize::from(width), &prefix);
}

/// The state in a row of its own.
pub fn standing(kind: CallKind, title: &str, state: &CallState) -> LaidOutLines {
    let mut lines = LaidOutLines::new();
    match state {
        CallState::Asking | CallState::Waiting => lines.push(" · waiting", Role::Dim),
        CallState::Running { .. } => lines.push(" …", Role::Dim),
        CallState::Interrupted => lines.push(" · interrupted", Role::Dim),
        CallState::Ended(output) => put_outcome(&mut lines, kind, title, output),
    }
    lines.end_row();
    lines
}

fn put_outcome(lines: &mut LaidOutLines, kind: CallKind, title: &str, output: &CallOutput) {
    match output.result.reply() {
        Some(UserReply::Declined(_)) => return lines.push(" · you gave no answer", Role::Dim),
        Some(UserReply::Refused(_)) => return lines.push(" · you said no", Role::Dim),
        Some(UserReply::Stopped(_)) => return lines.push(" · interrupted", Role::Dim),
        Some(UserReply::NotRun) => return lines.push(" · not run", Role::Dim),
        Some(UserReply::NotAsked(_)) => return lines.push(" · there was nobody to ask", Role::Dim),
        Some(UserReply::Answered(_)) | None => {}
    }
    match &output.result {
        ToolResult::Edits(diffs) if output.ok => {
            diff::push_counts(lines, diffs);
            lines.push(what_became(diffs), Role::Dim);
        }
        ToolResult::Plan(_) if output.ok => {}
        ToolResult::Command(result) => lines.push(&command::words(result, &output.text), Role::Dim),
        _ if matches!(kind, CallKind::Command | CallKind::Question) || !output.ok => {}
        _ => lines.push(&size(title, output), Role::Dim),
    }
}

/// The change to a single file; several have heads of their own.
fn what_became(diffs: &[FileDiff]) -> &'static str {
    match diffs {
        [FileDiff { kind: DiffKind::Added, .. }] => " · new file",
        [FileDiff { kind: DiffKind::Deleted, .. }] => " · deleted",
        _ => "",
    }
}

/// The size of a folded output: ` · 212 lines`, or the number of pictures or matches.
fn size(title: &str, output: &CallOutput) -> String {
    let lines = match &output.result {
        ToolResult::Found { .. } if title == output.title => return String::new(),
        ToolResult::Found { count, what } => return format!(" · {}", found(*count, *what)),
        ToolResult::Lines { count } => *count,
        _ => output.text.lines().count() as u64,
    };
    match (output.images.len(), lines) {
        (0, 0) => String::new(),
        (0, 1) => " · 1 line".into(),
        (0, lines) => format!(" · {lines} lines"),
        (1, _) => " · 1 image".into(),
        (images, _) => format!(" · {images} images"),
    }
}

fn found(count: u64, what: Found) -> String {
    phrases::count(
        count,
        match what {
            Found::Files => "file",
            Found::Matches => "match",
        },
    )
}

/// Adds the mark, which is no text of the call, and the words after it.
pub fn push_front(lines: &mut LaidOutLines, front: &[Span<'_>]) {
    push_all(lines, front);
    lines.end_gutter(words_of(front));
}

/// The bytes after the mark.
pub fn words_of(front: &[Span<'_>]) -> usize {
    front.iter().skip(1).map(|span| span.text.len()).sum()
}

pub fn push_all(lines: &mut LaidOutLines, spans: &[Span<'_>]) {
    spans.iter().for_each(|span| lines.push(&span.text, span.ink));
}

pub fn push_row(lines: &mut LaidOutLines, row: &LaidOutLines) {
    row.row(0).for_each(|(piece, ink)| lines.push(piece, ink));
    lines.end_row();
}
