//! Modes and options of a session: what may happen without asking, the model, and how long it
//! thinks. They are told anew whenever they change, whoever changed them.

use agent_client_protocol::Error;
use agent_client_protocol::v1::Responder;
use agent_client_protocol::v1::schema::{
    ConfigOptionUpdate, CurrentModeUpdate, SessionConfigKind, SessionConfigOption,
    SessionConfigOptionCategory, SessionConfigOptionValue, SessionConfigSelect,
    SessionConfigSelectOption, SessionMode as AcpMode, SessionModeState, SessionUpdate,
    SetSessionConfigOptionRequest, SetSessionConfigOptionResponse, SetSessionModeRequest,
    SetSessionModeResponse,
};

use crate::protocol::{
    ApprovalMode, Command, Effort, EventKind, ModelName, SessionId, SessionView, SettingsCommand,
};

use super::agent::AcpAgent;
use super::failure;
use super::models::Models;

const MODE: &str = "mode";
const MODEL: &str = "model";
const EFFORT: &str = "thought_level";

pub fn set_mode(
    agent: &mut AcpAgent,
    request: SetSessionModeRequest,
    responder: Responder<SetSessionModeResponse>,
) {
    let wanted = agent.session(&request.session_id).and_then(|session| {
        let mode = mode_named(&request.mode_id.0)?;
        Ok((session.id().clone(), SettingsCommand::Mode(mode)))
    });
    match wanted {
        Ok((session, command)) => {
            agent.set(&session, command, responder, |_| Ok(SetSessionModeResponse::new()))
        }
        Err(error) => agent.answer(responder, Err(error)),
    }
}

pub fn set_option(
    agent: &mut AcpAgent,
    request: SetSessionConfigOptionRequest,
    responder: Responder<SetSessionConfigOptionResponse>,
) {
    let wanted = agent.session(&request.session_id).and_then(|session| {
        let SessionConfigOptionValue::ValueId { value } = &request.value else {
            return Err(failure::invalid("The value has to be one of the option's"));
        };
        let command = command(&agent.models, &session.view, &request.config_id.0, &value.0)?;
        Ok((session.id().clone(), command))
    });
    match wanted {
        Ok((session, command)) => {
            let id = session.clone();
            agent.set(&session, command, responder, move |agent| {
                let session = agent.sessions.get(&id).ok_or_else(|| failure::no_session(&id))?;
                Ok(SetSessionConfigOptionResponse::new(options(&session.view, &agent.models)))
            });
        }
        Err(error) => agent.answer(responder, Err(error)),
    }
}

fn mode_named(name: &str) -> Result<ApprovalMode, Error> {
    ApprovalMode::named(name).ok_or_else(|| {
        failure::invalid(format!("`{name}` is no mode: use `read-only`, `ask`, `auto` or `full`"))
    })
}

/// What sets an option to one of its values.
fn command(
    models: &Models,
    view: &SessionView,
    option: &str,
    value: &str,
) -> Result<SettingsCommand, Error> {
    let unknown = || failure::invalid(format!("`{value}` is no value of `{option}`"));
    let now = view.settings.as_ref().ok_or_else(unknown)?;
    match option {
        MODE => Ok(SettingsCommand::Mode(mode_named(value)?)),
        MODEL => {
            let known = models.all().map(|model| model.reference());
            let model = known.chain([now.model.clone()]).find(|model| model.to_string() == value);
            let model = ModelName::from(model.ok_or_else(unknown)?);
            Ok(SettingsCommand::Model { model, effort: None })
        }
        EFFORT => {
            let known = models.find(&now.model).map(|model| model.efforts.as_slice());
            let effort = Effort(value.to_owned());
            if !known.unwrap_or_default().contains(&effort) {
                return Err(unknown());
            }
            let model = ModelName::from(now.model.clone());
            Ok(SettingsCommand::Model { model, effort: Some(effort) })
        }
        _ => Err(failure::invalid(format!("There is no option `{option}`"))),
    }
}

impl AcpAgent {
    /// Changes how a session works; its news comes before the answer.
    fn set<T: agent_client_protocol::JsonRpcResponse>(
        &mut self,
        session: &SessionId,
        command: SettingsCommand,
        responder: Responder<T>,
        answer: impl FnOnce(&Self) -> Result<T, Error> + 'static,
    ) {
        self.ask(Command::Settings(session.clone(), command), move |agent, reply| {
            let result = match reply {
                Ok(_) => answer(agent),
                Err(problem) => Err(failure::error(&problem, &agent.auth_methods())),
            };
            agent.answer(responder, result);
        });
    }

    /// Tells the options of every session again: there are other models.
    pub fn options_changed(&self) {
        for (id, session) in &self.sessions {
            self.update(id, [option_update(&session.view, &self.models)]);
        }
    }
}

/// What an event changed about modes and options.
pub fn news(event: &EventKind, view: &SessionView, models: &Models) -> Vec<SessionUpdate> {
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

fn option_update(view: &SessionView, models: &Models) -> SessionUpdate {
    SessionUpdate::ConfigOptionUpdate(ConfigOptionUpdate::new(options(view, models)))
}

fn mode_of(view: &SessionView) -> ApprovalMode {
    view.session_mode.map(|mode| mode.approval_mode).unwrap_or_default()
}

/// What may happen without asking, as a choice.
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

/// Everything that can be chosen for a session.
pub fn options(view: &SessionView, models: &Models) -> Vec<SessionConfigOption> {
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
