//! The meter of a running attempt: counts what its session tells, and says when a limit is reached.

use std::collections::HashMap;

use crate::protocol::{
    CallId, CallOutput, EventKind, Item, ItemKind, ProblemKind, SessionSettings, ToolCall,
    ToolFace, ToolResult, Usage, UserReply,
};

use super::grid::face_word;
use super::report::record::{AttemptRecord, CallCounts, Sent, Verdict};
use super::task::Limits;

/// Tools that change files, by the names that models call them by.
const PATCHING: [&str; 4] = ["apply_patch", "edit", "patch", "write"];
/// The first line of a patch, wherever it was put.
const PATCH: &str = "*** Begin Patch";

/// The counts of one attempt.
#[derive(Debug, Default)]
pub struct Meter {
    usage: Usage,
    steps: u64,
    calls: CallCounts,
    /// Running calls, each with whether it is to change files.
    running: HashMap<CallId, bool>,
    retries: u64,
    reconnects: u64,
    compactions: u64,
    settings: Option<SessionSettings>,
    answer: String,
}

impl Meter {
    /// Counts an event; returns the verdict if it exhausts a limit.
    pub fn count(&mut self, event: &EventKind, limits: &Limits) -> Option<Verdict> {
        match event {
            EventKind::Usage(usage) => {
                self.usage.add(*usage);
                self.steps += 1;
                let used = self.usage.input.saturating_add(self.usage.output);
                return (used > limits.tokens).then_some(Verdict::OutOfTokens);
            }
            EventKind::CallStarted(call) => {
                self.calls.made += 1;
                self.running.insert(call.id.clone(), is_patch(call));
                // A call in the last response needs one more request.
                return (self.steps >= limits.steps).then_some(Verdict::OutOfSteps);
            }
            EventKind::CallEnded { call, output } => {
                let is_patch = self.running.remove(call).unwrap_or_default();
                self.end_call(is_patch, output);
            }
            EventKind::Retrying(retry) => {
                self.retries += 1;
                let is_lost =
                    matches!(retry.problem.kind, ProblemKind::BrokenStream | ProblemKind::Network);
                self.reconnects += u64::from(is_lost);
            }
            EventKind::Compacted(Some(_)) => self.compactions += 1,
            EventKind::Settings(settings) => self.settings = Some(settings.clone()),
            EventKind::Snapshot(view) => self.settings.clone_from(&view.settings),
            EventKind::ItemDone(Item { kind: ItemKind::Assistant { text, .. }, .. }) => {
                self.answer.clone_from(text);
            }
            _ => {}
        }
        None
    }

    fn end_call(&mut self, is_patch: bool, output: &CallOutput) {
        let was_refused = match &output.result {
            ToolResult::Denied(_) => true,
            result => matches!(
                result.reply(),
                Some(UserReply::NotAsked(_) | UserReply::Refused(_) | UserReply::Declined(_))
            ),
        };
        if was_refused {
            self.calls.refused += 1;
        } else if !output.ok && !matches!(output.result, ToolResult::Command(_)) {
            self.calls.failed += 1;
            self.calls.failed_patches += u64::from(is_patch);
        }
    }

    /// The last message of the model.
    pub fn answer(&self) -> &str {
        &self.answer
    }

    /// The record with what was counted; `chosen` are the tools that the session was opened with.
    pub fn fill(&self, record: AttemptRecord, chosen: Option<ToolFace>) -> AttemptRecord {
        let sent = self.settings.as_ref().map(|settings| Sent {
            model: settings.model.to_string(),
            effort: settings.effort.as_ref().map(ToString::to_string),
            verbosity: settings.tuning.verbosity.map(|verbosity| verbosity.to_string()),
            face: face_word(chosen.unwrap_or_else(|| ToolFace::of(settings.patches))).to_owned(),
        });
        #[expect(clippy::cast_precision_loss, reason = "no evaluation costs so much")]
        let cost_usd = self.usage.cost.map(|millionths| millionths as f64 / 1e6);
        AttemptRecord {
            sent,
            tokens: self.usage.into(),
            cost_usd,
            steps: self.steps,
            calls: self.calls,
            retries: self.retries,
            reconnects: self.reconnects,
            compactions: self.compactions,
            ..record
        }
    }
}

fn is_patch(call: &ToolCall) -> bool {
    PATCHING.contains(&call.plain_name()) || call.arguments.contains(PATCH)
}

#[cfg(test)]
mod tests {
    use crate::protocol::{Denial, DenialCause};

    use super::super::grid::AttemptKey;
    use super::super::task::Task;
    use super::*;

    fn call(meter: &mut Meter, id: &str, name: &str, output: CallOutput) {
        let limits = Task::named("a").limits;
        let call = ToolCall { id: id.into(), name: name.into(), arguments: "{}".into() };
        meter.count(&EventKind::CallStarted(call), &limits);
        meter.count(&EventKind::CallEnded { call: id.into(), output }, &limits);
    }

    #[test]
    fn calls_are_counted_by_what_came_of_them() {
        let mut meter = Meter::default();
        call(&mut meter, "1", "read", CallOutput::text("a", "x"));
        call(&mut meter, "2", "shell", CallOutput::command("false", 1, 5, ""));
        call(&mut meter, "3", "apply_patch", CallOutput::refusal("a", "it does not fit"));
        call(&mut meter, "4", "read", CallOutput::refusal("a", "there is no such file"));
        call(&mut meter, "5", "shell", CallOutput::reply("x", UserReply::NotAsked(None)));
        let denied = ToolResult::Denied(Box::new(Denial::by(DenialCause::ReadOnly)));
        call(&mut meter, "6", "edit", CallOutput::refusal("a", "no").with(denied));
        let record = AttemptRecord::new(AttemptKey::default(), "ses_1".into());
        let counted = meter.fill(record, None).calls;
        assert_eq!(counted, CallCounts { made: 6, refused: 2, failed: 2, failed_patches: 1 });
    }

    #[test]
    fn a_limit_is_reached_by_tokens_and_by_a_call_after_the_last_step() {
        let limits = Limits { tokens: 10, ..Task::named("a").limits };
        let mut meter = Meter::default();
        let usage = |input| EventKind::Usage(Usage { input, ..Usage::default() });
        assert_eq!(meter.count(&usage(10), &limits), None);
        let call = ToolCall { id: "1".into(), name: "read".into(), arguments: "{}".into() };
        assert_eq!(meter.count(&EventKind::CallStarted(call), &limits), Some(Verdict::OutOfSteps));
        assert_eq!(meter.count(&usage(1), &limits), Some(Verdict::OutOfTokens));
    }
}
