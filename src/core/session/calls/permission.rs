//! Permission: whether a call may run, by policy, and what a person is asked.

use std::sync::Arc;

use crate::policy::{self, Decision};
use crate::protocol::{
    ActionKind, AllowedHost, Approval, ApprovalMode, ApprovalSubject, AskId, CallId, CallOutput,
    EventKind, Grant, Location, Losses, PlannedAction, Record, RequestedConfinement, Rule,
    RuleSubject, Ruling, Target, ToolCall, ToolEffects, ToolResult, TurnId,
};
use crate::session::sentences::{OPEN_HERE_DOCUMENT, PLAN_SHOWN, SAME_AGAIN, STOPPED_REPEATING};

use super::super::context::Parts;
use super::super::effect::{EffectQueue, SessionEffect, ToolRun};
use super::super::permissions::Permissions;
use super::call_order::{Calls, RepeatedCalls, find};
use super::called::{Asking, CallPhase, Called, CheckedCommand, RunningCall};
use super::losses;
use super::question::{self, QuestionCall};

/// The same call so often in a row is asked about.
const OFTEN: u32 = 3;

/// The end of a command that the sandbox stopped.
#[derive(Debug)]
pub(super) struct Blocked {
    /// One sentence without a full stop.
    pub(super) why: String,
    pub(super) unreached: Vec<AllowedHost>,
    pub(super) output: CallOutput,
}

impl Calls {
    /// Goes on with a call whose action is known: runs it, asks about it, refuses it, or has it
    /// wait for the calls before it, or for a look for copies.
    pub fn previewed(
        &mut self,
        id: &CallId,
        action: Result<PlannedAction, CallOutput>,
        parts: &mut Parts,
    ) {
        let is_next = self.is_next(id);
        let Self { turn, list, repeated } = self;
        let Some(called) = find(list, id) else { return };
        if !matches!(called.phase, CallPhase::Understanding) {
            return;
        }
        match action {
            Ok(action) => {
                if parts.permissions.only_looks(&action) {
                    called.effects = ToolEffects::Looks;
                } else if !is_next && called.effects == ToolEffects::Runs {
                    // The calls before it may change what it is about.
                    (called.phase, called.has_to_wait) = (CallPhase::Waiting, true);
                    return;
                }
                let action = parts.permissions.named_by_look(action);
                if let Some(removes) = parts.permissions.copies_needed(&action) {
                    let checked = CheckedCommand { action, removes, is_planned: false };
                    return look_for_copies(called, checked, parts.effects);
                }
                plan(called, &action, parts.effects);
                check(called, (*turn, repeated), action, "", parts);
            }
            Err(output) => called.end(output, parts.effects),
        }
    }

    /// Goes on with a command once it is known which files undo could not bring back. Looks again
    /// if the permissions have changed meanwhile, so that other files matter.
    pub fn copies_looked_at(&mut self, id: &CallId, uncovered: &str, parts: &mut Parts) {
        let Self { turn, list, repeated } = self;
        let Some(called) = find(list, id) else { return };
        let checked = match std::mem::replace(&mut called.phase, CallPhase::Waiting) {
            CallPhase::CheckingCopies(checked) => *checked,
            other => {
                called.phase = other;
                return;
            }
        };
        let uncovered = match parts.permissions.copies_needed(&checked.action) {
            Some(removes) if removes != checked.removes => {
                let checked = CheckedCommand { removes, ..checked };
                return look_for_copies(called, checked, parts.effects);
            }
            Some(_) => uncovered,
            None => "",
        };
        if !checked.is_planned {
            plan(called, &checked.action, parts.effects);
        }
        check(called, (*turn, repeated), checked.action, uncovered, parts);
    }

    /// Runs the calls that wait for a person and do not have to any more.
    pub fn release(&mut self, parts: &mut Parts) {
        for called in &mut self.list {
            if parts.permissions.is_full() {
                losses::let_go_on(called, parts.effects);
            }
            let CallPhase::Asking(asking) = &called.phase else { continue };
            let is_lost = asking.loses && !parts.permissions.is_full();
            let is_trusted = called.untrusted.is_none();
            let fits = asking.before.is_none() && !is_lost && called.times < OFTEN && is_trusted;
            if let (true, Decision::Allow(grant)) =
                (fits, parts.permissions.evaluate(&asking.action))
            {
                let action = asking.action.clone();
                match parts.permissions.copies_needed(&action) {
                    Some(removes) => {
                        called.resolve(None, parts.effects);
                        let checked = CheckedCommand { action, removes, is_planned: true };
                        look_for_copies(called, checked, parts.effects);
                    }
                    None => launch(called, self.turn, action, grant, parts),
                }
            }
        }
    }
}

