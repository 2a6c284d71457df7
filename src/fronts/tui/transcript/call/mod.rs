//! A call as rows: its request, its state and its result, folded or not.

mod arguments;
mod command;
mod head;
mod naming;
mod output;
mod plain;
mod plan;
mod sheet;

use self::naming::CallKind;
use self::output::OutputPart;
use crate::tui::paint::LaidOutLines;
use crate::tui::paint::diff::{self, DiffFrame};
use std::borrow::Cow;

use crate::protocol::{
    CallOutput, CallState, DenialCause, DiffKind, FileDiff, ToolResult, UserReply,
};

pub use self::naming::is_brief;
pub use self::plain::plain;
pub use self::sheet::{CallSheet, Details, ShownCall};
use self::sheet::{FOLDED_ROWS, SHOWN_ROWS};

/// Rows of a running command's output.
const LIVE_ROWS: usize = 5;
/// Rows of diffs, folded and unfolded.
const FOLDED_DIFF_ROWS: usize = 20;
const SHOWN_DIFF_ROWS: usize = 2_000;
/// Rows of diffs where nothing is left out; what tools keep of a change is shorter.
const MOST_DIFF_ROWS: usize = 1_000_000;
/// Steps of a folded plan.
const FOLDED_STEPS: usize = 12;

pub fn lines(shown: ShownCall<'_>, sheet: CallSheet) -> LaidOutLines {
    let mut lines = LaidOutLines::new();
    // The ask below shows everything about it.
    if *shown.state == CallState::Asking {
        return lines;
    }
    head::put(&mut lines, shown, sheet);
    match shown.state {
        CallState::Running { tail } => {
            output::live(&mut lines, tail, live_rows(tail).max(sheet.live), sheet.width)
        }
        CallState::Ended(output) => put_output(&mut lines, shown, output, sheet),
        CallState::Asking | CallState::Interrupted | CallState::Waiting => {}
    }
    lines
}

/// The rows that live output wants.
pub fn live_rows(tail: &str) -> usize {
    tail.lines().take(LIVE_ROWS).count()
}

/// Whether highlighting makes a difference.
pub fn has_code(state: &CallState) -> bool {
    matches!(state, CallState::Ended(output) if !output.result.diffs().is_empty())
}

fn put_output(
    lines: &mut LaidOutLines,
    shown: ShownCall<'_>,
    output: &CallOutput,
    sheet: CallSheet,
) {
    let (width, hint) = (sheet.width, sheet.hint());
    let words = for_people(output);
    let words = words.as_ref();
    let sentences = |lines: &mut LaidOutLines| {
        output::sentences(lines, words, sheet.rows(FOLDED_ROWS, SHOWN_ROWS), width, hint)
    };
    match (&output.result, naming::kind(shown.action, shown.state)) {
        (ToolResult::Edits(diffs), _) if output.ok => {
            put_diffs(lines, &naming::title(shown), diffs, sheet)
        }
        (ToolResult::Plan(todos), _) if output.ok => {
            plan::rows(lines, todos, sheet.rows(FOLDED_STEPS, SHOWN_ROWS), width, hint)
        }
        (_, CallKind::Command) if written(output).is_some() => {
            let written = written(output).unwrap_or_default();
            output::rows(
                lines,
                &written,
                sheet.rows(FOLDED_ROWS, SHOWN_ROWS),
                OutputPart::Last,
                width,
                hint,
            );
        }
        (_, CallKind::Question) => sentences(lines),
        (result, _) if !output.ok => {
            sentences(lines);
            // Changes that were not made are shown only with details.
            if sheet.details != Details::Folded && !result.diffs().is_empty() {
                diff::put(lines, result.diffs(), frame(sheet));
            }
        }
        _ => output::rows(
            lines,
            &output.text,
            sheet.rows(0, SHOWN_ROWS),
            OutputPart::First,
            width,
            hint,
        ),
    }
}

/// The output's text for people: their own words for a reply, advice for a denial, else the text
/// for the model.
fn for_people(output: &CallOutput) -> Cow<'_, str> {
    match &output.result {
        ToolResult::Denied(denial) => Cow::Owned(denial.with_advice(match denial.cause {
            DenialCause::Plan => "`tab` switches to Build, which can do it",
            DenialCause::ReadOnly => "`shift+tab` or `/approvals` changes it",
            DenialCause::Rule(_) => "`/approvals`, then `tab`, lists the rules",
        })),
        result => {
            let words = result.reply().map(|reply| reply.words().unwrap_or_default());
            Cow::Borrowed(words.unwrap_or(&output.text))
        }
    }
}

/// A command's output, one row per line; `None` if it is a sentence.
fn written(output: &CallOutput) -> Option<Cow<'_, str>> {
    match &output.result {
        ToolResult::Reply { reply, .. } => match &**reply {
            UserReply::Stopped(last_words) => last_words.as_deref().map(Cow::Borrowed),
            _ => None,
        },
        ToolResult::Command(result) => command::written(result, &output.text),
        _ => output.ok.then_some(Cow::Borrowed(&output.text)),
    }
}

/// Adds diffs; with a single file the call's head serves as its head.
fn put_diffs(lines: &mut LaidOutLines, title: &str, diffs: &[FileDiff], sheet: CallSheet) {
    match diffs {
        [only] if only.path == title && !matches!(only.kind, DiffKind::Moved { .. }) => {
            diff::put_body(lines, only, frame(sheet))
        }
        _ => diff::put(lines, diffs, frame(sheet)),
    }
}

fn frame(sheet: CallSheet) -> DiffFrame<'static> {
    let rows = sheet.rows(FOLDED_DIFF_ROWS, SHOWN_DIFF_ROWS).min(MOST_DIFF_ROWS);
    DiffFrame { width: sheet.width, inset: 2, rows, hint: sheet.hint(), finish: sheet.finish }
}

#[cfg(test)]
mod tests;
