//! `turn/start`: a prompt, with what the client would have the turn work with.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::protocol::{
    Agent, Command, Effort, Picture, PromptPlace, Reply, SessionId, SettingsCommand, TurnCommand,
    UserPrompt,
};

use super::choice::named;
use super::connection::Asker;
use super::failure;
use super::methods::Params;
use super::permissions::{AskForApproval, PermissionProfile, Reviewer, SandboxMode, SandboxPolicy};
use super::server::Server;
use super::turns::{ItemsView, Turn, session_id};
use super::wire::Fault;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StartTurn {
    thread_id: String,
    input: Vec<UserInput>,
    approval_policy: Option<AskForApproval>,
    approvals_reviewer: Option<Reviewer>,
    permissions: Option<PermissionProfile>,
    collaboration_mode: Option<CollaborationMode>,
    sandbox_policy: Option<SandboxPolicy>,
    client_user_message_id: Option<String>,
    model: Option<String>,
    effort: Option<String>,
    output_schema: Option<Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UpdateSettings {
    thread_id: String,
    approval_policy: Option<AskForApproval>,
    approvals_reviewer: Option<Reviewer>,
    permissions: Option<PermissionProfile>,
    collaboration_mode: Option<CollaborationMode>,
    sandbox_policy: Option<SandboxPolicy>,
    model: Option<String>,
    effort: Option<String>,
}

impl Params for UpdateSettings {}

/// Which agent a client wants to work.
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

/// How far a thread may go, as a turn or new settings say it.
struct Permitted {
    ask: Option<AskForApproval>,
    sandbox: Option<SandboxMode>,
    reviewer: Option<Reviewer>,
    mode: Option<CollaborationMode>,
}

/// What a thread works with from here on; `thread/settings/updated` tells it.
///
/// As with turns, whoever asks need not have subscribed: every client that was let in may subscribe to
/// every thread, begin ones without a sandbox and run commands of its own, so that asking for it here
/// would keep nobody out. Who listens to the thread is told.
pub fn update_settings(server: &mut Server, asker: Asker, params: UpdateSettings) {
    let session = match server.loaded(&params.thread_id) {
        Ok(session) => session,
        Err(fault) => return server.answer(asker, Err(fault)),
    };
    let UpdateSettings { model, effort, .. } = params;
    let sandbox = params.sandbox_policy.as_ref().map(Into::into);
    let permitted = Permitted {
        ask: params.approval_policy,
        sandbox: params.permissions.map(Into::into).or(sandbox),
        reviewer: params.approvals_reviewer,
        mode: params.collaboration_mode,
    };
    server.permit(&session, permitted);
    server.choose(&session, model.as_deref(), effort);
    server.answer(asker, Ok(json!({})));
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

impl Params for StartTurn {
    fn gated(&self) -> Option<&'static str> {
        match self.approval_policy {
            Some(AskForApproval::Granular(_)) => Some("askForApproval.granular"),
            _ => None,
        }
    }
}

pub fn start(server: &mut Server, asker: Asker, params: StartTurn) {
    let session = match session_id(&params.thread_id) {
        Ok(session) if server.threads.contains_key(&session) => session,
        Ok(_) => {
            let message = format!("thread not found: {}", params.thread_id);
            return server.answer(asker, Err(Fault::invalid(message)));
        }
        Err(message) => return server.answer(asker, Err(Fault::invalid(message))),
    };
    if !server.is_serving() {
        return server.answer(asker, Err(Fault::overloaded()));
    }
    let StartTurn {
        input,
        approval_policy: ask,
        approvals_reviewer: reviewer,
        permissions,
        collaboration_mode: mode,
        sandbox_policy,
        client_user_message_id: name,
        model,
        effort,
        output_schema,
        ..
    } = params;
    let sandbox = sandbox_policy.as_ref().map(Into::into);
    let sandbox = permissions.map(Into::into).or(sandbox);
    let permitted = Permitted { ask, sandbox, reviewer, mode };
    let schema = output_schema.filter(|schema| !schema.is_null()).map(|schema| schema.to_string());
    server.prompt(input, move |server, prompt| {
        let prompt = match prompt {
            Ok(prompt) => UserPrompt { schema: schema.map(Into::into), ..prompt },
            Err(message) => return server.answer(asker, Err(Fault::invalid(message))),
        };
        server.permit(&session, permitted);
        server.choose(&session, model.as_deref(), effort);
        server.submit(asker, &session, prompt, name);
    });
}

impl Server {
    /// What a client writes as one prompt. Pictures are read beside the loop.
    pub(super) fn prompt(
        &mut self,
        input: Vec<UserInput>,
        then: impl FnOnce(&mut Self, Result<UserPrompt, String>) + Send + 'static,
    ) {
        let mut text = Vec::new();
        let mut pictures = Vec::new();
        for part in input {
            match part {
                UserInput::Text { text: words } => text.push(words),
                UserInput::Image { url: Some(url) } if data(&url).is_some() => {
                    pictures.push(PictureSource::Data(url));
                }
                UserInput::Image { url: Some(_) } => {
                    let message =
                        "an image has to be a `data:` address of a PNG, JPEG, GIF or WebP";
                    return then(self, Err(message.into()));
                }
                UserInput::Image { url: None } => {
                    return then(self, Err("an image needs a `url`".into()));
                }
                UserInput::LocalImage { path } => pictures.push(PictureSource::File(path)),
                UserInput::Skill { name, path } | UserInput::Mention { name, path } => {
                    text.push(format!("[{name}]({path})"));
                }
            }
        }
        let text = text.join("\n");
        if text.trim().is_empty() && pictures.is_empty() {
            return then(self, Err("input must not be empty".into()));
        }
        if pictures.is_empty() {
            return then(self, Ok(text.into()));
        }
        let read = tokio::task::spawn_blocking(move || {
            pictures.into_iter().map(PictureSource::read).collect::<Result<Vec<_>, _>>()
        });
        self.beside(read, move |server, read| {
            let prompt = match read {
                Ok(Ok(images)) => Ok(UserPrompt { images, ..text.into() }),
                Ok(Err(why)) => Err(why),
                Err(_panic) => Err("the picture could not be read".to_owned()),
            };
            then(server, prompt);
        });
    }

    /// From here on the thread may do what its client says.
    fn permit(&mut self, session: &SessionId, permitted: Permitted) {
        let Permitted { ask, sandbox, reviewer, mode } = permitted;
        let Some(thread) = self.threads.get_mut(session) else { return };
        let agent = mode.map(|CollaborationMode { mode }| match mode {
            ModeKind::Default => Agent::Build,
            ModeKind::Plan => Agent::Plan,
        });
        if let Some(agent) = agent.filter(|agent| (*agent == Agent::Plan) != thread.plans()) {
            let command = SettingsCommand::Agent(agent);
            self.engine.send(Command::Settings(session.clone(), command));
        }
        let wanted = thread.meta.permissions.with(ask, sandbox).reviewed_by(reviewer);
        if wanted == thread.meta.permissions {
            return;
        }
        let mode = wanted.mode();
        thread.meta.permissions = wanted;
        // The view knows what the engine has told, which may be behind what it was sent.
        self.engine.send(Command::Settings(session.clone(), SettingsCommand::Mode(mode)));
    }

    /// From here on another model answers.
    fn choose(&mut self, session: &SessionId, model: Option<&str>, effort: Option<String>) {
        let Some(thread) = self.threads.get_mut(session) else { return };
        let Some(told) = &thread.view.settings else { return };
        // What was sent last and is not answered yet comes before what the engine has told.
        let (now, now_effort) = match thread.choosing.back() {
            Some((model, effort)) => (model, effort),
            None => (&told.model, &told.effort),
        };
        let wanted = model
            .map(|model| self.models.meant(named(model, None), &now.provider).of(&now.provider));
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
        let asked = session.clone();
        self.ask(Command::Settings(session.clone(), command), move |server, _either_way| {
            if let Some(thread) = server.threads.get_mut(&asked) {
                thread.choosing.pop_front();
            }
        });
    }

    /// Keeps the name that a client gave a prompt until the prompt is told. What is kept.
    pub(super) fn name_prompt(
        &mut self,
        session: &SessionId,
        prompt: &UserPrompt,
        name: Option<String>,
    ) -> Option<(String, String)> {
        let named = (prompt.text.clone(), name?);
        self.threads.get_mut(session)?.client_names.push(named.clone());
        Some(named)
    }

    /// The prompt was refused, and is never told.
    pub(super) fn forget_name(&mut self, session: &SessionId, named: Option<(String, String)>) {
        let (Some(thread), Some(named)) = (self.threads.get_mut(session), named) else { return };
        if let Some(at) = thread.client_names.iter().rposition(|one| *one == named) {
            thread.client_names.remove(at);
        }
    }

    /// Sends a prompt. Where a turn runs it joins that one, whose id is the answer.
    fn submit(
        &mut self,
        asker: Asker,
        session: &SessionId,
        prompt: UserPrompt,
        name: Option<String>,
    ) {
        let named = self.name_prompt(session, &prompt, name);
        let command = Command::Turn(session.clone(), TurnCommand::Submit(prompt));
        let session = session.clone();
        self.ask(command, move |server, reply| {
            let turn = match reply {
                Ok(Reply::Submitted(PromptPlace::Turn(number))) => {
                    Some(Turn::new(&session, number, None))
                }
                Ok(_) => server
                    .threads
                    .get(&session)
                    .and_then(|thread| thread.live.as_ref())
                    .map(|live| live.turn.clone()),
                Err(problem) => {
                    server.forget_name(&session, named);
                    return server.answer(asker, Err(failure::fault(&problem)));
                }
            };
            let result = turn
                .map(|turn| json!({ "turn": turn.json(ItemsView::NotLoaded) }))
                .ok_or_else(|| Fault::internal("the turn ended before the prompt could join it"));
            server.answer(asker, result);
        });
    }
}

/// Where a picture of a prompt comes from.
enum PictureSource {
    /// A `data:` address.
    Data(String),
    File(PathBuf),
}

impl PictureSource {
    /// The picture as models take it. Fails with a sentence. Takes a second or two.
    fn read(self) -> Result<Picture, String> {
        match self {
            Self::Data(url) => picture(&url),
            Self::File(path) => {
                crate::engine::picture(&path).map_err(|problem| failure::sentence(&problem))
            }
        }
    }
}

/// What a `data:` address of a picture holds, in base64.
fn data(url: &str) -> Option<&str> {
    let (kind, data) = url.strip_prefix("data:")?.split_once(";base64,")?;
    matches!(kind, "image/png" | "image/jpeg" | "image/gif" | "image/webp").then_some(data)
}

/// The picture of a `data:` address, looked at and made as small as models take it. Fails with a
/// sentence. Takes a second or two.
pub fn picture(url: &str) -> Result<Picture, String> {
    let bytes = data(url).and_then(|data| STANDARD.decode(data).ok());
    let bytes = bytes.ok_or("the picture is not in base64")?;
    crate::engine::picture_of_bytes("the picture", &bytes)
        .map_err(|problem| failure::sentence(&problem))
}
