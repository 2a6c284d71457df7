//! `turn/start`: a prompt, with the client's choices for the turn.

use std::path::PathBuf;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::protocol::{
    Agent, Command, Effort, PromptPlace, Reply, SessionId, SettingsCommand, TurnCommand, UserPrompt,
};

use super::choice::named;
use super::loaded_threads::Threads;
use super::picture::{self, PictureSource};
use super::steering::beginning;
use crate::app_server::outside::Outside;
use crate::app_server::request::params::Gated;
use crate::app_server::request::permissions::{
    AskForApproval, PermissionProfile, Reviewer, SandboxPolicy,
};
use crate::app_server::thread::turns::{ItemsView, Turn};
use crate::app_server::transport::connection::Asker;
use crate::app_server::transport::wire::Fault;
use crate::host::Machine;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StartTurn {
    thread_id: String,
    input: Vec<UserInput>,
    #[serde(flatten)]
    choices: TurnChoices,
    client_user_message_id: Option<String>,
    output_schema: Option<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdateSettings {
    thread_id: String,
    #[serde(flatten)]
    choices: TurnChoices,
}

/// The permissions and the model from here on.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TurnChoices {
    approval_policy: Option<AskForApproval>,
    approvals_reviewer: Option<Reviewer>,
    permissions: Option<PermissionProfile>,
    collaboration_mode: Option<CollaborationMode>,
    sandbox_policy: Option<SandboxPolicy>,
    model: Option<String>,
    effort: Option<String>,
}

/// The agent that a client chooses.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct CollaborationMode {
    mode: ModeKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
enum ModeKind {
    Default,
    Plan,
}

/// Changes the settings of a thread from here on, and sends `thread/settings/updated`.
///
/// As with turns, the client need not have subscribed: any client may subscribe to every thread,
/// start threads without a sandbox and run commands of its own, so requiring a subscription would
/// keep no client out. Subscribers are told of the change.
pub fn update_settings(
    threads: &mut Threads,
    outside: &mut Outside,
    asker: Asker,
    params: UpdateSettings,
) {
    let found = threads.loaded(&params.thread_id);
    let Some((asker, session)) = outside.accept(asker, found) else { return };
    choose(threads, outside, &session, params.choices);
    outside.answer(asker, Ok(json!({})));
}

/// A part of a prompt.
#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
pub enum UserInput {
    Text { text: String },
    Image { url: Option<String> },
    LocalImage { path: PathBuf },
    Skill { name: String, path: String },
    Mention { name: String, path: String },
}

impl Gated for StartTurn {
    fn gated(&self) -> Option<&'static str> {
        match self.choices.approval_policy {
            Some(AskForApproval::Granular(_)) => Some("askForApproval.granular"),
            _ => None,
        }
    }
}

pub fn start(threads: &mut Threads, outside: &mut Outside, asker: Asker, params: StartTurn) {
    let session = beginning(threads, outside, &params.thread_id);
    let Some((asker, session)) = outside.accept(asker, session) else { return };
    let StartTurn { input, choices, client_user_message_id: name, output_schema, .. } = params;
    let schema = output_schema.filter(|schema| !schema.is_null()).map(|schema| schema.to_string());
    prompt(threads, outside, input, move |threads, outside, prompt| {
        let Some((asker, prompt)) = outside.accept(asker, prompt) else { return };
        let tag = name.map(Into::into);
        let prompt = UserPrompt { schema: schema.map(Into::into), tag, ..prompt };
        choose(threads, outside, &session, choices);
        submit(outside, asker, session, prompt);
    });
}

/// Calls `then` with the parts of a client's prompt. Pictures are read beside the loop.
pub fn prompt(
    threads: &mut Threads,
    outside: &mut Outside,
    input: Vec<UserInput>,
    then: impl FnOnce(&mut Threads, &mut Outside, Result<UserPrompt, Fault>) + Send + 'static,
) {
    let (text, pictures) = match parts(input) {
        Ok((text, pictures)) if pictures.is_empty() => {
            return then(threads, outside, Ok(text.into()));
        }
        Ok(parts) => parts,
        Err(why) => return then(threads, outside, Err(Fault::invalid(why))),
    };
    let read = move || pictures.into_iter().map(PictureSource::read).collect::<Result<Vec<_>, _>>();
    Threads::on_thread(outside, read, move |threads, outside, read| {
        let read = read.unwrap_or_else(|| Err("the picture could not be read".to_owned()));
        let prompt = read.map(|images| UserPrompt { images, ..text.into() });
        then(threads, outside, prompt.map_err(Fault::invalid));
    });
}

