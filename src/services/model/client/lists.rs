//! Lists of models and limits, asked for and remembered.

use crate::model::catalogue::{cache, listing};
use crate::model::{catalogue, limits};
use crate::protocol::{
    Access, AccessKind, Limits, Model, ModelId, ModelRef, ModelSource, ProviderSource,
};

use super::{Api, ModelError, garbled};

impl Api {
    /// The models to offer before the server was asked: those it told of last, else the built-in
    /// ones. Reads one small file.
    ///
    /// A provider of one's own has no built-in ones; what the settings say of it is all there are.
    pub fn known_models(&self, kind: &AccessKind) -> (Vec<Model>, ModelSource) {
        if let Some(models) = self.set_models(kind) {
            return (models, ModelSource::Server);
        }
        match self.owner(kind).and_then(|owner| cache::read(&self.options.cache, owner)) {
            Some(models) => {
                self.learn(&models);
                (models, ModelSource::Cache)
            }
            None => (catalogue::built_in(kind), ModelSource::BuiltIn),
        }
    }

    /// The models the server offers this account, best first. Kept for [`Api::known_models`]. A
    /// server whose models stand in the settings is not asked.
    ///
    /// # Errors
    ///
    /// The request failed, the server refused it, or its list cannot be read.
    pub async fn fetch_models(&self, access: &Access) -> Result<Vec<Model>, ModelError> {
        if let Some(models) = self.set_models(&access.kind) {
            return Ok(models);
        }
        let providers = self.providers();
        let to = self.destination(&providers, &access.kind)?;
        let body = self.answer(&to, self.get(&to, to.models(), access)?, access).await?;
        let models = match &access.kind {
            AccessKind::ApiKey => listing::from_api(&body),
            AccessKind::ChatGpt { .. } => listing::from_chatgpt(&body),
            AccessKind::Provider { id, .. } => listing::from_provider(id, &body),
        };
        let mut models =
            models.ok().filter(|models| !models.is_empty()).ok_or_else(|| garbled(&to))?;
        if let Some(own) = to.own.filter(|own| own.source != ProviderSource::Local) {
            self.complete(own, &mut models).await;
        }
        self.bound_contexts(&to, access, &mut models).await;
        self.learn(&models);
        self.keep(&access.kind, models.clone()).await;
        Ok(models)
    }

    /// How much of the plan is used; an API key has no plan, and so no limits to tell.
    ///
    /// # Errors
    ///
    /// The request failed, the server refused it, or its answer cannot be read.
    pub async fn limits(&self, access: &Access) -> Result<Limits, ModelError> {
        let providers = self.providers();
        let to = self.destination(&providers, &access.kind)?;
        let Some(url) = to.usage() else { return Ok(Limits::default()) };
        let body = self.answer(&to, self.get(&to, url, access)?, access).await?;
        limits::from_usage(&body, self.clock.now()).map_err(|_not_json| garbled(&to))
    }

    /// The models that the settings name for a provider.
    fn set_models(&self, kind: &AccessKind) -> Option<Vec<Model>> {
        let AccessKind::Provider { id, .. } = kind else { return None };
        let providers = self.providers();
        let models = providers.iter().find(|own| own.id == *id)?.models.as_ref()?;
        let describe =
            |model: &ModelId| catalogue::describe(&ModelRef::new(id.clone(), model.as_str()));
        Some(models.iter().map(describe).collect())
    }

    /// `None` for a provider that is not known.
    fn owner<'a>(&self, kind: &'a AccessKind) -> Option<cache::CacheOwner<'a>> {
        let providers = self.providers();
        let address = self.destination(&providers, kind).ok()?.address();
        Some(cache::CacheOwner { kind, address })
    }

    /// A list that cannot be kept is only asked for again.
    async fn keep(&self, kind: &AccessKind, models: Vec<Model>) {
        let (api, kind) = (self.clone(), kind.clone());
        let kept = tokio::task::spawn_blocking(move || {
            let Some(owner) = api.owner(&kind) else { return Ok(()) };
            cache::write(&api.options.cache, &owner, &models)
        })
        .await;
        match kept {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the list of models was not kept"),
            Err(error) => tracing::warn!(%error, "the list of models was not kept"),
        }
    }
}
