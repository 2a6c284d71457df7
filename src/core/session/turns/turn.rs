//! The running turn, and what it waits for.

use std::sync::Arc;

use crate::protocol::{
    CallId, CallOutput, EventKind, ItemKind, LimitHold, ModelRequestId, Problem, TimerId, ToolCall,
    TurnId, TurnOutcome, UserPrompt, UserReply,
};

use super::super::calls::Calls;
use super::super::context::Parts;
use super::super::effect::SessionEffect;
use super::compaction::Compaction;
use super::partial_output::PartialOutput;
use super::reconnect::{NextAttempt, NextTry, Retries};
use super::shown_prompt::{
    CommandOutputs, ShownPrompt, keep_outputs, keep_prompts, start_commands,
};
use super::step::Step;
use super::usage_limit::AwaitedResets;

#[derive(Debug)]
pub(super) struct Turn {
    pub(super) id: TurnId,
    /// Steps begun so far.
    pub(super) steps: u32,
    /// The step that runs is among them, however often it is asked for.
    pub(super) is_step_counted: bool,
    /// `x-codex-turn-state`, echoed until the turn ends.
    pub(super) state: Option<String>,
    /// The JSON Schema that the answer has to fit.
    pub(super) schema: Option<Arc<str>>,
    /// The instruction that stands before the first prompt.
    pub(super) instruction: Option<String>,
    pub(super) retries: Retries,
    pub(super) resets: AwaitedResets,
    pub(super) calls: Calls,
    pub(super) compaction: Compaction,
    pub(super) partial_output: PartialOutput,
    pub(super) phase: Phase,
}

/// The event that the turn waits for.
#[derive(Debug)]
pub(super) enum Phase {
    Calling(AfterCalls),
    /// For a renewed credential, after this request was refused.
    Renewing(ModelRequestId),
    Requesting(Step),
    /// For a summary of the conversation.
    Compacting(Step),
    /// For words about the place, before the first request; with the prompts that are on the screen
    /// already.
    DescribingEnvironment(Vec<ShownPrompt>),
    /// For the reset of a usage limit, or without a timer for a person who says whether to wait.
    Held {
        hold: Box<LimitHold>,
        timer: Option<TimerId>,
    },
    /// For the time to try again.
    Waiting(TimerId, NextAttempt),
}

/// The next thing when all calls are answered.
#[derive(Debug, Default)]
pub(super) enum AfterCalls {
    #[default]
    End,
    NextStep,
    /// Ask the model about these prompts, whose commands they were.
    Prompts(Vec<ShownPrompt>),
    /// The response broke off after these calls: wait, then ask again.
    Retry(Problem, NextTry),
}

/// How a turn goes on after an input.
#[derive(Debug)]
#[must_use]
pub(super) enum Flow {
    Ends(TurnOutcome),
    /// Queued prompts join, and the model is asked again.
    NextStep,
    Waits,
}

impl Turn {
    pub(super) fn new(id: TurnId) -> Self {
        Self {
            id,
            steps: 0,
            is_step_counted: false,
            state: None,
            schema: None,
            instruction: None,
            retries: Retries::default(),
            resets: AwaitedResets::default(),
            calls: Calls::new(id),
            compaction: Compaction::default(),
            partial_output: PartialOutput::default(),
            phase: Phase::DescribingEnvironment(Vec::new()),
        }
    }

    /// Shows prompts, which join the conversation later.
    pub(super) fn show_prompts(
        &mut self,
        prompts: Vec<UserPrompt>,
        parts: &mut Parts,
    ) -> Vec<ShownPrompt> {
        let mut shown = Vec::new();
        for UserPrompt { text, images, schema, review, expansion, tag, timing: _ } in prompts {
            self.instruction = review.map(|it| it.instruction).or(self.instruction.take());
            self.schema = schema.or(self.schema.take());
            let item = parts.conversation.item(ItemKind::User { text, images });
            parts.effects.emit(EventKind::PromptShown { item: item.clone(), tag });
            shown.push(ShownPrompt { item, expansion });
        }
        shown
    }

