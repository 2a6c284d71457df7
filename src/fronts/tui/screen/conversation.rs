//! Drawing the conversation screen.

use ratatui::layout::{Position, Rect};

use super::{composer_box, menu, search_bar, status_line, toasts};
use crate::base::{phrases, text};
use crate::protocol::LimitHold;
use crate::tui::app::layout::{self, ScreenLayout};
use crate::tui::app::{App, Armed};
use crate::tui::conversation::Watched;
use crate::tui::paint::{Canvas, Role, Span, spinner};
use crate::tui::terminal::Links;
use crate::tui::transcript::{Below, Standing};
use crate::tui::wording;

/// Draws the screen; returns the caret's position.
pub fn draw(app: &mut App, area: Rect, canvas: &mut Canvas, links: &mut Links) -> Option<Position> {
    let layout = ScreenLayout::new(app, area);
    app.talk.view.draw(layout::transcript_area(app), canvas, links);
    links.read(canvas.buffer);
    toasts::draw(&app.toasts, layout.toast, canvas);
    queued(app, layout.queued, canvas);
    activity(app, layout.activity, canvas);
    status_line::draw(app, layout.status, canvas);
    if layout::has_search_bar(app) {
        if app.armed == Armed::Leader {
            menu::draw(app, layout.composer, area.y, canvas);
        }
        return search_bar::draw(app, layout.composer, canvas);
    }
    let caret = composer_box::draw(app, layout.composer, canvas);
    if app.talk.asks.is_empty() {
        menu::draw(app, layout.composer, area.y, canvas);
        return app.talk.watched.is_none().then_some(caret);
    }
    // The caret is shown where the person writes, and hidden while single keys answer.
    let within = app.talk.asks.draw(layout.ask, canvas);
    if app.armed == Armed::Leader {
        menu::draw(app, layout.composer, area.y, canvas);
    }
    if app.is_composing() { Some(caret) } else { within }
}

/// Draws the last queued prompts, and the key that opens their list.
fn queued(app: &App, area: Rect, canvas: &mut Canvas) {
    let queued = &app.talk.session.queued;
    let first = queued.len().saturating_sub(usize::from(area.height));
    let opens = if app.prompt.composer.is_empty() { " · up shows the queue" } else { "" };
    for ((y, prompt), at) in (area.y..area.bottom()).zip(&queued[first..]).zip(first..) {
        let mut hint = String::new();
        if at + 1 == queued.len() {
            hint.push_str(opens);
            if first > 0 {
                hint.push_str(&format!(" · {first} more"));
            }
        }
        let room = usize::from(area.width.saturating_sub(4));
        let line =
            format!("{}: {}", wording::timing(prompt.timing), text::clean_line(&prompt.text));
        let line = text::cut(&line, room.saturating_sub(text::width(&hint)));
        let x = canvas.text(area.x + 2, y, &line, room, Role::Dim);
        canvas.text(x, y, &hint, room, Role::Faint);
    }
}

/// Draws the activity row: running work at the left, hidden rows at the right.
fn activity(app: &App, area: Rect, canvas: &mut Canvas) {
    if area.is_empty() {
        return;
    }
    let line = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    // While a search is typed, the key moves its caret.
    let is_typing = app.talk.view.searching() == Some(Standing::Typed);
    let below = match app.talk.view.below() {
        Below::New(0) if is_typing => String::new(),
        Below::New(rows) if is_typing => format!("↓ {}", phrases::count(rows as u64, "new line")),
        Below::Following => String::new(),
        Below::New(0) => "end to follow again".into(),
        Below::New(1) => "↓ 1 new line · end".into(),
        Below::New(rows) => format!("↓ {rows} new lines · end"),
    };
    status_line::both_ends(&going_on(app), &[Span::new(below, Role::Accent)], line, canvas);
}

