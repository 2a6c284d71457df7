//! Whether a call may run: what the law says of it, and what a person is asked. Does not know how calls are ordered.

use crate::policy::{self, Law, Removal, Verdict};
use crate::protocol::{
    Agent, AllowedHost, Approval, CallId, CallOutput, Confinement, Deed, DeedKind, EventKind, Grant, Leave, Mode, Rule, Ruling, Shown,
    Side, Subject, Wanted, Wish,
};

use super::Session;
use super::calls::{Asking, Blocked, Called, Calls, Running, State};
use super::effect::{Effect, Effects, Errand, Guard};
use super::turn::Turn;

/// The same call so often in a row is asked about.
const OFTEN: u32 = 3;
const SAME_AGAIN: &str = "The model makes the same call for the third time in a row";
const STOPPED_REPEATING: &str = "Not run: the same call came three times in a row. Do something else, or say what is missing.";

impl Session {
    /// Whether a person would be asked about a command before it runs.
    pub fn asks_about(&self, deed: &Deed) -> bool {
        matches!(deed.kind, DeedKind::Command { .. }) && matches!(self.judge(deed), Verdict::Ask { .. })
    }

    /// What a command removes that would run without asking, where undo is all that could bring it back.
    pub fn removals_unasked(&self, deed: &Deed) -> Vec<Removal> {
        match self.judge(deed) {
            Verdict::Allow(leave) if leave.confinement == Confinement::Folder => policy::removals(&self.charter.law, deed),
            _ => Vec::new(),
        }
    }

    pub(super) fn understood(&mut self, id: &CallId, deed: Result<Deed, CallOutput>, uncovered: String, effects: &mut Effects) {
        self.with_calls(effects, |session, turn, calls, effects| {
            let Some(called) = calls.find(id).filter(|called| matches!(called.state, State::Understanding)) else { return };
            match deed {
                Ok(deed) => session.weigh(turn, called, deed, &uncovered, effects),
                Err(output) => called.end(output, effects),
            }
        });
    }

    fn weigh(&mut self, turn: &mut Turn, called: &mut Called, deed: Deed, uncovered: &str, effects: &mut Effects) {
        match deed.kind {
            DeedKind::Ask(question) => {
                effects.tell(EventKind::Asked { call: called.call.id.clone(), question: question.clone() });
                called.state = State::Question(question);
                return;
            }
            DeedKind::Plan(todos) => {
                effects.tell(EventKind::Todos(todos.clone()));
                let output = CallOutput::text(deed.title, "The plan is on the screen.");
                called.end(CallOutput { shown: Shown::Todos(todos), ..output }, effects);
                return;
            }
            DeedKind::Command { .. } => {
                if let Some(notice) = self.bearing.warning() {
                    effects.tell(EventKind::Notice(notice));
                }
            }
            DeedKind::Change { .. } | DeedKind::Fetch { .. } | DeedKind::Look { .. } => {}
        }
        let verdict = self.judge(&deed);
        let again = (called.times >= OFTEN).then(|| policy::judge_repeat(&self.charter.law, &self.bearing.learned));
        // Where everything may run, nothing is asked.
        let again = again.filter(|ruling| *ruling != Ruling::Ask || self.bearing.stance.mode != Mode::Full);
        match (verdict, again) {
            (Verdict::Deny { why }, _) => called.end(CallOutput::refusal(deed.title, why), effects),
            (_, Some(Ruling::Deny)) => called.end(CallOutput::refusal(deed.title, STOPPED_REPEATING), effects),
            (Verdict::Allow(leave) | Verdict::Ask { leave, .. }, Some(Ruling::Ask)) => {
                turn.streak.settle();
                let learn = vec![Rule::new(Subject::Repeat, "*", Ruling::Allow)];
                ask(called, Asking { deed, leave, learn, opens: Vec::new(), why: SAME_AGAIN.into(), loses: false, before: None }, effects);
            }
            (Verdict::Allow(leave), _) if !uncovered.is_empty() => {
                let why = format!("It removes files for good: {uncovered}");
                ask(called, Asking { deed, leave, learn: Vec::new(), opens: Vec::new(), why, loses: true, before: None }, effects);
            }
            (Verdict::Allow(leave), _) => launch(&self.charter.law, turn, called, deed, leave, effects),
            (Verdict::Ask { why, learn, leave }, _) => {
                let why = if uncovered.is_empty() { why } else { format!("{why}. {uncovered}") };
                let opens = self.openings(&deed, &[]);
                ask(called, Asking { deed, leave, learn, opens, why, loses: false, before: None }, effects);
            }
        }
    }

    fn judge(&self, deed: &Deed) -> Verdict {
        policy::judge(&self.charter.law, &self.bearing.learned, &self.bearing.stance, deed)
    }

