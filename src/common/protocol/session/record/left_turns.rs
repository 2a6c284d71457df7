//! Turns that a conversation left by going back: they stay in its log, as a branch.

use std::sync::Arc;

use crate::base::Timestamp;
use crate::protocol::{Record, TurnId};

/// Turns that a conversation left when it went back. They stay in its log, as a branch.
#[derive(Clone, Debug, PartialEq)]
pub struct LeftTurns {
    /// The first turn that was left.
    pub before: TurnId,
    /// The records of the turns, in the order of the log; those that were left by going back
    /// earlier are among them. Empty until the log is read.
    pub records: Vec<Record>,
}

impl LeftTurns {
    /// How many prompts were left.
    pub fn prompts(&self) -> usize {
        self.records.iter().filter(|record| record.is_prompt()).count()
    }
}

/// Takes a turn and all that followed on it out of the records of a branch: they are left. Turns
/// are numbered in their order, so that a lost line at the beginning of one hides no more.
pub fn go_back(records: &mut Vec<Record>, before: TurnId) {
    let mut from = records.len();
    for (at, record) in records.iter().enumerate().rev() {
        match record {
            Record::TurnStarted(turn) if *turn >= before => from = at,
            Record::TurnStarted(_) => break,
            _ => {}
        }
    }
    let mut left = Vec::with_capacity(records.len() - from);
    let mut title = None;
    for record in records.drain(from..) {
        match record {
            Record::WentBack(earlier) => left.extend(Arc::unwrap_or_clone(earlier).records),
            // The name is the conversation's, not that of a branch.
            Record::Title(_) => title = Some(record),
            other => left.push(other),
        }
    }
    records.extend(title);
    records.push(Record::WentBack(Arc::new(LeftTurns { before, records: left })));
}

/// One end of a conversation that was left by going back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branch {
    /// When it was left; `None` if the log does not say.
    pub left: Option<Timestamp>,
    /// The prompts that were left.
    pub prompts: u32,
    /// The first line of the last of them.
    pub prompt: String,
}

/// All records of a log, in its order: those of turns that were left by going back are among them.
pub fn with_left_turns(records: &[Record]) -> impl DoubleEndedIterator<Item = &Record> {
    records.iter().flat_map(|record| match record {
        Record::WentBack(left) => left.records.as_slice(),
        other => std::slice::from_ref(other),
    })
}