/// The state of the program that has the conversation open.
fn watching(app: &App, watched: &Watched) -> Vec<Span<'static>> {
    let holder = match watched {
        Watched::Ended => {
            return vec![Span::new("Closed there · enter opens it here", Role::Accent)];
        }
        Watched::There(holder) => holder.as_ref(),
    };
    let process = holder.map(|holder| format!("process {}", holder.process));
    let place = process.unwrap_or_else(|| "another codling".into());
    match app.talk.session.turn {
        Some(_) => vec![
            Span::new(spinner::frame(app.facts.now), Role::Accent),
            Span::new(format!(" Working in {place}"), Role::Dim),
        ],
        None => vec![Span::new(format!("Open in {place}"), Role::Dim)],
    }
}

fn going_on(app: &App) -> Vec<Span<'static>> {
    let now = app.facts.now;
    let key = status_line::pressed_key(app);
    if let (Some(watched), None) = (&app.talk.watched, &key) {
        return watching(app, watched);
    }
    let Some(since) = app.talk.busy() else {
        return key.map(|line| vec![Span::new(line, Role::Warn)]).unwrap_or_default();
    };
    let searching = app.talk.view.searching().filter(|_| app.talk.asks.is_empty());
    let usual = match searching {
        _ if app.talk.is_interrupted() => "ctrl+c twice to quit",
        // Esc ends the search before it interrupts anything.
        Some(Standing::Typed) => "esc leaves the search",
        Some(Standing::Kept) => "ctrl+c to interrupt",
        None => "esc to interrupt",
    };
    let hint = key.as_deref().unwrap_or(usual);
    if !app.talk.asks.is_empty() {
        let note = app.talk.asks.early_key(now).unwrap_or("? Waiting for you");
        let mut spans = vec![Span::new(note, Role::Warn)];
        if key.is_some() || !app.talk.asks.takes_esc() {
            spans.push(Span::new(
                format!(" · {hint}"),
                if key.is_some() { Role::Warn } else { Role::Dim },
            ));
        }
        return spans;
    }
    let role = if key.is_some() { Role::Warn } else { Role::Dim };
    if let Some(limit) = app.talk.session.limit.as_ref().filter(|_| !app.talk.is_interrupted()) {
        return vec![
            Span::new(limit_wait(app, limit), Role::Warn),
            Span::new(" · ", Role::Dim),
            Span::new(hint.to_owned(), role),
            Span::new(" · usage limit", Role::Dim),
        ];
    }
    let mut spans = vec![Span::new(spinner::frame(now), Role::Accent)];
    match app.talk.retry() {
        _ if app.talk.is_interrupted() => spans.push(Span::new(" Interrupting", Role::Dim)),
        Some(retry) => {
            let wait = retry.at.since(now).as_secs();
            let wait = if wait > 0 { format!(" in {wait} s") } else { String::new() };
            spans.push(Span::new(
                format!(" Reconnecting {}/{}{wait}", retry.attempt, retry.of),
                Role::Warn,
            ));
        }
        None if app.talk.is_summed_up() => {
            spans.push(Span::new(" Summarizing the conversation", Role::Dim))
        }
        None => spans.push(Span::new(
            format!(" Working · {}", wording::elapsed(now.since(since))),
            Role::Dim,
        )),
    }
    spans.push(Span::new(" · ", Role::Dim));
    spans.push(Span::new(hint.to_owned(), role));
    // Stands last because it may be cut, unlike the hint on how to interrupt.
    if app.talk.retry().is_none() {
        let waits_for =
            app.talk.waits_for(now).map(|what| format!(" · {}", text::clean_line(&what)));
        spans.extend(waits_for.map(|what| Span::new(what, Role::Dim)));
    }
    spans.extend(
        app.talk
            .retry()
            .map(|retry| Span::new(format!(" · {}", text::clean_line(&retry.reason)), Role::Dim)),
    );
    spans
}

/// Nothing in it moves but the time that is left.
fn limit_wait(app: &App, limit: &LimitHold) -> String {
    let now = app.facts.now;
    match wording::remaining(limit.until, now) {
        Some(left) => {
            let at = wording::local(limit.until, now, &app.facts.zone);
            format!("Goes on at {at}, in {left}")
        }
        None => "Goes on now".to_owned(),
    }
}
