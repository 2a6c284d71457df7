//! The state of a turn's compaction: whether a summary is due, of how much, and by whom.

use crate::protocol::{Compactor, Failure, ProblemKind, SessionSettings};

/// When a conversation is summed up, and by whom.
#[derive(Clone, Debug)]
pub struct CompactionConfig {
    /// Percent of the context from which it is.
    pub at: u8,
    pub by: Compactor,
    /// A smaller model that is asked instead of the conversation's, where the conversation fits.
    pub small_model: Option<SessionSettings>,
}

/// The state of compaction in a turn.
#[derive(Debug, Default)]
pub(super) struct Compaction {
    /// The summary that is due before the next request.
    pub(super) due: Option<CompactionScope>,
    /// The person's words on what the summary must keep; empty for nothing in particular.
    pub(super) focus: String,
    /// The relief that the step that runs was given.
    pub(super) relief: ContextRelief,
    pub(super) purpose: CompactionPurpose,
    /// Who is asked by the request that runs.
    pub(super) asked: Summarizer,
    /// The server was asked in vain, in this turn.
    pub(super) is_server_tried: bool,
    /// So was the small model.
    pub(super) is_small_model_tried: bool,
    /// The place was looked at for the head that the next summary stands in.
    pub(super) is_place_known: bool,
}

/// Who is asked for a summary.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Summarizer {
    /// The conversation's model.
    #[default]
    Model,
    Server,
    SmallModel,
}

/// How much of the conversation the model is given to sum up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CompactionScope {
    /// Without long outputs: the whole did not fit.
    Lean,
    /// The end of that alone: it did not fit either.
    Tail,
    Whole,
}

#[derive(Debug, Default, PartialEq, Eq)]
pub(super) enum ContextRelief {
    /// It was summed up.
    Given,
    /// It was made shorter beyond that: there is no more to do.
    Shrunk,
    #[default]
    None,
}

/// The purpose of the turn.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) enum CompactionPurpose {
    #[default]
    Answer,
    /// Asked for by hand: the turn ends with the summary.
    Summary,
}

impl Compaction {
    /// The state of a turn that is for a summary alone.
    pub(super) fn by_hand(focus: String) -> Self {
        Self {
            focus,
            due: Some(CompactionScope::Whole),
            purpose: CompactionPurpose::Summary,
            ..Self::default()
        }
    }

    /// Asks for a summary before the next request.
    pub(super) fn ask_for(&mut self, focus: String) {
        self.focus = focus;
        self.due = Some(CompactionScope::Whole);
    }

    /// Whether a conversation that did not fit although it was summed up may be made shorter still:
    /// it may be once.
    pub(super) fn may_shrink(&mut self, failure: &Failure) -> bool {
        let may = failure.problem.kind == ProblemKind::ContextLength
            && self.relief == ContextRelief::Given;
        if may {
            self.relief = ContextRelief::Shrunk;
        }
        may
    }

    /// Notes that a step came to its end.
    pub(super) fn renew(&mut self) {
        self.relief = ContextRelief::None;
    }

    /// Whether a conversation that did not fit is to be summed up first.
    pub(super) fn may_relieve(&mut self, failure: &Failure) -> bool {
        let may = failure.problem.kind == ProblemKind::ContextLength
            && self.relief == ContextRelief::None;
        if may {
            self.due = Some(CompactionScope::Whole);
        }
        may
    }
}
