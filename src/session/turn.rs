//! A turn: from a prompt to the answer without a tool call, or to its end by hand or by failure.

use std::sync::Arc;

use crate::protocol::{
    CallId, CallOutput, ContextNoteKind, EventKind, Item, ItemId, ItemKind, ModelRequestId,
    PlannedAction, Problem, PromptPlace, Record, Reply, ReplyResult, TimerId, ToolCall, TurnId,
    TurnOrigin, TurnOutcome, UserPrompt, UserReply,
};

use super::calls::{AfterCalls, Calls, RepeatedCalls};
use super::compaction::Compaction;
use super::effect::{EffectQueue, SessionEffect};
use super::reconnect::{NextAttempt, Retries};
use super::step::Step;
use super::{EnvironmentState, RecordedHistory, Session, not_now};

const WAS_INTERRUPTED: &str =
    "(The turn before this message was interrupted by the user before it was finished.)";
const WAS_CUT_OFF: &str =
    "(The turn before this message was cut off: codling ended before it was finished.)";
const OWN_COMMAND: &str = "(The user ran the next command, not you.)";
/// Begins the name of the remark that tells where the conversation takes place.
const PLACE: &str = "place_";
/// Begins the name of the remark that tells what may be done.
const PERMISSIONS: &str = "permissions_";

#[derive(Debug)]
pub(super) struct Turn {
    pub(super) id: TurnId,
    /// Steps begun so far.
    pub(super) steps: u32,
    /// `x-codex-turn-state`, echoed until the turn ends.
    pub(super) state: Option<String>,
    /// What the answer has to fit.
    pub(super) schema: Option<Arc<str>>,
    /// What the model is told in front of the first prompt.
    instruction: Option<String>,
    pub(super) retries: Retries,
    pub(super) streak: RepeatedCalls,
    pub(super) compaction: Compaction,
    pub(super) phase: Phase,
}

/// What the turn waits for.
#[derive(Debug)]
pub(super) enum Phase {
    Calling(Calls),
    /// For a renewed credential, after this request was refused.
    Renewing(ModelRequestId),
    Requesting(Step),
    /// For a summary of the conversation.
    Compacting(Step),
    /// For words about the place, before the first request; with the prompts that are on the screen already.
    DescribingEnvironment(Vec<Item>),
    /// For the time to try again.
    Waiting(TimerId, NextAttempt),
}

impl Turn {
    fn new(id: TurnId) -> Self {
        Self {
            id,
            steps: 0,
            state: None,
            schema: None,
            instruction: None,
            retries: Retries::default(),
            streak: RepeatedCalls::default(),
            compaction: Compaction::default(),
            phase: Phase::DescribingEnvironment(Vec::new()),
        }
    }
}

impl Session {
    pub(super) fn submit(&mut self, draft: UserPrompt, effects: &mut EffectQueue) -> ReplyResult {
        let place = if self.turn.is_some() {
            if draft.review.is_some() {
                return Err(not_now("A review cannot start while a turn is in progress"));
            }
            PromptPlace::Queued(self.enqueue(draft, effects))
        } else {
            let origin = draft.review.as_ref().map(|it| TurnOrigin::Review(it.what.clone()));
            PromptPlace::Turn(self.begin_turn(vec![draft], origin, effects))
        };
        Ok(Reply::Submitted(place))
    }

    fn begin_turn(
        &mut self,
        drafts: Vec<UserPrompt>,
        origin: Option<TurnOrigin>,
        effects: &mut EffectQueue,
    ) -> TurnId {
        let prompt = drafts.first().map(|draft| draft.text.as_str()).unwrap_or_default();
        let mut turn = self.open_turn(prompt, origin, effects);
        let id = turn.id;
        let prompts = self.show_prompts(&mut turn, drafts, effects);
        if self.environment == EnvironmentState::NotYet {
            effects.push(SessionEffect::DescribeEnvironment);
            turn.phase = Phase::DescribingEnvironment(prompts);
            self.turn = Some(turn);
        } else {
            self.go_on_with(turn, prompts, effects);
        }
        id
    }

