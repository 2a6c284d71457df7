//! Reads the public catalogue of models: after a provider of it was asked for its own list, once a
//! day at the most, and without any key.

use std::sync::Arc;
use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::{ETAG, IF_NONE_MATCH, USER_AGENT};
use tokio::time::timeout;

use super::Api;
use crate::base::Timestamp;
use crate::model::catalogue::public::PublicCatalogue;
use crate::model::stream::answer;
use crate::protocol::{CatalogueUse, Model, Provider, ProviderId, ProviderOffer};

/// The public catalogue as it is held, and when its server was asked last.
#[derive(Debug, Default)]
pub struct CatalogueState {
    kept: Option<Arc<PublicCatalogue>>,
    tried: Option<Timestamp>,
}

/// How long its server is left alone after it was asked.
const PAUSE: Duration = Duration::from_secs(600);
/// How long a list waits for it.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long it is good, in milliseconds.
const GOOD_FOR: i64 = 24 * 60 * 60 * 1_000;
/// The most bytes that it may have.
const LARGEST: usize = 24 << 20;

impl Api {
    /// Fills in what the list of a provider's own does not say. Without the catalogue the models
    /// stay as they are.
    pub(super) async fn complete(&self, own: &Provider, models: &mut [Model]) {
        let is_in = |catalogue: &Arc<PublicCatalogue>| catalogue.is_of(own);
        // A provider that is in no table is no reason to ask for the catalogue.
        if own.usual_variable.is_none() && !self.kept_catalogue().await.as_ref().is_some_and(is_in)
        {
            return;
        }
        if let Some(catalogue) = self.public_catalogue().await.filter(is_in) {
            models.iter_mut().for_each(|model| catalogue.complete(model));
        }
    }

    /// The providers of the public catalogue that can be connected.
    pub async fn offers(&self, catalogue: CatalogueUse) -> Vec<ProviderOffer> {
        let found = match catalogue {
            CatalogueUse::Fetched => self.public_catalogue().await,
            CatalogueUse::Kept => self.kept_catalogue().await,
        };
        found.map(|found| found.offers()).unwrap_or_default()
    }

    /// The catalogue as it was kept last.
    async fn kept_catalogue(&self) -> Option<Arc<PublicCatalogue>> {
        let mut state = self.public.lock().await;
        if state.kept.is_none() {
            let folder = self.options.cache.clone();
            let load = move || PublicCatalogue::load(&folder);
            state.kept = tokio::task::spawn_blocking(load).await.ok().flatten().map(Arc::new);
        }
        state.kept.clone()
    }

    async fn public_catalogue(&self) -> Option<Arc<PublicCatalogue>> {
        self.kept_catalogue().await;
        let mut state = self.public.lock().await;
        let now = self.clock.now();
        // A clock that was set back makes it no younger.
        let known = self.known_ids();
        let is_good = |kept: &PublicCatalogue| {
            (0..GOOD_FOR).contains(&(now.0 - kept.read)) && kept.covers(&known)
        };
        let has_tried = state.tried.is_some_and(|at| now.since(at) < PAUSE);
        if !has_tried && !state.kept.as_deref().is_some_and(is_good) {
            state.tried = Some(now);
            let read = timeout(PATIENCE, self.read_catalogue(state.kept.clone(), now)).await;
            if let Ok(Some(read)) = read {
                state.kept = Some(read);
            }
        }
        state.kept.clone()
    }

    fn known_ids(&self) -> Vec<ProviderId> {
        self.providers().iter().map(|own| own.id.clone()).collect()
    }

    /// The catalogue as its server has it now; `None` where it cannot be had.
    async fn read_catalogue(
        &self,
        kept: Option<Arc<PublicCatalogue>>,
        now: Timestamp,
    ) -> Option<Arc<PublicCatalogue>> {
        let providers = self.known_ids();
        if let Some(file) = self.options.catalogue_file.clone() {
            let read = move || {
                let body = std::fs::metadata(&file).ok().filter(|it| it.len() <= LARGEST as u64)?;
                let body = body.is_file().then(|| std::fs::read(&file).ok())??;
                let body = std::str::from_utf8(&body).ok()?;
                Some(Arc::new(PublicCatalogue::parse(body, &providers, now, None).ok()?))
            };
            return tokio::task::spawn_blocking(read).await.ok().flatten();
        }
        let origin = self.origins.models.as_ref()?;
        let client = self.net.client(origin).ok()?;
        let mut request =
            client.get(origin.at("/api.json")).header(USER_AGENT, &self.options.user_agent);
        // One that lacks a provider is read anew.
        let etag = kept.as_ref().filter(|kept| kept.covers(&providers));
        let etag = etag.and_then(|kept| kept.etag.as_deref());
        if let Some(etag) = etag {
            request = request.header(IF_NONE_MATCH, etag);
        }
        let response = request.send().await.ok()?;
        let (status, folder) = (response.status(), self.options.cache.clone());
        let etag = response.headers().get(ETAG).and_then(|etag| etag.to_str().ok());
        let etag = etag.map(str::to_owned);
        let body = match status {
            StatusCode::NOT_MODIFIED => None,
            StatusCode::OK => Some(answer::read(response, LARGEST).await.ok()?),
            _ => return None,
        };
        // Parsing takes a while, and the disk may.
        let made = move || {
            let catalogue = match body {
                Some(body) => {
                    let body = std::str::from_utf8(&body).ok()?;
                    PublicCatalogue::parse(body, &providers, now, etag).ok()?
                }
                None => PublicCatalogue::load(&folder)?.confirmed(now),
            };
            if let Err(error) = catalogue.save(&folder) {
                tracing::warn!(%error, "the catalogue of models was not kept");
            }
            Some(Arc::new(catalogue))
        };
        tokio::task::spawn_blocking(made).await.ok().flatten()
    }
}
