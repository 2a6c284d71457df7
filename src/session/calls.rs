//! The calls of one response: which may begin, in what order, and what has come back. Does not know what is allowed.

use std::time::Duration;

use crate::protocol::{
    AllowedHost, CallId, CallOutput, Confinement, Deed, EventKind, Grant, Leave, Problem, Question, Ran, Rule, Said, ToolCall, ToolSort,
};

use super::Session;
use super::effect::{Effect, Effects, Errand, Guard};
use super::turn::{Phase, Turn};

/// In the order of the response.
#[derive(Debug)]
pub(super) struct Calls {
    pub(super) calls: Vec<Called>,
    pub(super) then: Then,
}

/// What follows when all calls are answered.
#[derive(Debug)]
pub(super) enum Then {
    End,
    NextStep,
    /// The response broke off after these calls: wait, then ask again.
    Retry(Problem, Duration),
}

#[derive(Debug)]
pub(super) struct Called {
    pub(super) call: ToolCall,
    pub(super) sort: ToolSort,
    /// How often it came in a row, this one counted.
    pub(super) times: u32,
    pub(super) state: State,
}

#[derive(Debug)]
pub(super) enum State {
    /// A person is asked whether it may run.
    Asking(Box<Asking>),
    Done(CallOutput),
    /// A person is asked what the call wants to know.
    Question(Question),
    Running(Box<Running>),
    Understanding,
    Waiting,
}

#[derive(Debug)]
pub(super) struct Asking {
    pub(super) deed: Deed,
    pub(super) leave: Leave,
    pub(super) learn: Vec<Rule>,
    /// What could be opened for it instead.
    pub(super) opens: Vec<Grant>,
    /// One sentence without a full stop.
    pub(super) why: String,
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
pub(super) struct Running {
    /// `None` for a command of the person's own.
    pub(super) deed: Option<Deed>,
    pub(super) leave: Leave,
    /// The last lines of what it has put out so far.
    pub(super) tail: String,
}

/// How often the same call came in a row.
#[derive(Debug, Default)]
pub(super) struct Streak {
    last: Option<(String, String)>,
    times: u32,
}

impl Streak {
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

    /// Calls that only look begin at once, beside each other; one that may change something waits until all before it are done, and is waited for.
    fn begin(&mut self, effects: &mut Effects) {
        let mut is_clear = true;
        for called in &mut self.calls {
            let looks = matches!(called.sort, ToolSort::Asks | ToolSort::Looks);
            match called.state {
                State::Done(_) => continue,
                State::Waiting if looks || is_clear => {
                    called.state = State::Understanding;
                    effects.push(Effect::Understand(called.call.clone()));
                }
                _ => {}
            }
            if !looks {
                return;
            }
            is_clear = false;
        }
    }

    /// Ends what runs; the outputs that there are.
    pub(super) fn stop(self, effects: &mut Effects) -> Vec<(ToolCall, Option<CallOutput>)> {
        let mut outputs = Vec::new();
        for Called { call, state, .. } in self.calls {
            let output = match state {
                State::Done(output) => Some(output),
                State::Running(running) => {
                    effects.push(Effect::StopCall(call.id.clone()));
                    Some(stopped(&call, *running, effects))
                }
                State::Asking(asking) => Some(not_run(&call, Some(asking.deed), asking.before, effects)),
                State::Question(_) | State::Waiting => Some(not_run(&call, None, None, effects)),
                State::Understanding => {
                    effects.push(Effect::StopCall(call.id.clone()));
                    Some(not_run(&call, None, None, effects))
                }
            };
            outputs.push((call, output));
        }
        outputs
    }
}

/// What it had put out by then is what a person stopped it for, and what the model has to know.
fn stopped(call: &ToolCall, running: Running, effects: &mut Effects) -> CallOutput {
    let last_words = Some(running.tail.as_str()).filter(|tail| !tail.is_empty());
    let output = CallOutput::refusal(title(running.deed), Said::Stopped(last_words).told());
    effects.tell(EventKind::CallEnded { call: call.id.clone(), output: output.clone() });
    output
}

fn title(deed: Option<Deed>) -> String {
    deed.map(|deed| deed.title).unwrap_or_default()
}

fn not_run(call: &ToolCall, deed: Option<Deed>, before: Option<CallOutput>, effects: &mut Effects) -> CallOutput {
    let output = before.unwrap_or_else(|| CallOutput::refusal(title(deed), Said::Unrun.told()));
    effects.tell(EventKind::CallEnded { call: call.id.clone(), output: output.clone() });
    output
}

impl Called {
    pub(super) fn end(&mut self, output: CallOutput, effects: &mut Effects) {
        effects.tell(EventKind::CallEnded { call: self.call.id.clone(), output: output.clone() });
        self.state = State::Done(output);
    }
}

impl Session {
    /// Begins with the calls of a response.
    pub(super) fn start_calls(&mut self, mut turn: Turn, calls: Vec<ToolCall>, then: Then, effects: &mut Effects) {
        for call in &calls {
            effects.tell(EventKind::CallStarted(call.clone()));
        }
        let called = |call: ToolCall| {
            let sort = self.charter.tools.iter().find(|tool| tool.name == call.name).map_or(ToolSort::Looks, |tool| tool.sort);
            Called { times: turn.streak.count(&call), sort, call, state: State::Waiting }
        };
        let calls = calls.into_iter().map(called).collect();
        turn.phase = Phase::Calling(Calls { calls, then });
        self.go_on(turn, effects);
    }

