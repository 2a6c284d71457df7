//! Draws the pages of the MCP dialog.

use std::path::Path;

use ratatui::layout::Rect;

use crate::base::phrases::count;
use crate::base::text;
use crate::protocol::{McpOwner, McpState, McpStatus};
use crate::tui::paint::panel;
use crate::tui::paint::panel::RowPlaces;
use crate::tui::paint::{Canvas, Role, Span, wrap};
use crate::tui::wording;

/// The largest width in columns.
const WIDTH: u16 = 92;
/// Columns for a name.
const NAME: usize = 24;
const NONE: &str = "No MCP server is set up. `codling guide mcp` says how";
/// Lines of what a server wrote to its errors.
const ERRORS: usize = 6;

/// Draws the list of servers; returns where its rows are.
pub fn servers(
    servers: &[McpStatus],
    cursor: usize,
    home: Option<&Path>,
    area: Rect,
    canvas: &mut Canvas,
) -> RowPlaces {
    let width = WIDTH.min(area.width.saturating_sub(6));
    let chosen = servers.get(cursor);
    let keys = panel::keys(&keys_of(chosen));
    let below = chosen.map_or(vec![Span::new(NONE, Role::Dim)], |chosen| about(chosen, home));
    let below = wrap(&below, usize::from(width));
    let footer = panel::rows_of(&keys, width);
    let listed = u16::try_from(servers.len()).unwrap_or(u16::MAX);
    let detail = u16::try_from(below.len()).unwrap_or(u16::MAX);
    let size = (width, 1 + listed + u16::from(listed > 0) + detail + 1 + footer);
    let room = panel::dialog("MCP servers", "esc close", size, area, canvas);
    let room = panel::footer(&keys, room, canvas);
    // With little room the details give way first.
    let list = Rect { y: room.y + 1, height: room.height.saturating_sub(1).min(listed), ..room };
    let rows = panel::list(servers, cursor, list, canvas, row);
    let y = list.bottom() + u16::from(listed > 0);
    let height = room.bottom().saturating_sub(y).min(detail);
    below.draw(0..usize::from(height), Rect { y, height, ..room }, canvas);
    rows
}

fn keys_of(chosen: Option<&McpStatus>) -> Vec<(&'static str, &'static str)> {
    let Some(chosen) = chosen else { return vec![("esc", "close")] };
    let mut keys = vec![("up/down", "choose")];
    keys.extend(match &chosen.state {
        McpState::Untrusted { .. } => vec![("enter", "see what it runs")],
        McpState::Off => vec![("space", "switch on")],
        McpState::Connecting => vec![("space", "switch off")],
        McpState::Ready => vec![("enter", "tools"), ("space", "switch off"), ("r", "restart")],
        McpState::SignInNeeded if chosen.takes_sign_in => {
            vec![("i", "sign in"), ("space", "switch off"), ("r", "try again")]
        }
        McpState::SignInNeeded | McpState::Failed { .. } => {
            vec![("r", "try again"), ("space", "switch off")]
        }
    });
    if chosen.takes_sign_in && chosen.state == McpState::Ready {
        keys.push(("x", "sign out"));
    }
    keys
}

fn row(status: &McpStatus, row: Rect, in_row: &dyn Fn(Role) -> Role, canvas: &mut Canvas) {
    let name = text::cut(&text::clean_line(&status.name), NAME).into_owned();
    canvas.text(row.x + 2, row.y, &name, NAME, in_row(Role::Text));
    let (words, role) = state(status);
    let x = row.x + 2 + u16::try_from(NAME + 1).unwrap_or(0);
    let room = usize::from(row.right().saturating_sub(x));
    canvas.text(x, row.y, &text::cut(&words, room), room, in_row(role));
}

/// The state in a few words.
fn state(status: &McpStatus) -> (String, Role) {
    match &status.state {
        McpState::Off => ("off".into(), Role::Dim),
        McpState::Untrusted { before: None, .. } => {
            ("from this folder: not started".into(), Role::Warn)
        }
        McpState::Untrusted { before: Some(_), .. } => ("changed: not started".into(), Role::Warn),
        McpState::Connecting => ("connecting…".into(), Role::Dim),
        McpState::Ready => {
            let on = status.tools.iter().filter(|tool| tool.is_on).count();
            let all = count(status.tools.len() as u64, "tool");
            let tools = if on == status.tools.len() { all } else { format!("{on} of {all}") };
            (format!("ready, {tools}"), Role::Good)
        }
        McpState::SignInNeeded => ("wants you to sign in".into(), Role::Warn),
        McpState::Failed { .. } => ("failed".into(), Role::Bad),
    }
}

