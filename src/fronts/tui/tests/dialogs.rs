//! Dialogs: models, status and dialogs in general.

use std::time::Duration;

use crossterm::event::KeyCode;
use insta::assert_snapshot;

use super::Desk;
use super::desk::NOON;
use crate::protocol::{
    Agent, AllowedHost, ApprovalMode, Command, Compactor, Effort, EventKind, Limit, Limits,
    ModelRef, Patches, Sandbox, SandboxOpenings, ServiceTier, SessionMode, SessionSettings,
    SettingsCommand, Tuning, Usage, Verbosity, WebAccess,
};

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
fn how_soon_and_how_much_are_chosen_where_the_model_has_them() {
    let mut desk = Desk::connected(120, 40);
    desk.event(with_fast(super::desk::models()));
    desk.text("/models");
    desk.press(KeyCode::Enter);
    desk.cmds();
    desk.presses([KeyCode::Right, KeyCode::Tab, KeyCode::BackTab]);
    assert!(desk.shows("‹ high › · fast · verbosity medium"), "{}", desk.picture());
    let picture = desk.picture().replace('\u{a0}', " ");
    assert!(picture.contains("tab speed"), "{picture}");
    assert!(picture.contains("shift+tab verbosity"), "{picture}");
    desk.press(KeyCode::Enter);
    let sent: Vec<Command> = desk.sent();
    let settings: Vec<&SettingsCommand> = sent
        .iter()
        .filter_map(|command| match command {
            Command::Settings(_, command) => Some(command),
            _ => None,
        })
        .collect();
    assert!(matches!(
        settings[..],
        [
            SettingsCommand::Model { effort: Some(_), .. },
            SettingsCommand::Tier(ServiceTier::Fast),
            SettingsCommand::Verbosity(Verbosity::Medium),
        ]
    ));
    // The settings appear in the status line and on the status page.
    desk.event(EventKind::Settings(SessionSettings {
        model: ModelRef::openai("gpt-6.1-sol"),
        effort: Some(Effort("high".into())),
        tuning: Tuning { verbosity: Some(Verbosity::Medium), tier: ServiceTier::Fast },
        context: Some(272_000),
        patches: Patches::AsText,
    }));
    assert!(desk.shows("GPT-6.1 Sol (high, fast)"), "{}", desk.picture());
    desk.text("/status");
    desk.press(KeyCode::Enter);
    assert!(desk.shows("fast: answered sooner"));
    assert!(desk.shows("verbosity   medium"), "{}", desk.picture());
}

/// The list of models with speeds and verbosity for each.
fn with_fast(list: EventKind) -> EventKind {
    let EventKind::Models(mut list) = list else { panic!("{list:?}") };
    for model in &mut list.models {
        (model.tiers, model.verbosity) = (vec![ServiceTier::Fast], Some(Verbosity::Low));
    }
    EventKind::Models(list)
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
fn status_tells_what_is_opened_how_the_web_is_searched_and_who_sums_up() {
    let mut desk = Desk::connected(80, 40);
    let mut view = desk.app.talk.session.clone();
    (view.web_search, view.compactor) = (Some(WebAccess::Cached), Compactor::Server);
    view.session_mode = Some(SessionMode {
        agent: Agent::Build,
        approval_mode: ApprovalMode::Auto,
        sandbox: Sandbox::Namespaces,
    });
    desk.event(EventKind::Snapshot(view.into()));
    desk.event(EventKind::SandboxOpened(SandboxOpenings {
        hosts: AllowedHost::parse("crates.io").into_iter().collect(),
        folders: vec!["/home/me/.cargo".into()],
        readable: vec!["/home/me/.tool".into()],
    }));
    desk.text("/status");
    desk.press(KeyCode::Enter);
    for row in [
        "context     0 of 272k tokens",
        "opened      crates.io · ~/.cargo · ~/.tool to read",
        "web         searched by OpenAI, in its own index",
        "summaries   by OpenAI's server",
    ] {
        assert!(desk.shows(row), "{row}: {}", desk.picture());
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
