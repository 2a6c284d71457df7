//! The lists that belong to accounts: who is signed in, and which models that gives.

use std::time::Duration;

use crate::auth::AuthErrorKind;
use crate::protocol::CredentialStanding;

use super::*;

/// Who is signed in, for whoever asked, away from the loop. Where that cannot be read, all hear that nobody is.
pub(super) fn list(services: Services, sender: EngineSender, replier: Replier) {
    drop(tokio::task::spawn_blocking(move || match services.auth.accounts() {
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
    tokio::spawn(async move {
        let refreshed = services.auth.refresh().await;
        let ended = refreshed.is_err_and(|error| error.kind() == AuthErrorKind::NotSignedIn);
        let listed = tokio::task::spawn_blocking(move || {
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

/// What is left of the plan, as the server says now.
pub(super) fn limits(services: Services, sender: EngineSender, replier: Replier) {
    tokio::spawn(async move {
        let access = match services.auth.access(&ProviderId::openai()).await {
            Ok(access) => access,
            Err(error) => return answer(&sender, replier, Err(problem::of_auth(&error))),
        };
        let limits = services.api.limits(&access).await;
        let limits = limits.map_err(|error| problem::of_model(&error, Duration::ZERO).problem);
        answer(&sender, replier, limits.map(Reply::Limits));
    });
}

/// Who is signed in, for everybody: it has changed. Where it cannot be read, nobody is.
pub(super) fn announce_accounts(services: Services, sender: EngineSender) {
    drop(tokio::task::spawn_blocking(move || {
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
    }
}

/// Tells what is worth saying about the credentials.
pub(super) fn warn(services: &Services, sender: &EngineSender) {
    services
        .notices()
        .for_each(|notice| drop(sender.send(EngineMessage::Announce(EventKind::Notice(notice)))));
}

/// What is known at once, then what the server says, where there is a sign-in for it. Told, where nobody waits for the answer.
pub(super) async fn read_models(
    services: Services,
    sender: EngineSender,
    provider: ProviderId,
    replier: Option<Replier>,
) {
    let send = |kind| drop(sender.send(EngineMessage::Announce(kind)));
    let list = |models, source| ModelList { provider: provider.clone(), models, source };
    let (reading, of) = (services.clone(), provider.clone());
    let known = tokio::task::spawn_blocking(move || {
        let may_ask = !of.is_openai() || reading.kind_in_use().is_some();
        (reading.known_models(&of), may_ask)
    })
    .await;
    let Ok(((models, source), may_ask)) = known else { return };
    match replier {
        Some(replier) => answer(&sender, replier, Ok(Reply::Models(list(models, source)))),
        None => send(EventKind::Models(list(models, source))),
    }
    if !may_ask {
        return;
    }
    let access = match services.auth.access(&provider).await {
        Ok(access) => access,
        Err(error) => return tracing::info!(%error, "the list of models stays as it was"),
    };
    match services.api.fetch_models(&access).await {
        Ok(models) => {
            send(EventKind::Models(list(models, ModelSource::Server)));
            let _loop_ended = sender.send(EngineMessage::AccountsChanged);
        }
        Err(error) => tracing::info!("the list of models stays as it was: {error}"),
    }
    if provider.is_openai()
        && let Ok(limits) = services.api.limits(&access).await
    {
        send(EventKind::Limits(limits));
    }
}
