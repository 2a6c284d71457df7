//! What an approval offers to choose from, in words and as a row.

use super::Readiness;
use crate::fronts::tui::paint::{Role, Span};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ApprovalChoice {
    Always,
    Explain,
    /// A command that waits may lose what undo could not bring back.
    GoOn,
    No,
    Once,
    /// What it needs, to commands in the sandbox.
    Open,
}

/// For how long a rule, or what is opened, is to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RuleLifetime {
    Conversation,
    Folder,
    Not,
}

pub(super) const KEEPS: [RuleLifetime; 3] =
    [RuleLifetime::Conversation, RuleLifetime::Folder, RuleLifetime::Not];
/// What is opened is for good only in the settings.
pub(super) const OPENS: [RuleLifetime; 2] = [RuleLifetime::Conversation, RuleLifetime::Not];

/// Things to choose from, the one under the cursor marked once keys count.
pub(super) fn row(
    choices: impl Iterator<Item = String>,
    at: Option<usize>,
    readiness: Readiness,
) -> Vec<Span<'static>> {
    let mut spans = Vec::new();
    for (place, words) in choices.enumerate() {
        let chosen = Some(place) == at && readiness == Readiness::Ready;
        let mark = if chosen { "› " } else { "  " };
        let role = match readiness {
            Readiness::NotYet => Role::Faint,
            Readiness::Ready if chosen => Role::Selection,
            Readiness::Ready => Role::Accent,
        };
        spans.push(Span::new(
            if place == 0 { mark.to_owned() } else { format!("  {mark}") },
            Role::Text,
        ));
        spans.push(Span::new(words.replace(' ', "\u{a0}"), role));
    }
    spans
}

impl ApprovalChoice {
    pub(super) fn key(self) -> char {
        match self {
            Self::Always => 'a',
            Self::Explain => 'r',
            Self::No => 'n',
            Self::GoOn | Self::Once => 'y',
            Self::Open => 'o',
        }
    }

    /// Whether it holds longer than for one call, and so wants a second key.
    pub(super) fn lasts(self) -> bool {
        matches!(self, Self::Always | Self::Open)
    }

    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Explain => "no, and say why",
            Self::GoOn => "go on, and lose it",
            Self::No => "no",
            Self::Once => "once",
            Self::Open => "open",
        }
    }
}

impl RuleLifetime {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Conversation => "1 for this conversation",
            Self::Folder => "2 for this folder, permanently",
            Self::Not => "esc back",
        }
    }
}
