//! A command and how it ended.

use super::head::{push_all, push_row};
use super::output::one_row;
use super::{CallSheet, FOLDED_ROWS, SHOWN_ROWS, naming};
use crate::fronts::tui::paint::wrap::{Breaks, Prefix, spans_width, wrap_into};
use crate::fronts::tui::paint::{LaidOutLines, Role, Span};
use crate::fronts::tui::transcript::Details;
use crate::protocol::ToolCall;

/// Columns of a command's line that are shown at most.
const LONGEST_LINE: usize = 4_000;

/// What an answer says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandOutcome<'a> {
    /// For the head: ` · exit 101 · 3.2 s · 41 lines`.
    pub words: String,
    /// What the command wrote.
    pub output: &'a str,
}

/// Takes an answer apart; `None` where it does not begin as it should: then it is a sentence, and not of the command.
pub fn outcome(answer: &str) -> Option<CommandOutcome<'_>> {
    let (told, rest) = answer.split_once("\n\n").unwrap_or((answer, ""));
    let (first, more) = told.split_once('\n').unwrap_or((told, ""));
    let (end, time) = first.split_once(" after ").map_or((first, String::new()), |(end, time)| (end, format!(" · {time}")));
    let number =
        |begin: &str| end.strip_prefix(begin).filter(|number| number.len() < 6 && number.bytes().all(|byte| byte.is_ascii_digit()));
    let ended = match (number("Exit code "), number("Ended by signal ")) {
        (Some("0"), _) => time,
        (Some(code), _) => format!(" · exit {code}{time}"),
        (None, Some(signal)) => format!(" · signal {signal}{time}"),
        (None, None) => overtime(first)?,
    };
    let is_silent = rest.trim() == "(no output)" || rest.trim().is_empty();
    let output = match (is_silent, more.is_empty()) {
        (true, true) => "",
        (true, false) => more,
        (false, true) => rest,
        (false, false) => &answer[first.len() + 1..],
    };
    Some(CommandOutcome { words: format!("{ended}{}", if is_silent { " · no output".into() } else { lines_of(rest) }), output })
}

/// It was given so long, and took longer.
fn overtime(first: &str) -> Option<String> {
    let (limit, _) = first.strip_prefix("It was not done after ")?.split_once(" and was ended")?;
    (limit.len() < 12).then(|| format!(" · stopped at its time limit of {limit}"))
}

fn lines_of(output: &str) -> String {
    match output.trim_end().lines().count() {
        0 => String::new(),
        1 => " · 1 line".into(),
        many => format!(" · {many} lines"),
    }
}

/// The whole command if it is known, else what is known of it.
pub fn line(call: &ToolCall, title: &str) -> String {
    let whole = naming::command(call);
    if whole.trim().is_empty() { title.to_owned() } else { whole.trim_end().to_owned() }
}

/// The first lines, cut; or all of them, wrapped.
pub fn put(lines: &mut LaidOutLines, front: Vec<Span<'static>>, command: &str, standing: &LaidOutLines, sheet: CallSheet) {
    let columns = spans_width(&front);
    let room = usize::from(sheet.width).saturating_sub(columns);
    let count = command.lines().count();
    let most = if sheet.details == Details::Folded { FOLDED_ROWS } else { SHOWN_ROWS };
    let mut commands = command.lines().take(most);
    let first = commands.next().unwrap_or_default();
    let blank = || vec![Span::new(" ".repeat(columns), Role::Text)];
    if sheet.details == Details::Folded {
        push_all(lines, &front);
        lines.push(&one_row(first, room.saturating_sub(standing.width(0))), Role::Text);
        push_row(lines, standing);
        for line in commands {
            push_all(lines, &blank());
            lines.push_row(&one_row(line, room), Role::Text);
        }
    } else {
        let mut spans = vec![Span::new(one_row(first, LONGEST_LINE), Role::Text)];
        spans.extend(standing.row(0).map(|(piece, ink)| Span::new(piece.to_owned(), ink)));
        wrap_into(lines, &spans, usize::from(sheet.width), &Prefix::new(front, blank()), Breaks::Graphemes);
        for line in commands {
            let span = Span::new(one_row(line, LONGEST_LINE), Role::Text);
            wrap_into(lines, &[span], usize::from(sheet.width), &Prefix::new(blank(), blank()), Breaks::Graphemes);
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

    #[test]
    fn an_answer_says_how_the_command_ended() {
        for (answer, words, output) in [
            ("Exit code 0\n\none\ntwo\n", " · 2 lines", "one\ntwo\n"),
            ("Exit code 101 after 3.2 s\n\nerror\n", " · exit 101 · 3.2 s · 1 line", "error\n"),
            ("Exit code 0 after 1.5 s\n\n(no output)", " · 1.5 s · no output", ""),
            ("Exit code 1", " · exit 1 · no output", ""),
            (
                "Ended by signal 9\n1 process that it left running was ended\n\n(no output)",
                " · signal 9 · no output",
                "1 process that it left running was ended",
            ),
            (
                "Exit code 0\n2 processes that it left running were ended\n\na",
                " · 1 line",
                "2 processes that it left running were ended\n\na",
            ),
            (
                "It was not done after 2 s and was ended, with all that it had started\n\none\n",
                " · stopped at its time limit of 2 s · 1 line",
                "one\n",
            ),
        ] {
            assert_eq!(outcome(answer), Some(CommandOutcome { words: words.into(), output }), "{answer:?}");
        }
        for sentence in ["Exit code \u{1b}[2J", "The person declined this", "", "It was not done after"] {
            assert_eq!(outcome(sentence), None, "{sentence:?}");
        }
    }
}
