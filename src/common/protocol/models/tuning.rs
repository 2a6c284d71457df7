//! Settings of a model in a session: how much it writes (verbosity), how soon it is served (service
//! tier), and which model it is.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::protocol::{Effort, ModelRef, Patches};

/// How much a model writes in its answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Verbosity {
    /// Little more than what was asked for.
    Low,
    /// Where a request says nothing.
    Medium,
    /// As much as may be useful.
    High,
}

/// How soon a provider serves a request, where the plan leaves the choice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ServiceTier {
    /// In its turn; requests name no tier.
    #[default]
    Standard,
    /// Before others, which uses up more of the plan. OpenAI's word for it is `priority`.
    Fast,
}

/// Both of them, as they are set for a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Tuning {
    /// `None` leaves it to the server.
    pub verbosity: Option<Verbosity>,
    /// The standard one names no tier.
    pub tier: ServiceTier,
}

/// Which model a session asks, and what is known of that model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionSettings {
    /// The model, by provider and id.
    pub model: ModelRef,
    /// How long it may think; `None` leaves that to the server.
    pub effort: Option<Effort>,
    /// How much it writes, and how soon it is served.
    pub tuning: Tuning,
    /// Size of the model's context, in tokens, when known.
    pub context: Option<u64>,
    /// How the model was taught to change files, which decides the tools it is offered.
    pub patches: Patches,
}

impl Verbosity {
    /// All of them, least first.
    pub const ALL: [Self; 3] = [Self::Low, Self::Medium, Self::High];

    /// The word for it in settings and requests.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }

    /// The one of this name.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verbosity| verbosity.as_str() == word)
    }
}

impl ServiceTier {
    /// The word for it in settings.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Fast => "fast",
        }
    }

    /// The one of this name, by ours or by OpenAI's.
    pub fn named(word: &str) -> Option<Self> {
        match word {
            "standard" | "default" => Some(Self::Standard),
            "fast" | "priority" => Some(Self::Fast),
            _ => None,
        }
    }
}

impl fmt::Display for Verbosity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for ServiceTier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