/// More about the chosen server.
fn about(status: &McpStatus, home: Option<&Path>) -> Vec<Span<'static>> {
    let line = |text: String, role| Span::new(format!("\n{text}"), role);
    let mut spans = vec![Span::new(text::reveal(&status.summary).into_owned(), Role::Code)];
    let owner = match &status.owner {
        McpOwner::Client => "brought by the program that opened this conversation".into(),
        McpOwner::Project(file) | McpOwner::Settings(file) => {
            format!("set up in {}", wording::folder(file, home))
        }
    };
    let took = status.start_time.map(|took| format!(", ready after {} ms", took.as_millis()));
    spans.push(line(format!("{owner}{}", took.unwrap_or_default()), Role::Dim));
    match &status.state {
        McpState::Failed { reason } => {
            spans.push(line(text::sentence(reason).into_owned(), Role::Bad));
        }
        McpState::SignInNeeded => {
            let how = match status.takes_sign_in {
                true => "`i` signs in with your browser",
                false => "It refuses the token that the settings name",
            };
            spans.push(line(how.into(), Role::Warn));
        }
        _ => {}
    }
    let errors = &status.errors[status.errors.len().saturating_sub(ERRORS)..];
    spans
        .extend(errors.iter().map(|error| line(text::clean_line(error).into_owned(), Role::Faint)));
    spans
}

/// Draws the list of a server's tools; returns where its rows are.
pub fn tools(status: &McpStatus, cursor: usize, area: Rect, canvas: &mut Canvas) -> RowPlaces {
    let width = WIDTH.min(area.width.saturating_sub(6));
    let is_on = status.tools.get(cursor).is_some_and(|tool| tool.is_on);
    let does = if is_on { "switch off" } else { "switch on" };
    let keys = panel::keys(&[("up/down", "choose"), ("space", does), ("esc", "back")]);
    let listed = u16::try_from(status.tools.len()).unwrap_or(u16::MAX);
    let title = format!("Tools of {}", text::clean_line(&status.name));
    let size = (width, 2 + listed.saturating_add(panel::rows_of(&keys, width)));
    let room = panel::dialog(&title, "esc back", size, area, canvas);
    let room = panel::footer(&keys, room, canvas);
    let list = Rect { y: room.y + 1, height: room.height.saturating_sub(2), ..room };
    panel::list(&status.tools, cursor, list, canvas, |tool, Rect { y, .. }, in_row, canvas| {
        let (mark, role) = if tool.is_on { ("on ", Role::Good) } else { ("off", Role::Dim) };
        canvas.text(room.x + 2, y, mark, 3, in_row(role));
        let name = text::clean_line(&tool.name);
        canvas.text(room.x + 7, y, &text::cut(&name, NAME), NAME, in_row(Role::Text));
        let x = room.x + 7 + u16::try_from(NAME + 2).unwrap_or(0);
        let rest = usize::from(room.right().saturating_sub(x));
        let words = match tool.is_read_only {
            true => format!("reads only. {}", tool.summary),
            false => tool.summary.to_string(),
        };
        canvas.text(x, y, &text::cut(&words, rest), rest, in_row(Role::Dim));
    })
}

/// The definition of a folder's server, and the one before it, with `first` as the topmost line.
/// Returns whether its last line is on the screen.
pub fn definition(
    (name, definition, before): (&str, &str, Option<&str>),
    first: usize,
    area: Rect,
    canvas: &mut Canvas,
) -> bool {
    let width = WIDTH.min(area.width.saturating_sub(6));
    let keys = panel::keys(&[
        ("up/down", "all of it"),
        ("y", "start it in the sandbox"),
        ("o", "start it outside the sandbox"),
        ("esc", "not now"),
    ]);
    let ask = "This folder wants to start an MCP server. A yes is kept for this folder until the \
               definition changes.\n\n";
    let mut spans = vec![Span::new(ask, Role::Text)];
    let lines = |words: &str, sign: &str, role| {
        // Blanks at the beginning of a line are where lines may be broken.
        let indented = |line: &str| {
            let rest = line.trim_start_matches(' ');
            format!("{}{}", "\u{a0}".repeat(line.len() - rest.len()), text::reveal(rest))
        };
        let lines = words.lines().map(|line| format!("{sign}{}", indented(line)));
        Span::new(lines.collect::<Vec<_>>().join("\n"), role)
    };
    match before {
        None => spans.push(lines(definition, "", Role::Code)),
        Some(before) => {
            spans.push(lines(before, "-\u{a0}", Role::Removed));
            spans.push(Span::new("\n", Role::Text));
            spans.push(lines(definition, "+\u{a0}", Role::Added));
        }
    }
    let all = wrap(&spans, usize::from(width));
    let rows = u16::try_from(all.len()).unwrap_or(u16::MAX);
    let title = format!("Start {}?", text::clean_line(name));
    let size = (width, 1 + rows.saturating_add(1 + panel::rows_of(&keys, width)));
    let room = panel::dialog(&title, "esc not now", size, area, canvas);
    let room = panel::footer(&keys, room, canvas);
    let height = room.height.saturating_sub(2);
    let last = all.len().saturating_sub(usize::from(height));
    let first = first.min(last);
    let area = Rect { y: room.y + 1, height, ..room };
    all.draw(first..(first + usize::from(height)).min(all.len()), area, canvas);
    first == last
}
