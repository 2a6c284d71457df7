//! The status line: agent, model, context, limits and folder; and texts that other lines share.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::base::text;
use crate::fronts::tui::app::{App, Armed};
use crate::fronts::tui::paint::panel;
use crate::fronts::tui::paint::wrap::spans_width;
use crate::fronts::tui::paint::{Emphasis, Ink, Role, Span};
use crate::fronts::tui::program_facts::Connection;
use crate::fronts::tui::wording;
use crate::protocol::{Agent, ApprovalMode, SessionMode};

/// The percentage from which a figure is coloured as a warning.
const NEARLY_FULL: f64 = 90.0;

/// Columns that the folder always keeps.
const LEAST_PLACE: usize = 8;

pub fn draw(app: &App, area: Rect, buffer: &mut Buffer) {
    let line = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    let whole = usize::from(line.width);
    let role = |percent: f64| if percent >= NEARLY_FULL { Role::Warn } else { Role::Dim };
    let mut more = Vec::new();
    if let Some(percent) = app.talk.session.context_percent() {
        more.push(Span::new(format!(" · context {percent}%"), role(percent as f64)));
    }
    if let Some(cost) = app.talk.session.spent.cost.filter(|cost| *cost > 0) {
        more.push(Span::new(format!(" · {}", wording::cost(cost)), Role::Dim));
    }
    let limits = [app.facts.limits.primary, app.facts.limits.secondary].into_iter().flatten();
    more.extend(limits.map(|limit| {
        Span::new(format!(" · {}", wording::limit(&limit)), role(limit.used_percent))
    }));
    let mut left = who(app);
    let jobs = jobs(app);
    let beside_it = jobs.as_ref().map_or(0, |jobs| text::width(&jobs.text));
    // The context figure is more important than the effort and the folder's path.
    let figure = more.first().map_or(0, |span| text::width(&span.text));
    let thinks = effort(app).filter(|thinks| {
        figure == 0
            || whole
                >= spans_width(&left)
                    + text::width(&thinks.text)
                    + beside_it
                    + figure
                    + 2
                    + LEAST_PLACE
    });
    left.extend(thinks);
    left.extend(jobs);
    let beside = whole.saturating_sub(spans_width(&left) + figure + 2).max(LEAST_PLACE);
    let place = cut_start(&folder_and_branch(app), beside.min(whole / 2));
    let mut room = whole.saturating_sub(text::width(&place) + 2 + spans_width(&left));
    // A figure is shown whole or not at all: a cut number would be another number.
    left.extend(more.into_iter().map_while(|span| {
        room = room.checked_sub(text::width(&span.text))?;
        Some(span)
    }));
    both_ends(&left, &[Span::new(place, Role::Dim)], line, app, buffer);
}

/// The agent, mode and model (`Build · ask · GPT-6.1 Sol (medium)`), or that nobody is connected.
pub fn who_answers(app: &App) -> Vec<Span<'static>> {
    who(app).into_iter().chain(effort(app)).collect()
}

fn who(app: &App) -> Vec<Span<'static>> {
    let session_mode = app.talk.session_mode();
    let agent = session_mode.map(|session_mode| session_mode.agent).unwrap_or_default();
    let ink = if agent == Agent::Plan { chip(Role::Accent) } else { Role::Dim.into() };
    let mut spans = vec![Span::new(agent.as_str(), ink)];
    if let Some(SessionMode { approval_mode: mode, .. }) = session_mode {
        spans.push(Span::new(" · ", Role::Dim));
        spans.push(Span::new(mode.as_str(), ink_of(mode)));
    }
    if app.connection() == Connection::None {
        spans.push(Span::new(" · not connected", Role::Dim));
    } else if let Some(settings) = app.talk.settings() {
        let known = app.facts.model(&settings.model).filter(|model| model.provider.is_openai());
        let name = known.map_or_else(|| settings.model.to_string(), |model| model.name.clone());
        spans.push(Span::new(text::clean_line(&format!(" · {name}")).into_owned(), Role::Dim));
    }
    spans
}

