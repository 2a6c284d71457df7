//! The lists that belong to accounts: who is signed in, and which models that gives.

use std::time::Duration;

use futures_util::future::join_all;

use crate::auth::AuthErrorKind;
use crate::engine::work::{blocking, spawn};
use crate::protocol::{
    Access, AccessKind, CatalogueUse, CredentialStanding, ModelList, ModelSource, Provider,
    ProviderSource, SentCredential,
};

use crate::engine::model_lists::ListReading;
use crate::engine::model_marks::{Marking, mark};
use crate::engine::services::Connected;

use super::*;

/// How long a server of this machine may take to answer.
const LOCAL_PATIENCE: Duration = Duration::from_millis(300);

/// Which list of models whoever asks can do with.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum ListWanted {
    Known,
    /// Asks the server where only built-in models are known, and waits for it within a bound.
    FromServer,
}

/// Who is signed in, for whoever asked, away from the loop. Where that cannot be read, all hear
/// that nobody is.
pub(super) fn list(services: Services, sender: EngineSender, replier: Replier) {
    drop(blocking(move || match services.auth.accounts() {
        Ok(listing) => {
            warn(&services, &sender);
            let list = account_list(&services, listing);
            answer(&sender, replier, Ok(Reply::Accounts(list)));
        }
        Err(error) => {
            let nobody = account_list(&services, AccountListing::default());
            let _loop_ended = sender.send(EngineMessage::Announce(EventKind::Accounts(nobody)));
            answer(&sender, replier, Err(problem::of_auth(&error)));
        }
    }));
}

/// The same, once the tokens in use are renewed. A sign-in that has ended for good is left out.
pub(super) fn renew(services: Services, sender: EngineSender, replier: Replier) {
    spawn(async move {
        let refreshed = services.auth.refresh().await;
        let ended = refreshed.is_err_and(|error| error.kind() == AuthErrorKind::NotSignedIn);
        let listed = blocking(move || {
            let listing = services.auth.accounts();
            let listing = listing.map(|mut listing| {
                listing.accounts.retain(|account| {
                    let is_in_use = account.provider.is_openai()
                        && account.standing == CredentialStanding::Wins;
                    !(ended && is_in_use)
                });
                account_list(&services, listing)
            });
            listing.map(Reply::Accounts).map_err(|error| problem::of_auth(&error))
        });
        match listed.await {
            Ok(result) => answer(&sender, replier, result),
            // Letting go of the replier answers.
            Err(_panic) => drop(replier),
        }
    });
}

/// Asks the server how much of the plan is left.
pub(super) fn limits(services: Services, sender: EngineSender, replier: Replier) {
    spawn(async move {
        let access = match services.auth.access(&ProviderId::openai()).await {
            Ok(access) => access,
            Err(error) => return answer(&sender, replier, Err(problem::of_auth(&error))),
        };
        let limits = services.api.limits(&access).await;
        let limits = limits.map_err(|error| problem::of_model(&error, Duration::ZERO).problem);
        answer(&sender, replier, limits.map(Reply::Limits));
    });
}

/// Tells the loop and everybody that who is signed in has changed. Where it cannot be read, nobody
/// is.
pub(super) fn accounts_changed(services: Services, sender: EngineSender) {
    let _loop_ended = sender.send(EngineMessage::AccountsChanged);
    drop(blocking(move || {
        let send = |kind| drop(sender.send(EngineMessage::Announce(kind)));
        let listing = services.auth.accounts().unwrap_or_else(|error| {
            let problem = problem::of_auth(&error);
            send(EventKind::Notice(Notice { message: problem.message, next: problem.next }));
            AccountListing::default()
        });
        warn(&services, &sender);
        send(EventKind::Accounts(account_list(&services, listing)));
    }));
}

pub(super) fn account_list(services: &Services, listing: AccountListing) -> AccountList {
    AccountList {
        accounts: listing.accounts,
        file: services.auth.file(),
        opencode_offer: listing.opencode_offer,
        codex_offer: listing.codex_offer,
    }
}

