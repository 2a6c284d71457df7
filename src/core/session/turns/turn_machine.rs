//! The turn machine: begins and ends turns, hands what happens to the one that runs, and queues the
//! prompts that come meanwhile.

use crate::protocol::{
    ApprovalResponse, AskId, CallId, ClientId, ContextNoteKind, EventKind, Item, ItemKind, Losses,
    PlannedAction, Presence, PromptPlace, PromptTiming, QueueCommand, Record, Reply, ReplyResult,
    Requester, ToolCall, TurnId, TurnOrigin, TurnOutcome, UserPrompt,
};
use crate::session::sentences::{OWN_COMMAND, WAS_CUT_OFF, WAS_INTERRUPTED};

use super::super::calls::{Calls, resolved};
use super::super::context::Parts;
use super::super::effect::{EffectQueue, SessionEffect, not_now};
use super::super::input::SessionInput;
use super::compaction::Compaction;
use super::prompt_queue::PromptQueue;
use super::turn::{AfterCalls, Flow, Phase, Turn};

#[derive(Debug, Default)]
pub struct TurnMachine {
    running: Option<Turn>,
    queue: PromptQueue,
    last: LastTurn,
}

/// How the turn before this one ended, as far as the model must be told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LastTurn {
    /// The program ended in it.
    CutOff,
    Interrupted,
    #[default]
    Settled,
}

impl TurnMachine {
    pub fn is_running(&self) -> bool {
        self.running.is_some()
    }

    /// Takes over the end of the last turn that a log holds.
    pub fn recall(&mut self, last: LastTurn) {
        self.last = last;
    }

    /// Begins a turn with a prompt, or queues it for the next step.
    ///
    /// # Errors
    ///
    /// Fails for a review while a turn is running: a review is a turn of its own.
    pub fn submit(
        &mut self,
        prompt: UserPrompt,
        by: Option<ClientId>,
        parts: &mut Parts,
    ) -> ReplyResult {
        let place = if self.is_running() {
            if prompt.review.is_some() && prompt.timing == PromptTiming::Steer {
                return Err(not_now("A review cannot start while a turn is in progress"));
            }
            PromptPlace::Queued(self.queue.add(parts.ids.prompt(), by, prompt, parts.effects))
        } else {
            PromptPlace::Turn(self.begin(vec![prompt], None, parts))
        };
        Ok(Reply::Submitted(place))
    }

    /// Begins a turn. A review is one of its own, whatever else it comes from.
    fn begin(
        &mut self,
        prompts: Vec<UserPrompt>,
        origin: Option<TurnOrigin>,
        parts: &mut Parts,
    ) -> TurnId {
        let first = prompts.first();
        let text = first.map(|prompt| prompt.text.as_str()).unwrap_or_default();
        let review = first.and_then(|prompt| prompt.review.as_ref());
        let origin = review.map(|it| TurnOrigin::Review(it.what.clone())).or(origin);
        let turn = self.open(text, origin, parts);
        let prompts = turn.show_prompts(prompts, parts);
        if parts.conversation.needs_environment() {
            parts.effects.push(SessionEffect::DescribeEnvironment);
            turn.phase = Phase::DescribingEnvironment(prompts);
        } else {
            turn.go_on_with(prompts, parts);
        }
        turn.id
    }

    /// Opens a turn, with the news for the model since the last one.
    fn open(&mut self, prompt: &str, origin: Option<TurnOrigin>, parts: &mut Parts) -> &mut Turn {
        let Parts { conversation, changes, effects, .. } = parts;
        let id = parts.ids.turn();
        changes.begin(id, prompt);
        effects.emit(EventKind::TurnStarted(id));
        conversation.record_repairs(effects);
        effects.append(Record::TurnStarted(id));
        if let Some(origin) = origin {
            effects.append(Record::TurnOrigin(origin));
        }
        match std::mem::take(&mut self.last) {
            LastTurn::CutOff => {
                conversation.add_note(ContextNoteKind::CutOff, WAS_CUT_OFF, effects)
            }
            LastTurn::Interrupted => {
                conversation.add_note(ContextNoteKind::Interrupted, WAS_INTERRUPTED, effects)
            }
            LastTurn::Settled => {}
        }
        for news in changes.take_news() {
            conversation.add_note(ContextNoteKind::Undo, &news, effects);
        }
        self.running.insert(Turn::new(id))
    }

