//! A call as plain text, with its whole output: what a search looks through.

use super::head;
use super::naming::{self, CallKind};
use super::sheet::ShownCall;
use super::{command, for_people, plan, written};
use crate::base::text::clean;
use crate::protocol::{CallOutput, CallState, FileDiff, ToolResult};
use crate::tui::paint::wrap::expand_tabs;

/// The words of a call's rows; empty while a person is asked about it below.
pub fn plain(shown: ShownCall<'_>) -> String {
    let ShownCall { call, action, state, .. } = shown;
    if *state == CallState::Asking {
        return String::new();
    }
    let kind = naming::kind(action, state);
    let title = head::subject(shown);
    let line = match kind {
        CallKind::Command => command::line(shown, &title),
        _ => title.clone(),
    };
    let mut words = format!("{} ", naming::word(call, action, state));
    let standing = head::standing(kind, &title, state);
    // It stands at the end of the first line.
    let (first, rest) = line.split_once('\n').unwrap_or((&line, ""));
    push(&mut words, first);
    words.push_str(standing.plain(0));
    push_line(&mut words, rest);
    match state {
        CallState::Running { tail } => push_line(&mut words, tail),
        CallState::Ended(output) => push_output(&mut words, kind, output),
        CallState::Asking | CallState::Interrupted | CallState::Waiting => {}
    }
    words
}

fn push_output(words: &mut String, kind: CallKind, output: &CallOutput) {
    match &output.result {
        ToolResult::Edits(diffs) if output.ok => push_diffs(words, diffs),
        ToolResult::Plan(todos) if output.ok => {
            todos.iter().for_each(|todo| push_line(words, &plan::words(todo)));
        }
        result => {
            match written(output).filter(|_| kind == CallKind::Command) {
                Some(written) => push_line(words, &written),
                None if kind == CallKind::Question || !output.ok => {
                    push_line(words, &for_people(output));
                }
                None => push_line(words, &output.text),
            }
            if !output.ok {
                push_diffs(words, result.diffs());
            }
        }
    }
}

/// Adds the paths and the lines of changes, without signs and numbers.
fn push_diffs(words: &mut String, diffs: &[FileDiff]) {
    for diff in diffs {
        if diffs.len() > 1 {
            push_line(words, &diff.path);
        }
        for line in diff.hunks.lines() {
            if let Some(line) = line.strip_prefix([' ', '+', '-']) {
                push_line(words, line);
            }
        }
    }
}

fn push_line(words: &mut String, text: &str) {
    if !text.is_empty() {
        words.push('\n');
        push(words, text);
    }
}

fn push(words: &mut String, text: &str) {
    match clean(text) {
        cleaned if cleaned.contains('\t') => {
            let lines = cleaned.split_inclusive('\n');
            lines.for_each(|line| words.push_str(&expand_tabs(line)));
        }
        cleaned => words.push_str(&cleaned),
    }
}
