//! The lists of models that servers offer: each is asked for once at a time, however many wait for
//! it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use crate::engine::work::blocking;
use crate::protocol::{EventKind, Model, ModelList, ModelSource, ProviderId};

use super::link::engine_message::{EngineMessage, EngineSender};
use super::services::Services;
use super::work::owned_work::Work;

/// How long a request waits for a server's list, where only the built-in one is known.
const PATIENCE: Duration = Duration::from_secs(3);

/// The lists that are being read, by provider.
#[derive(Clone, Default)]
pub(super) struct ModelLists(Arc<Mutex<HashMap<ProviderId, (ListReading, Work)>>>);

/// A reading that has begun. Whoever waits for it neither keeps it going nor ends it.
#[derive(Clone)]
pub(super) struct ListReading(watch::Receiver<()>);

impl ListReading {
    /// Until the list was read, could not be read, or [`PATIENCE`] is over.
    pub(super) async fn wait(mut self) {
        // Nothing is ever sent: the sender goes with the reading.
        let ended = async { while self.0.changed().await.is_ok() {} };
        let _in_time = tokio::time::timeout(PATIENCE, ended).await;
    }

    fn is_over(&self) -> bool {
        self.0.has_changed().is_err()
    }
}

impl ModelLists {
    /// The accounts are others, and what is being read is of the ones before.
    pub(super) fn forget(&self) {
        let left = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        drop(left);
    }
}

impl Services {
    /// The models of a provider that are known without a request, and whether its server may be
    /// asked.
    pub(super) async fn known_list(&self, provider: &ProviderId) -> (ModelList, bool) {
        let (services, of) = (self.clone(), provider.clone());
        let known = blocking(move || {
            let may_ask = !of.is_openai() || services.kind_in_use().is_some();
            (services.known_models(&of), may_ask)
        });
        let ((models, source), may_ask) =
            known.await.unwrap_or(((Vec::new(), ModelSource::BuiltIn), false));
        (ModelList { provider: provider.clone(), models, source }, may_ask)
    }

    /// Asks a provider for its models. What it answers is kept, and told to all.
    pub(super) fn read_list(&self, provider: &ProviderId, sender: &EngineSender) -> ListReading {
        let mut readings = self.model_lists.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((reading, _)) = readings.get(provider)
            && !reading.is_over()
        {
            return reading.clone();
        }
        let (ends, reading) = watch::channel(());
        let reading = ListReading(reading);
        let (services, sender, of) = (self.clone(), sender.clone(), provider.clone());
        let work = Work::start(async move {
            services.read(of, sender).await;
            drop(ends);
        });
        readings.insert(provider.clone(), (reading.clone(), work));
        reading
    }

    async fn read(self, provider: ProviderId, sender: EngineSender) {
        let access = match self.auth.access(&provider).await {
            Ok(access) => access,
            Err(error) => return tracing::info!(%error, "the list of models stays as it was"),
        };
        match self.api.fetch_models(&access).await {
            Ok(models) => {
                let list = ModelList { provider, models, source: ModelSource::Server };
                let news = EngineMessage::Announce(EventKind::Models(list));
                let _loop_ended = sender.send(news);
                let _loop_ended = sender.send(EngineMessage::ModelsRead);
            }
            Err(error) => tracing::info!("the list of models stays as it was: {error}"),
        }
    }

    /// Waits for the list of the account in use where only the built-in one is known, and returns
    /// all models that are known then; `None` where no server tells of them.
    ///
    /// The account decides which model is the default and what each can do. So the first request of
    /// every front comes after the list, and after the session was told of it. The news of a list
    /// that came a moment ago may still be on its way, so what is returned is to be told first.
    pub(super) async fn await_list(
        &self,
        provider: &ProviderId,
        sender: &EngineSender,
    ) -> Option<Vec<Model>> {
        // A provider of one's own has no built-in list that could be wrong.
        if !provider.is_openai() {
            return None;
        }
        let (list, may_ask) = self.known_list(provider).await;
        if list.source == ModelSource::BuiltIn {
            if !may_ask {
                return None;
            }
            self.read_list(provider, sender).wait().await;
        }
        let services = self.clone();
        blocking(move || services.all_models()).await.ok()
    }
}