/// Tells what is worth saying about the credentials.
pub(super) fn warn(services: &Services, sender: &EngineSender) {
    services
        .notices()
        .for_each(|notice| drop(sender.send(EngineMessage::Announce(EventKind::Notice(notice)))));
}

/// The models of the account in use, as they are known at once, then as the server tells them.
///
/// Each provider is asked on its own: one that cannot be reached keeps nobody from hearing of the
/// others.
pub(super) fn models(
    services: Services,
    sender: EngineSender,
    wanted: ListWanted,
    replier: Replier,
) {
    mark(services.clone(), sender.clone(), Marking::Read, None);
    if wanted == ListWanted::FromServer {
        probe_all(&services, &sender);
    }
    spawn(async move {
        let openai = ProviderId::openai();
        let mut readings = Vec::new();
        let connecting = services.clone();
        let connected = blocking(move || connecting.connected()).await.unwrap_or_default();
        for (own, how) in connected {
            let (list, _) = services.known_list(&own.id).await;
            let is_unknown = list.source == ModelSource::BuiltIn;
            let may_ask = match how {
                Connected::ByPerson => true,
                Connected::ByVariable => wanted == ListWanted::FromServer,
                Connected::Local => continue,
            };
            let _loop_ended = sender.send(EngineMessage::Announce(EventKind::Models(list)));
            if may_ask {
                let reading = services.read_list(&own.id, &sender);
                readings.extend(is_unknown.then_some(reading));
            }
        }
        let (mut list, may_ask) = services.known_list(&openai).await;
        if may_ask {
            let reading = services.read_list(&openai, &sender);
            readings.extend((list.source == ModelSource::BuiltIn).then_some(reading));
        }
        if wanted == ListWanted::FromServer && !readings.is_empty() {
            join_all(readings.into_iter().map(ListReading::wait)).await;
            (list, _) = services.known_list(&openai).await;
        }
        answer(&sender, replier, Ok(Reply::Models(list)));
    });
}

/// Asks the servers that may be running on this machine for their models, unless no list may be
/// asked for that nobody connected.
pub(super) fn probe_all(services: &Services, sender: &EngineSender) {
    if services.context.origins.models.is_none() {
        return;
    }
    let providers = services.providers();
    let local = providers.iter().filter(|own| own.source == ProviderSource::Local);
    local.for_each(|own| probe(services.clone(), sender.clone(), own.clone()));
}

/// Asks a server that may be running on this machine for its models, without a key.
fn probe(services: Services, sender: EngineSender, own: Provider) {
    spawn(async move {
        let kind = AccessKind::Provider { id: own.id.clone(), credential: SentCredential::None };
        let access = Access { token: Secret::new(""), kind };
        let asked = services.api.fetch_models(&access);
        let models = match tokio::time::timeout(LOCAL_PATIENCE, asked).await {
            Ok(Ok(models)) => models,
            Ok(Err(_)) | Err(_) => Vec::new(),
        };
        let list = ModelList { provider: own.id, models, source: ModelSource::Server };
        let _loop_ended = sender.send(EngineMessage::Announce(EventKind::Models(list)));
    });
}

/// The providers of the public catalogue that can be connected, for everybody.
pub(super) fn offers(services: Services, sender: EngineSender, catalogue: CatalogueUse) {
    spawn(async move {
        let offers = services.api.offers(catalogue).await;
        let news = EventKind::ProviderOffers(offers.into());
        let _loop_ended = sender.send(EngineMessage::Announce(news));
    });
}

/// How much of the plan is used, for everybody.
pub(super) async fn announce_limits(services: Services, sender: EngineSender) {
    let openai = ProviderId::openai();
    let (_, may_ask) = services.known_list(&openai).await;
    if !may_ask {
        return;
    }
    // The sign-in may have to be renewed, which is done once for both.
    services.read_list(&openai, &sender).wait().await;
    let Ok(access) = services.auth.access(&openai).await else { return };
    if let Ok(limits) = services.api.limits(&access).await {
        let _loop_ended = sender.send(EngineMessage::Announce(EventKind::Limits(limits)));
    }
}
