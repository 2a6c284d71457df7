//! Changes of modes and options: what may happen without asking, the model, and how long it thinks.

use agent_client_protocol::Error;
use agent_client_protocol::v1::Responder;
use agent_client_protocol::v1::schema::{
    SessionConfigOptionValue, SetSessionConfigOptionRequest, SetSessionConfigOptionResponse,
    SetSessionModeRequest, SetSessionModeResponse,
};

use crate::host::ModelCatalog;
use crate::protocol::{
    ApprovalMode, Command, Effort, ModelName, SessionId, SessionView, SettingsCommand,
};

use super::offered_options::{EFFORT, MODE, MODEL, option_update, options};
use super::open_sessions::Sessions;
use crate::acp::failure;
use crate::acp::outside::Outside;
use crate::host::Machine;

pub fn set_mode(
    sessions: &mut Sessions,
    outside: &mut Outside,
    request: SetSessionModeRequest,
    responder: Responder<SetSessionModeResponse>,
) {
    let wanted = sessions.find(&request.session_id).and_then(|session| {
        let mode = mode_named(&request.mode_id.0)?;
        Ok((session.id().clone(), SettingsCommand::Mode(mode)))
    });
    let Some((responder, (session, command))) = outside.accept(responder, wanted) else { return };
    set(outside, &session, command, responder, |_, _| Ok(SetSessionModeResponse::new()));
}

pub fn set_option(
    sessions: &mut Sessions,
    outside: &mut Outside,
    request: SetSessionConfigOptionRequest,
    responder: Responder<SetSessionConfigOptionResponse>,
) {
    let wanted = sessions.find(&request.session_id).and_then(|session| {
        let SessionConfigOptionValue::ValueId { value } = &request.value else {
            return Err(failure::invalid("The value has to be one of the option's"));
        };
        let command = command(&outside.host.models, &session.view, &request.config_id.0, &value.0)?;
        Ok((session.id().clone(), command))
    });
    let Some((responder, (session, command))) = outside.accept(responder, wanted) else { return };
    let id = session.clone();
    set(outside, &session, command, responder, move |sessions, outside| {
        let session = sessions.all.get(&id).ok_or_else(|| failure::no_session(&id))?;
        let options = options(&session.view, &outside.host.models);
        Ok(SetSessionConfigOptionResponse::new(options))
    });
}

fn mode_named(name: &str) -> Result<ApprovalMode, Error> {
    ApprovalMode::named(name).ok_or_else(|| {
        failure::invalid(format!("`{name}` is no mode: use `read-only`, `ask`, `auto` or `full`"))
    })
}

/// Returns the command that sets an option to one of its values.
fn command(
    models: &ModelCatalog,
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

/// Changes how a session works; the updates about it come before the answer.
fn set<T: agent_client_protocol::JsonRpcResponse>(
    outside: &mut Outside,
    session: &SessionId,
    command: SettingsCommand,
    responder: Responder<T>,
    answer: impl FnOnce(&Sessions, &Outside) -> Result<T, Error> + 'static,
) {
    Sessions::ask(
        outside,
        Command::Settings(session.clone(), command),
        move |sessions, outside, reply| {
            let result = match reply {
                Ok(_) => answer(sessions, outside),
                Err(problem) => Err(outside.error(&problem)),
            };
            outside.answer(responder, result);
        },
    );
}

/// Sends the options of every session again, since the models have changed.
pub fn changed(sessions: &Sessions, outside: &Outside) {
    for (id, session) in &sessions.all {
        outside.update(id, [option_update(&session.view, &outside.host.models)]);
    }
}
