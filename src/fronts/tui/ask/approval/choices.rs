//! The choices of an approval, as text and as a row.

use crate::tui::ask::keys::Readiness;
use crate::tui::paint::{Role, Span};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ApprovalChoice {
    Always,
    Explain,
    /// Continue, though a running command may lose data that undo cannot restore.
    GoOn,
    No,
    Once,
    /// Open the needed places and hosts to sandboxed commands.
    Open,
}

/// How long a rule or an opening lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RuleLifetime {
    Conversation,
    Folder,
    Not,
}

pub(super) const KEEPS: [RuleLifetime; 3] =
    [RuleLifetime::Conversation, RuleLifetime::Folder, RuleLifetime::Not];
/// Openings cannot last longer here; only the settings make them permanent.
pub(super) const OPENS: [RuleLifetime; 2] = [RuleLifetime::Conversation, RuleLifetime::Not];

/// Draws choices in a row, with the selected one marked once keys count.
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

    /// Whether it lasts longer than one call, and so needs a second key.
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
