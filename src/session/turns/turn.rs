//! The running turn, and what it waits for.

use std::sync::Arc;

use crate::protocol::{
    CallId, CallOutput, ContextNoteKind, EventKind, Item, ItemKind, ModelRequestId, Problem,
    PromptExpansion, PromptShell, TimerId, ToolCall, TurnId, TurnOutcome, UserPrompt, UserReply,
};
use crate::session::sentences::COMMANDS_OF_PROMPT;

use super::super::calls::Calls;
use super::super::context::Parts;
use super::super::effect::SessionEffect;
use super::compaction::Compaction;
use super::partial_output::PartialOutput;
use super::reconnect::{NextAttempt, NextTry, Retries};
use super::step::Step;

#[derive(Debug)]
pub(super) struct Turn {
    pub(super) id: TurnId,
    /// Steps begun so far.
    pub(super) steps: u32,
    /// `x-codex-turn-state`, echoed until the turn ends.
    pub(super) state: Option<String>,
    /// The JSON Schema that the answer has to fit.
    pub(super) schema: Option<Arc<str>>,
    /// The instruction that stands before the first prompt.
    pub(super) instruction: Option<String>,
    pub(super) retries: Retries,
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

/// A prompt that is on the screen, and not yet in the conversation.
#[derive(Debug)]
pub(super) struct ShownPrompt {
    item: Item,
    expansion: Option<Box<PromptExpansion>>,
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
            state: None,
            schema: None,
            instruction: None,
            retries: Retries::default(),
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
        for UserPrompt { text, images, schema, review, expansion, tag } in prompts {
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
        let expansions = prompts.iter_mut().filter_map(|prompt| prompt.expansion.as_mut());
        let shell: Vec<_> =
            expansions.flat_map(|expansion| std::mem::take(&mut expansion.shell)).collect();
        if shell.is_empty() {
            keep_prompts(prompts, parts);
            return self.request(parts);
        }
        let Parts { conversation, effects, context, .. } = parts;
        conversation.add_note(ContextNoteKind::OwnCommand, COMMANDS_OF_PROMPT, effects);
        for PromptShell { call, untrusted } in shell {
            let id = conversation.item_id();
            let call = ToolCall { id: CallId::new(id.as_str()), ..call };
            conversation.keep(Item { id, kind: ItemKind::Call(call.clone()), wire: None }, effects);
            self.calls.start_for_prompt(call, untrusted, context, effects);
        }
        self.phase = Phase::Calling(AfterCalls::Prompts(prompts));
        self.calls.begin(effects);
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
        let then = std::mem::take(then);
        for (call, output) in outputs {
            parts.conversation.answer(call, output, parts.effects);
        }
        match then {
            AfterCalls::End => Flow::Ends(TurnOutcome::Done),
            AfterCalls::NextStep => Flow::NextStep,
            AfterCalls::Prompts(prompts) => {
                keep_prompts(prompts, parts);
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
                for (call, output) in self.calls.stop(parts.context.answers, parts.effects) {
                    parts.conversation.answer(call, output, parts.effects);
                }
                if let AfterCalls::Prompts(prompts) = std::mem::take(then) {
                    keep_prompts(prompts, parts);
                }
            }
            Phase::Waiting(timer, _) => parts.effects.push(SessionEffect::StopTimer(*timer)),
            Phase::DescribingEnvironment(prompts) => keep_prompts(std::mem::take(prompts), parts),
            Phase::Renewing(_) => {}
        }
    }
}

/// Adds prompts to the conversation, behind the news that the model must know before it reads them.
pub(super) fn keep_prompts(prompts: Vec<ShownPrompt>, parts: &mut Parts) {
    parts.announce();
    for ShownPrompt { item, expansion } in prompts {
        if let Some(expansion) = expansion {
            let kind = ContextNoteKind::Expansion;
            parts.conversation.add_note(kind, &expansion.note, parts.effects);
        }
        parts.conversation.keep_prompt(item, parts.effects);
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