    /// Runs a command of the person's own: nobody has to be asked.
    pub(super) fn start_own(&mut self, mut turn: Turn, call: ToolCall, line: String, effects: &mut Effects) {
        let leave = Leave::anywhere(Confinement::Free);
        effects.tell(EventKind::CallStarted(call.clone()));
        effects.tell(EventKind::CallRunning { call: call.id.clone(), title: line });
        effects.push(Effect::Run(Errand { turn: turn.id, call: call.clone(), leave, guard: Guard::Folder }));
        let state = State::Running(Box::new(Running { deed: None, leave, tail: String::new() }));
        let calls = vec![Called { call, sort: ToolSort::Runs, times: 1, state }];
        turn.phase = Phase::Calling(Calls { calls, then: Then::End });
        self.turn = Some(turn);
    }

    /// Lets something happen to the calls of the running turn, and goes on with them.
    pub(super) fn with_calls(&mut self, effects: &mut Effects, act: impl FnOnce(&mut Self, &mut Turn, &mut Calls, &mut Effects)) {
        let Some(mut turn) = self.turn.take() else { return };
        match std::mem::replace(&mut turn.phase, Phase::Surveying(Vec::new())) {
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
    fn go_on(&mut self, mut turn: Turn, effects: &mut Effects) {
        let Phase::Calling(calls) = &mut turn.phase else { return };
        calls.begin(effects);
        if calls.calls.iter().any(|called| !matches!(called.state, State::Done(_))) {
            self.turn = Some(turn);
            return;
        }
        let Calls { calls, then } = std::mem::replace(calls, Calls { calls: Vec::new(), then: Then::End });
        let outputs = calls.into_iter().map(|Called { call, state, .. }| match state {
            State::Done(output) => (call, Some(output)),
            _ => (call, None),
        });
        self.answer_calls(outputs.collect(), effects);
        self.follow(turn, then, effects);
    }

    pub(super) fn progress(&mut self, id: &CallId, tail: String, effects: &mut Effects) {
        let Some(Turn { phase: Phase::Calling(calls), .. }) = &mut self.turn else { return };
        if let Some(Called { state: State::Running(running), .. }) = calls.find(id) {
            running.tail.clone_from(&tail);
            effects.tell(EventKind::CallProgress { call: id.clone(), tail });
        }
    }

    pub(super) fn ran(&mut self, id: &CallId, Ran { output, blocked, unreached, .. }: Ran, effects: &mut Effects) {
        self.with_calls(effects, |session, turn, calls, effects| {
            let Some(called) = calls.find(id) else { return };
            let State::Running(running) = &mut called.state else { return };
            match (blocked, running.deed.take()) {
                (Some(why), Some(deed)) if session.may_lift(running.leave) => {
                    session.lift(turn, called, deed, Blocked { why, unreached, output }, effects);
                }
                _ => called.end(output, effects),
            }
        });
    }
}