/// Returns the text and the pictures of a prompt, or why it cannot be sent.
fn parts(input: Vec<UserInput>) -> Result<(String, Vec<PictureSource>), &'static str> {
    let mut text = Vec::new();
    let mut pictures = Vec::new();
    for part in input {
        match part {
            UserInput::Text { text: words } => text.push(words),
            UserInput::Image { url: Some(url) } if picture::is_data(&url) => {
                pictures.push(PictureSource::Data(url));
            }
            UserInput::Image { url: Some(_) } => {
                return Err("an image has to be a `data:` address of a PNG, JPEG, GIF or WebP");
            }
            UserInput::Image { url: None } => return Err("an image needs a `url`"),
            UserInput::LocalImage { path } => pictures.push(PictureSource::File(path)),
            UserInput::Skill { name, path } | UserInput::Mention { name, path } => {
                text.push(format!("[{name}]({path})"));
            }
        }
    }
    let text = text.join("\n");
    match text.trim().is_empty() && pictures.is_empty() {
        true => Err("input must not be empty"),
        false => Ok((text, pictures)),
    }
}

/// Applies choices to the thread from here on.
fn choose(threads: &mut Threads, outside: &mut Outside, session: &SessionId, choices: TurnChoices) {
    permit(threads, outside, session, &choices);
    choose_model(threads, outside, session, choices.model.as_deref(), choices.effort);
}

fn permit(
    threads: &mut Threads,
    outside: &mut Outside,
    session: &SessionId,
    choices: &TurnChoices,
) {
    let Some(thread) = threads.all.get_mut(session) else { return };
    let agent = choices.collaboration_mode.map(|CollaborationMode { mode }| match mode {
        ModeKind::Default => Agent::Build,
        ModeKind::Plan => Agent::Plan,
    });
    if let Some(agent) = agent.filter(|agent| (*agent == Agent::Plan) != thread.plans()) {
        let command = SettingsCommand::Agent(agent);
        outside.send(Command::Settings(session.clone(), command));
    }
    let sandbox = choices.sandbox_policy.as_ref().map(Into::into);
    let sandbox = choices.permissions.map(Into::into).or(sandbox);
    let wanted = thread.meta.permissions.with(choices.approval_policy.clone(), sandbox);
    let wanted = wanted.reviewed_by(choices.approvals_reviewer);
    if wanted == thread.meta.permissions {
        return;
    }
    let (mode, presence) = (wanted.mode(), wanted.presence());
    thread.meta.permissions = wanted;
    // The view reflects the engine's last events, which may lag behind the commands sent to it.
    for command in [SettingsCommand::Presence(presence), SettingsCommand::Mode(mode)] {
        outside.send(Command::Settings(session.clone(), command));
    }
}

/// Switches the thread to another model from here on.
fn choose_model(
    threads: &mut Threads,
    outside: &mut Outside,
    session: &SessionId,
    model: Option<&str>,
    effort: Option<String>,
) {
    let Some(thread) = threads.all.get_mut(session) else { return };
    let Some(settings) = &thread.view.settings else { return };
    // A pending choice is newer than the engine's last report.
    let (now, now_effort) = match thread.choosing.back() {
        Some((model, effort)) => (model, effort),
        None => (&settings.model, &settings.effort),
    };
    let wanted = model.map(|model| {
        outside.host.models.meant(named(model, None), &now.provider).of(&now.provider)
    });
    let effort = effort.map(Effort);
    let is_same = wanted.as_ref().is_none_or(|model| model == now)
        && (effort.is_none() || effort == *now_effort);
    if is_same {
        return;
    }
    let effort = effort.or_else(|| wanted.is_none().then(|| now_effort.clone()).flatten());
    let model = wanted.unwrap_or_else(|| now.clone());
    thread.choosing.push_back((model.clone(), effort.clone()));
    let command = SettingsCommand::Model { model: model.into(), effort };
    let (asked, command) = (session.clone(), Command::Settings(session.clone(), command));
    Threads::ask(outside, command, move |threads, _outside, _either_way| {
        if let Some(thread) = threads.all.get_mut(&asked) {
            thread.choosing.pop_front();
        }
    });
}

/// Sends a prompt. If a turn is running, the prompt joins it, and the answer holds that turn's id.
fn submit(outside: &mut Outside, asker: Asker, session: SessionId, prompt: UserPrompt) {
    let command = Command::Turn(session.clone(), TurnCommand::Submit(prompt));
    Threads::ask(outside, command, move |threads, outside, reply| {
        let turn = match reply {
            Ok(Reply::Submitted(PromptPlace::Turn(number))) => {
                Some(Turn::new(&session, number, None))
            }
            Ok(_) => threads
                .all
                .get(&session)
                .and_then(|thread| thread.live.as_ref())
                .map(|live| live.turn.clone()),
            Err(problem) => return outside.answer(asker, Err(problem.into())),
        };
        let result = turn
            .map(|turn| json!({ "turn": turn.json(ItemsView::NotLoaded) }))
            .ok_or_else(|| Fault::internal("the turn ended before the prompt could join it"));
        outside.answer(asker, result);
    });
}