    /// Takes the inputs that are about the running turn.
    pub fn handle(&mut self, input: SessionInput, parts: &mut Parts) {
        match input {
            SessionInput::EnvironmentDescribed(text) => self.environment_described(&text, parts),
            SessionInput::OwnCommand { asker, line, call, action } => {
                let mark = parts.effects.mark();
                let result = self.run_own(&line, call, &action, parts);
                parts.effects.reply(mark, asker, result);
            }
            SessionInput::Delta(request, delta) => self.with_turn(parts, |turn, parts| {
                turn.receive(request, delta, parts.effects);
                Flow::Waits
            }),
            SessionInput::ModelRequestEnded(request, end) => {
                self.with_turn(parts, |turn, parts| turn.end_request(request, end, parts))
            }
            SessionInput::ModelRequestFailed(request, failure) => {
                self.with_turn(parts, |turn, parts| turn.fail_request(request, failure, parts))
            }
            SessionInput::ClientLeft(client) => self.queue.disown(client, parts.effects),
            SessionInput::TimerFired(timer) => {
                self.with_turn(parts, |turn, parts| turn.timer_fired(timer, parts))
            }
            SessionInput::Renewed(request) => {
                self.with_turn(parts, |turn, parts| turn.renewed(request, parts))
            }
            SessionInput::NotRenewed(request, failure) => {
                self.with_turn(parts, |turn, parts| turn.not_renewed(request, failure, parts))
            }
            SessionInput::Previewed { call, action } => {
                self.with_calls(parts, |calls, parts| calls.previewed(&call, action, parts));
            }
            SessionInput::CopiesLookedAt { call, uncovered } => {
                let act = |calls: &mut Calls, parts: &mut Parts| {
                    calls.copies_looked_at(&call, &uncovered, parts)
                };
                self.with_calls(parts, act);
            }
            SessionInput::CallEnded { call, call_result } => {
                self.with_calls(parts, |calls, parts| calls.ended(&call, call_result, parts));
            }
            SessionInput::Progress { call, tail } => self.progress(&call, &tail, parts),
            SessionInput::LossAsked { call, why } => self.loss_asked(&call, why, parts),
            SessionInput::Elicited { call, question } => {
                let asked = self
                    .with_calls(parts, |calls, parts| calls.elicited(&call, question, parts))
                    .unwrap_or(false);
                if !asked {
                    parts.effects.push(SessionEffect::AnswerElicitation(call, None));
                }
            }
            SessionInput::LossSettled(call) => {
                self.with_calls(parts, |calls, parts| calls.loss_settled(&call, parts.effects));
            }
            // The router handles the others.
            _ => {}
        }
    }

    /// Takes the look at where the conversation takes place.
    fn environment_described(&mut self, text: &str, parts: &mut Parts) {
        parts.conversation.note_look();
        let Some(turn) = &mut self.running else { return };
        let Phase::DescribingEnvironment(prompts) = &mut turn.phase else { return };
        let prompts = std::mem::take(prompts);
        parts.conversation.environment_described(text, parts.effects);
        turn.go_on_with(prompts, parts);
    }

    /// Runs a command that a person typed. The model is not asked; it sees command and output with
    /// the next prompt.
    fn run_own(
        &mut self,
        line: &str,
        call: ToolCall,
        action: &PlannedAction,
        parts: &mut Parts,
    ) -> ReplyResult {
        if self.is_running() {
            return Err(not_now("A command of your own can run once the turn has ended"));
        }
        let turn = self.open(&format!("!{line}"), None, parts);
        let Parts { conversation, effects, .. } = parts;
        conversation.add_note(ContextNoteKind::OwnCommand, OWN_COMMAND, effects);
        let id = conversation.item_id();
        let call = ToolCall { id: CallId::new(id.as_str()), ..call };
        let item = Item { id, kind: ItemKind::Call(call.clone()), wire: None };
        conversation.keep(item, effects);
        turn.calls.start_own(call, action, effects);
        turn.phase = Phase::Calling(AfterCalls::End);
        Ok(Reply::Submitted(PromptPlace::Turn(turn.id)))
    }

    /// Sums the conversation up by hand: at once, or before the next request of the running turn.
    ///
    /// # Errors
    ///
    /// Fails if no turn is running and there is nothing to sum up.
    pub fn compact(&mut self, focus: String, parts: &mut Parts) -> ReplyResult {
        if let Some(turn) = &mut self.running {
            turn.compaction.ask_for(focus);
            return Ok(Reply::Done);
        }
        if parts.conversation.foldable(&parts.context.settings.model) == 0 {
            return Err(not_now("There is nothing to summarize yet"));
        }
        let turn = self.open("/compact", None, parts);
        turn.compaction = Compaction::by_hand(focus);
        turn.request(parts);
        Ok(Reply::Done)
    }

    /// Changes the place of a queued prompt of this client, or hands it back.
    ///
    /// # Errors
    ///
    /// Fails if it waits no more, or is another client's.
    pub fn change_queue(
        &mut self,
        command: QueueCommand,
        client: Option<ClientId>,
        effects: &mut EffectQueue,
    ) -> ReplyResult {
        self.queue.change(command, client, effects)
    }

    /// Stops the turn by hand.
    pub fn interrupt(&mut self, parts: &mut Parts) {
        let Some(turn) = &mut self.running else { return };
        let problem = turn.holding_problem();
        turn.stop(parts);
        if let Some(problem) = problem {
            return self.end(TurnOutcome::Failed(problem), parts);
        }
        self.last = LastTurn::Interrupted;
        self.end(TurnOutcome::Interrupted, parts);
    }

