//! The status line: agent, model, context, limits and folder; and texts that other lines share.

use ratatui::layout::Rect;

use crate::base::text;
use crate::protocol::{Agent, ApprovalMode, SessionMode, StatusPart};
use crate::tui::app::{App, Armed};
use crate::tui::paint::wrap::spans_width;
use crate::tui::paint::{Canvas, Emphasis, Ink, Role, Span};
use crate::tui::program_facts::Connection;
use crate::tui::wording;

/// The percentage from which a figure is coloured as a warning.
const NEARLY_FULL: f64 = 90.0;

const SEPARATOR: &str = " · ";

/// Columns that the folder always keeps.
const LEAST_PLACE: usize = 8;

pub fn draw(app: &App, area: Rect, canvas: &mut Canvas) {
    let line = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    let whole = usize::from(line.width);
    let parts = parts(app);
    let place = place(app, &parts);
    let least = if place.is_empty() { 0 } else { LEAST_PLACE + 2 };
    let mut items: Vec<Item> = parts.iter().flat_map(|part| items(app, *part)).collect();
    // The first figure is more important than the effort and the folder's path.
    let others = items.iter().filter(|(part, _)| is_figure(*part)).skip(1);
    let others_width = others.map(|(_, span)| separated_width(span)).sum();
    let least_width = |items: &[Item]| width(items).saturating_sub(others_width);
    if items.iter().any(|(part, _)| is_figure(*part)) && least_width(&items) + least > whole {
        items.retain(|(part, _)| *part != StatusPart::Effort);
    }
    let beside = whole.saturating_sub(least_width(&items) + 2).max(LEAST_PLACE);
    let place = cut_start(&place, beside.min(whole / 2));
    let room = whole.saturating_sub(text::width(&place) + 2);
    // A figure is shown whole or not at all: a cut number would be another number.
    while width(&items) > room
        && let Some(last) = items.iter().rposition(|(part, _)| is_figure(*part))
    {
        items.remove(last);
    }
    both_ends(&joined(items), &[Span::new(place, Role::Dim)], line, canvas);
}

/// A part of the line, or one of the limits.
type Item = (StatusPart, Span<'static>);

/// The columns of these, with what separates them; brackets take as many.
fn width(items: &[Item]) -> usize {
    let all: usize = items.iter().map(|(_, span)| separated_width(span)).sum();
    all.saturating_sub(text::width(SEPARATOR))
}

fn separated_width(span: &Span<'_>) -> usize {
    text::width(SEPARATOR) + text::width(&span.text)
}

/// One after the other. The effort stands in brackets behind its model.
fn joined(items: Vec<Item>) -> Vec<Span<'static>> {
    let mut line: Vec<Span<'static>> = Vec::new();
    let mut before = None;
    for (part, mut span) in items {
        match (before, part) {
            (None, _) => {}
            (Some(StatusPart::Model), StatusPart::Effort) => {
                span.text = format!(" ({})", span.text).into();
            }
            _ => line.push(Span::new(SEPARATOR, Role::Dim)),
        }
        line.push(span);
        before = Some(part);
    }
    line
}

/// The parts in their order. A mode that does much without asking is never left out.
fn parts(app: &App) -> Vec<StatusPart> {
    let status = &app.facts.status;
    let chosen = status.choice().shown(status.line().is_some());
    let mode = app.talk.session_mode().map(|session_mode| session_mode.approval_mode);
    let is_told = matches!(mode, Some(ApprovalMode::Auto | ApprovalMode::Full));
    let first = (is_told && !chosen.contains(&StatusPart::Mode)).then_some(StatusPart::Mode);
    first.into_iter().chain(chosen.iter().copied()).collect()
}

/// Whether a part is shown whole or not at all.
fn is_figure(part: StatusPart) -> bool {
    matches!(part, StatusPart::Context | StatusPart::Cost | StatusPart::Limits)
}

