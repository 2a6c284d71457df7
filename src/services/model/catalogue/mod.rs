//! The models that are known without asking, so that there is a list before the first answer and
//! without a network.

pub mod cache;
pub mod family;
pub mod listing;
mod offers;
pub mod public;

use crate::model::anthropic;
use crate::protocol::{AccessKind, Effort, Model, ModelRef, Patches, ServiceTier, Verbosity};

/// The models to offer when no server has told of others; the first is the default.
pub fn built_in(kind: &AccessKind) -> Vec<Model> {
    match kind {
        AccessKind::ApiKey => API.iter().map(|id| of_openai(id)).collect(),
        AccessKind::ChatGpt { .. } => CODEX.iter().map(Row::model).collect(),
        AccessKind::Provider { .. } => Vec::new(),
    }
}

/// Describes a model by its name alone.
///
/// The description of another provider's model is a guess: it does not assume that the model
/// reasons, takes an effort, or takes anything but JSON arguments for its tools.
pub fn describe(model: &ModelRef) -> Model {
    let known = of_openai(model.id.as_str());
    if model.provider.is_openai() {
        return known;
    }
    let id = model.id.as_str();
    let efforts = match anthropic::efforts(id) {
        [] => known.efforts.clone(),
        claude => claude.iter().copied().map(effort).collect(),
    };
    let patches = match known.patches {
        Patches::AsArgument | Patches::AsText => Patches::AsArgument,
        Patches::Never => Patches::Never,
    };
    Model {
        provider: model.provider.clone(),
        name: model.id.to_string(),
        context: known.context.or_else(|| anthropic::context(id)),
        output: anthropic::output(id),
        efforts,
        default_effort: None,
        verbosity: None,
        tiers: Vec::new(),
        patches,
        ..known
    }
}

/// Describes a model of OpenAI's by its id, from the table and else from its family.
pub fn of_openai(id: &str) -> Model {
    let known = CODEX.iter().find(|row| row.id == id || Some(row.id) == family::undated(id));
    let reasons = family::reasons(id);
    let (efforts, default): (&[&str], _) = match known {
        Some(row) => (row.efforts, Some(row.default)),
        None if reasons => (family::efforts(id), Some("medium")),
        None => (&[], None),
    };
    Model {
        name: family::name(id),
        context: known.map(|row| row.context).or_else(|| family::context(id)),
        efforts: efforts.iter().copied().map(effort).collect(),
        default_effort: default.map(effort),
        verbosity: family::verbosity(id),
        patches: family::patches(id),
        ..Model::unknown(ModelRef::openai(id))
    }
}

/// Where an id stands among the known ones, best first.
pub fn rank(id: &str) -> usize {
    CODEX.iter().position(|row| row.id == id).unwrap_or(CODEX.len())
}

pub fn effort(word: &str) -> Effort {
    Effort(word.to_owned())
}

struct Row {
    id: &'static str,
    context: u64,
    default: &'static str,
    efforts: &'static [&'static str],
}

impl Row {
    fn model(&self) -> Model {
        // As Codex's own list has them.
        let is_listed = family::version(self.id).is_some_and(|version| version >= (5, 5));
        let tiers = if is_listed { vec![ServiceTier::Fast] } else { Vec::new() };
        let known = of_openai(self.id);
        Model {
            verbosity: known.verbosity.filter(|_| is_listed).map(|_| Verbosity::Low),
            tiers,
            ..known
        }
    }
}

const SIX: &[&str] = &["low", "medium", "high", "xhigh", "max", "ultra"];
const FIVE: &[&str] = &["low", "medium", "high", "xhigh", "max"];
const FOUR: &[&str] = &["low", "medium", "high", "xhigh"];
const THREE: &[&str] = &["low", "medium", "high"];

/// The models that a ChatGPT account may use with Codex 0.169.0, by the priority they have there,
/// then older ids that some accounts may still use.
const CODEX: &[Row] = &[
    Row { id: "gpt-6.1-sol", context: 272_000, default: "low", efforts: SIX },
    Row { id: "gpt-6-astra", context: 272_000, default: "low", efforts: SIX },
    Row { id: "gpt-6-sol", context: 272_000, default: "medium", efforts: SIX },
    Row { id: "gpt-6-luna", context: 272_000, default: "medium", efforts: FIVE },
    Row { id: "gpt-5.6-sol", context: 272_000, default: "low", efforts: SIX },
    Row { id: "gpt-6.1-terra", context: 500_000, default: "low", efforts: SIX },
    Row { id: "gpt-5.6-terra", context: 272_000, default: "medium", efforts: SIX },
    Row { id: "gpt-5.6-luna", context: 272_000, default: "medium", efforts: FIVE },
    Row { id: "gpt-5.5", context: 272_000, default: "medium", efforts: FOUR },
    Row { id: "gpt-5.3-codex", context: 272_000, default: "medium", efforts: FOUR },
    Row { id: "gpt-5.2-codex", context: 272_000, default: "medium", efforts: FOUR },
    Row { id: "gpt-5.1-codex", context: 272_000, default: "medium", efforts: THREE },
    Row {
        id: "gpt-5.1-codex-mini",
        context: 272_000,
        default: "medium",
        efforts: &["medium", "high"],
    },
    Row { id: "gpt-5.1-codex-max", context: 272_000, default: "medium", efforts: FOUR },
    Row { id: "codex-mini-latest", context: 200_000, default: "medium", efforts: THREE },
];

/// Models that API accounts commonly have.
const API: &[&str] = &[
    "gpt-6-sol",
    "gpt-6-luna",
    "gpt-5.5",
    "gpt-5.3-codex",
    "gpt-5.1-codex-max",
    "gpt-5.1-codex-mini",
    "gpt-5-mini",
    "gpt-4.1",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_of_a_chatgpt_account_is_the_first_and_older_ids_come_last() {
        let models = built_in(&AccessKind::ChatGpt { account: None, residency: None });
        let ids: Vec<&str> = models.iter().map(|model| model.id.as_str()).collect();
        assert_eq!(
            (ids[0], ids[8], ids[9], ids[14]),
            ("gpt-6.1-sol", "gpt-5.5", "gpt-5.3-codex", "codex-mini-latest")
        );
        assert_eq!(
            (models[0].name.as_str(), models[0].default_effort.clone()),
            ("GPT-6.1 Sol", Some(effort("low")))
        );
        assert_eq!(models[5].context, Some(500_000));
    }

    #[test]
    fn every_built_in_model_is_one_that_its_own_rules_would_let_through() {
        for kind in [AccessKind::ApiKey, AccessKind::ChatGpt { account: None, residency: None }] {
            for model in built_in(&kind) {
                assert!(family::chats(model.id.as_str()), "{}", model.id);
                assert!(model.context.is_some(), "{}", model.id);
                assert_eq!(
                    family::reasons(model.id.as_str()),
                    !model.efforts.is_empty(),
                    "{}",
                    model.id
                );
                assert!(
                    model.default_effort.is_none_or(|effort| model.efforts.contains(&effort)),
                    "{}",
                    model.id
                );
            }
        }
    }

    #[test]
    fn a_snapshot_is_described_like_the_model_it_is_of() {
        assert_eq!(of_openai("gpt-5.5-2026-01-02").efforts, of_openai("gpt-5.5").efforts);
        assert_eq!(of_openai("gpt-5-nano").default_effort, Some(effort("medium")));
        assert!(of_openai("gpt-4o").efforts.is_empty());
    }
}
