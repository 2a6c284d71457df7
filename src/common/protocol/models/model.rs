//! Models: how one is named, by provider and id, and what is known of it.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::protocol::{ModelId, ProviderId, ServiceTier, Usage, Verbosity};

/// How long a model may think, in its provider's word: `low`, `medium`, `high`, `xhigh`, …
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Effort(pub String);

impl fmt::Display for Effort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A model, by who serves it and its name there.
///
/// It is displayed as the bare id where the built-in provider serves it, and as `acme/large`
/// otherwise; an id with a slash is never bare.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ModelRef {
    /// Who serves it.
    pub provider: ProviderId,
    /// The name that this provider gives it.
    pub id: ModelId,
}

/// A model as a person names it: `acme/large`, or a bare id, which leaves the provider as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelName {
    /// The part before the first slash; `None` where only an id was given.
    pub provider: Option<ProviderId>,
    /// The name that the provider gives it.
    pub id: ModelId,
}

impl ModelRef {
    /// The model of that name at this provider.
    pub fn new(provider: ProviderId, id: impl Into<Arc<str>>) -> Self {
        Self { provider, id: ModelId::new(id) }
    }

    /// A model of the built-in provider.
    pub fn openai(id: impl Into<Arc<str>>) -> Self {
        Self::new(ProviderId::openai(), id)
    }
}

impl fmt::Display for ModelRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { provider, id } = self;
        if provider.is_openai() && !id.as_str().contains('/') {
            return f.write_str(id.as_str());
        }
        write!(f, "{provider}/{id}")
    }
}

impl ModelName {
    /// Takes what stands before the first slash as the provider, where it can be the name of one.
    pub fn parse(text: &str) -> Self {
        let split = text.split_once('/').filter(|(_, id)| !id.is_empty());
        match split.and_then(|(name, id)| Some((ProviderId::named(name)?, id))) {
            Some((provider, id)) => Self { provider: Some(provider), id: id.into() },
            None => Self { provider: None, id: text.into() },
        }
    }

    /// The model that is meant: one named by its id alone is served by `in_use`.
    pub fn of(self, in_use: &ProviderId) -> ModelRef {
        ModelRef { provider: self.provider.unwrap_or_else(|| in_use.clone()), id: self.id }
    }
}

impl From<ModelRef> for ModelName {
    fn from(model: ModelRef) -> Self {
        Self { provider: Some(model.provider), id: model.id }
    }
}

/// A model that a provider offers, as its list or the built-in one describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    /// Who serves it.
    pub provider: ProviderId,
    /// The name that requests carry.
    pub id: ModelId,
    /// For people: `GPT-6.1 Sol`; the id where the server gives none.
    pub name: String,
    /// One line, or empty.
    pub description: String,
    /// Tokens; `None` when not known.
    pub context: Option<u64>,
    /// The most tokens that one answer may have; `None` when not known.
    pub output: Option<u64>,
    /// Whether it sees pictures; `None` when not known.
    pub pictures: Option<bool>,
    /// Whether it calls tools; `None` when not known.
    pub calls_tools: Option<bool>,
    /// The cost of its tokens; `None` when not known, or where a plan pays for them.
    pub prices: Option<Prices>,
    /// Weakest first; empty where the model takes none.
    pub efforts: Vec<Effort>,
    /// The server's default for requests that name none; `None` where that is not known.
    pub default_effort: Option<Effort>,
    /// How much it writes where a request does not say; `None` where that cannot be set.
    pub verbosity: Option<Verbosity>,
    /// How soon it can be served besides in its turn.
    pub tiers: Vec<ServiceTier>,
    /// How it was taught to change files.
    pub patches: Patches,
}

/// The cost of a model's tokens, in millionths of a US dollar for a million tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prices {
    /// The price of tokens that are sent.
    pub input: u64,
    /// The price of tokens that the model writes, reasoning included.
    pub output: u64,
    /// The price of sent tokens that were read from the prompt cache; `None` where it is as for
    /// others.
    pub cached: Option<u64>,
}

