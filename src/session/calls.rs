//! The calls of one response: which may begin, in what order, and what has come back.

use crate::protocol::{
    AllowedHost, ApprovalMode, AskId, CallId, CallOutput, CallResult, ClientId, Confinement,
    EventKind, Grant, Hazard, LineEdits, Losses, PlannedAction, Problem, Rule, SandboxOpening,
    ToolCall, ToolEffects, UserReply,
};

use super::Session;
use super::effect::{EffectQueue, SessionEffect, SnapshotScope, ToolRun};
use super::losses;
use super::question::{Form, QuestionCall};
use super::reconnect::NextTry;
use super::turn::{Phase, Turn};

/// In the order of the response.
#[derive(Debug)]
pub(super) struct Calls {
    pub(super) calls: Vec<Called>,
    pub(super) then: AfterCalls,
}

/// What follows when all calls are answered.
#[derive(Debug)]
pub(super) enum AfterCalls {
    End,
    NextStep,
    /// The response broke off after these calls: wait, then ask again.
    Retry(Problem, NextTry),
}

#[derive(Debug)]
pub(super) struct Called {
    pub(super) call: ToolCall,
    pub(super) sort: ToolEffects,
    /// Whether it was understood before its time, and is more than a look.
    pub(super) has_to_wait: bool,
    /// How often it came in a row, this one counted.
    pub(super) times: u32,
    /// What a person is asked about it now.
    pub(super) ask: Option<AskId>,
    pub(super) state: CallPhase,
}

#[derive(Debug)]
pub(super) enum CallPhase {
    /// A person is asked whether it may run.
    Asking(Box<Asking>),
    Done(CallOutput),
    /// A person is asked what the call wants to know.
    Question(Box<QuestionCall>),
    Running(Box<RunningCall>),
    Understanding,
    Waiting,
}

#[derive(Debug)]
pub(super) struct Asking {
    pub(super) action: PlannedAction,
    pub(super) grant: Grant,
    pub(super) learn: Vec<Rule>,
    /// What could be opened for it instead.
    pub(super) opens: Vec<SandboxOpening>,
    /// The strictest approval mode that would not ask.
    pub(super) passes_in: Option<ApprovalMode>,
    /// One sentence without a full stop.
    pub(super) why: String,
    /// What a person should see of it.
    pub(super) hazards: Vec<Hazard>,
    /// It removes what undo could not bring back, and would run unasked but for that.
    pub(super) loses: bool,
    /// What came of it in the sandbox, when it is about to run again without.
    pub(super) before: Option<CallOutput>,
}

/// What came of a command that the sandbox stopped.
#[derive(Debug)]
pub(super) struct Blocked {
    /// One sentence without a full stop.
    pub(super) why: String,
    pub(super) unreached: Vec<AllowedHost>,
    pub(super) output: CallOutput,
}

#[derive(Debug)]
pub(super) struct RunningCall {
    /// `None` for a command of the person's own.
    pub(super) action: Option<PlannedAction>,
    pub(super) grant: Grant,
    /// The last lines of what it has put out so far.
    pub(super) tail: String,
    /// Why it was not allowed to destroy what undo could not bring back.
    pub(super) refused: Option<UserReply>,
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

    /// A person has been asked about it.
    pub(super) fn settle(&mut self) {
        *self = Self::default();
    }
}

impl Calls {
    pub(super) fn find(&mut self, id: &CallId) -> Option<&mut Called> {
        self.calls.iter_mut().find(|called| called.call.id == *id)
    }

    /// Where the call stands that asks this.
    pub(super) fn asking(&self, ask: AskId) -> Option<usize> {
        self.calls.iter().position(|called| called.ask == Some(ask))
    }

