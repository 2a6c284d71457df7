//! The parts that a person can choose for the status line.

use std::sync::Arc;

/// One part of the status line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusPart {
    /// Build or Plan.
    Agent,
    /// The approval mode.
    Mode,
    /// The model, or that nobody is signed in.
    Model,
    /// The reasoning effort and the service tier.
    Effort,
    /// Commands that run in the background, and whether the conversation is joined.
    Jobs,
    /// How full the model's context is.
    Context,
    /// The price of the conversation.
    Cost,
    /// The limits of the plan.
    Limits,
    /// The folder, at the right end.
    Folder,
    /// The git branch, at the right end.
    Branch,
    /// The line that the person's own command prints.
    Command,
}

impl StatusPart {
    /// The parts of a line that nobody chose, in order.
    pub const USUAL: [Self; 10] = [
        Self::Agent,
        Self::Mode,
        Self::Model,
        Self::Effort,
        Self::Jobs,
        Self::Context,
        Self::Cost,
        Self::Limits,
        Self::Folder,
        Self::Branch,
    ];

    /// The part of that name in the settings, such as `context`; `None` where there is none.
    pub fn named(name: &str) -> Option<Self> {
        let all = Self::USUAL.into_iter().chain([Self::Command]);
        all.into_iter().find(|part| part.as_str() == name)
    }

    /// Its name in the settings.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Mode => "mode",
            Self::Model => "model",
            Self::Effort => "effort",
            Self::Jobs => "jobs",
            Self::Context => "context",
            Self::Cost => "cost",
            Self::Limits => "limits",
            Self::Folder => "folder",
            Self::Branch => "branch",
            Self::Command => "command",
        }
    }
}

/// The status line that a person chose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StatusChoice {
    /// The parts in their order; empty for the usual ones.
    pub parts: Arc<[StatusPart]>,
    /// The program whose first line is shown, and its arguments; empty for none.
    pub command: Arc<[String]>,
}

impl StatusChoice {
    /// The parts to show, in order. A command that has no place of its own is the whole line, but
    /// for the usual parts as long as it has printed nothing.
    pub fn shown(&self, has_line: bool) -> &[StatusPart] {
        match (self.parts.is_empty(), has_line) {
            (false, _) => &self.parts,
            (true, true) => &[StatusPart::Command],
            (true, false) => &StatusPart::USUAL,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_is_found_by_its_name() {
        for part in StatusPart::USUAL.into_iter().chain([StatusPart::Command]) {
            assert_eq!(StatusPart::named(part.as_str()), Some(part));
        }
        assert_eq!(StatusPart::named("Agent"), None);
    }

    #[test]
    fn a_command_without_a_place_takes_the_line_once_it_has_printed_one() {
        let command = Arc::from(["date".to_owned()]);
        let alone = StatusChoice { parts: Arc::default(), command };
        assert_eq!(alone.shown(false), StatusPart::USUAL);
        assert_eq!(alone.shown(true), [StatusPart::Command]);
        let placed = StatusChoice { parts: Arc::from([StatusPart::Cost]), ..alone };
        assert_eq!(placed.shown(true), [StatusPart::Cost]);
    }
}
