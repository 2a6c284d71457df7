//! Permission: whether a call may run, by policy, and what a person is asked.

use std::sync::Arc;

use crate::policy::{self, Decision, NamedFiles, PolicyConfig};
use crate::protocol::{
    ActionKind, Agent, AllowedHost, Approval, ApprovalMode, ApprovalSubject, AskId, CallId,
    CallOutput, Confinement, EventKind, Grant, LineEdits, Location, Losses, PlannedAction, Record,
    RequestedConfinement, Rule, RuleSubject, Ruling, SandboxOpening, SecretAccess, ToolCall,
    ToolEffects, ToolResult,
};

use super::Session;
use super::calls::{Asking, Blocked, CallPhase, Called, Calls, RunningCall};
use super::effect::{EffectQueue, SessionEffect, SnapshotScope, ToolRun};
use super::question::{self, QuestionCall};
use super::turn::Turn;

/// The same call so often in a row is asked about.
const OFTEN: u32 = 3;
const SAME_AGAIN: &str = "The model makes the same call for the third time in a row";
const STOPPED_REPEATING: &str =
    "Not run: the same call came three times in a row. Do something else, or say what is missing.";
const CUT_OFF: &str = "Not run: the here-document in this command has no end, so the command may have been cut off. Send it again, whole.";

impl Session {
    /// Whether a person would be asked about a command before it runs.
    pub fn asks_about(&self, action: &PlannedAction) -> bool {
        matches!(action.kind, ActionKind::Command { .. })
            && matches!(self.evaluate(action), Decision::Ask { .. })
    }

    /// What a command may destroy that would run without asking, where undo is all that could bring it back.
    pub fn losses_unasked(&self, action: &PlannedAction) -> Vec<NamedFiles> {
        match self.evaluate(action) {
            Decision::Allow(grant) if grant.confinement == Confinement::Folder => {
                policy::losses(&self.config.policy, action)
            }
            _ => Vec::new(),
        }
    }

    pub(super) fn understood(
        &mut self,
        id: &CallId,
        action: Result<PlannedAction, CallOutput>,
        uncovered: String,
        effects: &mut EffectQueue,
    ) {
        self.with_calls(effects, |session, turn, calls, effects| {
            let is_next = calls.is_next(id);
            let Some(called) =
                calls.find(id).filter(|called| matches!(called.state, CallPhase::Understanding))
            else {
                return;
            };
            match action {
                Ok(action) => {
                    let looks = session.only_looks(&action);
                    if looks {
                        called.sort = ToolEffects::Looks;
                    } else if !is_next && called.sort == ToolEffects::Runs {
                        // What comes before it may change what it is about.
                        (called.state, called.has_to_wait) = (CallPhase::Waiting, true);
                        return;
                    }
                    let action = policy::named_by_look(&session.config.policy, action);
                    plan(called, &action, effects);
                    session.check_permission(turn, called, action, &uncovered, effects);
                }
                Err(output) => called.end(output, effects),
            }
        });
    }

    fn check_permission(
        &mut self,
        turn: &mut Turn,
        called: &mut Called,
        action: PlannedAction,
        uncovered: &str,
        effects: &mut EffectQueue,
    ) {
        match action.kind {
            ActionKind::Ask(question) => {
                question::ask(&mut self.names, called, QuestionCall::new(question), effects);
                return;
            }
            ActionKind::Plan(todos) => {
                effects.tell(EventKind::Todos(todos.clone()));
                self.carried_over.planned(&todos);
                let output = CallOutput::text(action.title, "The plan is on the screen.");
                called.end(CallOutput { result: ToolResult::Plan(todos), ..output }, effects);
                return;
            }
            ActionKind::Command { .. } => {
                if policy::is_cut_off(&action) {
                    called.end(CallOutput::refusal(action.title, CUT_OFF), effects);
                    return;
                }
                if let Some(notice) = self.mode.warning() {
                    effects.tell(EventKind::Notice(notice));
                }
            }
            ActionKind::Change { .. }
            | ActionKind::External { .. }
            | ActionKind::Fetch { .. }
            | ActionKind::JobInput { .. }
            | ActionKind::Look { .. } => {}
        }
        let decision = self.evaluate(&action);
        // To wait for the same command again and again is what it is for.
        let is_waiting =
            matches!(&action.kind, ActionKind::JobInput { text, .. } if text.is_empty());
        let again = (called.times >= OFTEN && !is_waiting)
            .then(|| policy::evaluate_repeat(&self.config.policy, &self.mode.learned));
        // Where everything may run, nothing is asked.
        let again = again.filter(|ruling| {
            *ruling != Ruling::Ask || self.mode.current.approval_mode != ApprovalMode::Full
        });
        match (decision, again) {
            (Decision::Deny { why, denial }, _) => {
                let refusal = CallOutput::refusal(action.title, why);
                called.end(refusal.with(ToolResult::Denied(Box::new(denial))), effects)
            }
            (_, Some(Ruling::Deny)) => {
                called.end(CallOutput::refusal(action.title, STOPPED_REPEATING), effects)
            }
            (Decision::Allow(grant) | Decision::Ask { grant, .. }, Some(Ruling::Ask)) => {
                turn.streak.settle();
                let learn = vec![Rule::new(RuleSubject::Repeat, "*", Ruling::Allow)];
                let asking = self.asking(action, grant, SAME_AGAIN.into());
                // Whatever mode would let it pass once asks about this, but for the freest.
                let passes_in = asking.passes_in.map(|_| ApprovalMode::Full);
                ask(self.names.ask(), called, Asking { learn, passes_in, ..asking }, effects);
            }
            (Decision::Allow(grant), _) if !uncovered.is_empty() => {
                let why = format!("It may destroy files for good: {uncovered}");
                let grant = Grant { losses: Losses::Allowed, ..grant };
                let asking = Asking { loses: true, ..self.asking(action, grant, why) };
                ask(self.names.ask(), called, asking, effects);
            }
            (Decision::Allow(grant), _) => {
                launch(&self.config.policy, turn, called, action, grant, effects)
            }
            (Decision::Ask { why, learn, grant }, _) => {
                let why = if uncovered.is_empty() { why } else { format!("{why}. {uncovered}") };
                let opens = self.openings(&action, &[]);
                let asking = Asking { learn, opens, ..self.asking(action, grant, why) };
                ask(self.names.ask(), called, asking, effects);
            }
        }
    }

