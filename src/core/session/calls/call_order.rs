//! The calls of one response: which may begin, in what order, and which have ended.

use crate::protocol::{
    CallId, CallOutput, CallResult, Confinement, EventKind, Grant, LineEdits, Losses,
    PlannedAction, Question, ToolCall, ToolEffects, TurnId, UntrustedCommand, UserReply,
};

use super::super::context::{AnswerForm, Context, Parts};
use super::super::effect::{EffectQueue, SessionEffect, SnapshotScope, ToolRun};
use super::called::{CallPhase, Called, RunningCall};
use super::elicitation;
use super::losses;
use super::permission::{self, Blocked};

/// The calls of a turn's last response, in its order; none while the model answers.
#[derive(Debug)]
pub struct Calls {
    pub(super) turn: TurnId,
    pub(super) list: Vec<Called>,
    pub(super) repeated: RepeatedCalls,
}

/// How often the same call came in a row.
#[derive(Debug, Default)]
pub(super) struct RepeatedCalls {
    last: Option<(String, String)>,
    times: u32,
}

impl RepeatedCalls {
    fn count(&mut self, call: &ToolCall) -> u32 {
        let now = (call.name.clone(), call.arguments.clone());
        if self.last.as_ref() == Some(&now) {
            self.times += 1;
        } else {
            *self = Self { last: Some(now), times: 1 };
        }
        self.times
    }

    /// Begins to count anew: a person was asked about it.
    pub(super) fn settle(&mut self) {
        *self = Self::default();
    }
}

pub(super) fn find<'a>(list: &'a mut [Called], id: &CallId) -> Option<&'a mut Called> {
    list.iter_mut().find(|called| called.call.id == *id)
}

impl Calls {
    /// Puts a question of a running call before a person. `false` where it cannot be asked now.
    pub fn elicited(&mut self, id: &CallId, question: Question, parts: &mut Parts) -> bool {
        let called = find(&mut self.list, id);
        called.is_some_and(|called| elicitation::begin(called, question, parts))
    }

    pub fn new(turn: TurnId) -> Self {
        Self { turn, list: Vec::new(), repeated: RepeatedCalls::default() }
    }

    /// Takes the calls of a response.
    pub fn start(&mut self, calls: Vec<ToolCall>, context: &Context, effects: &mut EffectQueue) {
        let named = |name: &str| context.tools.iter().find(|tool| *tool.name == *name);
        for call in calls {
            let (call, tool) = match (named(&call.name), named(call.plain_name())) {
                // The decision is made and shown about the tool that is meant.
                (None, Some(tool)) => (call.renamed(&tool.name), Some(tool)),
                (tool, _) => (call, tool),
            };
            effects.emit(EventKind::CallStarted(call.clone()));
            // A name of another harness may mean a command.
            let kind = tool.map_or(ToolEffects::Runs, |tool| tool.effects);
            let times = self.repeated.count(&call);
            self.list.push(Called::new(call, kind, times));
        }
    }

    /// Takes a command that a prompt names: it is permitted as the model's are.
    pub fn start_for_prompt(
        &mut self,
        call: ToolCall,
        untrusted: Option<UntrustedCommand>,
        context: &Context,
        effects: &mut EffectQueue,
    ) {
        self.start(vec![call], context, effects);
        if let Some(called) = self.list.last_mut() {
            (called.untrusted, called.times) = (untrusted, 1);
        }
    }

    /// Runs a command of the person's own: nobody has to be asked.
    pub fn start_own(&mut self, call: ToolCall, action: &PlannedAction, effects: &mut EffectQueue) {
        let grant = Grant::anywhere(Confinement::Free);
        effects.emit(EventKind::CallStarted(call.clone()));
        let phase = CallPhase::Running(Box::new(RunningCall::new(None, grant)));
        let called = Called { phase, ..Called::new(call.clone(), ToolEffects::Runs, 1) };
        permission::plan(&called, action, effects);
        let title = action.title.clone();
        effects.emit(EventKind::CallRunning { call: call.id.clone(), title });
        effects.push(SessionEffect::Run(ToolRun {
            turn: self.turn,
            call,
            grant,
            scope: SnapshotScope::Folder,
            edits: LineEdits::default(),
        }));
        self.list.push(called);
    }

    /// Begins the calls that may begin now.
    ///
    /// Calls that only look begin at once, beside each other; one that may change something waits
    /// until all before it are done, and is waited for. A command is understood beside looks: it
    /// may turn out to be one.
    pub fn begin(&mut self, effects: &mut EffectQueue) {
        let mut is_clear = true;
        for called in &mut self.list {
            let looks = matches!(called.effects, ToolEffects::Asks | ToolEffects::Looks);
            let may_look = called.effects == ToolEffects::Runs && !called.has_to_wait;
            match called.phase {
                CallPhase::Done(_) => continue,
                CallPhase::Waiting if looks || may_look || is_clear => {
                    called.phase = CallPhase::Understanding;
                    effects.push(SessionEffect::Preview(called.call.clone()));
                }
                _ => {}
            }
            if !looks {
                return;
            }
            is_clear = false;
        }
    }

