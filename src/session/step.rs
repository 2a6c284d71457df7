//! A step: one response of the model, heard to its end and judged as a whole.

use std::sync::Arc;

use crate::protocol::{
    CallOutput, Delta, EventKind, Failure, Item, ItemId, ItemKind, ItemOpening, Outcome, Prompt, Retry, SampleEnd, SampleId, ToolCall,
};

use super::Session;
use super::calls::Then;
use super::effect::{Effect, Effects};
use super::retry::Decision;
use super::spared::partial;
use super::turn::{Phase, Turn};

const SUM_UP: &str = "You have used all the steps of this turn. Tools are no longer available. Say now what you found, what is open, and what you would do next.";

const BROKE_OFF: &str = "Not run: the answer that this call came with broke off. Make the call again if it is still wanted.";

/// What one request has brought so far.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) sample: SampleId,
    /// Whole items, in the order they came.
    items: Vec<Item>,
    /// Begun and not yet whole, with the text so far of those that are text.
    open: Vec<(ItemId, String)>,
}

/// What a request was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    Answer,
    Summary,
}

impl Step {
    pub(super) fn new(sample: SampleId) -> Self {
        Self { sample, items: Vec::new(), open: Vec::new() }
    }

    /// What the model said in whole items.
    pub(super) fn text(&self) -> String {
        let texts =
            self.items.iter().filter_map(|item| if let ItemKind::Assistant { text } = &item.kind { Some(text.as_str()) } else { None });
        texts.collect::<Vec<_>>().join("\n\n")
    }
}

impl Session {
    /// Asks the model, for a summary first where the conversation has become too long. Counts a step, except when it is the same one tried again.
    pub(super) fn sample(&mut self, turn: &mut Turn, effects: &mut Effects) {
        if let Some(diet) = self.needs_summary(turn) {
            return self.squeeze(turn, diet, effects);
        }
        turn.squeeze.due = None;
        if !turn.retries.trying_again() {
            turn.steps += 1;
        }
        let sample = self.names.sample();
        self.keep_settings(effects);
        turn.phase = Phase::Sampling(Step::new(sample));
        let last = turn.steps >= self.charter.max_steps;
        let prompt = Prompt {
            session: self.charter.id.clone(),
            model: self.settings.model.clone(),
            effort: self.settings.effort.clone(),
            patches: self.settings.patches,
            instructions: if last {
                format!("{}\n\n{SUM_UP}", self.charter.instructions).into()
            } else {
                self.charter.instructions.clone()
            },
            items: self.history.clone(),
            tools: if last { Arc::new([]) } else { self.tools() },
            schema: turn.schema.clone(),
            turn_state: turn.state.clone(),
        };
        if turn.steps > 1 {
            effects.tell(EventKind::ContextUsed(self.estimate()));
        }
        effects.push(Effect::Sample(sample, Box::new(prompt)));
    }

    /// The step that a sample's words belong to, unless they are out of date.
    fn step(&mut self, sample: SampleId) -> Option<(&mut Turn, SampleId)> {
        let turn = self.turn.as_mut()?;
        matches!(&turn.phase, Phase::Sampling(step) if step.sample == sample).then_some((turn, sample))
    }

    pub(super) fn hear(&mut self, sample: SampleId, delta: Delta, effects: &mut Effects) {
        if self.step(sample).is_some() && !matches!(delta, Delta::TurnState(_) | Delta::Limits(_)) {
            self.spared.drop(effects);
        }
        let Some((turn, _)) = self.step(sample) else { return self.hear_summary(sample, delta, effects) };
        // What comes in the head of an answer, or keeps its connection, are no words yet.
        if !matches!(delta, Delta::TurnState(_) | Delta::Limits(_)) && turn.retries.resumed() {
            effects.tell(EventKind::Resumed);
        }
        let Phase::Sampling(step) = &mut turn.phase else { return };
        match delta {
            Delta::Opened { item, opening } => {
                if matches!(opening, ItemOpening::Assistant | ItemOpening::Reasoning) {
                    step.open.push((item.clone(), String::new()));
                }
                effects.tell(EventKind::ItemStarted { item, opening });
            }
            Delta::Text { item, text } => {
                match step.open.iter_mut().rev().find(|(id, _)| *id == item) {
                    Some((_, so_far)) => so_far.push_str(&text),
                    None => step.open.push((item.clone(), text.clone())),
                }
                effects.tell(EventKind::TextDelta { item, text });
            }
            Delta::Reasoning { item, text } => {
                if !step.open.iter().any(|(id, _)| *id == item) {
                    step.open.push((item.clone(), String::new()));
                }
                effects.tell(EventKind::ReasoningDelta { item, text });
            }
            Delta::Item(item) => {
                step.open.retain(|(id, _)| *id != item.id);
                effects.tell(EventKind::ItemDone(item.clone()));
                step.items.push(item);
            }
            Delta::TurnState(state) => turn.state = Some(state),
            Delta::Limits(limits) => effects.tell(EventKind::Limits(limits)),
        }
    }

