//! A step: one response of the model, heard to its end and judged as a whole.

use std::sync::Arc;

use crate::protocol::{
    CallOutput, ContextNoteKind, EventKind, Failure, Item, ItemId, ItemKind, ItemOpening,
    ModelDelta, ModelRequest, ModelRequestEnd, ModelRequestId, Notice, Record, RequestPurpose,
    RetryAdvice, ToolCall, ToolChoice, TurnOutcome,
};

use super::Session;
use super::calls::AfterCalls;
use super::effect::{EffectQueue, SessionEffect};
use super::partial_output::partial;
use super::reconnect::{NextAttempt, RetryDecision};
use super::turn::{Phase, Turn};

const SUM_UP: &str = "You have used all the steps of this turn, so you cannot call tools now. Say what you found, what is still open, and what you would do next.";

const SHRUNK: &str = "The conversation was too long even when summarized: the model gets it without earlier prompts and the ends of long ones";

const BROKE_OFF: &str = "Not run: the answer that this call came with broke off. Make the call again if it is still wanted.";

/// What one request has brought so far.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) request: ModelRequestId,
    /// Whole items, in the order they came.
    items: Vec<Item>,
    /// Begun and not yet whole, with the text so far of those that are text.
    open: Vec<(ItemId, String)>,
}

/// What a request was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum StepPurpose {
    Answer,
    Summary,
}

impl Step {
    pub(super) fn new(request: ModelRequestId) -> Self {
        Self { request, items: Vec::new(), open: Vec::new() }
    }

    /// What the model said in whole items.
    pub(super) fn text(&self) -> String {
        let texts = self.items.iter().filter_map(|item| {
            if let ItemKind::Assistant { text, .. } = &item.kind {
                Some(text.as_str())
            } else {
                None
            }
        });
        texts.collect::<Vec<_>>().join("\n\n")
    }

    /// What the server summed the conversation up to, in an item that can be sent back to it.
    pub(super) fn compaction(&self) -> Option<Item> {
        let is_sealed = |item: &&Item| item.kind == ItemKind::Compaction && item.wire.is_some();
        self.items.iter().rfind(is_sealed).cloned()
    }
}

impl Session {
    /// Asks the model, for a summary first where the conversation has become too long. Counts a step, except when it is the same one tried again.
    pub(super) fn request(&mut self, turn: &mut Turn, effects: &mut EffectQueue) {
        if let Some(scope) = self.needs_summary(turn) {
            return self.compaction(turn, scope, effects);
        }
        turn.compaction.due = None;
        if !turn.retries.trying_again() {
            turn.steps += 1;
        }
        let last = turn.steps >= self.config.max_steps;
        let mut items = self.for_model_in_use(self.in_use());
        if last {
            // It belongs to this request alone: for what follows, another turn has begun.
            let item =
                Arc::new(Item { id: self.names.item(), kind: ItemKind::user(SUM_UP), wire: None });
            items.push(Arc::clone(&item));
            if !turn.retries.trying_again() {
                let kind = ContextNoteKind::LastStep;
                effects.append(Record::ContextNote { kind, item });
            }
        }
        let request = self.names.request();
        self.keep_settings(effects);
        turn.phase = Phase::Requesting(Step::new(request));
        let prompt = ModelRequest {
            session: self.config.id.clone(),
            model: self.settings.model.clone(),
            effort: self.settings.effort.clone(),
            tuning: self.settings.tuning,
            patches: self.settings.patches,
            instructions: self.config.instructions.clone(),
            items,
            tools: self.tools(),
            web_search: self.config.web_search,
            purpose: RequestPurpose::Answer,
            tool_choice: if last { ToolChoice::None } else { ToolChoice::Auto },
            schema: turn.schema.clone(),
            turn_state: turn.state.clone(),
        };
        if turn.steps > 1 {
            effects.tell(EventKind::ContextUsed(self.estimate()));
        }
        effects.push(SessionEffect::RequestModel(request, Box::new(prompt)));
    }

    /// The step that the words of a model request belong to, unless they are out of date.
    fn step(&mut self, request: ModelRequestId) -> Option<(&mut Turn, ModelRequestId)> {
        let turn = self.turn.as_mut()?;
        matches!(&turn.phase, Phase::Requesting(step) if step.request == request)
            .then_some((turn, request))
    }

