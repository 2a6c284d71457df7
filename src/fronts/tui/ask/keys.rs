//! Keys at an ask: whether they count already, whom they are meant for, and what came of one.

use std::time::Duration;

use crate::base::Timestamp;
use crate::protocol::{SessionId, TurnCommand};

/// Keys within this time after an ask came up, or after another such key, are not meant for it.
pub(super) const QUIET: Duration = Duration::from_millis(400);

/// Until when keys do not count, and where they go.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quiet {
    pub until: Timestamp,
    pub meant_for: MeantFor,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MeantFor {
    Composer,
    /// The previous ask, which is gone, or a dialog over this one.
    Nobody,
}

/// Whether keys count already; an ask that does not take keys yet looks different.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Readiness {
    #[default]
    NotYet,
    Ready,
}

/// How far to scroll.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AskStep {
    /// A page of the part that scrolls.
    Page,
    Rows(u16),
}

/// The effect of a key.
#[derive(Clone, Debug)]
pub enum KeyOutcome {
    /// The key is not for the ask.
    Ignored,
    Taken,
    /// A command for the session on screen, or for this child session.
    Tell(Option<SessionId>, TurnCommand),
    /// The key was meant for the composer when the ask came up.
    Typed,
}
