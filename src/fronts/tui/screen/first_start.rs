//! Drawing the first screen, before a conversation has begun.

use ratatui::layout::{Position, Rect};

use super::{composer_box, menu, status_line, toasts};
use crate::base::text;
use crate::protocol::SessionSummary;
use crate::tui::app::{App, layout, start_page};
use crate::tui::overlay::modes;
use crate::tui::paint::{Canvas, Ink, Role, Span};
use crate::tui::program_facts::Connection;
use crate::tui::wording;

const WIDEST: u16 = 84;

/// Draws the screen; returns the caret's position.
pub fn draw(app: &mut App, area: Rect, canvas: &mut Canvas) -> Option<Position> {
    bottom(app, area, canvas);
    let width = area.width.saturating_sub(4).min(WIDEST);
    let column = Rect { x: area.x + (area.width - width) / 2, width, ..area };
    let height = layout::composer_height(app, column);
    // The command menu opens upwards and needs room.
    let top = area.y + (area.height.saturating_sub(height + 5) / 2).max(1);
    centered("codling", Ink::from(Role::Heading).bold(), top, column, canvas);
    centered("a coding client for your terminal", Role::Dim.into(), top + 1, column, canvas);
    let composer = Rect { y: top + 3, height, ..column };
    let caret = composer_box::draw(app, composer, canvas);
    hints(
        app,
        Rect { y: composer.bottom(), height: 1, x: column.x + 2, width: width.saturating_sub(4) },
        canvas,
    );
    // Above the last row, below the hints: the note goes first.
    let below = composer.bottom() + 2;
    let free = area.bottom().saturating_sub(below);
    let height = toasts::rows(&app.toasts, area, free);
    let rows = free.saturating_sub(height + 1);
    welcome(app, Rect { y: below, height: rows, x: column.x + 2, width: width - 4 }, canvas);
    menu::draw(app, composer, area.y, canvas);
    let place = Rect { y: area.bottom() - 1 - height, height, ..area };
    toasts::draw(&app.toasts, place, canvas);
    Some(caret)
}

fn centered(line: &str, ink: Ink, y: u16, area: Rect, canvas: &mut Canvas) {
    let width = u16::try_from(text::width(line)).unwrap_or(0).min(area.width);
    canvas.text(area.x + (area.width - width) / 2, y, line, usize::from(width), ink);
}

/// The line under the composer: the model that would answer, and keys to begin with.
fn hints(app: &App, area: Rect, canvas: &mut Canvas) {
    let pairs: &[(&str, &str)] = match app.connection() {
        Connection::None if area.width < 60 => &[("enter", "to sign in")],
        Connection::None => &[("enter", "to sign in"), ("ctrl+p", "commands")],
        Connection::NotKnown | Connection::Some => &[("ctrl+p", "commands")],
    };
    let mut spans = Vec::new();
    for (at, (key, what)) in pairs.iter().enumerate() {
        spans.push(Span::new(if at > 0 { " · " } else { "" }, Role::Dim));
        spans.push(Span::new(*key, Role::Accent));
        spans.push(Span::new(format!(" {what}"), Role::Dim));
    }
    if let Some(line) = status_line::pressed_key(app) {
        spans = vec![Span::new(line, Role::Warn)];
    }
    let mut who = status_line::who_answers(app);
    let account = app.facts.accounts.as_ref().and_then(|accounts| accounts.of(&app.provider()));
    let paid = account.filter(|_| app.talk.settings().is_some()).map(wording::credential);
    who.extend(paid.map(|paid| Span::new(format!(" · {paid}"), Role::Dim)));
    status_line::both_ends(&who, &spans, area, canvas);
}

/// The facts to begin with: what may happen without asking, the folder's last conversations, and a
/// tip. Where there are few rows, the tip and the blank rows go first.
fn welcome(app: &App, area: Rect, canvas: &mut Canvas) {
    let recent: Vec<&SessionSummary> = start_page::recent(&app.facts).collect();
    let mode = app.talk.session_mode().map(|mode| modes::meaning(mode.approval_mode));
    let list = if recent.is_empty() { 0 } else { recent.len() + 1 };
    let blanks = usize::from(mode.is_some() && list > 0) + usize::from(mode.is_some() || list > 0);
    let needed = usize::from(mode.is_some()) + list;
    let rows = usize::from(area.height);
    let (has_blanks, has_tip) = (rows >= needed + blanks, rows > needed + blanks);
    let width = usize::from(area.width);
    let mut ys = area.y..area.bottom();
    let mut row = |spans: &[Span<'_>], is_chosen: bool, canvas: &mut Canvas| {
        let Some(y) = ys.next() else { return };
        if is_chosen {
            let place = Rect { y, height: 1, ..area };
            canvas.fill(place, Role::Selection);
        }
        let mut x = area.x;
        for span in spans {
            let room = width.saturating_sub(usize::from(x - area.x));
            let ink = if is_chosen { Role::Selection.into() } else { span.ink };
            x = canvas.text(x, y, &text::cut(&span.text, room), room, ink);
        }
    };
    if let Some(meaning) = mode {
        row(&[Span::new(meaning, Role::Dim)], false, canvas);
        if has_blanks && list > 0 {
            row(&[], false, canvas);
        }
    }
    if list > 0 {
        let keys = Span::new("  down and enter open one", Role::Faint);
        row(&[Span::new("Earlier here", Role::Heading), keys], false, canvas);
    }
    for (at, session) in recent.into_iter().enumerate() {
        let is_chosen = app.start_page.cursor() == Some(at);
        let when = format!("  {}", wording::relative(session.changed, app.facts.now));
        let room = width.saturating_sub(2 + text::width(&when));
        let title = text::clean_line(&session.title);
        let title = text::cut(&title, room);
        let mark = if is_chosen { "› " } else { "  " };
        let spans =
            [Span::new(mark, Role::Text), Span::new(title, Role::Text), Span::new(when, Role::Dim)];
        row(&spans, is_chosen, canvas);
    }
    if has_tip {
        if needed > 0 {
            row(&[], false, canvas);
        }
        let day = usize::try_from(app.facts.now.0 / DAY).unwrap_or(0);
        let tip = TIPS[day % TIPS.len()];
        row(&[Span::new("Tip  ", Role::Accent), Span::new(tip, Role::Dim)], false, canvas);
    }
}

/// Milliseconds of a day.
const DAY: i64 = 86_400_000;

/// One for each day.
const TIPS: [&str; 8] = [
    "@ mentions a file, ! runs a command of your own",
    "tab switches to Plan, which changes nothing",
    "/undo shows what a turn changed, and takes back what you choose",
    "ctrl+g queues a prompt for after the running turn",
    "/remember adds a line to the project's AGENTS.md",
    "leave with /detach: the turn goes on, codling attach comes back",
    "/context shows what fills the model's context",
    "/help sandbox says what a command can reach",
];

fn bottom(app: &App, area: Rect, canvas: &mut Canvas) {
    let line = Rect {
        x: area.x + 1,
        y: area.bottom() - 1,
        width: area.width.saturating_sub(2),
        height: 1,
    };
    let left = [Span::new(status_line::folder_and_branch(app), Role::Dim)];
    let right = [Span::new(app.facts.start.version.clone(), Role::Dim)];
    status_line::both_ends(&left, &right, line, canvas);
}