    pub(super) fn hear(
        &mut self,
        request: ModelRequestId,
        delta: ModelDelta,
        effects: &mut EffectQueue,
    ) {
        if self.step(request).is_some()
            && !matches!(delta, ModelDelta::TurnState(_) | ModelDelta::Limits(_))
        {
            self.partial_output.drop(effects);
        }
        let Some((turn, _)) = self.step(request) else {
            return self.hear_summary(request, delta, effects);
        };
        // What comes in the head of an answer, or keeps its connection, are no words yet.
        if !matches!(delta, ModelDelta::TurnState(_) | ModelDelta::Limits(_))
            && turn.retries.resumed()
        {
            effects.tell(EventKind::Resumed);
        }
        let Phase::Requesting(step) = &mut turn.phase else { return };
        match delta {
            ModelDelta::Opened { item, opening } => {
                let is_shown = matches!(
                    opening,
                    ItemOpening::Assistant | ItemOpening::Reasoning | ItemOpening::WebSearch
                );
                if is_shown {
                    step.open.push((item.clone(), String::new()));
                }
                effects.tell(EventKind::ItemStarted { item, opening });
            }
            ModelDelta::Text { item, text } => {
                match step.open.iter_mut().rev().find(|(id, _)| *id == item) {
                    Some((_, so_far)) => so_far.push_str(&text),
                    None => step.open.push((item.clone(), text.clone())),
                }
                effects.tell(EventKind::TextDelta { item, text });
            }
            ModelDelta::Reasoning { item, text } => {
                if !step.open.iter().any(|(id, _)| *id == item) {
                    step.open.push((item.clone(), String::new()));
                }
                effects.tell(EventKind::ReasoningDelta { item, text });
            }
            ModelDelta::Item(item) => {
                step.open.retain(|(id, _)| *id != item.id);
                effects.tell(EventKind::ItemDone(item.clone()));
                step.items.push(item);
            }
            ModelDelta::TurnState(state) => turn.state = Some(state),
            ModelDelta::Limits(limits) => effects.tell(EventKind::Limits(limits)),
        }
    }

    /// A summary is not shown word by word.
    fn hear_summary(
        &mut self,
        request: ModelRequestId,
        delta: ModelDelta,
        effects: &mut EffectQueue,
    ) {
        let Some(Turn { phase: Phase::Compacting(step), .. }) = &mut self.turn else { return };
        match delta {
            ModelDelta::Item(item) if step.request == request => step.items.push(item),
            ModelDelta::Limits(limits) => effects.tell(EventKind::Limits(limits)),
            _ => {}
        }
    }

    /// The step that a model request ends, of a turn that is taken out for it.
    fn take_step(&mut self, request: ModelRequestId) -> Option<(Turn, Step, StepPurpose)> {
        let mut turn = self.turn.take()?;
        match std::mem::replace(&mut turn.phase, Phase::Renewing(request)) {
            Phase::Requesting(step) if step.request == request => {
                Some((turn, step, StepPurpose::Answer))
            }
            Phase::Compacting(step) if step.request == request => {
                Some((turn, step, StepPurpose::Summary))
            }
            other => {
                turn.phase = other;
                self.turn = Some(turn);
                None
            }
        }
    }

    pub(super) fn end_sample(
        &mut self,
        request: ModelRequestId,
        end: ModelRequestEnd,
        effects: &mut EffectQueue,
    ) {
        let Some((mut turn, step, purpose)) = self.take_step(request) else { return };
        if purpose == StepPurpose::Summary {
            return self.end_compaction(turn, step, effects);
        }
        turn.retries.succeeded();
        turn.compaction.renew();
        self.note_usage(end.usage, effects);
        drop_open(&step, effects);
        self.partial_output.drop(effects);
        let calls = self.keep_step(step, effects);
        let last = turn.steps >= self.config.max_steps;
        if last {
            for call in calls {
                self.answer(
                    call.id,
                    CallOutput::refusal("", "Not run: the steps of this turn are used up."),
                    effects,
                );
            }
            self.end_turn(turn.id, TurnOutcome::MaxSteps, effects);
        } else if !calls.is_empty() {
            self.start_calls(turn, calls, AfterCalls::NextStep, effects);
        } else if end.end_turn == Some(false) {
            self.next_step(turn, effects);
        } else {
            self.end_turn(turn.id, TurnOutcome::Done, effects);
        }
    }