    /// Begins a turn, with what the model must be told of what happened since the last one.
    pub(super) fn open_turn(
        &mut self,
        prompt: &str,
        origin: Option<TurnOrigin>,
        effects: &mut EffectQueue,
    ) -> Turn {
        let id = self.names.turn();
        self.change_log.begin(id, prompt);
        effects.tell(EventKind::TurnStarted(id));
        for record in std::mem::take(&mut self.mended) {
            effects.append(record);
        }
        effects.append(Record::TurnStarted(id));
        if let Some(origin) = origin {
            effects.append(Record::TurnOrigin(origin));
        }
        match std::mem::replace(&mut self.past, RecordedHistory::Settled) {
            RecordedHistory::CutOff => self.add_note(ContextNoteKind::CutOff, WAS_CUT_OFF, effects),
            RecordedHistory::Interrupted => {
                self.add_note(ContextNoteKind::Interrupted, WAS_INTERRUPTED, effects)
            }
            RecordedHistory::Settled => {}
        }
        for news in self.change_log.take_news() {
            self.add_note(ContextNoteKind::Undo, &news, effects);
        }
        Turn::new(id)
    }

    /// The place is told once, and again where it has changed since.
    pub(super) fn environment_described(&mut self, text: &str, effects: &mut EffectQueue) {
        self.environment = EnvironmentState::Done;
        let Some(mut turn) = self.turn.take() else { return };
        let Phase::DescribingEnvironment(prompts) = &mut turn.phase else {
            self.turn = Some(turn);
            return;
        };
        let prompts = std::mem::take(prompts);
        let told = self.history.iter().rev().find(|item| is_environment_note(item));
        let is_news = told.is_none_or(
            |item| !matches!(&item.kind, ItemKind::User { text: before, .. } if before == text),
        );
        if is_news && !text.is_empty() {
            let id = ItemId::new(format!("{PLACE}{}", self.names.item().as_str()));
            self.note(ContextNoteKind::Environment, id, text, effects);
        }
        self.go_on_with(turn, prompts, effects);
    }

    fn go_on_with(&mut self, mut turn: Turn, prompts: Vec<Item>, effects: &mut EffectQueue) {
        if let Some(instruction) = turn.instruction.take() {
            self.add_note(ContextNoteKind::Review, &instruction, effects);
        }
        self.keep_prompts(prompts, effects);
        self.request(&mut turn, effects);
        self.turn = Some(turn);
    }

    fn show_prompts(
        &mut self,
        turn: &mut Turn,
        drafts: Vec<UserPrompt>,
        effects: &mut EffectQueue,
    ) -> Vec<Item> {
        let mut prompts = Vec::new();
        for UserPrompt { text, images, schema, review } in drafts {
            turn.instruction = review.map(|it| it.instruction).or(turn.instruction.take());
            turn.schema = schema.or(turn.schema.take());
            let item =
                Item { id: self.names.item(), kind: ItemKind::User { text, images }, wire: None };
            effects.tell(EventKind::ItemDone(item.clone()));
            prompts.push(item);
        }
        prompts
    }

    /// Adds prompts to the conversation, behind what the model must know before it reads them.
    fn keep_prompts(&mut self, prompts: Vec<Item>, effects: &mut EffectQueue) {
        self.tell_mode(effects);
        for prompt in prompts {
            self.carried_over.prompted(&prompt.id);
            self.keep(prompt, effects);
        }
    }

    /// Runs a command that a person typed. The model is not asked; it sees command and output with the next prompt.
    pub(super) fn run_own(
        &mut self,
        line: &str,
        call: ToolCall,
        action: PlannedAction,
        effects: &mut EffectQueue,
    ) -> ReplyResult {
        if self.turn.is_some() {
            return Err(not_now("A command of your own can run once the turn has ended"));
        }
        let turn = self.open_turn(&format!("!{line}"), None, effects);
        self.add_note(ContextNoteKind::OwnCommand, OWN_COMMAND, effects);
        let id = self.names.item();
        let call = ToolCall { id: CallId::new(id.as_str()), ..call };
        self.keep(Item { id, kind: ItemKind::Call(call.clone()), wire: None }, effects);
        let place = PromptPlace::Turn(turn.id);
        self.start_own(turn, call, action, effects);
        Ok(Reply::Submitted(place))
    }

    /// Ends the turn; prompts that were queued meanwhile begin the next one.
    pub(super) fn end_turn(
        &mut self,
        turn: TurnId,
        outcome: TurnOutcome,
        effects: &mut EffectQueue,
    ) {
        self.turn = None;
        let settled = matches!(outcome, TurnOutcome::Done | TurnOutcome::MaxSteps);
        for item in self.partial_output.keep() {
            self.keep(item, effects);
        }
        effects.append(Record::TurnEnded { turn, outcome: outcome.clone() });
        effects.tell(EventKind::TurnEnded { turn, outcome });
        if settled && !self.queue.is_empty() {
            let drafts = self.dequeue(effects);
            self.begin_turn(drafts, Some(TurnOrigin::Queued), effects);
        }
    }

