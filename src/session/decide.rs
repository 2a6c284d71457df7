//! What a person answers to a call that waits for them. Does not know why it was asked.

use crate::policy;
use crate::protocol::{CallId, CallOutput, Decision, DeedKind, Said, Shown};

use super::Session;
use super::calls::{Asking, State};
use super::effect::{Effect, Effects};
use super::weigh::{ask, launch};

const STAYS_CONFINED: &str = "(The user did not allow it to run again without the sandbox.)";
const STAYS_CONFINED_UNASKED: &str = "(Nobody can be asked here whether it may run again without the sandbox.)";

impl Session {
    pub(super) fn decide(&mut self, id: &CallId, decision: Decision, effects: &mut Effects) {
        self.with_calls(effects, |session, turn, calls, effects| {
            let Some(called) = calls.find(id) else { return };
            let asking = match std::mem::replace(&mut called.state, State::Waiting) {
                State::Asking(asking) => *asking,
                State::Question(question) => {
                    called.end(declined(&question.text, decision), effects);
                    return;
                }
                other => {
                    called.state = other;
                    return;
                }
            };
            match decision {
                Decision::Once => launch(&session.charter.law, turn, called, asking.deed, asking.leave, effects),
                Decision::Always | Decision::AlwaysHere => {
                    if decision == Decision::AlwaysHere {
                        effects.push(Effect::KeepRules(asking.learn.clone()));
                    }
                    session.bearing.learned.extend(asking.learn);
                    launch(&session.charter.law, turn, called, asking.deed, asking.leave, effects);
                    session.release(turn, calls, effects);
                }
                Decision::Open => {
                    asking.opens.iter().cloned().for_each(|grant| session.charter.law.grants.add(grant));
                    let (law, bearing) = (&session.charter.law, &session.bearing);
                    match policy::kept_in(law, &bearing.learned, &bearing.stance, &asking.deed) {
                        Some((deed, leave)) => launch(&session.charter.law, turn, called, deed, leave, effects),
                        // The mode is another one by now.
                        None => ask(called, Asking { opens: Vec::new(), ..asking }, effects),
                    }
                    session.release(turn, calls, effects);
                }
                Decision::No => called.end(refused(asking, Said::Refused(None)), effects),
                Decision::NoBecause(why) => called.end(refused(asking, Said::Refused(Some(&why))), effects),
                Decision::Nobody => {
                    let why = asking.why.clone();
                    called.end(refused(asking, Said::Unasked(Some(&why))), effects);
                }
            }
        });
    }

    pub(super) fn answer_question(&mut self, id: &CallId, text: String, effects: &mut Effects) {
        self.with_calls(effects, |_, _, calls, effects| {
            let Some(called) = calls.find(id) else { return };
            if let State::Question(question) = &called.state {
                let title = question.text.clone();
                called.end(CallOutput::text(title, Said::Answered(&text).told()), effects);
            }
        });
    }
}

/// What was refused is shown as it was reviewed.
fn refused(asking: Asking, said: Said<'_>) -> CallOutput {
    if let Some(before) = asking.before {
        let stays = if matches!(said, Said::Unasked(_)) { STAYS_CONFINED_UNASKED } else { STAYS_CONFINED };
        let text = format!("{}\n{stays}", before.text);
        return CallOutput { text, ..before };
    }
    let shown = match asking.deed.kind {
        DeedKind::Change { diffs, .. } => Shown::Diffs(diffs),
        _ => Shown::Text,
    };
    CallOutput { shown, ..CallOutput::refusal(asking.deed.title, said.told()) }
}

fn declined(question: &str, decision: Decision) -> CallOutput {
    let said = match &decision {
        Decision::NoBecause(why) => Said::Declined(Some(why)),
        Decision::Nobody => Said::Unasked(None),
        Decision::Always | Decision::AlwaysHere | Decision::No | Decision::Once | Decision::Open => Said::Declined(None),
    };
    CallOutput::refusal(question, said.told())
}