impl Prices {
    /// The cost of these tokens, in millionths of a US dollar.
    pub fn cost(&self, usage: &Usage) -> u64 {
        let at = |tokens: u64, price: u64| u128::from(tokens) * u128::from(price);
        let fresh = usage.input.saturating_sub(usage.cached);
        let sum = at(fresh, self.input)
            + at(usage.cached.min(usage.input), self.cached.unwrap_or(self.input))
            + at(usage.output, self.output);
        u64::try_from(sum / 1_000_000).unwrap_or(u64::MAX)
    }
}

impl Model {
    /// A model of which only its provider and its id are known.
    pub fn unknown(ModelRef { provider, id }: ModelRef) -> Self {
        Self {
            provider,
            name: id.to_string(),
            id,
            description: String::new(),
            context: None,
            output: None,
            pictures: None,
            calls_tools: None,
            prices: None,
            efforts: Vec::new(),
            default_effort: None,
            verbosity: None,
            tiers: Vec::new(),
            patches: Patches::Never,
        }
    }

    /// Its provider and its id, without what is known of it.
    pub fn reference(&self) -> ModelRef {
        ModelRef { provider: self.provider.clone(), id: self.id.clone() }
    }
}

/// The models that the person comes back to, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ModelMarks {
    /// Those that were marked.
    pub favorites: Vec<ModelRef>,
    /// Those that were chosen last.
    pub recent: Vec<ModelRef>,
}

/// How a model was taught to change files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Patches {
    /// By a patch that is an argument like any other.
    AsArgument,
    /// By a patch that is written as plain text, following a grammar.
    AsText,
    /// Not by patches, but one place at a time.
    Never,
}

/// The models that a provider offers.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelList {
    /// Whose models these are.
    pub provider: ProviderId,
    /// The models in the order in which they are offered.
    pub models: Vec<Model>,
    /// Where the list came from, and so how far it can be trusted.
    pub source: ModelSource,
}

/// Where a list of models came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelSource {
    /// It came with the program, which has no newer one.
    BuiltIn,
    /// It was kept on disk from an earlier answer of the server.
    Cache,
    /// The server has just given it.
    Server,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cost_is_counted_with_cached_tokens_apart() {
        let prices = Prices { input: 150_000, output: 600_000, cached: Some(3_000) };
        let usage = Usage { input: 1_000_000, cached: 400_000, output: 10_000, ..Usage::default() };
        assert_eq!(prices.cost(&usage), 90_000 + 1_200 + 6_000);
        let all = Usage { input: u64::MAX, cached: u64::MAX, output: u64::MAX, ..usage };
        assert!(Prices { cached: None, ..prices }.cost(&all) > 0);
    }

    #[test]
    fn a_model_reads_as_it_is_typed() {
        let (openai, acme) = (ProviderId::openai(), ProviderId::new("acme"));
        for (typed, in_use, shown) in [
            ("gpt-5.5", &openai, "gpt-5.5"),
            ("openai/gpt-5.5", &acme, "gpt-5.5"),
            ("large", &acme, "acme/large"),
            ("acme/large", &openai, "acme/large"),
            ("acme/org/large", &openai, "acme/org/large"),
            ("openai/org/large", &acme, "openai/org/large"),
            // No provider can have these names.
            ("Org/large", &acme, "acme/Org/large"),
            ("ft:gpt-4o:me/x", &openai, "openai/ft:gpt-4o:me/x"),
            ("acme/", &openai, "openai/acme/"),
        ] {
            let model = ModelName::parse(typed).of(in_use);
            assert_eq!(model.to_string(), shown, "{typed}");
            assert_eq!(ModelName::parse(shown).of(&openai), model, "{typed}");
        }
    }

    #[test]
    fn a_provider_has_a_name_that_can_stand_before_a_slash_and_in_a_file_name() {
        for good in ["openai", "acme", "a", "0x", "my-own_2", &"a".repeat(40)] {
            assert!(ProviderId::named(good).is_some(), "{good}");
        }
        for bad in ["", "-a", "_a", "Acme", "a/b", "a.b", "a b", "é", "..", &"a".repeat(41)] {
            assert!(ProviderId::named(bad).is_none(), "{bad}");
        }
    }
}
