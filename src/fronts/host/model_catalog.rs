//! The models that can be chosen, by their providers.

use std::collections::BTreeMap;

use crate::protocol::{Model, ModelList, ModelName, ModelRef, ModelSource, ProviderId};

/// The newest list of each provider.
#[derive(Debug, Default)]
pub struct ModelCatalog {
    known: BTreeMap<ProviderId, ModelList>,
}

impl ModelCatalog {
    /// Takes a newer list. Returns whether its models differ from those known before.
    pub fn keep(&mut self, list: ModelList) -> bool {
        let before = self.known.insert(list.provider.clone(), list.clone());
        before.is_none_or(|before| before.models != list.models)
    }

    /// Forgets all lists: signing in or out can change which models are available.
    pub fn forget(&mut self) {
        self.known.clear();
    }

    /// Whether OpenAI's list came from its server, not from this program.
    pub fn is_complete(&self) -> bool {
        let openai = self.known.get(&ProviderId::openai());
        openai.is_some_and(|list| list.source != ModelSource::BuiltIn)
    }

    /// All models, OpenAI's first: the first of them is the default.
    pub fn all(&self) -> impl Iterator<Item = &Model> {
        let of = |is_openai| {
            self.known.values().filter(move |list| list.provider.is_openai() == is_openai)
        };
        of(true).chain(of(false)).flat_map(|list| &list.models)
    }

    /// The model of this provider and id.
    pub fn find(&self, model: &ModelRef) -> Option<&Model> {
        self.all().find(|known| known.reference() == *model)
    }

    /// Adds the provider to a bare id that OpenAI, in use now, does not have and exactly one other
    /// provider has.
    pub fn meant(&self, name: ModelName, in_use: &ProviderId) -> ModelName {
        if name.provider.is_some() || !in_use.is_openai() {
            return name;
        }
        let lists = |list: &&ModelList| list.models.iter().any(|model| model.id == name.id);
        let mut listing = self.known.values().filter(lists).map(|list| &list.provider);
        match (listing.next().cloned(), listing.next()) {
            (Some(own), None) => ModelName { provider: Some(own), ..name },
            _ => name,
        }
    }
}
