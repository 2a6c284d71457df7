//! Requests to the model: how a step begins, what follows its end, and the relief for one that was
//! refused.

use std::sync::Arc;

use crate::protocol::{
    CallOutput, ContextNoteKind, EventKind, Failure, ItemKind, ModelDelta, ModelRequest,
    ModelRequestEnd, ModelRequestId, Notice, Record, RetryAdvice, ToolChoice, TurnOutcome,
    UserPrompt,
};
use crate::session::sentences::{BROKE_OFF, LAST_STEP, SHRUNK, STEPS_USED_UP};

use super::super::context::Parts;
use super::super::effect::{EffectQueue, SessionEffect};
use super::reconnect::{NextAttempt, RetryDecision};
use super::shown_prompt::ShownPrompt;
use super::step::Step;
use super::turn::{AfterCalls, Flow, Phase, Turn, answer_unrun};
use super::usage_limit::AwaitedResets;

impl Turn {
    /// Begins with prompts that are on the screen already.
    pub(super) fn go_on_with(&mut self, prompts: Vec<ShownPrompt>, parts: &mut Parts) {
        if let Some(instruction) = self.instruction.take() {
            let kind = ContextNoteKind::Review;
            parts.conversation.add_note(kind, &instruction, parts.effects);
        }
        self.run_commands_of(prompts, parts);
    }

    /// Goes on with the prompts that were typed meanwhile.
    pub(super) fn next_step(&mut self, prompts: Vec<UserPrompt>, parts: &mut Parts) {
        let prompts = self.show_prompts(prompts, parts);
        self.run_commands_of(prompts, parts);
    }

    /// Asks the model, for a summary first where the conversation has become too long. Counts a
    /// step, except when it is the same one tried again.
    pub(super) fn request(&mut self, parts: &mut Parts) {
        if let Some(scope) = self.due_summary(parts) {
            // A summary begins a new head, and what the old one says of git is out of date.
            if !std::mem::replace(&mut self.compaction.is_place_known, true) {
                parts.effects.push(SessionEffect::DescribeEnvironment);
                self.phase = Phase::DescribingEnvironment(Vec::new());
                return;
            }
            return self.request_summary(scope, parts);
        }
        self.compaction.due = None;
        let is_again = std::mem::replace(&mut self.is_step_counted, true);
        if !is_again {
            self.steps += 1;
        }
        let Parts { context, conversation, effects, ids, .. } = parts;
        let is_last = self.steps >= context.max_steps;
        let mut items = conversation.items_for(&context.settings.model);
        let mut notes = conversation.notes();
        if is_last {
            // It belongs to this request alone: for everything later, another turn has begun.
            let item = Arc::new(conversation.item(ItemKind::user(LAST_STEP)));
            items.push(Arc::clone(&item));
            notes.insert(item.id.clone());
            if !is_again {
                effects.append(Record::ContextNote { kind: ContextNoteKind::LastStep, item });
            }
        }
        let request = ids.request();
        conversation.keep_settings(&context.settings, effects);
        self.phase = Phase::Requesting(Step::new(request));
        let prompt = ModelRequest {
            tool_choice: if is_last { ToolChoice::None } else { ToolChoice::Auto },
            schema: self.schema.clone(),
            ..context.model_request(items, notes, self.state.clone())
        };
        if self.steps > 1 {
            let tokens = parts.estimate();
            parts.effects.emit(EventKind::ContextUsed(tokens));
        }
        parts.effects.push(SessionEffect::RequestModel(request, Box::new(prompt)));
    }

    /// Takes a part of an answer, unless it is out of date. A summary is not shown word by word.
    pub(super) fn receive(
        &mut self,
        request: ModelRequestId,
        delta: ModelDelta,
        effects: &mut EffectQueue,
    ) {
        match &mut self.phase {
            Phase::Requesting(step) if step.request == request => match delta {
                // These come in the head of an answer, or keep its connection open.
                ModelDelta::TurnState(state) => self.state = Some(state),
                ModelDelta::Limits(limits) => effects.emit(EventKind::Limits(limits)),
                delta => {
                    self.partial_output.drop(effects);
                    if self.retries.resumed() {
                        effects.emit(EventKind::Resumed);
                    }
                    step.receive(delta, effects);
                }
            },
            Phase::Compacting(step) => match delta {
                ModelDelta::Item(item) if step.request == request => step.receive_hidden(item),
                ModelDelta::Limits(limits) => effects.emit(EventKind::Limits(limits)),
                _ => {}
            },
            _ => {}
        }
    }

