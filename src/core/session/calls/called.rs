//! One call of a response, and how far it has come.

use crate::policy::NamedFiles;
use crate::protocol::{
    ApprovalMode, AskId, CallOutput, ClientId, EventKind, Grant, Hazard, PlannedAction, Rule,
    SandboxOpening, ToolCall, ToolEffects, UntrustedCommand, UserReply,
};

use super::super::effect::EffectQueue;
use super::question::QuestionCall;

#[derive(Debug)]
pub(super) struct Called {
    pub(super) call: ToolCall,
    pub(super) effects: ToolEffects,
    /// Whether it was understood before its time, and is more than a look.
    pub(super) has_to_wait: bool,
    /// How often it came in a row, this one counted.
    pub(super) times: u32,
    /// Set while a person has to say yes to it, whatever the mode allows.
    pub(super) untrusted: Option<UntrustedCommand>,
    /// The ask about it that is open.
    pub(super) ask: Option<AskId>,
    pub(super) phase: CallPhase,
}

#[derive(Debug)]
pub(super) enum CallPhase {
    /// A person is asked whether it may run.
    Asking(Box<Asking>),
    /// A command waits until it is known which files undo could not bring back.
    CheckingCopies(Box<CheckedCommand>),
    Done(CallOutput),
    /// A person is asked the call's own questions.
    Question(Box<QuestionCall>),
    Running(Box<RunningCall>),
    Understanding,
    Waiting,
}

#[derive(Debug)]
pub(super) struct CheckedCommand {
    pub(super) action: PlannedAction,
    /// The look that was asked for.
    pub(super) removes: Vec<NamedFiles>,
    /// Whether its action was recorded and told before the look.
    pub(super) is_planned: bool,
}

#[derive(Debug)]
pub(super) struct Asking {
    pub(super) action: PlannedAction,
    pub(super) grant: Grant,
    pub(super) learn: Vec<Rule>,
    /// Openings of the sandbox that would do instead.
    pub(super) opens: Vec<SandboxOpening>,
    /// The strictest approval mode that would not ask.
    pub(super) passes_in: Option<ApprovalMode>,
    /// One sentence without a full stop.
    pub(super) why: String,
    /// The parts of it that a person should see.
    pub(super) hazards: Vec<Hazard>,
    /// It removes files that undo could not bring back, and would run unasked but for that.
    pub(super) loses: bool,
    /// Its output in the sandbox, when it is about to run again without.
    pub(super) before: Option<CallOutput>,
}

#[derive(Debug)]
pub(super) struct RunningCall {
    /// `None` for a command of the person's own.
    pub(super) action: Option<PlannedAction>,
    pub(super) grant: Grant,
    /// The last lines that it has put out so far.
    pub(super) tail: String,
    /// The question that its program asks a person meanwhile.
    pub(super) elicited: Option<Box<QuestionCall>>,
    /// Why it was not allowed to destroy files that undo could not bring back.
    pub(super) refused: Option<UserReply>,
}

impl RunningCall {
    pub(super) fn new(action: Option<PlannedAction>, grant: Grant) -> Self {
        Self { action, grant, tail: String::new(), elicited: None, refused: None }
    }
}

impl Called {
    pub(super) fn new(call: ToolCall, effects: ToolEffects, times: u32) -> Self {
        Self {
            call,
            effects,
            has_to_wait: false,
            times,
            untrusted: None,
            ask: None,
            phase: CallPhase::Waiting,
        }
    }

    /// Shows again that it runs, after an ask in the middle of it.
    pub(super) fn show_running(&self, effects: &mut EffectQueue) {
        let CallPhase::Running(running) = &self.phase else { return };
        let RunningCall { action: Some(action), tail, .. } = &**running else { return };
        let call = self.call.id.clone();
        effects.emit(EventKind::CallRunning { call: call.clone(), title: action.title.clone() });
        if !tail.is_empty() {
            effects.emit(EventKind::CallProgress { call, tail: tail.clone() });
        }
    }

    /// Closes its ask: somebody answered, or nobody has to.
    pub(super) fn resolve(&mut self, by: Option<ClientId>, effects: &mut EffectQueue) {
        if let Some(id) = self.ask.take() {
            effects.emit(EventKind::AskResolved { id, by });
        }
    }

    pub(super) fn end(&mut self, output: CallOutput, effects: &mut EffectQueue) {
        self.resolve(None, effects);
        effects.emit(EventKind::CallEnded { call: self.call.id.clone(), output: output.clone() });
        self.phase = CallPhase::Done(output);
    }
}
