//! Models, status, and dialogs in general.

use std::time::Duration;

use crossterm::event::KeyCode;
use insta::assert_snapshot;

use super::Desk;
use super::desk::NOON;
use crate::protocol::{Command, EventKind, Limit, Limits, SettingsCommand, Usage};

fn models(width: u16, height: u16) -> Desk {
    let mut desk = Desk::connected(width, height);
    desk.text("/models");
    desk.press(KeyCode::Enter);
    desk.cmds();
    desk
}

#[test]
fn models_are_listed_with_the_current_one_and_its_effort() {
    assert_snapshot!("models_80x24", models(80, 24).picture());
    assert_snapshot!("models_60x18", models(60, 18).picture());
}

#[test]
fn left_and_right_set_how_long_a_model_thinks_and_enter_takes_both() {
    let mut desk = models(80, 24);
    desk.presses([KeyCode::Right, KeyCode::Right, KeyCode::Right]);
    assert!(desk.shows("‹ high ›"));
    desk.press(KeyCode::Left);
    desk.press(KeyCode::Left);
    assert!(desk.shows("‹ low ›"));
    desk.press(KeyCode::Enter);
    let sent = desk.sent();
    assert!(
        matches!(sent.as_slice(), [Command::Settings(_, SettingsCommand::Model { model, effort: Some(effort) })] if model.id.as_str() == "gpt-6.1-sol" && effort.0 == "low"),
        "{sent:?}"
    );
    assert!(!desk.shows("Choose a model"));
}

#[test]
fn a_model_without_efforts_is_taken_without_one() {
    let mut desk = models(80, 24);
    desk.text("mini");
    desk.presses([KeyCode::Right, KeyCode::Enter]);
    assert!(matches!(
        desk.sent().as_slice(),
        [Command::Settings(_, SettingsCommand::Model { effort: None, .. })]
    ));
}

#[test]
fn a_newer_list_keeps_the_cursor_and_the_filter() {
    let mut desk = models(80, 24);
    desk.text("luna");
    desk.event(super::desk::models());
    assert!(desk.shows("GPT-6.1 Luna") && !desk.shows("mini-latest"));
}

#[test]
fn without_a_sign_in_models_lead_to_connect() {
    let mut desk = Desk::not_connected(80, 24);
    desk.text("/models");
    desk.press(KeyCode::Enter);
    assert!(desk.shows("Connect a provider") && desk.shows("Sign in to see the list of models"));
}

#[test]
fn status_tells_account_model_limits_versions_and_paths() {
    for (width, height) in [(60, 18), (80, 40)] {
        let mut desk = Desk::connected(width, height);
        desk.event(EventKind::Usage(Usage { input: 30_000, output: 2_000, ..Usage::default() }));
        let limit = |minutes, used_percent, seconds| {
            Some(Limit {
                used_percent,
                window_minutes: Some(minutes),
                resets: Some(NOON + Duration::from_secs(seconds)),
            })
        };
        desk.event(EventKind::Limits(Limits {
            primary: limit(300, 62.0, 9_000),
            secondary: limit(10_080, 18.0, 300_000),
        }));
        desk.text("/status");
        desk.press(KeyCode::Enter);
        assert_snapshot!(format!("status_{width}x{height}"), desk.picture());
        desk.presses([KeyCode::End, KeyCode::PageUp, KeyCode::PageDown]);
        assert!(desk.shows("~/.local/state/codling"), "{}", desk.picture());
        desk.press(KeyCode::Esc);
        assert!(!desk.shows("Status"));
    }
}

#[test]
fn status_before_any_sign_in_says_how_to_get_one() {
    let mut desk = Desk::not_connected(80, 24);
    desk.text("/status");
    desk.press(KeyCode::Enter);
    assert!(desk.shows("Not connected: sign in with `/connect`"));
}

#[test]
fn typed_text_goes_to_the_dialog_on_top_and_never_to_the_composer_behind_it() {
    let mut desk = models(80, 24);
    desk.text("sol");
    desk.press(KeyCode::Esc);
    assert!(!desk.shows("│ sol"));
    desk.text("mine");
    assert!(desk.shows("│ mine"));
}
