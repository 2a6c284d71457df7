//! A turn: from a prompt to the answer without a tool call, or to its end by hand or by failure.

use crate::protocol::{AlarmId, CallId, CallOutput, EventKind, Item, ItemKind, Outcome, Problem, Record, SampleId, ToolCall, TurnId};

use super::effect::{Effect, Effects};
use super::retry::Retries;
use super::step::{Step, unanswered};
use super::{Past, Session};

const WAS_INTERRUPTED: &str = "(The turn before this message was interrupted by the user before it was finished.)";
const WAS_CUT_OFF: &str = "(The turn before this message was cut off: codling ended before it was finished.)";
const CALL_INTERRUPTED: &str = "Interrupted by the user before it finished.";

#[derive(Debug)]
pub(super) struct Turn {
    pub(super) id: TurnId,
    /// Steps begun so far.
    pub(super) steps: u32,
    /// `x-codex-turn-state`, echoed until the turn ends.
    pub(super) state: Option<String>,
    pub(super) retries: Retries,
    pub(super) phase: Phase,
}

/// What the turn waits for.
#[derive(Debug)]
pub(super) enum Phase {
    Calling(Calls),
    /// For a renewed credential, after this sample was refused.
    Renewing(SampleId),
    Sampling(Step),
    /// For the time to try again.
    Waiting(AlarmId),
}

/// The calls of one response, in their order, and what has come back.
#[derive(Debug)]
pub(super) struct Calls {
    pub(super) calls: Vec<(ToolCall, Option<CallOutput>)>,
    pub(super) then: Then,
}

/// What follows when all calls are answered.
#[derive(Debug)]
pub(super) enum Then {
    NextStep,
    /// The response broke off after these calls: wait, then ask again.
    Retry(Problem, std::time::Duration),
}

impl Session {
    pub(super) fn begin_turn(&mut self, prompts: Vec<String>, effects: &mut Effects) {
        let id = self.names.turn();
        effects.tell(EventKind::TurnStarted(id));
        for record in std::mem::take(&mut self.mended) {
            effects.append(record);
        }
        effects.append(Record::TurnStarted(id));
        match std::mem::replace(&mut self.past, Past::Settled) {
            Past::CutOff => self.add_remark(WAS_CUT_OFF, effects),
            Past::Interrupted => self.add_remark(WAS_INTERRUPTED, effects),
            Past::Settled => {}
        }
        for text in prompts {
            self.add_prompt(text, effects);
        }
        let mut turn = Turn { id, steps: 0, state: None, retries: Retries::default(), phase: Phase::Sampling(Step::new(SampleId(0))) };
        self.sample(&mut turn, effects);
        self.turn = Some(turn);
    }

    /// Ends the turn; prompts that were queued meanwhile begin the next one.
    pub(super) fn end_turn(&mut self, turn: TurnId, outcome: Outcome, effects: &mut Effects) {
        self.turn = None;
        let settled = outcome == Outcome::Done;
        effects.append(Record::TurnEnded { turn, outcome: outcome.clone() });
        effects.tell(EventKind::TurnEnded { turn, outcome });
        if settled && !self.queue.is_empty() {
            let prompts = self.queue.drain(..).collect();
            self.begin_turn(prompts, effects);
        }
    }

    pub(super) fn interrupt(&mut self, effects: &mut Effects) {
        let Some(turn) = self.turn.take() else { return };
        match turn.phase {
            Phase::Sampling(mut step) => {
                effects.push(Effect::StopSampling(step.sample));
                self.keep_partial_text(&mut step);
                let calls = self.keep_step(step, effects);
                self.answer_calls(unanswered(calls), effects);
            }
            Phase::Calling(calls) => {
                for (call, output) in &calls.calls {
                    if output.is_none() {
                        effects.push(Effect::StopCall(call.id.clone()));
                    }
                }
                self.answer_calls(calls.calls, effects);
            }
            Phase::Waiting(alarm) => effects.push(Effect::StopAlarm(alarm)),
            Phase::Renewing(_) => {}
        }
        self.past = Past::Interrupted;
        // What was typed ahead is not sent behind the back of somebody who just stopped everything: it becomes part of the next prompt.
        self.end_turn(turn.id, Outcome::Interrupted, effects);
        self.return_queue(effects);
    }

    /// Hands queued prompts back to the front, which puts them into the composer.
    fn return_queue(&mut self, effects: &mut Effects) {
        if !self.queue.is_empty() {
            let texts: Vec<String> = self.queue.drain(..).collect();
            effects.tell(EventKind::Unqueued { text: texts.join("\n\n") });
        }
    }

    pub(super) fn fail_turn(&mut self, turn: TurnId, problem: Problem, effects: &mut Effects) {
        self.end_turn(turn, Outcome::Failed(problem), effects);
        self.return_queue(effects);
    }

    /// Begins to run the calls of a response.
    pub(super) fn run_calls(&mut self, calls: Vec<ToolCall>, then: Then, effects: &mut Effects) -> Phase {
        for call in &calls {
            effects.tell(EventKind::CallStarted(call.clone()));
            effects.push(Effect::Run(call.clone()));
        }
        Phase::Calling(Calls { calls: calls.into_iter().map(|call| (call, None)).collect(), then })
    }

    pub(super) fn end_call(&mut self, id: &CallId, output: CallOutput, effects: &mut Effects) {
        let Some(mut turn) = self.turn.take() else { return };
        let Phase::Calling(calls) = &mut turn.phase else {
            self.turn = Some(turn);
            return;
        };
        if let Some((_, slot @ None)) = calls.calls.iter_mut().find(|(call, _)| call.id == *id) {
            effects.tell(EventKind::CallEnded { call: id.clone(), output: output.clone() });
            *slot = Some(output);
        }
        if calls.calls.iter().any(|(_, output)| output.is_none()) {
            self.turn = Some(turn);
            return;
        }
        let Calls { calls, then } = std::mem::replace(calls, Calls { calls: Vec::new(), then: Then::NextStep });
        self.answer_calls(calls, effects);
        match then {
            Then::NextStep => self.next_step(turn, effects),
            Then::Retry(problem, wait) => {
                self.wait(&mut turn, problem, wait, effects);
                self.turn = Some(turn);
            }
        }
    }

    /// Puts an output for every call into the conversation, in the order of the calls; one that never came is said to be interrupted.
    pub(super) fn answer_calls(&mut self, calls: Vec<(ToolCall, Option<CallOutput>)>, effects: &mut Effects) {
        for (call, output) in calls {
            let output = output.unwrap_or_else(|| {
                let output = CallOutput::refusal("interrupted", CALL_INTERRUPTED);
                effects.tell(EventKind::CallEnded { call: call.id.clone(), output: output.clone() });
                output
            });
            self.answer(call.id, output, effects);
        }
    }

    pub(super) fn answer(&mut self, call: CallId, output: CallOutput, effects: &mut Effects) {
        let item = Item { id: self.names.item(), kind: ItemKind::Output { call, output }, wire: None };
        self.keep(item, effects);
    }

    /// Prompts typed meanwhile join here.
    pub(super) fn next_step(&mut self, mut turn: Turn, effects: &mut Effects) {
        for text in std::mem::take(&mut self.queue) {
            self.add_prompt(text, effects);
        }
        self.sample(&mut turn, effects);
        self.turn = Some(turn);
    }
}
