//! The last line: agent, model, context, limits and place; and the words it shares with other lines. Does not know how any of it changes.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::base::text;
use crate::tui::app::{App, Armed};
use crate::tui::facts::Connection;
use crate::tui::paint::wrap::spans_width;
use crate::tui::paint::{Role, Span};
use crate::tui::{panel, words};

pub fn draw(app: &App, area: Rect, buffer: &mut Buffer) {
    let line = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    let mut left = vec![Span::new(agent_and_model(app), Role::Dim)];
    if let Some(percent) = app.talk.context_percent() {
        let role = if percent >= 90 { Role::Warn } else { Role::Dim };
        left.push(Span::new(format!(" · context {percent}%"), role));
    }
    let limits = words::limits(&app.facts.limits);
    if !limits.is_empty() {
        let full = [app.facts.limits.primary, app.facts.limits.secondary].into_iter().flatten().any(|limit| limit.used_percent >= 90.0);
        left.push(Span::new(format!(" · {limits}"), if full { Role::Warn } else { Role::Dim }));
    }
    both_ends(&left, &[Span::new(folder_and_branch(app), Role::Dim)], line, app, buffer);
}

/// `Build · GPT-6.1 Sol (medium)`, or that nobody is connected.
pub fn agent_and_model(app: &App) -> String {
    if app.facts.connection() == Connection::None {
        return "Build · not connected".into();
    }
    let Some(settings) = app.talk.settings() else { return "Build".into() };
    let name = app.facts.model(&settings.model).map_or(settings.model.as_str(), |model| model.name.as_str());
    let effort = settings.effort.as_ref().map(|effort| format!(" ({effort})")).unwrap_or_default();
    text::clean_line(&format!("Build · {name}{effort}")).into_owned()
}

/// `~/project:main`
pub fn folder_and_branch(app: &App) -> String {
    let folder = app.talk.folder.as_deref().unwrap_or(&app.facts.start.folder);
    let place = words::folder(folder, app.facts.start.home.as_deref());
    match &app.talk.branch {
        Some(branch) => format!("{place}:{}", text::clean_line(branch)),
        None => place,
    }
}

/// What the key just pressed waits for.
pub fn pressed_key(app: &App) -> Option<&'static str> {
    match app.armed {
        Armed::Interrupt(_) => Some("esc again interrupts"),
        Armed::Leader => Some("ctrl+x … n new · m models · y copy · t print · q quit"),
        Armed::Quit(_) => Some("ctrl+c again leaves codling"),
        Armed::Not => None,
    }
}

/// One text at the left, one at the right; the left one gives way, from its end.
pub fn both_ends(left: &[Span<'_>], right: &[Span<'_>], area: Rect, app: &App, buffer: &mut Buffer) {
    let right_width = u16::try_from(spans_width(right)).unwrap_or(u16::MAX).min(area.width);
    let mut room = usize::from(area.width - right_width).saturating_sub(usize::from(right_width > 0) * 2);
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
        x = panel::text(buffer, x, area.y, &span.text, usize::from(area.right().saturating_sub(x)), app.theme.style(span.ink));
    }
}