    pub(super) fn interrupt(&mut self, effects: &mut EffectQueue) {
        let Some(mut turn) = self.turn.take() else { return };
        match std::mem::replace(&mut turn.phase, Phase::DescribingEnvironment(Vec::new())) {
            Phase::Requesting(mut step) => {
                effects.push(SessionEffect::StopModelRequest(step.request));
                self.keep_partial_text(&mut step);
                let calls = self.keep_step(step, effects);
                self.answer_unrun(calls, &CallOutput::reply("", UserReply::NotRun), effects);
            }
            Phase::Compacting(step) => {
                effects.push(SessionEffect::StopModelRequest(step.request));
                effects.tell(EventKind::Compacted(None));
            }
            Phase::Calling(calls) => {
                let calls = calls.stop(self.config.answers, effects);
                self.answer_calls(calls, effects);
            }
            Phase::Waiting(timer, _) => effects.push(SessionEffect::StopTimer(timer)),
            Phase::DescribingEnvironment(prompts) => self.keep_prompts(prompts, effects),
            Phase::Renewing(_) => {}
        }
        self.past = RecordedHistory::Interrupted;
        // What was typed ahead is not sent behind the back of somebody who just stopped everything: it becomes part of the next prompt.
        self.end_turn(turn.id, TurnOutcome::Interrupted, effects);
        self.return_queue(effects);
    }

    pub(super) fn fail_turn(&mut self, turn: TurnId, problem: Problem, effects: &mut EffectQueue) {
        self.end_turn(turn, TurnOutcome::Failed(problem), effects);
        self.return_queue(effects);
    }

    /// Puts an output for every call into the conversation, in the order of the calls; one that never came is said to be interrupted.
    pub(super) fn answer_calls(
        &mut self,
        calls: Vec<(ToolCall, Option<CallOutput>)>,
        effects: &mut EffectQueue,
    ) {
        for (call, output) in calls {
            let output = output.unwrap_or_else(|| {
                let output = CallOutput::reply("", UserReply::Stopped(None));
                effects
                    .tell(EventKind::CallEnded { call: call.id.clone(), output: output.clone() });
                output
            });
            self.answer(call.id, output, effects);
        }
    }

    /// The same for calls that were never begun.
    pub(super) fn answer_unrun(
        &mut self,
        calls: Vec<ToolCall>,
        output: &CallOutput,
        effects: &mut EffectQueue,
    ) {
        for call in calls {
            effects.tell(EventKind::CallEnded { call: call.id.clone(), output: output.clone() });
            self.answer(call.id, output.clone(), effects);
        }
    }

    pub(super) fn answer(&mut self, call: CallId, output: CallOutput, effects: &mut EffectQueue) {
        let item =
            Item { id: self.names.item(), kind: ItemKind::Output { call, output }, wire: None };
        self.keep(item, effects);
    }

    /// What follows when all calls of a response are answered.
    pub(super) fn follow(&mut self, mut turn: Turn, then: AfterCalls, effects: &mut EffectQueue) {
        match then {
            AfterCalls::NextStep => self.next_step(turn, effects),
            AfterCalls::Retry(problem, next) => {
                self.wait(&mut turn, NextAttempt::Request, problem, next, effects);
                self.turn = Some(turn);
            }
            AfterCalls::End => self.end_turn(turn.id, TurnOutcome::Done, effects),
        }
    }

    /// Prompts typed meanwhile join here.
    pub(super) fn next_step(&mut self, mut turn: Turn, effects: &mut EffectQueue) {
        let drafts = self.dequeue(effects);
        let prompts = self.show_prompts(&mut turn, drafts, effects);
        self.keep_prompts(prompts, effects);
        self.request(&mut turn, effects);
        self.turn = Some(turn);
    }
}

/// Whether an item tells the model where it is.
pub(super) fn permissions_note_id(id: ItemId) -> ItemId {
    ItemId::new(format!("{PERMISSIONS}{}", id.as_str()))
}

pub(super) fn is_permissions_note(item: &Item) -> bool {
    item.id.as_str().starts_with(PERMISSIONS)
}

pub(super) fn is_environment_note(item: &Item) -> bool {
    item.id.as_str().starts_with(PLACE)
}