    /// Goes on from a whole response: with its calls, with another request, or to the turn's end.
    pub(super) fn end_request(
        &mut self,
        request: ModelRequestId,
        end: ModelRequestEnd,
        parts: &mut Parts,
    ) -> Flow {
        let step = match &mut self.phase {
            Phase::Requesting(step) if step.request == request => step.take(),
            Phase::Compacting(step) if step.request == request => {
                let step = step.take();
                return self.end_summary(&step, parts);
            }
            _ => return Flow::Waits,
        };
        self.is_step_counted = false;
        self.retries.succeeded();
        self.resets = AwaitedResets::default();
        self.compaction.renew();
        parts.conversation.note_usage(end.usage, parts.effects);
        let items = step.into_whole(parts.effects);
        self.partial_output.drop(parts.effects);
        let calls = parts.conversation.keep_step(items, parts.effects);
        if self.steps >= parts.context.max_steps {
            for call in calls {
                let output = CallOutput::refusal("", STEPS_USED_UP);
                parts.conversation.answer(call.id, output, parts.effects);
            }
            Flow::Ends(TurnOutcome::MaxSteps)
        } else if !calls.is_empty() {
            self.start_calls(calls, AfterCalls::NextStep, parts)
        } else if end.end_turn == Some(false) {
            Flow::NextStep
        } else {
            Flow::Ends(TurnOutcome::Done)
        }
    }

    /// Goes on from a response that broke off, or that never came.
    pub(super) fn fail_request(
        &mut self,
        request: ModelRequestId,
        failure: Failure,
        parts: &mut Parts,
    ) -> Flow {
        let mut step = match &mut self.phase {
            Phase::Requesting(step) if step.request == request => step.take(),
            Phase::Compacting(step) if step.request == request => {
                return self.fail_summary(request, failure, parts);
            }
            _ => return Flow::Waits,
        };
        self.partial_output.take_over(std::mem::take(&mut step.open), parts.effects);
        let items = step.into_whole(parts.effects);
        let calls = parts.conversation.keep_step(items, parts.effects);
        let broke_off = CallOutput::refusal("", BROKE_OFF);
        if self.finds_relief(&failure, parts) {
            answer_unrun(calls, &broke_off, parts);
            self.request(parts);
            return Flow::Waits;
        }
        match self.retries.decide(&failure, parts.context.reconnect) {
            RetryDecision::GiveUp => {
                answer_unrun(calls, &broke_off, parts);
                return self.hold_or_end(failure.problem, parts);
            }
            RetryDecision::Renew => {
                answer_unrun(calls, &broke_off, parts);
                self.renew(request, parts.effects);
            }
            RetryDecision::Wait(next) if calls.is_empty() => {
                self.wait(NextAttempt::Request, failure.problem, next, parts)
            }
            RetryDecision::Wait(next) => {
                return self.start_calls(calls, AfterCalls::Retry(failure.problem, next), parts);
            }
        }
        Flow::Waits
    }

    /// Whether the same step can be asked for again at once, with less in it.
    fn finds_relief(&mut self, failure: &Failure, parts: &mut Parts) -> bool {
        if self.compaction.may_relieve(failure) && self.due_summary(parts).is_some() {
            return true;
        }
        if self.compaction.may_shrink(failure) && parts.conversation.shrink() {
            parts.effects.emit(EventKind::Notice(Notice { message: SHRUNK.into(), next: None }));
        } else if !self.leave_out_refused(failure, parts) {
            return false;
        } else if matches!(failure.retry, RetryAdvice::WithoutItem(_)) {
            // Items that a summary stood for may have to be summed up again.
            self.compaction.renew();
        }
        true
    }

    /// Whether the server refused pictures or an item, and they were left out.
    pub(super) fn leave_out_refused(&mut self, failure: &Failure, parts: &mut Parts) -> bool {
        let Parts { context, conversation, effects, .. } = parts;
        if failure.retry == RetryAdvice::WithoutPictures {
            return conversation.drop_pictures(&failure.problem, &context.settings.model, effects);
        }
        self.retries
            .refused_item(failure)
            .is_some_and(|item| conversation.leave_out(&item, &failure.problem, effects))
    }
}