/// One part, as far as there is something to say; limits are up to two.
fn items(app: &App, part: StatusPart) -> Vec<Item> {
    let session = &app.talk.session;
    let dim = |text: String| Span::new(text, Role::Dim);
    let figure = |text: String, percent: f64| {
        Span::new(text, if percent >= NEARLY_FULL { Role::Warn } else { Role::Dim })
    };
    let span = match part {
        StatusPart::Agent => Some(agent(app)),
        StatusPart::Mode => mode(app),
        StatusPart::Model => Some(model(app)).filter(|name| !name.is_empty()).map(dim),
        StatusPart::Effort => effort(app).map(dim),
        StatusPart::Jobs => jobs(app),
        StatusPart::Context => session
            .context_percent()
            .map(|percent| figure(format!("context {percent}%"), percent as f64)),
        StatusPart::Cost => session.spent.cost.filter(|cost| *cost > 0).map(wording::cost).map(dim),
        StatusPart::Limits => {
            let limits = [app.facts.limits.primary, app.facts.limits.secondary];
            let limits = limits.into_iter().flatten();
            let spans = limits.map(|limit| figure(wording::limit(&limit), limit.used_percent));
            return spans.map(|span| (part, span)).collect();
        }
        StatusPart::Command => app.facts.status.line().map(str::to_owned).map(dim),
        // At the right.
        StatusPart::Folder | StatusPart::Branch => None,
    };
    span.map(|span| (part, span)).into_iter().collect()
}

/// The folder and the branch, as far as they are shown.
fn place(app: &App, parts: &[StatusPart]) -> String {
    let has = |part| parts.contains(&part);
    match (has(StatusPart::Folder), has(StatusPart::Branch)) {
        (true, true) => folder_and_branch(app),
        (true, false) => folder(app),
        (false, true) => branch(app).unwrap_or_default(),
        (false, false) => String::new(),
    }
}

/// The agent, mode and model (`Build · ask · GPT-6.1 Sol (medium)`), or that nobody is connected.
pub fn who_answers(app: &App) -> Vec<Span<'static>> {
    let parts = [StatusPart::Agent, StatusPart::Mode, StatusPart::Model, StatusPart::Effort];
    joined(parts.into_iter().flat_map(|part| items(app, part)).collect())
}

fn agent(app: &App) -> Span<'static> {
    let agent = app.talk.session_mode().map(|session_mode| session_mode.agent).unwrap_or_default();
    let ink = if agent == Agent::Plan { chip(Role::Accent) } else { Role::Dim.into() };
    Span::new(agent.as_str(), ink)
}

fn mode(app: &App) -> Option<Span<'static>> {
    let SessionMode { approval_mode: mode, .. } = app.talk.session_mode()?;
    Some(Span::new(mode.as_str(), ink_of(mode)))
}

/// The model, or that nobody is connected; empty until the conversation is open.
fn model(app: &App) -> String {
    if app.connection() == Connection::None {
        return "not connected".to_owned();
    }
    let Some(settings) = app.talk.settings() else { return String::new() };
    let known = app.facts.model(&settings.model).filter(|model| model.provider.is_openai());
    let name = known.map_or_else(|| settings.model.to_string(), |model| model.name.clone());
    text::clean_line(&name).into_owned()
}

/// `2 running · joined`: joined where another program holds the conversation.
fn jobs(app: &App) -> Option<Span<'static>> {
    let jobs = app.talk.session.jobs.len();
    let text = match (jobs, app.talk.session.holder.is_some()) {
        (0, false) => return None,
        (0, true) => "joined".to_owned(),
        (_, false) => format!("{jobs} running"),
        (_, true) => format!("{jobs} running · joined"),
    };
    Some(Span::new(text, Role::Accent))
}

/// `medium, fast`
fn effort(app: &App) -> Option<String> {
    let settings = app.talk.settings().filter(|_| app.connection() != Connection::None)?;
    let words = wording::asked_for(settings)?;
    Some(text::clean_line(&words).into_owned())
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
    match branch(app) {
        Some(branch) => format!("{}:{branch}", folder(app)),
        None => folder(app),
    }
}

fn folder(app: &App) -> String {
    let folder = app.talk.folder().unwrap_or(&app.facts.start.folder);
    wording::folder(folder, app.facts.start.home.as_deref())
}

fn branch(app: &App) -> Option<String> {
    let branch = app.talk.session.place.as_ref()?.branch.as_ref()?;
    Some(text::clean_line(branch).into_owned())
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
pub fn both_ends(left: &[Span<'_>], right: &[Span<'_>], area: Rect, canvas: &mut Canvas) {
    let right_width = u16::try_from(spans_width(right)).unwrap_or(u16::MAX).min(area.width);
    let mut room =
        usize::from(area.width - right_width).saturating_sub(usize::from(right_width > 0) * 2);
    let mut x = area.x;
    for span in left {
        let shown = text::cut(&span.text, room);
        x = canvas.text(x, area.y, &shown, room, span.ink);
        room = room.saturating_sub(text::width(&shown));
        if shown.len() < span.text.len() {
            break;
        }
    }
    let mut x = area.right() - right_width;
    for span in right {
        x = canvas.text(
            x,
            area.y,
            &span.text,
            usize::from(area.right().saturating_sub(x)),
            span.ink,
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