/// ` · 2 running`, and ` · joined` where another program holds the conversation.
fn jobs(app: &App) -> Option<Span<'static>> {
    let joined = if app.talk.session.holder.is_some() { " · joined" } else { "" };
    match app.talk.session.jobs.len() {
        0 if joined.is_empty() => None,
        0 => Some(Span::new(joined, Role::Accent)),
        many => Some(Span::new(format!(" · {many} running{joined}"), Role::Accent)),
    }
}

/// ` (medium, fast)`
fn effort(app: &App) -> Option<Span<'static>> {
    let settings = app.talk.settings().filter(|_| app.connection() != Connection::None)?;
    let words = wording::asked_for(settings)?;
    Some(Span::new(text::clean_line(&format!(" ({words})")).into_owned(), Role::Dim))
}

/// The ink of a mode: stronger the more it allows without asking.
fn ink_of(mode: ApprovalMode) -> Ink {
    match mode {
        ApprovalMode::ReadOnly | ApprovalMode::Ask => Role::Dim.into(),
        ApprovalMode::Auto => chip(Role::Warn),
        ApprovalMode::Full => chip(Role::Bad),
    }
}

/// A word on a ground of this colour.
fn chip(role: Role) -> Ink {
    Ink::new(role, Emphasis::REVERSE)
}

/// `~/project:main`
pub fn folder_and_branch(app: &App) -> String {
    let folder = app.talk.folder().unwrap_or(&app.facts.start.folder);
    let place = wording::folder(folder, app.facts.start.home.as_deref());
    match app.talk.session.place.as_ref().and_then(|place| place.branch.as_ref()) {
        Some(branch) => format!("{place}:{}", text::clean_line(branch)),
        None => place,
    }
}

/// The text that says which second key is awaited.
pub fn pressed_key(app: &App) -> Option<String> {
    match app.armed {
        Armed::Interrupt(_) => Some("esc again to interrupt".to_owned()),
        Armed::Leader => Some("ctrl+x …".to_owned()),
        Armed::Quit(_) => Some(match wording::jobs(&app.talk.session.jobs) {
            Some(jobs) => format!("ctrl+c again to quit, which ends {jobs}"),
            None => "ctrl+c again to quit".to_owned(),
        }),
        Armed::Rewind(_) => Some("esc again to go back".to_owned()),
        Armed::Not => None,
    }
}

/// Puts one text at the left and one at the right; the left one is cut at its end.
pub fn both_ends(
    left: &[Span<'_>],
    right: &[Span<'_>],
    area: Rect,
    app: &App,
    buffer: &mut Buffer,
) {
    let right_width = u16::try_from(spans_width(right)).unwrap_or(u16::MAX).min(area.width);
    let mut room =
        usize::from(area.width - right_width).saturating_sub(usize::from(right_width > 0) * 2);
    let mut x = area.x;
    for span in left {
        let shown = text::cut(&span.text, room);
        x = panel::text(buffer, x, area.y, &shown, room, app.theme.style(span.ink));
        room = room.saturating_sub(text::width(&shown));
        if shown.len() < span.text.len() {
            break;
        }
    }
    let mut x = area.right() - right_width;
    for span in right {
        x = panel::text(
            buffer,
            x,
            area.y,
            &span.text,
            usize::from(area.right().saturating_sub(x)),
            app.theme.style(span.ink),
        );
    }
}

/// Cuts a text at its beginning, with an ellipsis.
pub fn cut_start(line: &str, columns: usize) -> String {
    let mut kept = line;
    while text::width(kept) + usize::from(kept.len() < line.len()) > columns {
        let Some(first) = text::graphemes(kept).next() else { break };
        kept = &kept[first.len()..];
    }
    if kept.len() < line.len() { format!("…{kept}") } else { line.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_folder_keeps_its_end() {
        for (line, columns, shown) in [
            ("~/project:main", 20, "~/project:main"),
            ("~/project:main", 14, "~/project:main"),
            ("~/project:main", 8, "…ct:main"),
            ("日本語", 5, "…本語"),
            ("日本語", 4, "…語"),
        ] {
            assert_eq!(cut_start(line, columns), shown);
        }
    }
}
