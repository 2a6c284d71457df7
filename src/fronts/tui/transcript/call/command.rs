//! A command and its result.

use std::borrow::Cow;
use std::time::Duration;

use super::head::{push_all, push_front, push_row, words_of};
use super::naming;
use super::output::one_row;
use super::sheet::{CallSheet, Details, FOLDED_ROWS, SHOWN_ROWS, ShownCall};
use crate::protocol::{ActionKind, CommandExit, CommandResult};
use crate::tui::paint::wrap::{Prefix, spans_width};
use crate::tui::paint::{LaidOutLines, Role, Span};

/// The most columns of a command line that are shown.
const LONGEST_LINE: usize = 4_000;
/// Shorter durations are not shown.
const WORTH: Duration = Duration::from_secs(1);

/// The result for the head: ` · exit 101 · 3.2 s · 41 lines`.
pub fn words(result: &CommandResult, text: &str) -> String {
    let seconds = result.duration.as_secs_f64();
    let time = if result.duration > WORTH { format!(" · {seconds:.1} s") } else { String::new() };
    let ended = match &result.exit {
        CommandExit::Code(0) => time,
        CommandExit::Code(code) => format!(" · exit {code}{time}"),
        CommandExit::Signal(number) => format!(" · signal {number}{time}"),
        CommandExit::TimedOut(limit) => format!(" · stopped at its time limit of {}", span(*limit)),
        CommandExit::Running(job) => format!(" · running as session {}", job.0),
        CommandExit::Failed | CommandExit::Stopped => return String::new(),
    };
    format!(
        "{ended}{}",
        if result.is_silent { " · no output".into() } else { lines_of(own(result, text)) }
    )
}

/// The command's output with remarks; `None` if the text is a sentence about it.
pub fn written<'a>(result: &CommandResult, text: &'a str) -> Option<Cow<'a, str>> {
    if matches!(result.exit, CommandExit::Failed | CommandExit::Stopped) {
        return None;
    }
    let own = if result.is_silent { "" } else { own(result, text) };
    Some(match (result.notes.as_slice(), own) {
        ([], own) => Cow::Borrowed(own),
        (notes, "") => Cow::Owned(notes.join("\n")),
        (notes, own) => Cow::Owned(format!("{}\n\n{own}", notes.join("\n"))),
    })
}

fn own<'a>(result: &CommandResult, text: &'a str) -> &'a str {
    text.get(result.output_at..).unwrap_or(text)
}

fn span(time: Duration) -> String {
    if time.subsec_millis() == 0 {
        format!("{} s", time.as_secs())
    } else {
        format!("{} ms", time.as_millis())
    }
}

fn lines_of(output: &str) -> String {
    match output.trim_end().lines().count() {
        0 => String::new(),
        1 => " · 1 line".into(),
        many => format!(" · {many} lines"),
    }
}

/// The whole command line if known, else the title.
pub fn line(shown: ShownCall<'_>, title: &str) -> String {
    let whole = match shown.action.map(|action| &action.kind) {
        Some(ActionKind::Command { line, .. }) => line.clone(),
        // Older logs hold it only in the arguments.
        _ => naming::command(shown.call),
    };
    if whole.trim().is_empty() { title.to_owned() } else { whole.trim_end().to_owned() }
}

/// Adds the first lines, cut, or all of them, wrapped.
pub fn put(
    lines: &mut LaidOutLines,
    front: Vec<Span<'static>>,
    command: &str,
    standing: &LaidOutLines,
    sheet: CallSheet,
) {
    let columns = spans_width(&front);
    let room = usize::from(sheet.width).saturating_sub(columns);
    let count = command.lines().count();
    let most = sheet.rows(FOLDED_ROWS, SHOWN_ROWS);
    let mut commands = command.lines().take(most);
    let first = commands.next().unwrap_or_default();
    let blank = || vec![Span::new(" ".repeat(columns), Role::Text)];
    if sheet.details == Details::Folded {
        push_front(lines, &front);
        lines.push(&one_row(first, room.saturating_sub(standing.width(0))), Role::Text);
        push_row(lines, standing);
        for line in commands {
            push_all(lines, &blank());
            lines.end_gutter(0);
            lines.push_row(&one_row(line, room), Role::Text);
        }
    } else {
        let mut spans = vec![Span::new(one_row(first, LONGEST_LINE), Role::Text)];
        spans.extend(standing.row(0).map(|(piece, ink)| Span::new(piece.to_owned(), ink)));
        let kept = words_of(&front);
        lines.wrap_anywhere(
            &spans,
            usize::from(sheet.width),
            &Prefix::new(front, blank()).keeping(kept),
        );
        for line in commands {
            let span = Span::new(one_row(line, LONGEST_LINE), Role::Text);
            lines.wrap_anywhere(&[span], usize::from(sheet.width), &Prefix::new(blank(), blank()));
        }
    }
    match count.saturating_sub(most) {
        0 => {}
        1 => lines.push_row("    … 1 more line", Role::Dim),
        more => lines.push_row(&format!("    … {more} more lines"), Role::Dim),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(
        exit: CommandExit,
        millis: u64,
        notes: &[&str],
        output: Option<&str>,
    ) -> (CommandResult, String) {
        let notes: Vec<String> = notes.iter().map(|note| (*note).to_owned()).collect();
        let head = format!("Some words\n{}\n\n", notes.join("\n"));
        let text = format!("{head}{}", output.unwrap_or("(no output)"));
        let duration = Duration::from_millis(millis);
        (
            CommandResult {
                exit,
                duration,
                notes,
                output_at: head.len(),
                is_silent: output.is_none(),
                rest: None,
            },
            text,
        )
    }

    #[test]
    fn a_result_says_how_the_command_ended_and_what_it_wrote() {
        let left = "1 process that it left running was ended";
        for (exit, millis, notes, output, said, shown) in [
            (CommandExit::Code(0), 9, &[][..], Some("one\ntwo\n"), " · 2 lines", "one\ntwo\n"),
            (
                CommandExit::Code(101),
                3_210,
                &[],
                Some("error\n"),
                " · exit 101 · 3.2 s · 1 line",
                "error\n",
            ),
            (CommandExit::Code(0), 1_500, &[], None, " · 1.5 s · no output", ""),
            (CommandExit::Signal(9), 0, &[left], None, " · signal 9 · no output", left),
            (CommandExit::Code(0), 0, &[left], Some("a"), " · 1 line", &format!("{left}\n\na")),
            (
                CommandExit::TimedOut(Duration::from_secs(2)),
                2_000,
                &[],
                Some("one\n"),
                " · stopped at its time limit of 2 s · 1 line",
                "one\n",
            ),
        ] {
            let (result, text) = result(exit, millis, notes, output);
            assert_eq!(
                (words(&result, &text).as_str(), written(&result, &text).as_deref()),
                (said, Some(shown))
            );
        }
        let (result, text) = result(CommandExit::Failed, 0, &[], None);
        assert_eq!((words(&result, &text).as_str(), written(&result, &text)), ("", None));
    }
}
