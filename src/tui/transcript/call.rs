//! A tool call as rows: what was asked, how it stands, and its output, folded or not. Does not know any tool.

use super::Details;
use crate::base::text;
use crate::protocol::{CallOutput, CallState, ToolCall};
use crate::tui::paint::wrap::expand_tabs;
use crate::tui::paint::{Ink, Lines, Role};

/// Rows of output shown at most; what the model reads is cut by the tool itself.
const SHOWN_ROWS: usize = 200;
/// Rows of a failed call's output that are shown even when folded.
const FAILED_ROWS: usize = 3;

pub fn lines(call: &ToolCall, state: &CallState, width: u16, details: Details) -> Lines {
    let mut lines = Lines::new();
    let (mark, role) = match state {
        CallState::Running { .. } | CallState::Waiting => ("◌", Role::Accent),
        CallState::Asking => ("?", Role::Warn),
        CallState::Interrupted => ("■", Role::Warn),
        CallState::Ended(output) if output.ok => ("✓", Role::Good),
        CallState::Ended(_) => ("✗", Role::Bad),
    };
    let title = match state {
        CallState::Ended(output) if !output.title.is_empty() => text::clean_line(&output.title).into_owned(),
        _ => gist(&call.arguments),
    };
    let tail = match state {
        CallState::Running { .. } | CallState::Waiting => " …".into(),
        CallState::Asking => " · waits for you".into(),
        CallState::Interrupted => " · interrupted".into(),
        CallState::Ended(output) => size(output),
    };
    let name = text::clean_line(&call.name);
    let used = 3 + text::width(&name) + text::width(&tail);
    lines.push(mark, role);
    lines.push(" ", Role::Text);
    lines.push(&name, Ink::from(Role::Text).bold());
    lines.push(" ", Role::Text);
    lines.push(&text::cut(&title, usize::from(width).saturating_sub(used)), Role::Text);
    lines.push_row(&tail, Role::Dim);
    if let CallState::Ended(output) = state {
        let rows = match details {
            Details::Shown => SHOWN_ROWS,
            Details::Folded if output.ok => 0,
            Details::Folded => FAILED_ROWS,
        };
        body(&mut lines, &output.text, rows, width);
    }
    lines
}

fn body(lines: &mut Lines, output: &str, most: usize, width: u16) {
    let room = usize::from(width).saturating_sub(4);
    let mut rows = output.lines();
    for row in rows.by_ref().take(most) {
        lines.push("  │ ", Role::Border);
        // A row far longer than the screen is not cleaned to its end.
        let start: String = row.chars().take(room * 4).collect();
        lines.push_row(&text::cut(&expand_tabs(&text::clean(&start)).replace('\n', " "), room), Role::Dim);
    }
    let left = rows.count();
    if left > 0 && most > 0 {
        lines.push_row(&format!("  │ … {left} more {}", if left == 1 { "line" } else { "lines" }), Role::Dim);
    }
}

/// ` · 212 lines`, so that a folded output says how much it is.
fn size(output: &CallOutput) -> String {
    let images = match output.images.len() {
        0 => String::new(),
        1 => " · 1 image".into(),
        many => format!(" · {many} images"),
    };
    match output.text.lines().count() {
        0 => images,
        1 => format!(" · 1 line{images}"),
        many => format!(" · {many} lines{images}"),
    }
}

/// The first text among the arguments: a path or a pattern with every tool there is. The whole of them where there is none.
fn gist(arguments: &str) -> String {
    let value = arguments.split_once(':').and_then(|(_, rest)| rest.trim_start().strip_prefix('"'));
    let Some(value) = value else { return text::clean_line(arguments.trim()).into_owned() };
    let mut gist = String::new();
    let mut letters = value.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '"' => break,
            '\\' => match letters.next() {
                Some('n' | 't' | 'r') => gist.push(' '),
                Some(escaped) => gist.push(escaped),
                None => break,
            },
            plain => gist.push(plain),
        }
    }
    text::clean_line(&gist).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_gist_of_arguments_is_their_first_text() {
        for (arguments, gist_of) in [
            (r#"{"filePath":"src/main.rs","limit":5}"#, "src/main.rs"),
            (r#"{"pattern": "a \"b\"\n", "path": "x"}"#, r#"a "b" "#),
            ("{}", "{}"),
            ("not json", "not json"),
            (r#"{"path":"unfinis"#, "unfinis"),
            ("{\"a\":\"\u{1b}[31m\"}", "␛[31m"),
        ] {
            assert_eq!(gist(arguments), gist_of, "{arguments}");
        }
    }

    #[test]
    fn a_call_says_how_it_stands_and_folds_its_output() {
        let call = ToolCall { id: "c".into(), name: "read".into(), arguments: r#"{"filePath":"a.rs"}"#.into() };
        let done = CallState::Ended(CallOutput::text("a.rs", "one\n\ttwo\nthree\n"));
        let failed = CallState::Ended(CallOutput::refusal("b.rs", "no such file"));
        let shown = |state, details| lines(&call, state, 40, details).to_text();
        let running = CallState::Running { tail: String::new() };
        assert_eq!(shown(&running, Details::Folded), "◌ read a.rs …\n");
        assert_eq!(shown(&done, Details::Folded), "✓ read a.rs · 3 lines\n");
        assert_eq!(shown(&done, Details::Shown), "✓ read a.rs · 3 lines\n  │ one\n  │     two\n  │ three\n");
        assert_eq!(shown(&failed, Details::Folded), "✗ read b.rs · 1 line\n  │ no such file\n");
        assert_eq!(shown(&CallState::Interrupted, Details::Folded), "■ read a.rs · interrupted\n");
    }
}