    /// Whether all calls before this one are done.
    pub(super) fn is_next(&self, id: &CallId) -> bool {
        let before = self.list.iter().take_while(|called| called.call.id != *id);
        before.into_iter().all(|called| matches!(called.phase, CallPhase::Done(_)))
    }

    /// Hands out the outputs, in the order of the calls, once all are done.
    pub fn take_outputs(&mut self) -> Option<Vec<(CallId, CallOutput)>> {
        if !self.list.iter().all(|called| matches!(called.phase, CallPhase::Done(_))) {
            return None;
        }
        let done = self.list.drain(..).filter_map(|called| match called.phase {
            CallPhase::Done(output) => Some((called.call.id, output)),
            _ => None,
        });
        Some(done.collect())
    }

    /// Ends the calls that are not done, and hands out all outputs.
    pub fn stop(
        &mut self,
        form: AnswerForm,
        effects: &mut EffectQueue,
    ) -> Vec<(CallId, CallOutput)> {
        let mut outputs = Vec::new();
        for mut called in self.list.drain(..) {
            called.resolve(None, effects);
            let Called { call, phase, .. } = called;
            let output = match phase {
                CallPhase::Done(output) => output,
                CallPhase::Running(running) => {
                    effects.push(SessionEffect::StopCall(call.id.clone()));
                    stopped(&call, *running, effects)
                }
                CallPhase::Asking(asking) => {
                    not_run(&call, Some(asking.action), asking.before, effects)
                }
                CallPhase::Question(asked) => {
                    let before = Some(asked.ended(UserReply::NotRun, form));
                    not_run(&call, None, before, effects)
                }
                CallPhase::Waiting => not_run(&call, None, None, effects),
                CallPhase::CheckingCopies(checked) => {
                    effects.push(SessionEffect::StopCall(call.id.clone()));
                    let action = Some(checked.action).filter(|_| checked.is_planned);
                    not_run(&call, action, None, effects)
                }
                CallPhase::Understanding => {
                    effects.push(SessionEffect::StopCall(call.id.clone()));
                    not_run(&call, None, None, effects)
                }
            };
            outputs.push((call.id, output));
        }
        outputs
    }

    /// Shows the last lines of a call. `false` where none of this name runs.
    pub fn progress(&mut self, id: &CallId, tail: &str, effects: &mut EffectQueue) -> bool {
        let Some(Called { phase: CallPhase::Running(running), .. }) = find(&mut self.list, id)
        else {
            return false;
        };
        tail.clone_into(&mut running.tail);
        effects.emit(EventKind::CallProgress { call: id.clone(), tail: tail.to_owned() });
        true
    }

    /// Takes the result of a call: it is answered, goes on as a job, or may run again.
    pub fn ended(
        &mut self,
        id: &CallId,
        CallResult { output, blocked, loses, unreached, .. }: CallResult,
        parts: &mut Parts,
    ) {
        let Some(called) = find(&mut self.list, id) else { return };
        let CallPhase::Running(running) = &mut called.phase else { return };
        let tail = std::mem::take(&mut running.tail);
        let grant = running.grant;
        let refused = running.refused.take();
        if called.ask.is_some() {
            // It has ended, or goes on where nobody can be asked about it.
            parts.effects.push(SessionEffect::AnswerLoss(id.clone(), Losses::Refused));
        }
        if let (Some(reply), true) = (refused, loses.is_some()) {
            return called.end(losses::refused(output, &reply), parts.effects);
        }
        let may_lift = parts.permissions.may_lift(grant);
        match (loses.is_some(), loses.or(blocked), running.action.take()) {
            (true, Some(why), Some(action)) if may_lift => {
                permission::ask_about_loss(called, action, grant, (why, output), parts);
            }
            (false, Some(why), Some(action)) if may_lift => {
                let blocked = Blocked { why, unreached, output };
                permission::retry_unconfined(called, self.turn, action, blocked, parts);
            }
            _ => {
                parts.jobs.note_started(self.turn, id, &output, &tail, parts.effects);
                called.end(output, parts.effects);
            }
        }
    }
}

/// The end of a running call, with the last words that a person stopped it for.
fn stopped(call: &ToolCall, running: RunningCall, effects: &mut EffectQueue) -> CallOutput {
    let last_words = Some(running.tail).filter(|tail| !tail.is_empty());
    let output = CallOutput::reply(title(running.action), UserReply::Stopped(last_words));
    effects.emit(EventKind::CallEnded { call: call.id.clone(), output: output.clone() });
    output
}

fn title(action: Option<PlannedAction>) -> String {
    action.map(|action| action.title).unwrap_or_default()
}

fn not_run(
    call: &ToolCall,
    action: Option<PlannedAction>,
    before: Option<CallOutput>,
    effects: &mut EffectQueue,
) -> CallOutput {
    let output = before.unwrap_or_else(|| CallOutput::reply(title(action), UserReply::NotRun));
    effects.emit(EventKind::CallEnded { call: call.id.clone(), output: output.clone() });
    output
}
