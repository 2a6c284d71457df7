//! The mouse button on the screen: it selects text of the transcript, opens its folds, puts the
//! caret into the composer and chooses rows of lists. It never answers what is asked.

use crossterm::event::{KeyCode, KeyEvent};
use ratatui::layout::{Position, Rect};

use super::gesture::{Click, Press};
use super::span::SelectionUnit;
use super::text::TextPoint;
use crate::tui::app::{App, layout};
use crate::tui::commands::ctrl_letter;
use crate::tui::messages::{Cmd, MouseEvent, MouseKind, Toward};
use crate::tui::prompt::PromptClick;

/// Handles a report of the mouse button.
pub fn mouse(app: &mut App, event: MouseEvent) -> MouseOutcome {
    if app.is_too_small() {
        return MouseOutcome::Done(Vec::new());
    }
    match event.kind {
        MouseKind::Press => return press(app, event),
        MouseKind::Drag => drag(app, event),
        MouseKind::Release => return MouseOutcome::Done(release(app)),
    }
    MouseOutcome::Done(Vec::new())
}

/// The effect of a mouse report.
#[derive(Debug)]
pub enum MouseOutcome {
    /// A row of the open list or menu is to be chosen.
    Choose,
    Done(Vec<Cmd>),
}

/// Handles a key while text is selected: `None` if the key is for others. Every key ends the
/// selection.
pub fn key(app: &mut App, key: &KeyEvent) -> Option<Vec<Cmd>> {
    app.gesture.end();
    let selected = app.talk.view.selected();
    app.talk.view.unselect();
    let text = selected.filter(|text| !text.is_empty() && app.dialogs.is_empty())?;
    let copies = match key.code {
        KeyCode::Enter | KeyCode::Char('y') => key.modifiers.is_empty(),
        _ => ctrl_letter(key) == Some('c'),
    };
    if copies {
        // The same key held down must not answer what is asked.
        app.talk.asks.reappear(app.facts.now);
        return Some(vec![Cmd::Copy(text)]);
    }
    (key.code == KeyCode::Esc).then(Vec::new)
}

/// Scrolls on while the button is held past an edge.
pub fn rest(app: &mut App) {
    let Some(toward) = app.gesture.scrolls(app.facts.now) else { return };
    let area = layout::transcript_area(app);
    let before = app.talk.view.point_at(0, 0, area.height);
    app.talk.scroll(toward, 1, area.height);
    let after = app.talk.view.point_at(0, 0, area.height);
    if before == after || app.gesture.press().is_none() {
        // There is nothing more to scroll to.
        app.gesture.hold(None, app.facts.now);
        return;
    }
    let y = if toward == Toward::Start { 0 } else { area.height.saturating_sub(1) };
    let column = if toward == Toward::Start { 0 } else { u16::MAX };
    if let Some(point) = app.talk.view.point_at(column, y, area.height) {
        app.talk.view.select_to(point);
    }
}

fn press(app: &mut App, MouseEvent { x, y, .. }: MouseEvent) -> MouseOutcome {
    app.gesture.end();
    let now = app.facts.now;
    let click = app.gesture.count((x, y), now);
    if let Some(dialog) = app.dialogs.top_mut() {
        let is_chosen = !dialog.is_asking() && dialog.click(Position { x, y });
        return if is_chosen { MouseOutcome::Choose } else { MouseOutcome::Done(Vec::new()) };
    }
    if layout::has_search_bar(app) && app.talk.view.click_search(Position { x, y }) {
        return MouseOutcome::Done(Vec::new());
    }
    let is_spent = app.talk.view.unselect();
    let writes = app.is_composing() && app.talk.asks.is_empty();
    let clicked = match writes {
        true => app.prompt.click(Position { x, y }),
        false => PromptClick::Elsewhere,
    };
    match clicked {
        PromptClick::Caret => {}
        PromptClick::Elsewhere => press_transcript(app, (x, y), click, is_spent),
        PromptClick::Row => return MouseOutcome::Choose,
    }
    MouseOutcome::Done(Vec::new())
}

fn press_transcript(app: &mut App, (x, y): (u16, u16), click: Click, is_spent: bool) {
    let area = layout::transcript_area(app);
    if !layout::has_composer_at_bottom(app) || y < area.y || y >= area.bottom() {
        return;
    }
    let (column, row) = (x.saturating_sub(area.x), y - area.y);
    let Some(point) = app.talk.view.point_at(column, row, area.height) else { return };
    app.gesture.begin(Press { at: (x, y), point, click, is_spent });
    match click {
        Click::Single => {}
        Click::Double => app.talk.view.select(point, SelectionUnit::Word),
        Click::Triple => app.talk.view.select(point, SelectionUnit::Line),
    }
}

fn drag(app: &mut App, MouseEvent { x, y, .. }: MouseEvent) {
    let Some(press) = app.gesture.press() else { return };
    if !app.dialogs.is_empty() {
        app.gesture.end();
        return;
    }
    let area = layout::transcript_area(app);
    let begins = press.click == Click::Single && !app.talk.view.is_selecting();
    if begins && press.at == (x, y) {
        return;
    }
    app.gesture.moved();
    if begins {
        app.talk.view.select(press.point, SelectionUnit::Cell);
    }
    if let Some(point) = nearest(app, area, (x, y)) {
        app.talk.view.select_to(point);
    }
    app.gesture.hold(past_edge(area, press.at.1, y), app.facts.now);
}

/// The point of the transcript nearest to a cell of the screen.
fn nearest(app: &App, area: Rect, (x, y): (u16, u16)) -> Option<TextPoint> {
    let row = y.clamp(area.y, area.bottom().saturating_sub(1)) - area.y;
    let column = if y >= area.bottom() { u16::MAX } else { x.saturating_sub(area.x) };
    let view = &app.talk.view;
    view.point_at(column, row, area.height).or_else(|| view.last_point())
}

/// The edge that the pointer is past. Above the first row of the screen there is none, so its first
/// row counts, unless the button went down there.
fn past_edge(area: Rect, began: u16, y: u16) -> Option<Toward> {
    let is_above = y < area.y || (y == 0 && area.y == 0 && began > 0);
    match (is_above, y >= area.bottom()) {
        (true, _) => Some(Toward::Start),
        (false, true) => Some(Toward::End),
        (false, false) => None,
    }
}

fn release(app: &mut App) -> Vec<Cmd> {
    let Some(press) = app.gesture.end() else { return Vec::new() };
    if app.talk.view.is_selecting() {
        let selected = app.talk.view.selected().filter(|text| !text.is_empty());
        let copies = app.facts.start.copy_on_select;
        return selected.filter(|_| copies).map(Cmd::Copy).into_iter().collect();
    }
    if press.click == Click::Single && !press.is_spent && app.dialogs.is_empty() {
        let height = layout::transcript_area(app).height;
        app.talk.turn_fold(press.point, height);
    }
    Vec::new()
}