    /// A question about a call, from which nothing could be learned or opened.
    pub(super) fn asking(&self, action: PlannedAction, grant: Grant, why: String) -> Asking {
        let (config, mode) = (&self.config.policy, &self.mode);
        let passes_in = policy::freer_mode(config, &mode.learned, &mode.current, &action);
        Asking {
            grant,
            learn: Vec::new(),
            opens: Vec::new(),
            hazards: policy::hazards(config, &action),
            action,
            passes_in,
            why,
            loses: false,
            before: None,
        }
    }

    /// Whether a command is known to only read, and runs without asking.
    fn only_looks(&self, action: &PlannedAction) -> bool {
        policy::only_reads(&self.config.policy, action)
            && matches!(self.evaluate(action), Decision::Allow(_))
    }

    fn evaluate(&self, action: &PlannedAction) -> Decision {
        policy::evaluate(&self.config.policy, &self.mode.learned, &self.mode.current, action)
    }

    fn openings(&self, action: &PlannedAction, unreached: &[AllowedHost]) -> Vec<SandboxOpening> {
        policy::openings(
            &self.config.policy,
            &self.mode.learned,
            &self.mode.current,
            action,
            unreached,
        )
    }

    /// What waits for a person may not have to any more.
    pub(super) fn check_permissions_again(&mut self, effects: &mut EffectQueue) {
        self.with_calls(effects, |session, turn, calls, effects| {
            session.release(turn, calls, effects)
        });
    }

    pub(super) fn release(&self, turn: &mut Turn, calls: &mut Calls, effects: &mut EffectQueue) {
        for called in &mut calls.calls {
            if self.mode.current.approval_mode == ApprovalMode::Full {
                super::losses::let_go_on(called, effects);
            }
            let CallPhase::Asking(asking) = &called.state else { continue };
            let is_lost = asking.loses && self.mode.current.approval_mode != ApprovalMode::Full;
            let fits = asking.before.is_none() && !is_lost && called.times < OFTEN;
            if let (true, Decision::Allow(grant)) = (fits, self.evaluate(&asking.action)) {
                let action = asking.action.clone();
                launch(&self.config.policy, turn, called, action, grant, effects);
            }
        }
    }

    /// Whether a command that was kept in may be offered without that.
    pub(super) fn may_lift(&self, grant: Grant) -> bool {
        let session_mode = self.mode.current;
        grant.confinement != Confinement::Free
            && session_mode.agent == Agent::Build
            && session_mode.approval_mode != ApprovalMode::ReadOnly
    }

    /// A command was ended before it destroyed what could not be kept: it may run again and do so.
    pub(super) fn ask_about_loss(
        &mut self,
        called: &mut Called,
        action: PlannedAction,
        grant: Grant,
        (why, output): (String, CallOutput),
        effects: &mut EffectQueue,
    ) {
        let grant = Grant { losses: Losses::Allowed, ..grant };
        let why = format!("{why}. It was ended before, and would run again from the start");
        let asking = self.asking(action, grant, why);
        ask(
            self.names.ask(),
            called,
            Asking { loses: true, before: Some(output), ..asking },
            effects,
        );
    }

