//! Dialogs: models, status and dialogs in general.

use crate::tui::tests::sentences;
use std::time::Duration;

use crossterm::event::KeyCode;
use insta::assert_snapshot;

use super::Fixture;
use super::fixture::{NOON, session_mode};
use crate::protocol::{
    Agent, AllowedHost, ApprovalMode, Command, Compactor, Effort, EventKind, Limit, Limits,
    ModelRef, Patches, Sandbox, SandboxOpenings, ServiceTier, SessionSettings, SettingsCommand,
    Tuning, Usage, Verbosity, WebAccess,
};

fn models(width: u16, height: u16) -> Fixture {
    let mut fixture = Fixture::connected(width, height);
    fixture.enter("/models");
    fixture.cmds();
    fixture
}

#[test]
fn models_are_listed_with_the_current_one_and_its_effort() {
    assert_snapshot!("models_80x24", models(80, 24).picture());
    assert_snapshot!("models_60x18", models(60, 18).picture());
}

#[test]
fn left_and_right_set_how_long_a_model_thinks_and_enter_takes_both() {
    let mut fixture = models(80, 24);
    fixture.presses([KeyCode::Right, KeyCode::Right, KeyCode::Right]);
    assert!(fixture.shows("‹ high ›"));
    fixture.press(KeyCode::Left);
    fixture.press(KeyCode::Left);
    assert!(fixture.shows("‹ low ›"));
    fixture.press(KeyCode::Enter);
    let sent = fixture.sent();
    assert!(
        matches!(sent.as_slice(), [Command::Settings(_, SettingsCommand::Model { model, effort: Some(effort) })] if model.id.as_str() == "gpt-6.1-sol" && effort.0 == "low"),
        "{sent:?}"
    );
    assert!(!fixture.shows("Choose a model"));
}

#[test]
fn a_model_without_efforts_is_taken_without_one() {
    let mut fixture = models(80, 24);
    fixture.text("mini");
    fixture.presses([KeyCode::Right, KeyCode::Enter]);
    assert!(matches!(
        fixture.sent().as_slice(),
        [Command::Settings(_, SettingsCommand::Model { effort: None, .. })]
    ));
}

#[test]
fn how_soon_and_how_much_are_chosen_where_the_model_has_them() {
    let mut fixture = Fixture::connected(120, 40);
    fixture.event(with_fast(super::fixture::models()));
    fixture.enter("/models");
    fixture.cmds();
    fixture.presses([KeyCode::Right, KeyCode::Tab, KeyCode::BackTab]);
    fixture.assert_shows(["‹ high › · fast · verbosity medium"]);
    let picture = fixture.picture().replace('\u{a0}', " ");
    assert!(picture.contains("tab speed"), "{picture}");
    assert!(picture.contains("shift+tab verbosity"), "{picture}");
    fixture.press(KeyCode::Enter);
    let sent: Vec<Command> = fixture.sent();
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
    fixture.event(EventKind::Settings(SessionSettings {
        model: ModelRef::openai("gpt-6.1-sol"),
        effort: Some(Effort("high".into())),
        tuning: Tuning { verbosity: Some(Verbosity::Medium), tier: ServiceTier::Fast },
        context: Some(272_000),
        patches: Patches::AsText,
    }));
    fixture.assert_shows(["GPT-6.1 Sol (high, fast)"]);
    fixture.enter("/status");
    assert!(fixture.shows("fast: answered sooner"));
    fixture.assert_shows(["verbosity   medium"]);
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
    let mut fixture = models(80, 24);
    fixture.text("luna");
    fixture.event(super::fixture::models());
    assert!(fixture.shows("GPT-6.1 Luna") && !fixture.shows("mini-latest"));
}

#[test]
fn without_a_sign_in_models_lead_to_connect() {
    let mut fixture = Fixture::not_connected(80, 24);
    fixture.enter("/models");
    assert!(fixture.shows("Connect a provider") && fixture.shows(sentences::MODELS_NEED_SIGN_IN));
}

#[test]
fn status_tells_account_model_limits_versions_and_paths() {
    for (width, height) in [(60, 18), (80, 40)] {
        let mut fixture = Fixture::connected(width, height);
        fixture.event(EventKind::Usage(Usage { input: 30_000, output: 2_000, ..Usage::default() }));
        let limit = |minutes, used_percent, seconds| {
            Some(Limit {
                used_percent,
                window_minutes: Some(minutes),
                resets: Some(NOON + Duration::from_secs(seconds)),
            })
        };
        fixture.event(EventKind::Limits(Limits {
            primary: limit(300, 62.0, 9_000),
            secondary: limit(10_080, 18.0, 300_000),
        }));
        fixture.enter("/status");
        assert_snapshot!(format!("status_{width}x{height}"), fixture.picture());
        fixture.presses([KeyCode::End, KeyCode::PageUp, KeyCode::PageDown]);
        fixture.assert_shows(["~/.local/state/codling"]);
        fixture.press(KeyCode::Esc);
        assert!(!fixture.shows("Status"));
    }
}

#[test]
fn status_tells_what_is_opened_how_the_web_is_searched_and_who_sums_up() {
    let mut fixture = Fixture::connected(80, 40);
    let mut view = fixture.app.talk.session.clone();
    (view.web_search, view.compactor) = (Some(WebAccess::Cached), Compactor::Server);
    view.session_mode = Some(session_mode(Agent::Build, ApprovalMode::Auto, Sandbox::Namespaces));
    fixture.event(EventKind::Snapshot(view.into()));
    fixture.event(EventKind::SandboxOpened(SandboxOpenings {
        hosts: AllowedHost::parse("crates.io").into_iter().collect(),
        folders: vec!["/home/me/.cargo".into()],
        readable: vec!["/home/me/.tool".into()],
    }));
    fixture.enter("/status");
    fixture.assert_shows([
        "context     0 of 272k tokens",
        "opened      crates.io · ~/.cargo · ~/.tool to read",
        "web         searched by OpenAI, in its own index",
        "summaries   by OpenAI's server",
    ]);
}

#[test]
fn status_before_any_sign_in_says_how_to_get_one() {
    let mut fixture = Fixture::not_connected(80, 24);
    fixture.enter("/status");
    assert!(fixture.shows(sentences::NOT_CONNECTED));
}

#[test]
fn typed_text_goes_to_the_dialog_on_top_and_never_to_the_composer_behind_it() {
    let mut fixture = models(80, 24);
    fixture.text("sol");
    fixture.press(KeyCode::Esc);
    assert!(!fixture.shows("│ sol"));
    fixture.text("mine");
    assert!(fixture.shows("│ mine"));
}
