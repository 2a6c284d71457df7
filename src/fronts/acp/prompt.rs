//! `session/prompt` and `session/cancel`: a prompt on its way to its turn, and the end of that turn as a
//! stop reason.

use agent_client_protocol::Error;
use agent_client_protocol::v1::Responder;
use agent_client_protocol::v1::schema::{
    CancelNotification, PromptRequest, PromptResponse, StopReason,
};

use crate::protocol::{
    Command, EventKind, Problem, Reply, ReplyResult, SessionId, TurnCommand, TurnOutcome,
    UnqueueReason, UserPrompt,
};

use super::agent::AcpAgent;
use super::commands;
use super::draft::{Draft, SentPicture};
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
    agent.tell_person(&id, draft.notice());
    if draft.pictures.is_empty() {
        return match commands::parse(&draft.text) {
            Some(command) => agent.run_command(&id, number, command),
            None => agent.submit(&id, number, draft.text.into()),
        };
    }
    let Draft { text, pictures, .. } = draft;
    agent.beside(
        move || pictures.iter().map(SentPicture::read).collect::<Result<Vec<_>, _>>(),
        move |agent, read| match read {
            Some(Ok(images)) => agent.submit(&id, number, UserPrompt { images, ..text.into() }),
            Some(Err(error)) => agent.refuse_prompt(&id, number, error),
            None => agent.refuse_prompt(&id, number, Error::internal_error()),
        },
    );
}

/// Ends the turn that runs, and takes back what was not sent yet. Where nothing runs, nothing happens.
pub fn cancel(agent: &mut AcpAgent, notification: CancelNotification) {
    agent.interrupt(&ids::known(&notification.session_id));
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
