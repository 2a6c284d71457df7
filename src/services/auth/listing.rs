//! The credentials as a person may see them. No secret comes out of here.

use std::path::Path;

use super::error::AuthError;
use super::shared_state::{API_KEY_VARIABLE, CredentialPlace};
use crate::auth::auth_json::auth_file::{AuthFile, AuthStore};
use crate::auth::auth_json::credential::Credential;
use crate::auth::auth_json::oauth_grant::OAuthGrant;
use crate::auth::endpoint::jwt::Claims;
use crate::base::files::resolve;
use crate::protocol::{
    Account, AccountKind, CredentialSource, CredentialStanding, Provider, ProviderAuth, ProviderId,
};

/// Who is signed in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountListing {
    /// In the file's order, the environment's last.
    pub accounts: Vec<Account>,
    /// opencode's file holds a sign-in to OpenAI, and ours does not.
    pub opencode_offer: bool,
    /// Whose sign-in Codex holds, where ours does not have one.
    pub codex_offer: Option<Account>,
}

/// The credentials as they stand in the files and the environment, and the mode of the file where
/// others may read it. Renews nothing, and leaves nothing behind.
///
/// # Errors
///
/// The file cannot be read, or is damaged.
pub fn look(place: &CredentialPlace) -> Result<(AccountListing, Option<u32>), AuthError> {
    let contents = AuthStore::new(&place.file).peek()?;
    let listing = AccountListing {
        accounts: accounts(&contents, place, |grant| grant),
        opencode_offer: offers_opencode(&contents, place),
        codex_offer: None,
    };
    Ok((listing, contents.exposed))
}

/// All credentials; `overlay` gives a sign-in as it stands where the file is behind.
pub(super) fn accounts(
    contents: &AuthFile,
    place: &CredentialPlace,
    overlay: impl Fn(OAuthGrant) -> OAuthGrant,
) -> Vec<Account> {
    let listed = contents.credentials().map(|(provider, credential)| match credential {
        Credential::OAuth(grant) if provider == ProviderId::openai() => {
            account(provider, &Credential::OAuth(overlay(grant)), &place.file)
        }
        other => account(provider, &other, &place.file),
    });
    let listed = listed.map(|account| match is_provider_key(&account, place) {
        true => Account { standing: standing(&account, place), ..account },
        false => account,
    });
    let mut accounts: Vec<Account> = listed.collect();
    if place.api_key.is_some() {
        let shadowed = accounts.iter().any(|account| {
            account.provider.is_openai() && account.standing == CredentialStanding::Wins
        });
        let standing =
            if shadowed { CredentialStanding::Shadowed } else { CredentialStanding::Wins };
        accounts.push(variable(ProviderId::openai(), API_KEY_VARIABLE, standing));
    }
    let variables = place.providers.iter().flat_map(|own| {
        let is_in_file = accounts.iter().any(|account| {
            account.provider == own.id && account.standing == CredentialStanding::Wins
        });
        let first = own.key_variable();
        let standing = match first.is_some() || is_in_file {
            true => CredentialStanding::Shadowed,
            false => CredentialStanding::Wins,
        };
        let first = first.map(|(name, _)| variable(own.id.clone(), name, CredentialStanding::Wins));
        let usual = own.usual_key().map(|(name, _)| variable(own.id.clone(), name, standing));
        first.into_iter().chain(usual)
    });
    let variables: Vec<Account> = variables.collect();
    accounts.extend(variables);
    accounts
}

fn variable(provider: ProviderId, name: &str, standing: CredentialStanding) -> Account {
    Account {
        provider,
        kind: AccountKind::ApiKey,
        expires: None,
        source: CredentialSource::Environment(name.into()),
        standing,
    }
}

/// The account of a client's tokens goes before all others of OpenAI's.
pub(super) fn shadow(accounts: &mut Vec<Account>, own: Account) {
    for account in accounts.iter_mut().filter(|account| account.provider.is_openai()) {
        if account.standing == CredentialStanding::Wins {
            account.standing = CredentialStanding::Shadowed;
        }
    }
    accounts.insert(0, own);
}

/// Whether requests to a provider of the settings may use it.
fn is_provider_key(account: &Account, place: &CredentialPlace) -> bool {
    let is_own =
        |own: &Provider| own.id == account.provider && matches!(own.auth, ProviderAuth::Key(_));
    account.kind == AccountKind::ApiKey && place.providers.iter().any(is_own)
}

/// A variable comes first.
pub(super) fn standing(account: &Account, place: &CredentialPlace) -> CredentialStanding {
    let own = place.providers.iter().find(|own| own.id == account.provider);
    match own.and_then(Provider::key_variable) {
        Some(_) => CredentialStanding::Shadowed,
        None => CredentialStanding::Wins,
    }
}

/// One entry of the file.
pub(super) fn account(provider: ProviderId, credential: &Credential, file: &Path) -> Account {
    let is_ours = provider == ProviderId::openai();
    let kind = match credential {
        Credential::Api { .. } => AccountKind::ApiKey,
        Credential::OAuth(grant) if is_ours => {
            let claims = Claims::of(&grant.access);
            AccountKind::ChatGpt {
                account: grant.account(),
                email: claims.email,
                plan: claims.plan,
            }
        }
        Credential::OAuth(_) => AccountKind::OAuth,
        Credential::Unknown { kind } => AccountKind::Unknown { kind: kind.clone() },
        Credential::WellKnown { .. } => AccountKind::WellKnown,
    };
    let expires = match credential {
        // Elsewhere 0 means that a token does not end.
        Credential::OAuth(grant) => grant.ends().filter(|end| is_ours || end.0 > 0),
        _ => None,
    };
    let standing = if is_ours && is_usable(credential) {
        CredentialStanding::Wins
    } else {
        CredentialStanding::Unused
    };
    Account { provider, kind, expires, source: CredentialSource::File(file.to_owned()), standing }
}

/// The same account, with what the id token says of its holder.
pub(super) fn with_claims(mut account: Account, claims: Claims) -> Account {
    if let AccountKind::ChatGpt { email, plan, .. } = &mut account.kind {
        *email = claims.email.or(email.take());
        *plan = claims.plan.or(plan.take());
    }
    account
}

/// Whether a sign-in to OpenAI waits in opencode's file that ours lacks.
pub(super) fn offers_opencode(contents: &AuthFile, place: &CredentialPlace) -> bool {
    let same = matches!((resolve(&place.file), resolve(&place.opencode_file)), (Ok(ours), Ok(theirs)) if ours == theirs);
    // A file of theirs that cannot be read is no offer, and no error of ours.
    !same
        && !has_openai(contents)
        && AuthStore::new(&place.opencode_file).peek().is_ok_and(|theirs| has_openai(&theirs))
}

/// Whether a file holds a sign-in to OpenAI that requests can use.
pub(super) fn has_openai(contents: &AuthFile) -> bool {
    let credential = contents.credential(&ProviderId::openai());
    credential.is_some_and(|credential| is_usable(&credential))
}

fn is_usable(credential: &Credential) -> bool {
    match credential {
        Credential::Api { key, .. } => !key.is_empty(),
        Credential::OAuth(_) => true,
        Credential::Unknown { .. } | Credential::WellKnown { .. } => false,
    }
}
