//! What a session wants done. The engine does it; nothing here does.

use std::time::Duration;

use crate::protocol::{AlarmId, CallId, EventKind, Prompt, Record, SampleId, ToolCall};

#[derive(Clone, Debug)]
pub enum Effect {
    /// Keep these; whatever is asked after it waits until they are on the disk.
    Append(Vec<Record>),
    /// Renew the credential that this sample was refused with.
    RenewCredential(SampleId),
    Run(ToolCall),
    Sample(SampleId, Box<Prompt>),
    SetAlarm {
        id: AlarmId,
        after: Duration,
    },
    StopAlarm(AlarmId),
    StopCall(CallId),
    StopSampling(SampleId),
    Tell(EventKind),
}

/// Collects the effects of one input, in order.
#[derive(Debug, Default)]
pub(super) struct Effects(Vec<Effect>);

impl Effects {
    pub(super) fn push(&mut self, effect: Effect) {
        self.0.push(effect);
    }

    /// Joins the records before it where only words lie between.
    pub(super) fn append(&mut self, record: Record) {
        let before = self.0.iter_mut().rev().find(|effect| !matches!(effect, Effect::Tell(_)));
        match before {
            Some(Effect::Append(records)) => records.push(record),
            _ => self.0.push(Effect::Append(vec![record])),
        }
    }

    pub(super) fn tell(&mut self, event: EventKind) {
        self.0.push(Effect::Tell(event));
    }

    pub(super) fn into_vec(self) -> Vec<Effect> {
        self.0
    }
}