    fn openings(&self, deed: &Deed, unreached: &[AllowedHost]) -> Vec<Grant> {
        policy::openings(&self.charter.law, &self.bearing.learned, &self.bearing.stance, deed, unreached)
    }

    /// What waits for a person may not have to any more.
    pub(super) fn weigh_again(&mut self, effects: &mut Effects) {
        self.with_calls(effects, |session, turn, calls, effects| session.release(turn, calls, effects));
    }

    pub(super) fn release(&self, turn: &mut Turn, calls: &mut Calls, effects: &mut Effects) {
        for called in &mut calls.calls {
            let State::Asking(asking) = &called.state else { continue };
            let is_lost = asking.loses && self.bearing.stance.mode != Mode::Full;
            let fits = asking.before.is_none() && !is_lost && called.times < OFTEN;
            if let (true, Verdict::Allow(leave)) = (fits, self.judge(&asking.deed)) {
                let deed = asking.deed.clone();
                launch(&self.charter.law, turn, called, deed, leave, effects);
            }
        }
    }

    /// Whether a command that was kept in may be offered without that.
    pub(super) fn may_lift(&self, leave: Leave) -> bool {
        let stance = self.bearing.stance;
        leave.confinement != Confinement::Free && stance.agent == Agent::Build && stance.mode != Mode::ReadOnly
    }

    /// A command failed for what kept it in: it may run again without.
    pub(super) fn lift(&mut self, turn: &mut Turn, called: &mut Called, deed: Deed, blocked: Blocked, effects: &mut Effects) {
        let Blocked { why, unreached, output } = blocked;
        let DeedKind::Command { line, folder, .. } = deed.kind.clone() else { return called.end(output, effects) };
        let free = Deed { kind: DeedKind::Command { line, folder, wanted: Wanted::Unconfined }, ..deed };
        match self.judge(&free) {
            Verdict::Allow(leave) => launch(&self.charter.law, turn, called, free, leave, effects),
            Verdict::Ask { learn, leave, .. } => {
                let why = format!("The sandbox got in its way. {why}");
                let opens = self.openings(&free, &unreached);
                ask(called, Asking { deed: free, leave, learn, opens, why, loses: false, before: Some(output) }, effects);
            }
            Verdict::Deny { .. } => called.end(output, effects),
        }
    }
}

pub(super) fn ask(called: &mut Called, asking: Asking, effects: &mut Effects) {
    let Deed { title, reason, kind } = &asking.deed;
    let (wish, place) = match kind {
        DeedKind::Change { diffs, targets } => (Wish::Change(diffs.clone()), outside(targets)),
        DeedKind::Command { line, folder, .. } => (Wish::Command(line.clone()), Some(folder.path.display().to_string())),
        DeedKind::Fetch { url, .. } => (Wish::Fetch(url.clone()), None),
        DeedKind::Look { targets } => (Wish::Look(targets.iter().map(|target| target.shown.clone()).collect()), outside(targets)),
        DeedKind::Ask(_) | DeedKind::Plan(_) => return,
    };
    effects.tell(EventKind::Approval(Approval {
        call: called.call.id.clone(),
        tool: called.call.name.clone(),
        title: title.clone(),
        wish,
        place,
        why: asking.why.clone(),
        reason: reason.clone(),
        learn: asking.learn.clone().into(),
        opens: asking.opens.clone().into(),
        confinement: asking.leave.confinement,
    }));
    called.state = State::Asking(Box::new(asking));
}

/// Where files lie that are not in the folder.
fn outside(targets: &[crate::protocol::Target]) -> Option<String> {
    let outside: Vec<&str> = targets.iter().filter(|target| target.side == Side::Outside).map(|target| target.shown.as_str()).collect();
    (!outside.is_empty()).then(|| outside.join(", "))
}

pub(super) fn launch(law: &Law, turn: &Turn, called: &mut Called, deed: Deed, leave: Leave, effects: &mut Effects) {
    let guard = match &deed.kind {
        DeedKind::Change { targets, .. } => Guard::Files(targets.iter().map(|target| target.path.clone()).collect()),
        // What only reads leaves nothing to take back.
        DeedKind::Command { .. } if leave.confinement != Confinement::ReadOnly && !policy::only_reads(law, &deed) => Guard::Folder,
        _ => Guard::None,
    };
    effects.tell(EventKind::CallRunning { call: called.call.id.clone(), title: deed.title.clone() });
    effects.push(Effect::Run(Errand { turn: turn.id, call: called.call.clone(), leave, guard }));
    called.state = State::Running(Box::new(Running { deed: Some(deed), leave, tail: String::new() }));
}