    /// A command failed for what kept it in: it may run again without.
    pub(super) fn lift(
        &mut self,
        turn: &mut Turn,
        called: &mut Called,
        action: PlannedAction,
        blocked: Blocked,
        effects: &mut EffectQueue,
    ) {
        let Blocked { why, unreached, output } = blocked;
        let ActionKind::Command { line, folder, .. } = action.kind.clone() else {
            return called.end(output, effects);
        };
        let free = PlannedAction {
            kind: ActionKind::Command { line, folder, wanted: RequestedConfinement::Unconfined },
            ..action
        };
        match self.evaluate(&free) {
            Decision::Allow(grant) => {
                launch(&self.config.policy, turn, called, free, grant, effects)
            }
            Decision::Ask { learn, grant, .. } => {
                let why = format!("The sandbox got in its way. {why}");
                let opens = self.openings(&free, &unreached);
                let before = Some(output);
                let asking = Asking { learn, opens, before, ..self.asking(free, grant, why) };
                ask(self.names.ask(), called, asking, effects);
            }
            Decision::Deny { .. } => called.end(output, effects),
        }
    }
}

/// Says what a call would do, and keeps it with the conversation, before anything is done.
pub(super) fn plan(called: &Called, action: &PlannedAction, effects: &mut EffectQueue) {
    let (call, action) = (called.call.id.clone(), Arc::new(action.clone()));
    effects.append(Record::CallPlanned { call: call.clone(), action: action.without_diffs() });
    effects.tell(EventKind::CallPlanned { call, action });
}

pub(super) fn ask(id: AskId, called: &mut Called, asking: Asking, effects: &mut EffectQueue) {
    let Some(approval) = approval(id, &called.call, &asking) else { return };
    called.resolve(None, effects);
    called.ask = Some(id);
    effects.tell(EventKind::Approval(approval));
    called.state = CallPhase::Asking(Box::new(asking));
}

/// What a person is shown of a question; `None` where it is about nothing that could be allowed.
pub(super) fn approval(id: AskId, call: &ToolCall, asking: &Asking) -> Option<Approval> {
    let PlannedAction { title, reason, kind, .. } = &asking.action;
    let (subject, place) = match kind {
        ActionKind::Change { diffs, targets } => {
            (ApprovalSubject::Change(diffs.clone()), outside(targets))
        }
        ActionKind::Command { line, folder, .. } => {
            (ApprovalSubject::Command(line.clone()), Some(folder.path.display().to_string()))
        }
        ActionKind::External { server, tool, .. } => {
            let (server, tool) = (server.clone(), tool.clone());
            let arguments = call.arguments.clone();
            (ApprovalSubject::External { server, tool, arguments }, None)
        }
        ActionKind::Fetch { url, .. } => (ApprovalSubject::Fetch(url.clone()), None),
        ActionKind::JobInput { command, text, .. } => {
            let command = command.trim().lines().next().unwrap_or_default().to_owned();
            (ApprovalSubject::Input { command, text: text.clone() }, None)
        }
        ActionKind::Look { targets, .. } => (
            ApprovalSubject::Look(targets.iter().map(|target| target.shown.clone()).collect()),
            outside(targets),
        ),
        ActionKind::Ask(_) | ActionKind::Plan(_) => return None,
    };
    Some(Approval {
        id,
        call: call.id.clone(),
        tool: call.name.clone(),
        title: title.clone(),
        subject,
        place,
        why: asking.why.clone(),
        reason: reason.clone(),
        learn: asking.learn.clone().into(),
        opens: asking.opens.clone().into(),
        passes_in: asking.passes_in,
        confinement: asking.grant.confinement,
        hazards: asking.hazards.clone().into(),
    })
}

/// Where files lie that are not in the folder.
fn outside(targets: &[crate::protocol::Target]) -> Option<String> {
    let outside: Vec<&str> = targets
        .iter()
        .filter(|target| target.location == Location::Outside)
        .map(|target| target.shown.as_str())
        .collect();
    (!outside.is_empty()).then(|| outside.join(", "))
}

pub(super) fn launch(
    policy: &PolicyConfig,
    turn: &Turn,
    called: &mut Called,
    action: PlannedAction,
    grant: Grant,
    effects: &mut EffectQueue,
) {
    called.resolve(None, effects);
    let guard = match &action.kind {
        ActionKind::Change { targets, .. } => {
            SnapshotScope::Files(targets.iter().map(|target| target.path.clone()).collect())
        }
        // What only reads leaves nothing to take back.
        ActionKind::Command { .. }
            if grant.confinement != Confinement::ReadOnly
                && !policy::only_reads(policy, &action) =>
        {
            SnapshotScope::Folder
        }
        // Nobody knows what it does here either.
        ActionKind::External { read_only: false, .. } => SnapshotScope::Folder,
        _ => SnapshotScope::None,
    };
    let edits = match grant.committed {
        SecretAccess::Plain => policy::line_edits(policy, &action),
        SecretAccess::All => LineEdits::default(),
    };
    effects
        .tell(EventKind::CallRunning { call: called.call.id.clone(), title: action.title.clone() });
    effects.push(SessionEffect::Run(ToolRun {
        turn: turn.id,
        call: called.call.clone(),
        grant,
        scope: guard,
        edits,
    }));
    called.state = CallPhase::Running(Box::new(RunningCall::new(Some(action), grant)));
}