    /// Runs the commands that prompts name, then asks the model.
    pub(super) fn run_commands_of(&mut self, mut prompts: Vec<ShownPrompt>, parts: &mut Parts) {
        if !start_commands(&mut prompts, &mut self.calls, parts) {
            keep_prompts(prompts, &CommandOutputs::new(), parts);
            return self.request(parts);
        }
        self.phase = Phase::Calling(AfterCalls::Prompts(prompts));
        self.calls.begin(parts.effects);
    }

    /// Begins the calls of a response.
    pub(super) fn start_calls(
        &mut self,
        calls: Vec<ToolCall>,
        then: AfterCalls,
        parts: &mut Parts,
    ) -> Flow {
        self.calls.start(calls, parts.context, parts.effects);
        self.phase = Phase::Calling(then);
        self.go_on_calling(parts)
    }

    /// Begins the calls that may begin now; when all are done, so is the step.
    pub(super) fn go_on_calling(&mut self, parts: &mut Parts) -> Flow {
        let Phase::Calling(then) = &mut self.phase else { return Flow::Waits };
        self.calls.begin(parts.effects);
        let Some(outputs) = self.calls.take_outputs() else { return Flow::Waits };
        let mut then = std::mem::take(then);
        keep_answers(outputs, &mut then, parts);
        match then {
            AfterCalls::End => Flow::Ends(TurnOutcome::Done),
            AfterCalls::NextStep => Flow::NextStep,
            AfterCalls::Prompts(_) => {
                self.request(parts);
                Flow::Waits
            }
            AfterCalls::Retry(problem, next) => {
                self.wait(NextAttempt::Request, problem, next, parts);
                Flow::Waits
            }
        }
    }

    /// Stops what runs, and keeps what was completed.
    pub(super) fn stop(&mut self, parts: &mut Parts) {
        match &mut self.phase {
            Phase::Requesting(step) => {
                parts.effects.push(SessionEffect::StopModelRequest(step.request));
                let items = step.take().into_all();
                let calls = parts.conversation.keep_step(items, parts.effects);
                answer_unrun(calls, &CallOutput::reply("", UserReply::NotRun), parts);
            }
            Phase::Compacting(step) => {
                parts.effects.push(SessionEffect::StopModelRequest(step.request));
                parts.effects.emit(EventKind::Compacted(None));
            }
            Phase::Calling(then) => {
                let outputs = self.calls.stop(parts.context.answers, parts.effects);
                keep_answers(outputs, then, parts);
            }
            Phase::Waiting(timer, _) => parts.effects.push(SessionEffect::StopTimer(*timer)),
            Phase::Held { hold, timer } => {
                if let Some(timer) = timer {
                    parts.effects.push(SessionEffect::StopTimer(*timer));
                }
                if let Some(id) = hold.offer() {
                    parts.effects.emit(EventKind::AskResolved { id, by: None });
                }
            }
            Phase::DescribingEnvironment(prompts) => {
                keep_prompts(std::mem::take(prompts), &CommandOutputs::new(), parts);
            }
            Phase::Renewing(_) => {}
        }
    }
}

/// Adds the outputs of calls to the conversation: as answers to the model, or in the prompts whose
/// commands they were.
fn keep_answers(outputs: Vec<(CallId, CallOutput)>, then: &mut AfterCalls, parts: &mut Parts) {
    if let AfterCalls::Prompts(prompts) = then {
        let outputs = keep_outputs(outputs, parts);
        return keep_prompts(std::mem::take(prompts), &outputs, parts);
    }
    for (call, output) in outputs {
        parts.conversation.answer(call, output, parts.effects);
    }
}

/// Answers calls that were never begun.
pub(super) fn answer_unrun(calls: Vec<ToolCall>, output: &CallOutput, parts: &mut Parts) {
    for call in calls {
        let (id, output) = (call.id.clone(), output.clone());
        parts.effects.emit(EventKind::CallEnded { call: id, output: output.clone() });
        parts.conversation.answer(call.id, output, parts.effects);
    }
}
