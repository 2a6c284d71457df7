//! What is known of a model.

use std::fmt;

use super::{ModelId, ProviderId};

/// How long a model may think, in its provider's word: `low`, `medium`, `high`, `xhigh`, …
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Effort(pub String);

impl fmt::Display for Effort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    pub provider: ProviderId,
    pub id: ModelId,
    /// For people: `GPT-6.1 Sol`; the id where the server gives none.
    pub name: String,
    /// One line, or empty.
    pub description: String,
    /// Tokens; `None` when not known.
    pub context: Option<u64>,
    /// Weakest first; empty where the model takes none.
    pub efforts: Vec<Effort>,
    pub default_effort: Option<Effort>,
    pub patches: Patches,
}

/// How a model was taught to change files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patches {
    /// By a patch that is an argument like any other.
    AsArgument,
    /// By a patch that is written as it is, along a grammar.
    AsText,
    /// Not by patches, but one place at a time.
    Never,
}

/// The models that a provider offers.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelList {
    pub provider: ProviderId,
    pub models: Vec<Model>,
    pub source: ModelSource,
}

/// Where a list of models came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelSource {
    BuiltIn,
    Cache,
    Server,
}
