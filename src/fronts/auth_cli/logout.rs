//! `codling auth logout`: removes one credential.

use crate::protocol::{AccountCommand, CredentialSource, Exit, ProviderId};

use super::{EngineQuestion, account_words};

/// Signs out of a provider, OpenAI by default. A credential from the environment cannot be removed.
pub async fn logout(mut engine: EngineQuestion<'_>, named: Option<ProviderId>) -> Exit {
    let listing = match engine.accounts().await {
        Ok(listing) => listing,
        Err(exit) => return exit,
    };
    let provider = named.clone().unwrap_or_else(ProviderId::openai);
    let of_it: Vec<_> =
        listing.accounts.iter().filter(|account| account.provider == provider).collect();
    let Some(account) =
        of_it.iter().find(|account| matches!(account.source, CredentialSource::File(_)))
    else {
        return match of_it.first().map(|account| &account.source) {
            Some(CredentialSource::Environment(name)) => {
                let message = format!(
                    "The key for {} comes from the environment",
                    account_words::provider(&provider)
                );
                engine.console.problem(&message, Some(&format!("Unset `{name}` to stop using it")));
                Exit::Failed
            }
            _ => nothing_to_remove(
                &mut engine,
                &provider,
                named.is_some().then_some(&listing.accounts),
            ),
        };
    };
    let who = account_words::who(account);
    let from = account_words::source(&account.source, engine.place.home.as_deref());
    if let Err(exit) = engine.answer(AccountCommand::SignOut(provider.clone())).await {
        return exit;
    }
    engine.console.line(&format!(
        "Signed out of {}: {who} was removed from {from}",
        account_words::provider(&provider)
    ));
    if let Some(CredentialSource::Environment(name)) = of_it
        .iter()
        .map(|account| &account.source)
        .find(|source| matches!(source, CredentialSource::Environment(_)))
    {
        engine.console.line(&format!("`{name}` is still set and will be used from now on"));
    }
    engine.warn();
    engine.console.flush();
    Exit::Done
}

/// A provider that was named is likely a typing error; without a name there is simply nothing to
/// do.
fn nothing_to_remove(
    engine: &mut EngineQuestion<'_>,
    provider: &ProviderId,
    known: Option<&Vec<crate::protocol::Account>>,
) -> Exit {
    let Some(known) = known else {
        engine
            .console
            .line(&format!("Nobody is signed in to {}", account_words::provider(provider)));
        engine.console.flush();
        return Exit::Done;
    };
    let mut names: Vec<String> =
        known.iter().map(|account| format!("`{}`", account.provider)).collect();
    names.dedup();
    let next = if names.is_empty() {
        "Nobody is signed in to anything".into()
    } else {
        format!("There are: {}", names.join(", "))
    };
    engine.console.problem(&format!("Nobody is signed in to `{provider}`"), Some(&next));
    Exit::Failed
}
