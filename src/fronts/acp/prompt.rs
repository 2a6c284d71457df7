//! `session/prompt` and `session/cancel`: from content blocks to a prompt, and from the end of its
//! turn to a stop reason.

use agent_client_protocol::Error;
use agent_client_protocol::v1::Responder;
use agent_client_protocol::v1::schema::{
    CancelNotification, ContentBlock, EmbeddedResourceResource, PromptRequest, PromptResponse,
    ResourceLink, StopReason,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::engine::picture_of_bytes;
use crate::protocol::{
    Command, EventKind, Picture, Problem, Reply, ReplyResult, SessionId, TurnCommand, TurnOutcome,
    UnqueueReason, UserPrompt,
};

use super::agent::AcpAgent;
use super::commands;
use super::failure;
use super::ids;
use super::prompts::{PromptNumber, last_outcome};

/// The answer to a prompt that was stopped, or never sent.
fn cancelled() -> PromptResponse {
    PromptResponse::new(StopReason::Cancelled)
}

pub fn prompt(agent: &mut AcpAgent, request: PromptRequest, responder: Responder<PromptResponse>) {
    let id = match agent.session(&request.session_id) {
        Ok(session) => session.id().clone(),
        Err(error) => return agent.answer(responder, Err(error)),
    };
    let draft = match Draft::of(request.prompt) {
        Ok(draft) => draft,
        Err(error) => return agent.answer(responder, Err(error)),
    };
    let Some(session) = agent.sessions.get_mut(&id) else { return };
    let number = session.prompts.next_number();
    let named = id.clone();
    let watch = agent.when_cancelled(responder.cancellation(), move |agent| {
        agent.cancel_prompt(&named, number);
    });
    if let Some(session) = agent.sessions.get_mut(&id) {
        session.prompts.add(number, responder, watch);
    }
    if draft.pictures.is_empty() {
        return match commands::parse(&draft.text) {
            Some(command) => agent.run_command(&id, number, command),
            None => agent.submit(&id, number, draft.text.into()),
        };
    }
    let Draft { text, pictures } = draft;
    agent.beside(
        move || pictures.iter().map(SentPicture::read).collect::<Result<Vec<_>, _>>(),
        move |agent, read| match read {
            Some(Ok(images)) => {
                agent.submit(&id, number, UserPrompt { text, images, schema: None })
            }
            Some(Err(error)) => agent.refuse_prompt(&id, number, error),
            None => agent.refuse_prompt(&id, number, Error::internal_error()),
        },
    );
}

/// Ends the turn that runs, and takes back what was not sent yet. Where nothing runs, nothing happens.
pub fn cancel(agent: &mut AcpAgent, notification: CancelNotification) {
    agent.interrupt(&ids::known(&notification.session_id));
}

/// A prompt whose pictures nobody has looked at yet.
#[derive(Debug, Default)]
struct Draft {
    text: String,
    pictures: Vec<SentPicture>,
}

#[derive(Debug)]
struct SentPicture {
    name: String,
    /// Base64.
    data: String,
}

impl Draft {
    fn of(blocks: Vec<ContentBlock>) -> Result<Self, Error> {
        let mut draft = Self::default();
        let mut attached = String::new();
        for block in blocks {
            match block {
                ContentBlock::Text(text) => draft.text.push_str(&text.text),
                ContentBlock::ResourceLink(link) => draft.text.push_str(&mention(&link)),
                ContentBlock::Image(image) => draft.picture(image.data),
                ContentBlock::Resource(resource) => match resource.resource {
                    EmbeddedResourceResource::TextResourceContents(resource) => {
                        let name = name_of(&resource.uri);
                        draft.text.push_str(&format!("[@{name}]({})", resource.uri));
                        let uri = resource.uri.replace('"', "%22");
                        let text = resource.text.trim_end_matches('\n');
                        attached
                            .push_str(&format!("\n\n<context ref=\"{uri}\">\n{text}\n</context>"));
                    }
                    EmbeddedResourceResource::BlobResourceContents(resource)
                        if resource
                            .mime_type
                            .as_ref()
                            .is_some_and(|it| it.starts_with("image/")) =>
                    {
                        draft.picture(resource.blob);
                    }
                    EmbeddedResourceResource::BlobResourceContents(resource) => {
                        let name = name_of(&resource.uri);
                        draft.text.push_str(&format!("[@{name}]({})", resource.uri));
                    }
                    _ => return Err(failure::invalid("A resource has to be text or a blob")),
                },
                ContentBlock::Audio(_) => {
                    return Err(failure::invalid("codling does not take audio"));
                }
                _ => return Err(failure::invalid("The prompt has a block of an unknown type")),
            }
        }
        draft.text.push_str(&attached);
        if draft.text.trim().is_empty() && draft.pictures.is_empty() {
            return Err(failure::invalid("The prompt is empty"));
        }
        Ok(draft)
    }

    fn picture(&mut self, data: String) {
        let name = format!("image {}", self.pictures.len() + 1);
        self.pictures.push(SentPicture { name, data });
    }
}

impl SentPicture {
    fn read(&self) -> Result<Picture, Error> {
        let Ok(bytes) = STANDARD.decode(&self.data) else {
            return Err(failure::invalid(format!("`{}` is not base64", self.name)));
        };
        picture_of_bytes(&self.name, &bytes).map_err(|problem| failure::error(&problem, &[]))
    }
}

/// A file or page that the model may look at.
fn mention(link: &ResourceLink) -> String {
    let name = if link.name.trim().is_empty() { name_of(&link.uri) } else { link.name.clone() };
    format!("[@{name}]({})", link.uri)
}

/// What stands behind the last slash.
fn name_of(uri: &str) -> String {
    let name = uri.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
    if name.is_empty() { uri.to_owned() } else { name.to_owned() }
}

impl AcpAgent {
    /// Sends a prompt, unless it was cancelled meanwhile. Where a turn runs it joins that one.
    fn submit(&mut self, id: &SessionId, number: PromptNumber, prompt: UserPrompt) {
        self.run_turn(id, number, TurnCommand::Submit(prompt));
    }

    /// Sends what begins a turn, or joins one.
    pub fn run_turn(&mut self, id: &SessionId, number: PromptNumber, command: TurnCommand) {
        let session = self.sessions.get_mut(id);
        if !session.is_some_and(|session| session.prompts.send(number)) {
            return;
        }
        let session = id.clone();
        self.ask(Command::Turn(id.clone(), command), move |agent, reply| {
            agent.placed(&session, number, reply);
        });
    }

    fn placed(&mut self, id: &SessionId, number: PromptNumber, reply: ReplyResult) {
        let Some(session) = self.sessions.get_mut(id) else { return };
        match reply {
            Ok(Reply::Submitted(place)) => session.prompts.placed(number, place),
            // A compaction begins a turn, or joins the one that runs.
            Ok(_) => session.prompts.begins(number, session.view.turn),
            Err(problem) => {
                let error = failure::error(&problem, &self.auth_methods());
                self.refuse_prompt(id, number, error);
            }
        }
    }

    /// There is nothing more to come of it.
    pub fn finish_prompt(&mut self, id: &SessionId, number: PromptNumber) {
        self.settle(id, number, Ok(PromptResponse::new(StopReason::EndTurn)));
    }

    pub fn refuse_prompt(&mut self, id: &SessionId, number: PromptNumber, error: Error) {
        self.settle(id, number, Err(error));
    }

    fn settle(
        &mut self,
        id: &SessionId,
        number: PromptNumber,
        result: Result<PromptResponse, Error>,
    ) {
        let session = self.sessions.get_mut(id);
        if let Some(responder) = session.and_then(|session| session.prompts.take(number)) {
            self.answer(responder, result);
        }
    }

    /// The client gives up one prompt: the turn that it is in ends, as it does for `session/cancel`.
    fn cancel_prompt(&mut self, id: &SessionId, number: PromptNumber) {
        let waits = self.sessions.get_mut(id).is_some_and(|it| it.prompts.waits(number));
        if waits {
            self.interrupt(id);
        }
    }

    pub fn interrupt(&mut self, id: &SessionId) {
        let Some(session) = self.sessions.get_mut(id) else { return };
        for prompt in session.prompts.take_unsent() {
            self.answer(prompt, Ok(cancelled()));
        }
        // Where nothing runs, the engine says so, and that is well.
        self.ask(Command::Turn(id.clone(), TurnCommand::Interrupt), |_, _| {});
    }

    /// Answers the prompts that an event brought to their end, behind all that it told.
    pub fn prompt_news(&mut self, id: &SessionId, event: &EventKind) {
        let Some(session) = self.sessions.get_mut(id) else { return };
        if let EventKind::Undone { .. } | EventKind::Snapshot(_) = event
            && let Some(number) = session.undoing.take()
        {
            self.finish_prompt(id, number);
        }
        let Some(session) = self.sessions.get_mut(id) else { return };
        let ended = match event {
            EventKind::TurnStarted(turn) => {
                session.prompts.began(*turn);
                return;
            }
            EventKind::TurnEnded { turn, outcome } => {
                session.outcome = outcome.clone();
                session.prompts.take_turn(*turn)
            }
            EventKind::Unqueued { prompts, why: UnqueueReason::Sent } => {
                session.prompts.joined(prompts, session.view.turn);
                return;
            }
            EventKind::Unqueued { prompts, why: UnqueueReason::TurnEnded } => {
                session.prompts.take_queued(prompts)
            }
            EventKind::Unqueued { prompts, why: UnqueueReason::TakenBack } => {
                session.outcome = TurnOutcome::Interrupted;
                session.prompts.take_queued(prompts)
            }
            EventKind::Snapshot(_) => {
                session.outcome = last_outcome(&session.view);
                session.prompts.resync(&session.view)
            }
            _ => return,
        };
        let outcome = session.outcome.clone();
        for prompt in ended {
            self.answer(prompt, self.stop_reason(&outcome));
        }
    }

    fn stop_reason(&self, outcome: &TurnOutcome) -> Result<PromptResponse, Error> {
        let reason = match outcome {
            TurnOutcome::Done => StopReason::EndTurn,
            TurnOutcome::Interrupted => StopReason::Cancelled,
            TurnOutcome::MaxSteps => StopReason::MaxTurnRequests,
            TurnOutcome::Failed(Problem { kind, .. })
                if *kind == crate::protocol::ProblemKind::ContextLength =>
            {
                StopReason::MaxTokens
            }
            TurnOutcome::Failed(problem) => {
                return Err(failure::error(problem, &self.auth_methods()));
            }
        };
        Ok(PromptResponse::new(reason))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn draft(blocks: Value) -> Result<Draft, Error> {
        Draft::of(serde_json::from_value(blocks).unwrap())
    }

    #[test]
    fn what_is_mentioned_stays_where_it_was_mentioned_and_what_is_attached_follows() {
        let blocks = json!([
            { "type": "text", "text": "compare " },
            { "type": "resource_link", "uri": "file:///w/a.rs", "name": "a.rs" },
            { "type": "text", "text": " with " },
            { "type": "resource", "resource": { "uri": "file:///w/b.rs", "text": "fn b() {}\n" } },
            { "type": "text", "text": ", please" },
        ]);
        assert_eq!(
            draft(blocks).unwrap().text,
            "compare [@a.rs](file:///w/a.rs) with [@b.rs](file:///w/b.rs), please\n\n<context ref=\"file:///w/b.rs\">\nfn b() {}\n</context>"
        );
    }

    #[test]
    fn pictures_go_along_and_what_cannot_be_sent_is_refused() {
        let image = json!({ "type": "image", "data": "aGk=", "mimeType": "image/png" });
        let blob = json!({ "type": "resource", "resource": {
            "uri": "file:///w/c.png", "blob": "aGk=", "mimeType": "image/png",
        } });
        let both = draft(json!([image, blob])).unwrap();
        assert_eq!(both.pictures.len(), 2);
        let error = both.pictures[0].read().unwrap_err();
        assert!(error.message.starts_with("`image 1` is not a PNG"), "{}", error.message);
        let broken = SentPicture { name: "image 1".into(), data: "%".into() };
        assert_eq!(broken.read().unwrap_err().message, "`image 1` is not base64");
        let audio = json!({ "type": "audio", "data": "aGk=", "mimeType": "audio/wav" });
        for refused in [json!([]), json!([{ "type": "text", "text": " " }]), json!([audio])] {
            assert_eq!(i32::from(draft(refused).unwrap_err().code), -32602);
        }
    }
}