    /// Ends the turn; a prompt that was queued meanwhile begins the next one.
    fn end(&mut self, outcome: TurnOutcome, parts: &mut Parts) {
        let Some(mut turn) = self.running.take() else { return };
        let is_settled = matches!(outcome, TurnOutcome::Done | TurnOutcome::MaxSteps);
        for item in turn.partial_output.keep() {
            parts.conversation.keep(item, parts.effects);
        }
        parts.effects.append(Record::TurnEnded { turn: turn.id, outcome: outcome.clone() });
        parts.effects.emit(EventKind::TurnEnded { turn: turn.id, outcome });
        if !is_settled {
            // Prompts that were typed ahead are not sent behind the back of somebody who just
            // stopped everything: they go back to the fronts, to be edited again.
            return self.queue.give_back(parts.effects);
        }
        let prompts = self.queue.take_next(parts.effects);
        if !prompts.is_empty() {
            self.begin(prompts, Some(TurnOrigin::Queued), parts);
        }
    }

    /// Hands something to the running turn, and follows where that leads.
    fn with_turn(&mut self, parts: &mut Parts, act: impl FnOnce(&mut Turn, &mut Parts) -> Flow) {
        let Some(turn) = &mut self.running else { return };
        match act(turn, parts) {
            Flow::Ends(outcome) => self.end(outcome, parts),
            Flow::NextStep => {
                let prompts = self.queue.take_steering(parts.effects);
                turn.next_step(prompts, parts);
            }
            Flow::Waits => {}
        }
    }

    /// Hands something to the calls of the running turn, and goes on with them.
    fn with_calls<T>(
        &mut self,
        parts: &mut Parts,
        act: impl FnOnce(&mut Calls, &mut Parts) -> T,
    ) -> Option<T> {
        let mut result = None;
        self.with_turn(parts, |turn, parts| {
            if matches!(turn.phase, Phase::Calling(_)) {
                result = Some(act(&mut turn.calls, parts));
                if parts.context.presence == Presence::Unattended {
                    turn.calls.resolve_unattended(parts);
                }
            }
            turn.go_on_calling(parts)
        });
        result
    }

    /// Shows the last lines of a call, or of the job that it became.
    fn progress(&mut self, call: &CallId, tail: &str, parts: &mut Parts) {
        let turn = self.running.as_mut();
        if !turn.is_some_and(|turn| turn.calls.progress(call, tail, parts.effects)) {
            parts.jobs.progress(call, tail, parts.effects);
        }
    }

    /// Asks whether a running command may lose files, or refuses at once where nobody can be asked.
    fn loss_asked(&mut self, call: &CallId, why: String, parts: &mut Parts) {
        let asked = self.with_calls(parts, |calls, parts| calls.loss_asked(call, why, parts));
        if let Some(answer) = asked.unwrap_or(Some(Losses::Refused)) {
            parts.effects.push(SessionEffect::AnswerLoss(call.clone(), answer));
        }
    }

    /// Passes the answer to an approval on to the calls of the running turn, or takes the one to
    /// its offer to wait for a usage limit.
    ///
    /// # Errors
    ///
    /// Fails if no turn is running, or if nothing waits for an answer under this id.
    pub fn decide(
        &mut self,
        ask: AskId,
        asker: Option<Requester>,
        decision: ApprovalResponse,
        parts: &mut Parts,
    ) -> ReplyResult {
        if self.running.as_ref().is_some_and(|turn| turn.offers_to_wait(ask)) {
            self.with_turn(parts, |turn, parts| turn.answer_offer(asker, &decision, parts));
            return Ok(Reply::Done);
        }
        let act = |calls: &mut Calls, parts: &mut Parts| calls.decide(ask, asker, decision, parts);
        self.with_calls(parts, act).unwrap_or_else(|| Err(resolved()))
    }

    /// Passes the answer to a question on to the calls of the running turn. In words, the offer to
    /// wait until a usage limit is reset is taken by `yes` alone.
    ///
    /// # Errors
    ///
    /// Fails if no turn is running, or if no question waits for an answer under this id.
    pub fn answer(
        &mut self,
        ask: AskId,
        asker: Option<Requester>,
        text: String,
        parts: &mut Parts,
    ) -> ReplyResult {
        if self.running.as_ref().is_some_and(|turn| turn.offers_to_wait(ask)) {
            let is_yes = ["yes", "y"].iter().any(|yes| text.trim().eq_ignore_ascii_case(yes));
            let decision = if is_yes { ApprovalResponse::Once } else { ApprovalResponse::No };
            return self.decide(ask, asker, decision, parts);
        }
        let act = |calls: &mut Calls, parts: &mut Parts| calls.answer(ask, asker, text, parts);
        self.with_calls(parts, act).unwrap_or_else(|| Err(resolved()))
    }

    /// Looks again at the calls that wait for a person: more may be allowed now.
    pub fn permissions_changed(&mut self, parts: &mut Parts) {
        self.with_calls(parts, |calls, parts| calls.release(parts));
        self.with_turn(parts, Turn::presence_changed);
    }
}
