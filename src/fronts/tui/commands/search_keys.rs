//! Keys of a search in the transcript: while its words are typed, the field has the keyboard;
//! afterwards `n`, `N` and esc belong to it while the composer is empty.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::tui::app::toast::Tone;
use crate::tui::app::{App, layout};
use crate::tui::commands::{self, KeyAction, ctrl_letter};
use crate::tui::messages::Toward;
use crate::tui::transcript::{SearchStep, Standing};

/// Opens the field; with words, as if they had been typed.
pub fn begin(app: &mut App, words: &str) {
    if !app.talk.has_begun() {
        app.say(Tone::Plain, "There is nothing to search yet");
        return;
    }
    if !app.talk.asks.is_empty() {
        app.say(Tone::Plain, "Answer what waits for you first, then search");
        return;
    }
    if !words.is_empty() {
        step(app, SearchStep::Stop);
    }
    step(app, SearchStep::Begin);
    if !words.is_empty() {
        step(app, SearchStep::Paste(words.to_owned()));
    }
}

/// Handles a key while a search stands; returns whether it was one for it.
pub fn key(app: &mut App, key: &KeyEvent) -> bool {
    match app.talk.view.searching() {
        Some(Standing::Typed) => field_key(app, key),
        Some(Standing::Kept) => kept_key(app, key),
        None => false,
    }
}

/// Gives typed text to the field; `false` if it is not open.
pub fn type_text(app: &mut App, key: &KeyEvent) -> bool {
    let is_open = is_typing(app);
    if is_open {
        step(app, SearchStep::Key(*key));
    }
    is_open
}

/// Gives pasted text to the field; `false` if it is not open.
pub fn paste(app: &mut App, text: &str) -> bool {
    let is_open = is_typing(app);
    if is_open {
        step(app, SearchStep::Paste(text.to_owned()));
    }
    is_open
}

fn is_typing(app: &App) -> bool {
    app.talk.view.searching() == Some(Standing::Typed)
}

fn field_key(app: &mut App, key: &KeyEvent) -> bool {
    let next = match (key.code, ctrl_letter(key)) {
        // Ctrl+c leaves it as it leaves a dialog.
        (KeyCode::Esc, _) | (_, Some('c')) => SearchStep::GoBack,
        (KeyCode::Enter, _) => SearchStep::Keep,
        (KeyCode::Up, _) | (_, Some('p')) => SearchStep::Next(Toward::Start),
        (KeyCode::Down, _) | (_, Some('n')) => SearchStep::Next(Toward::End),
        (KeyCode::Tab | KeyCode::BackTab, _) | (_, Some('f')) => return true,
        (_, Some('x')) => return false,
        _ if is_of_screen(key) => return false,
        _ if app.screen_key(key) => return true,
        _ => SearchStep::Key(*key),
    };
    step(app, next);
    true
}

/// Whether a key has a meaning that has nothing to do with the prompt.
fn is_of_screen(key: &KeyEvent) -> bool {
    matches!(
        commands::of_key(key),
        Some(KeyAction::Details | KeyAction::Help | KeyAction::Redraw | KeyAction::Suspend)
    )
}

fn kept_key(app: &mut App, key: &KeyEvent) -> bool {
    let is_plain = key.modifiers.difference(KeyModifiers::SHIFT).is_empty();
    let next = match key.code {
        KeyCode::Esc if !app.prompt.has_menu() => SearchStep::Stop,
        KeyCode::Char('n') if is_plain && layout::has_search_bar(app) => {
            SearchStep::Next(Toward::End)
        }
        KeyCode::Char('N') if is_plain && layout::has_search_bar(app) => {
            SearchStep::Next(Toward::Start)
        }
        _ => return false,
    };
    step(app, next);
    true
}

fn step(app: &mut App, step: SearchStep) {
    let height = layout::transcript_area(app).height;
    app.talk.search(step, height);
}