fn look_for_copies(called: &mut Called, checked: CheckedCommand, effects: &mut EffectQueue) {
    let (call, removes) = (called.call.id.clone(), checked.removes.clone());
    effects.push(SessionEffect::LookForCopies { call, removes });
    called.phase = CallPhase::CheckingCopies(Box::new(checked));
}

fn check(
    called: &mut Called,
    (turn, repeated): (TurnId, &mut RepeatedCalls),
    action: PlannedAction,
    uncovered: &str,
    parts: &mut Parts,
) {
    match action.kind {
        ActionKind::Ask(question) => {
            let id = parts.ids.ask();
            question::ask(id, called, QuestionCall::new(question), parts.effects);
            return;
        }
        ActionKind::Plan(todos) => {
            parts.effects.emit(EventKind::Todos(todos.clone()));
            let output = CallOutput::text(action.title, PLAN_SHOWN);
            called.end(output.with(ToolResult::Plan(todos)), parts.effects);
            return;
        }
        ActionKind::Command { .. } => {
            if policy::is_cut_off(&action) {
                called.end(CallOutput::refusal(action.title, OPEN_HERE_DOCUMENT), parts.effects);
                return;
            }
            if let Some(notice) = parts.permissions.warning() {
                parts.effects.emit(EventKind::Notice(notice));
            }
        }
        ActionKind::Change { .. }
        | ActionKind::External { .. }
        | ActionKind::Fetch { .. }
        | ActionKind::JobInput { .. }
        | ActionKind::Look { .. } => {}
    }
    let decision = parts.permissions.evaluate(&action);
    // To wait for the same command again and again is what it is for.
    let is_waiting = matches!(&action.kind, ActionKind::JobInput { text, .. } if text.is_empty());
    let is_again = called.times >= OFTEN && !is_waiting;
    let again = is_again.then(|| parts.permissions.evaluate_repeat()).flatten();
    match (decision, again) {
        (Decision::Deny { why, denial }, _) => {
            let refusal = CallOutput::refusal(action.title, why);
            called.end(refusal.with(ToolResult::Denied(Box::new(denial))), parts.effects)
        }
        (_, Some(Ruling::Deny)) => {
            called.end(CallOutput::refusal(action.title, STOPPED_REPEATING), parts.effects)
        }
        (Decision::Allow(grant) | Decision::Ask { grant, .. }, Some(Ruling::Ask)) => {
            repeated.settle();
            let learn = vec![Rule::new(RuleSubject::Repeat, "*", Ruling::Allow)];
            let asking = asking(parts.permissions, action, grant, SAME_AGAIN.into());
            // Any mode that would let it pass once asks about this, but for the freest.
            let passes_in = asking.passes_in.map(|_| ApprovalMode::Full);
            ask(called, Asking { learn, passes_in, ..asking }, parts);
        }
        (Decision::Allow(grant) | Decision::Ask { grant, .. }, _) if called.untrusted.is_some() => {
            let untrusted = called.untrusted.as_ref().map(|it| it.why.clone());
            let why = [untrusted, Some(uncovered.to_owned()).filter(|it| !it.is_empty())];
            let why = why.into_iter().flatten().collect::<Vec<_>>().join(". ");
            let asking = asking(parts.permissions, action, grant, why);
            ask(called, Asking { passes_in: None, ..asking }, parts);
        }
        (Decision::Allow(grant), _) if !uncovered.is_empty() => {
            let why = format!("It may destroy files for good: {uncovered}");
            let grant = Grant { losses: Losses::Allowed, ..grant };
            let asking = asking(parts.permissions, action, grant, why);
            ask(called, Asking { loses: true, ..asking }, parts);
        }
        (Decision::Allow(grant), _) => launch(called, turn, action, grant, parts),
        (Decision::Ask { why, learn, grant }, _) => {
            let why = if uncovered.is_empty() { why } else { format!("{why}. {uncovered}") };
            let opens = parts.permissions.openings(&action, &[]);
            let asking = asking(parts.permissions, action, grant, why);
            ask(called, Asking { learn, opens, ..asking }, parts);
        }
    }
}

