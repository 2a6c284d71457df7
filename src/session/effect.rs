//! What a session wants done. The engine does it; nothing here does.

use std::path::PathBuf;
use std::time::Duration;

use crate::protocol::{
    AlarmId, CallId, ChosenStep, Direction, EventKind, FileChange, Leave, Prompt, Record, Rule, SampleId, ToolCall, TurnId, UndoPreview,
};

#[derive(Clone, Debug)]
pub enum Effect {
    /// Keep these; whatever is asked after it waits until they are on the disk.
    Append(Vec<Record>),
    /// Remember what a person allowed in this folder, for later sessions.
    KeepRules(Vec<Rule>),
    /// Do what was prepared, once what came before is on the disk.
    PerformUndo,
    /// Keep what these steps of going back over the changes would write over.
    PrepareUndo {
        direction: Direction,
        turn: TurnId,
        changes: Vec<FileChange>,
        steps: Vec<ChosenStep>,
    },
    /// Find out what going back over these changes would do; whether a person chose the turn.
    PreviewUndo {
        preview: UndoPreview,
        changes: Vec<FileChange>,
        chosen: bool,
    },
    /// Renew the credential that this sample was refused with.
    RenewCredential(SampleId),
    Run(Errand),
    Sample(SampleId, Box<Prompt>),
    SetAlarm {
        id: AlarmId,
        after: Duration,
    },
    StopAlarm(AlarmId),
    /// Also ends the attempt to understand it.
    StopCall(CallId),
    StopSampling(SampleId),
    /// Find out where the conversation takes place.
    Survey,
    Tell(EventKind),
    /// Find out what a call would do.
    Understand(ToolCall),
}

/// A call that may run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Errand {
    pub turn: TurnId,
    pub call: ToolCall,
    pub leave: Leave,
    pub guard: Guard,
}

/// Which files are looked at before and after, so that what changed can be taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Guard {
    /// Those of the folder: nobody knows what a command will touch.
    Folder,
    Files(Vec<PathBuf>),
    None,
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
