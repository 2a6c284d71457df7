//! The input of a call's layout: the call itself, and how to lay it out (folded, wide, coloured).

use crate::protocol::{CallState, PlannedAction, ToolCall};
use crate::tui::paint::diff::Finish;

/// The most rows of output; the tool itself limits what the model reads.
pub(super) const SHOWN_ROWS: usize = 200;
/// Rows of a folded output, where it has a reason to be seen.
pub(super) const FOLDED_ROWS: usize = 3;

const HINT: &str = " · ctrl+o shows them";

/// Whether reasoning and tool output are shown in full.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Details {
    #[default]
    Folded,
    Shown,
    /// Shown without limits, with long lines wrapped: a search is at a hit in it.
    Whole,
}

/// How to lay a call out.
#[derive(Clone, Copy, Debug)]
pub struct CallSheet {
    pub width: u16,
    pub details: Details,
    pub finish: Finish,
    /// The rows of live output at the last layout; they stay until the call ends.
    pub live: usize,
}

impl CallSheet {
    /// The hint after a count of hidden rows.
    pub(super) fn hint(&self) -> &'static str {
        if self.details == Details::Folded { HINT } else { "" }
    }

    /// The limit for rows, folded or not.
    pub(super) fn rows(&self, folded: usize, shown: usize) -> usize {
        match self.details {
            Details::Folded => folded,
            Details::Shown => shown,
            Details::Whole => usize::MAX,
        }
    }
}

/// A call of the transcript.
#[derive(Clone, Copy, Debug)]
pub struct ShownCall<'a> {
    pub call: &'a ToolCall,
    /// The meaning of its arguments; empty until known.
    pub title: &'a str,
    pub action: Option<&'a PlannedAction>,
    pub state: &'a CallState,
}