/// An ask about a call, from which nothing could be learned or opened.
pub(super) fn asking(
    permissions: &Permissions,
    action: PlannedAction,
    grant: Grant,
    why: String,
) -> Asking {
    Asking {
        grant,
        learn: Vec::new(),
        opens: Vec::new(),
        hazards: permissions.hazards(&action),
        passes_in: permissions.freer_mode(&action),
        action,
        why,
        loses: false,
        before: None,
    }
}

/// Asks about a command that was ended before it destroyed files that could not be kept: it may run
/// again and do so.
pub(super) fn ask_about_loss(
    called: &mut Called,
    action: PlannedAction,
    grant: Grant,
    (why, output): (String, CallOutput),
    parts: &mut Parts,
) {
    let grant = Grant { losses: Losses::Allowed, ..grant };
    let why = format!("{why}. It was ended before, and would run again from the start");
    let asking = asking(parts.permissions, action, grant, why);
    ask(called, Asking { loses: true, before: Some(output), ..asking }, parts);
}

/// Goes on with a command that failed in the sandbox: it may run again without.
pub(super) fn retry_unconfined(
    called: &mut Called,
    turn: TurnId,
    action: PlannedAction,
    blocked: Blocked,
    parts: &mut Parts,
) {
    let Blocked { why, unreached, output } = blocked;
    let ActionKind::Command { line, folder, .. } = action.kind.clone() else {
        return called.end(output, parts.effects);
    };
    let free = PlannedAction {
        kind: ActionKind::Command { line, folder, wanted: RequestedConfinement::Unconfined },
        ..action
    };
    match parts.permissions.evaluate(&free) {
        Decision::Allow(grant) => launch(called, turn, free, grant, parts),
        Decision::Ask { learn, grant, .. } => {
            let why = format!("The sandbox got in its way. {why}");
            let opens = parts.permissions.openings(&free, &unreached);
            let asking = asking(parts.permissions, free, grant, why);
            ask(called, Asking { learn, opens, before: Some(output), ..asking }, parts);
        }
        Decision::Deny { .. } => called.end(output, parts.effects),
    }
}

/// Tells and records the action of a call, before anything is done.
pub(super) fn plan(called: &Called, action: &PlannedAction, effects: &mut EffectQueue) {
    let (call, action) = (called.call.id.clone(), Arc::new(action.clone()));
    effects.append(Record::CallPlanned { call: call.clone(), action: action.without_diffs() });
    effects.emit(EventKind::CallPlanned { call, action });
}

/// Puts a call before a person.
pub(super) fn ask(called: &mut Called, asking: Asking, parts: &mut Parts) {
    let id = parts.ids.ask();
    let Some(approval) = approval(id, &called.call, &asking) else { return };
    let approval = Approval { trusts: called.untrusted.is_some(), ..approval };
    called.resolve(None, parts.effects);
    called.ask = Some(id);
    parts.effects.emit(EventKind::Approval(approval));
    called.phase = CallPhase::Asking(Box::new(asking));
}

/// The approval that a person is shown; `None` where the action is nothing that could be allowed.
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
        trusts: false,
        hazards: asking.hazards.clone().into(),
    })
}

/// The files that lie outside the folder.
fn outside(targets: &[Target]) -> Option<String> {
    let outside: Vec<&str> = targets
        .iter()
        .filter(|target| target.location == Location::Outside)
        .map(|target| target.shown.as_str())
        .collect();
    (!outside.is_empty()).then(|| outside.join(", "))
}

/// Runs a call.
pub(super) fn launch(
    called: &mut Called,
    turn: TurnId,
    action: PlannedAction,
    grant: Grant,
    parts: &mut Parts,
) {
    called.resolve(None, parts.effects);
    let (call, title) = (called.call.id.clone(), action.title.clone());
    parts.effects.emit(EventKind::CallRunning { call, title });
    parts.effects.push(SessionEffect::Run(ToolRun {
        turn,
        call: called.call.clone(),
        grant,
        scope: parts.permissions.snapshot_scope(&action, grant),
        edits: parts.permissions.line_edits(&action, grant),
    }));
    called.phase = CallPhase::Running(Box::new(RunningCall::new(Some(action), grant)));
}
