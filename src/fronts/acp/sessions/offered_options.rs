//! The modes and the options that a client is offered for a session. The client is told whenever
//! they change, whoever changed them.

use agent_client_protocol::v1::schema::{
    ConfigOptionUpdate, CurrentModeUpdate, SessionConfigKind, SessionConfigOption,
    SessionConfigOptionCategory, SessionConfigSelect, SessionConfigSelectOption,
    SessionMode as AcpMode, SessionModeState, SessionUpdate,
};

use crate::host::ModelCatalog;
use crate::protocol::{ApprovalMode, EventKind, SessionView};

pub const MODE: &str = "mode";
pub const MODEL: &str = "model";
pub const EFFORT: &str = "thought_level";

/// Returns the updates about modes and options that an event calls for.
pub fn news(event: &EventKind, view: &SessionView, models: &ModelCatalog) -> Vec<SessionUpdate> {
    let mode = || {
        let mode = mode_of(view);
        SessionUpdate::CurrentModeUpdate(CurrentModeUpdate::new(mode.as_str()))
    };
    match event {
        EventKind::SessionMode(_) | EventKind::Snapshot(_) => {
            vec![mode(), option_update(view, models)]
        }
        EventKind::Settings(_) => vec![option_update(view, models)],
        _ => Vec::new(),
    }
}

pub fn option_update(view: &SessionView, models: &ModelCatalog) -> SessionUpdate {
    SessionUpdate::ConfigOptionUpdate(ConfigOptionUpdate::new(options(view, models)))
}

fn mode_of(view: &SessionView) -> ApprovalMode {
    view.session_mode.map(|mode| mode.approval_mode).unwrap_or_default()
}

/// Returns the approval modes to choose from, and the current one.
pub fn modes(view: &SessionView) -> SessionModeState {
    let modes = ApprovalMode::ALL.map(|mode| {
        let (name, about) = words(mode);
        AcpMode::new(mode.as_str(), name).description(about.to_owned())
    });
    SessionModeState::new(mode_of(view).as_str(), modes.to_vec())
}

fn words(mode: ApprovalMode) -> (&'static str, &'static str) {
    match mode {
        ApprovalMode::ReadOnly => {
            ("Read only", "Nothing is changed; commands run where they cannot write")
        }
        ApprovalMode::Ask => ("Ask", "Reading is free; changes and commands ask"),
        ApprovalMode::Auto => {
            ("Auto", "Changes in the folder and commands in the sandbox run; anything beyond asks")
        }
        ApprovalMode::Full => ("Full access", "Nothing asks"),
    }
}

/// Returns everything that can be chosen for a session.
pub fn options(view: &SessionView, models: &ModelCatalog) -> Vec<SessionConfigOption> {
    let modes = ApprovalMode::ALL.map(|mode| {
        let (name, about) = words(mode);
        SessionConfigSelectOption::new(mode.as_str(), name).description(about.to_owned())
    });
    let mode = select(mode_of(view).as_str(), modes.to_vec());
    let mut options = vec![
        SessionConfigOption::new(MODE, "Approvals", mode)
            .category(SessionConfigOptionCategory::Mode),
    ];
    let Some(now) = &view.settings else { return options };
    let mut known: Vec<_> = models
        .all()
        .map(|model| {
            let about = Some(model.description.clone()).filter(|about| !about.is_empty());
            SessionConfigSelectOption::new(model.reference().to_string(), model.name.clone())
                .description(about)
        })
        .collect();
    let current = now.model.to_string();
    if known.iter().all(|known| *known.value.0 != *current) {
        known.insert(0, SessionConfigSelectOption::new(current.clone(), current.clone()));
    }
    options.push(
        SessionConfigOption::new(MODEL, "Model", select(&current, known))
            .category(SessionConfigOptionCategory::Model),
    );
    let efforts = models.find(&now.model).map(|model| model.efforts.as_slice()).unwrap_or_default();
    let effort = now.effort.as_ref().filter(|effort| efforts.contains(effort));
    if let Some(effort) = effort {
        let known = efforts
            .iter()
            .map(|effort| SessionConfigSelectOption::new(effort.0.clone(), effort.0.clone()));
        options.push(
            SessionConfigOption::new(EFFORT, "Thinking", select(&effort.0, known.collect()))
                .category(SessionConfigOptionCategory::ThoughtLevel),
        );
    }
    options
}

fn select(current: &str, options: Vec<SessionConfigSelectOption>) -> SessionConfigKind {
    SessionConfigKind::Select(SessionConfigSelect::new(current.to_owned(), options))
}
