//! The models that can be chosen, by their providers.

use std::collections::BTreeMap;

use crate::protocol::{
    AccountCommand, Command, Model, ModelList, ModelRef, ModelSource, ProviderId, Reply,
};

use super::agent::AcpAgent;

/// What is known of the models.
#[derive(Debug, Default)]
pub struct Models {
    known: BTreeMap<ProviderId, ModelList>,
}

impl Models {
    /// A newer list came. Whether it says anything new.
    pub fn keep(&mut self, list: ModelList) -> bool {
        let before = self.known.insert(list.provider.clone(), list.clone());
        before.is_none_or(|before| before.models != list.models)
    }

    /// The accounts are others: so may be the models.
    pub fn forget(&mut self) {
        self.known.clear();
    }

    /// OpenAI's first.
    pub fn all(&self) -> impl Iterator<Item = &Model> {
        let of = |is_openai| {
            self.known.values().filter(move |list| list.provider.is_openai() == is_openai)
        };
        of(true).chain(of(false)).flat_map(|list| &list.models)
    }

    pub fn find(&self, model: &ModelRef) -> Option<&Model> {
        self.all().find(|known| known.reference() == *model)
    }
}

impl AcpAgent {
    /// Calls once the models are known that can be at once; a newer list is news.
    pub fn when_models_known(&mut self, then: impl FnOnce(&mut Self) + 'static) {
        let openai = self.models.known.get(&ProviderId::openai());
        if openai.is_some_and(|list| list.source != ModelSource::BuiltIn) {
            return then(self);
        }
        self.ask(Command::Account(AccountCommand::Models), move |agent, reply| {
            if let Ok(Reply::Models(list)) = reply {
                agent.models.keep(list);
            }
            then(agent);
        });
    }
}