    pub(super) fn fail_sample(
        &mut self,
        request: ModelRequestId,
        failure: Failure,
        effects: &mut EffectQueue,
    ) {
        let Some((mut turn, mut step, purpose)) = self.take_step(request) else { return };
        if purpose == StepPurpose::Summary {
            return self.fail_compaction(turn, request, failure, effects);
        }
        self.partial_output.take_over(std::mem::take(&mut step.open), effects);
        let calls = self.keep_step(step, effects);
        if turn.compaction.may_relieve(&failure) && self.needs_summary(&turn).is_some() {
            self.answer_unrun(calls, &CallOutput::refusal("", BROKE_OFF), effects);
            self.request(&mut turn, effects);
            self.turn = Some(turn);
            return;
        }
        if turn.compaction.may_shrink(&failure) && self.shrink() {
            effects.tell(EventKind::Notice(Notice { message: SHRUNK.into(), next: None }));
            self.answer_unrun(calls, &CallOutput::refusal("", BROKE_OFF), effects);
            turn.retries.resend();
            self.request(&mut turn, effects);
            self.turn = Some(turn);
            return;
        }
        if failure.retry == RetryAdvice::WithoutPictures
            && self.drop_pictures(&failure.problem, effects)
        {
            self.answer_unrun(calls, &CallOutput::refusal("", BROKE_OFF), effects);
            turn.retries.resend();
            self.request(&mut turn, effects);
            self.turn = Some(turn);
            return;
        }
        if let Some(item) = turn.retries.refused_item(&failure)
            && self.leave_out(&item, &failure.problem, effects)
        {
            // What a summary stood for may have to be summed up again.
            turn.compaction.renew();
            self.answer_unrun(calls, &CallOutput::refusal("", BROKE_OFF), effects);
            turn.retries.resend();
            self.request(&mut turn, effects);
            self.turn = Some(turn);
            return;
        }
        match turn.retries.decide(&failure, self.config.reconnect) {
            RetryDecision::GiveUp => {
                self.answer_unrun(calls, &CallOutput::refusal("", BROKE_OFF), effects);
                self.fail_turn(turn.id, failure.problem, effects);
                return;
            }
            RetryDecision::Renew => {
                self.answer_unrun(calls, &CallOutput::refusal("", BROKE_OFF), effects);
                effects.push(SessionEffect::RenewCredential(request));
            }
            RetryDecision::Wait(next) if calls.is_empty() => {
                self.wait(&mut turn, NextAttempt::Request, failure.problem, next, effects)
            }
            RetryDecision::Wait(next) => {
                return self.start_calls(
                    turn,
                    calls,
                    AfterCalls::Retry(failure.problem, next),
                    effects,
                );
            }
        }
        self.turn = Some(turn);
    }

    /// Takes the text of items that never became whole into the conversation: the person has seen it, and may speak of it.
    pub(super) fn keep_partial_text(&mut self, step: &mut Step) {
        for (id, text) in step.open.drain(..).filter(|(_, text)| !text.is_empty()) {
            step.items.push(partial(id, text));
        }
    }

    /// Takes what a step completed into the conversation, and returns the calls among it. A second call of the same name could never be answered, and is left out.
    pub(super) fn keep_step(&mut self, step: Step, effects: &mut EffectQueue) -> Vec<ToolCall> {
        let mut calls: Vec<ToolCall> = Vec::new();
        for item in step.items {
            if let ItemKind::Call(call) = &item.kind {
                if calls.iter().any(|other| other.id == call.id) {
                    continue;
                }
                calls.push(call.clone());
            }
            self.keep(item, effects);
        }
        calls
    }
}

/// Partial items of a response that is over are void, on the screen as well.
fn drop_open(step: &Step, effects: &mut EffectQueue) {
    for (item, _) in &step.open {
        effects.tell(EventKind::ItemDropped(item.clone()));
    }
}