    /// A summary is not shown word by word.
    fn hear_summary(&mut self, sample: SampleId, delta: Delta, effects: &mut Effects) {
        let Some(Turn { phase: Phase::Squeezing(step), .. }) = &mut self.turn else { return };
        match delta {
            Delta::Item(item) if step.sample == sample => step.items.push(item),
            Delta::Limits(limits) => effects.tell(EventKind::Limits(limits)),
            _ => {}
        }
    }

    /// The step that a sample ends, of a turn that is taken out for it.
    fn take_step(&mut self, sample: SampleId) -> Option<(Turn, Step, Purpose)> {
        let mut turn = self.turn.take()?;
        match std::mem::replace(&mut turn.phase, Phase::Renewing(sample)) {
            Phase::Sampling(step) if step.sample == sample => Some((turn, step, Purpose::Answer)),
            Phase::Squeezing(step) if step.sample == sample => Some((turn, step, Purpose::Summary)),
            other => {
                turn.phase = other;
                self.turn = Some(turn);
                None
            }
        }
    }

    pub(super) fn end_sample(&mut self, sample: SampleId, end: SampleEnd, effects: &mut Effects) {
        let Some((mut turn, step, purpose)) = self.take_step(sample) else { return };
        if purpose == Purpose::Summary {
            return self.end_squeeze(turn, step, effects);
        }
        turn.retries.succeeded();
        turn.squeeze.renew();
        self.note_usage(end.usage, effects);
        drop_open(&step, effects);
        self.spared.drop(effects);
        let calls = self.keep_step(step, effects);
        let last = turn.steps >= self.charter.max_steps;
        if last {
            for call in calls {
                self.answer(call.id, CallOutput::refusal("", "Not run: the steps of this turn are used up."), effects);
            }
            self.end_turn(turn.id, Outcome::Done, effects);
        } else if !calls.is_empty() {
            self.start_calls(turn, calls, Then::NextStep, effects);
        } else if end.end_turn == Some(false) {
            self.next_step(turn, effects);
        } else {
            self.end_turn(turn.id, Outcome::Done, effects);
        }
    }

    pub(super) fn fail_sample(&mut self, sample: SampleId, failure: Failure, effects: &mut Effects) {
        let Some((mut turn, mut step, purpose)) = self.take_step(sample) else { return };
        if purpose == Purpose::Summary {
            return self.fail_squeeze(turn, sample, failure, effects);
        }
        self.spared.take_over(std::mem::take(&mut step.open), effects);
        let calls = self.keep_step(step, effects);
        if turn.squeeze.may_relieve(&failure) && self.needs_summary(&turn).is_some() {
            self.answer_unrun(calls, BROKE_OFF, effects);
            self.sample(&mut turn, effects);
            self.turn = Some(turn);
            return;
        }
        if failure.retry == Retry::WithoutPictures && self.drop_pictures(&failure.problem, effects) {
            self.answer_unrun(calls, BROKE_OFF, effects);
            turn.retries.resend();
            self.sample(&mut turn, effects);
            self.turn = Some(turn);
            return;
        }
        match turn.retries.decide(failure.retry) {
            Decision::GiveUp => {
                self.answer_unrun(calls, BROKE_OFF, effects);
                self.fail_turn(turn.id, failure.problem, effects);
                return;
            }
            Decision::Renew => {
                self.answer_unrun(calls, BROKE_OFF, effects);
                effects.push(Effect::RenewCredential(sample));
            }
            Decision::Wait(wait) if calls.is_empty() => self.wait(&mut turn, failure.problem, wait, effects),
            Decision::Wait(wait) => return self.start_calls(turn, calls, Then::Retry(failure.problem, wait), effects),
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
    pub(super) fn keep_step(&mut self, step: Step, effects: &mut Effects) -> Vec<ToolCall> {
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
fn drop_open(step: &Step, effects: &mut Effects) {
    for (item, _) in &step.open {
        effects.tell(EventKind::ItemDropped(item.clone()));
    }
}