    /// Calls that only look begin at once, beside each other; one that may change something waits until all before it are done, and is waited for. A
    /// command is understood beside looks: it may turn out to be one.
    fn begin(&mut self, effects: &mut EffectQueue) {
        let mut is_clear = true;
        for called in &mut self.calls {
            let looks = matches!(called.sort, ToolEffects::Asks | ToolEffects::Looks);
            let may_look = called.sort == ToolEffects::Runs && !called.has_to_wait;
            match called.state {
                CallPhase::Done(_) => continue,
                CallPhase::Waiting if looks || may_look || is_clear => {
                    called.state = CallPhase::Understanding;
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
        let before = self.calls.iter().take_while(|called| called.call.id != *id);
        before.into_iter().all(|called| matches!(called.state, CallPhase::Done(_)))
    }

    /// Ends what runs; the outputs that there are.
    pub(super) fn stop(
        self,
        form: Form,
        effects: &mut EffectQueue,
    ) -> Vec<(ToolCall, Option<CallOutput>)> {
        let mut outputs = Vec::new();
        for mut called in self.calls {
            called.resolve(None, effects);
            let Called { call, state, .. } = called;
            let output = match state {
                CallPhase::Done(output) => Some(output),
                CallPhase::Running(running) => {
                    effects.push(SessionEffect::StopCall(call.id.clone()));
                    Some(stopped(&call, *running, effects))
                }
                CallPhase::Asking(asking) => {
                    Some(not_run(&call, Some(asking.action), asking.before, effects))
                }
                CallPhase::Question(asked) => {
                    let before = Some(asked.ended(UserReply::NotRun, form));
                    Some(not_run(&call, None, before, effects))
                }
                CallPhase::Waiting => Some(not_run(&call, None, None, effects)),
                CallPhase::Understanding => {
                    effects.push(SessionEffect::StopCall(call.id.clone()));
                    Some(not_run(&call, None, None, effects))
                }
            };
            outputs.push((call, output));
        }
        outputs
    }
}

/// What it had put out by then is what a person stopped it for, and what the model has to know.
fn stopped(call: &ToolCall, running: RunningCall, effects: &mut EffectQueue) -> CallOutput {
    let last_words = Some(running.tail).filter(|tail| !tail.is_empty());
    let output = CallOutput::reply(title(running.action), UserReply::Stopped(last_words));
    effects.tell(EventKind::CallEnded { call: call.id.clone(), output: output.clone() });
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
    effects.tell(EventKind::CallEnded { call: call.id.clone(), output: output.clone() });
    output
}

impl RunningCall {
    pub(super) fn new(action: Option<PlannedAction>, grant: Grant) -> Self {
        Self { action, grant, tail: String::new(), refused: None }
    }
}

impl Called {
    /// It does not ask any more: somebody answered, or nobody has to.
    pub(super) fn resolve(&mut self, by: Option<ClientId>, effects: &mut EffectQueue) {
        if let Some(id) = self.ask.take() {
            effects.tell(EventKind::AskResolved { id, by });
        }
    }

    pub(super) fn end(&mut self, output: CallOutput, effects: &mut EffectQueue) {
        self.resolve(None, effects);
        effects.tell(EventKind::CallEnded { call: self.call.id.clone(), output: output.clone() });
        self.state = CallPhase::Done(output);
    }
}

impl Session {
    /// Begins with the calls of a response.
    pub(super) fn start_calls(
        &mut self,
        mut turn: Turn,
        calls: Vec<ToolCall>,
        then: AfterCalls,
        effects: &mut EffectQueue,
    ) {
        for call in &calls {
            effects.tell(EventKind::CallStarted(call.clone()));
        }
        let called = |call: ToolCall| {
            let sort = self
                .config
                .tools
                .iter()
                .find(|tool| *tool.name == *call.name)
                // A name of another harness may mean a command.
                .map_or(ToolEffects::Runs, |tool| tool.effects);
            Called {
                times: turn.streak.count(&call),
                sort,
                has_to_wait: false,
                call,
                ask: None,
                state: CallPhase::Waiting,
            }
        };
        let calls = calls.into_iter().map(called).collect();
        turn.phase = Phase::Calling(Calls { calls, then });
        self.go_on(turn, effects);
    }

    /// Runs a command of the person's own: nobody has to be asked.
    pub(super) fn start_own(
        &mut self,
        mut turn: Turn,
        call: ToolCall,
        action: PlannedAction,
        effects: &mut EffectQueue,
    ) {
        let grant = Grant::anywhere(Confinement::Free);
        effects.tell(EventKind::CallStarted(call.clone()));
        let title = action.title.clone();
        let state = CallPhase::Running(Box::new(RunningCall::new(None, grant)));
        let called = Called {
            call: call.clone(),
            sort: ToolEffects::Runs,
            has_to_wait: true,
            times: 1,
            ask: None,
            state,
        };
        super::permission::plan(&called, &action, effects);
        effects.tell(EventKind::CallRunning { call: call.id.clone(), title });
        effects.push(SessionEffect::Run(ToolRun {
            turn: turn.id,
            call,
            grant,
            scope: SnapshotScope::Folder,
            edits: LineEdits::default(),
        }));
        turn.phase = Phase::Calling(Calls { calls: vec![called], then: AfterCalls::End });
        self.turn = Some(turn);
    }

    /// Lets something happen to the calls of the running turn, and goes on with them.
    pub(super) fn with_calls(
        &mut self,
        effects: &mut EffectQueue,
        act: impl FnOnce(&mut Self, &mut Turn, &mut Calls, &mut EffectQueue),
    ) {
        let Some(mut turn) = self.turn.take() else { return };
        match std::mem::replace(&mut turn.phase, Phase::DescribingEnvironment(Vec::new())) {
            Phase::Calling(mut calls) => {
                act(self, &mut turn, &mut calls, effects);
                turn.phase = Phase::Calling(calls);
                self.go_on(turn, effects);
            }
            other => {
                turn.phase = other;
                self.turn = Some(turn);
            }
        }
    }

    /// Begins what may begin now; when all are done, so is the step.
    fn go_on(&mut self, mut turn: Turn, effects: &mut EffectQueue) {
        let Phase::Calling(calls) = &mut turn.phase else { return };
        calls.begin(effects);
        if calls.calls.iter().any(|called| !matches!(called.state, CallPhase::Done(_))) {
            self.turn = Some(turn);
            return;
        }
        let Calls { calls, then } =
            std::mem::replace(calls, Calls { calls: Vec::new(), then: AfterCalls::End });
        let outputs = calls.into_iter().map(|Called { call, state, .. }| match state {
            CallPhase::Done(output) => (call, Some(output)),
            _ => (call, None),
        });
        self.answer_calls(outputs.collect(), effects);
        self.follow(turn, then, effects);
    }

    pub(super) fn progress(&mut self, id: &CallId, tail: String, effects: &mut EffectQueue) {
        if let Some(Turn { phase: Phase::Calling(calls), .. }) = &mut self.turn
            && let Some(Called { state: CallPhase::Running(running), .. }) = calls.find(id)
        {
            running.tail.clone_from(&tail);
            return effects.tell(EventKind::CallProgress { call: id.clone(), tail });
        }
        self.job_progress(id, &tail, effects);
    }

    pub(super) fn ran(
        &mut self,
        id: &CallId,
        CallResult { output, blocked, loses, unreached, .. }: CallResult,
        effects: &mut EffectQueue,
    ) {
        self.with_calls(effects, |session, turn, calls, effects| {
            let Some(called) = calls.find(id) else { return };
            let CallPhase::Running(running) = &mut called.state else { return };
            let tail = std::mem::take(&mut running.tail);
            let grant = running.grant;
            let refused = running.refused.take();
            if called.ask.is_some() {
                // It has ended, or goes on where nobody can be asked about it.
                effects.push(SessionEffect::AnswerLoss(id.clone(), Losses::Refused));
            }
            if let (Some(reply), true) = (refused, loses.is_some()) {
                return called.end(losses::refused(output, &reply), effects);
            }
            match (loses.is_some(), loses.or(blocked), running.action.take()) {
                (true, Some(why), Some(action)) if session.may_lift(grant) => {
                    session.ask_about_loss(called, action, grant, (why, output), effects);
                }
                (false, Some(why), Some(action)) if session.may_lift(grant) => {
                    session.lift(turn, called, action, Blocked { why, unreached, output }, effects);
                }
                _ => {
                    session.note_job(turn.id, id, &output, &tail, effects);
                    called.end(output, effects);
                }
            }
        });
    }
}
