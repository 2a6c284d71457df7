//! `session/prompt` and `session/cancel`: a prompt on its way to its turn, and the end of that turn
//! as a stop reason.

use agent_client_protocol::Error;
use agent_client_protocol::v1::Responder;
use agent_client_protocol::v1::schema::{
    CancelNotification, PromptRequest, PromptResponse, StopReason,
};

use crate::protocol::{
    Command, EventKind, Problem, Reply, ReplyResult, SessionId, TurnCommand, TurnOutcome,
    UnqueueReason, UserPrompt,
};

use super::commands;
use super::draft::{Draft, SentPicture};
use super::open_sessions::Sessions;
use super::prompts::{PromptNumber, last_outcome};
use crate::acp::ids;
use crate::acp::outside::Outside;
use crate::host::Machine;

/// The answer to a prompt that was stopped, or never sent.
fn cancelled() -> PromptResponse {
    PromptResponse::new(StopReason::Cancelled)
}

pub fn prompt(
    sessions: &mut Sessions,
    outside: &mut Outside,
    request: PromptRequest,
    responder: Responder<PromptResponse>,
) {
    let found = sessions.find(&request.session_id).map(|session| session.id().clone());
    let read = found.and_then(|id| Ok((id, Draft::of(request.prompt)?)));
    let Some((responder, (id, draft))) = outside.accept(responder, read) else { return };
    let Some(session) = sessions.all.get_mut(&id) else { return };
    let number = session.prompts.next_number();
    let named = id.clone();
    let watch = outside.when_cancelled(
        responder.cancellation(),
        move |sessions: &mut Sessions, outside| {
            sessions.cancel_prompt(outside, &named, number);
        },
    );
    if let Some(session) = sessions.all.get_mut(&id) {
        session.prompts.add(number, responder, watch);
    }
    sessions.notify_person(outside, &id, draft.notice());
    if draft.pictures.is_empty() {
        return match commands::parse(&draft.text) {
            Some(command) => commands::run_command(sessions, outside, &id, number, command),
            None => sessions.submit(outside, &id, number, draft.text.into()),
        };
    }
    let Draft { text, pictures, .. } = draft;
    Sessions::on_thread(
        outside,
        move || pictures.iter().map(SentPicture::read).collect::<Result<Vec<_>, _>>(),
        move |sessions, outside, read| match read {
            Some(Ok(images)) => {
                sessions.submit(outside, &id, number, UserPrompt { images, ..text.into() })
            }
            Some(Err(error)) => sessions.refuse_prompt(outside, &id, number, error),
            None => sessions.refuse_prompt(outside, &id, number, Error::internal_error()),
        },
    );
}

/// Ends the turn that runs, and takes back what was not sent yet. Does nothing if no turn runs.
pub fn cancel(sessions: &mut Sessions, outside: &mut Outside, notification: CancelNotification) {
    sessions.interrupt(outside, &ids::known(&notification.session_id));
}

impl Sessions {
    /// Sends a prompt, unless it was cancelled meanwhile. It joins the turn that runs, if there is
    /// one.
    fn submit(
        &mut self,
        outside: &mut Outside,
        id: &SessionId,
        number: PromptNumber,
        prompt: UserPrompt,
    ) {
        self.run_turn(outside, id, number, TurnCommand::Submit(prompt));
    }

    /// Sends a command that begins a turn, or joins one.
    pub fn run_turn(
        &mut self,
        outside: &mut Outside,
        id: &SessionId,
        number: PromptNumber,
        command: TurnCommand,
    ) {
        let session = self.all.get_mut(id);
        if !session.is_some_and(|session| session.prompts.send(number)) {
            return;
        }
        let session = id.clone();
        let command = Command::Turn(id.clone(), command);
        Self::ask(outside, command, move |sessions, outside, reply| {
            sessions.placed(outside, &session, number, reply);
        });
    }

    fn placed(
        &mut self,
        outside: &Outside,
        id: &SessionId,
        number: PromptNumber,
        reply: ReplyResult,
    ) {
        let Some(session) = self.all.get_mut(id) else { return };
        match reply {
            Ok(Reply::Submitted(place)) => session.prompts.placed(number, place),
            // A compaction begins a turn, or joins the one that runs.
            Ok(_) => session.prompts.begins(number, session.view.turn),
            Err(problem) => self.refuse_prompt(outside, id, number, outside.error(&problem)),
        }
    }

    /// Answers a prompt that has nothing more to come.
    pub fn finish_prompt(&mut self, outside: &Outside, id: &SessionId, number: PromptNumber) {
        self.settle(outside, id, number, Ok(PromptResponse::new(StopReason::EndTurn)));
    }

    pub fn refuse_prompt(
        &mut self,
        outside: &Outside,
        id: &SessionId,
        number: PromptNumber,
        error: Error,
    ) {
        self.settle(outside, id, number, Err(error));
    }

    fn settle(
        &mut self,
        outside: &Outside,
        id: &SessionId,
        number: PromptNumber,
        result: Result<PromptResponse, Error>,
    ) {
        let session = self.all.get_mut(id);
        if let Some(responder) = session.and_then(|session| session.prompts.take(number)) {
            outside.answer(responder, result);
        }
    }

    /// Cancels one prompt: the turn that it is in ends, as it does for `session/cancel`.
    fn cancel_prompt(&mut self, outside: &mut Outside, id: &SessionId, number: PromptNumber) {
        let waits = self.all.get_mut(id).is_some_and(|it| it.prompts.waits(number));
        if waits {
            self.interrupt(outside, id);
        }
    }

    pub fn interrupt(&mut self, outside: &mut Outside, id: &SessionId) {
        let Some(session) = self.all.get_mut(id) else { return };
        for prompt in session.prompts.take_unsent() {
            outside.answer(prompt, Ok(cancelled()));
        }
        // If nothing runs, the engine says so, which is fine.
        Sessions::ask(outside, Command::Turn(id.clone(), TurnCommand::Interrupt), |_, _, _| {});
    }

    /// Answers the prompts that an event brought to their end, after the updates about the event.
    pub fn prompt_news(&mut self, outside: &mut Outside, id: &SessionId, event: &EventKind) {
        let Some(session) = self.all.get_mut(id) else { return };
        if let EventKind::Undone { .. } | EventKind::Snapshot(_) = event
            && let Some(number) = session.undoing.take()
        {
            self.finish_prompt(outside, id, number);
        }
        let Some(session) = self.all.get_mut(id) else { return };
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
            outside.answer(prompt, stop_reason(outside, &outcome));
        }
    }
}

fn stop_reason(outside: &Outside, outcome: &TurnOutcome) -> Result<PromptResponse, Error> {
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
            return Err(outside.error(problem));
        }
    };
    Ok(PromptResponse::new(reason))
}
