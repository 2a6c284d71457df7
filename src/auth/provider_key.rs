//! What a request to a provider of one's own carries: its key, or the OpenAI sign-in where the settings lend it that.

use crate::protocol::{Access, AccessKind, Provider, ProviderAuth, ProviderId, SentCredential};

use super::auth_file::AuthStore;
use super::credential::Credential;
use super::credentials::Auth;
use super::error::AuthError;
use super::inner::blocking;

impl Auth {
    /// The credential that requests to a provider use: of OpenAI, as [`Auth::renew`] knows it; of one's own, the variable that the settings name, else
    /// its entry in auth.json, else none at all.
    ///
    /// Fails for a provider that the settings do not know.
    pub async fn access(&self, provider: &ProviderId) -> Result<Access, AuthError> {
        if provider.is_openai() {
            return self.openai_access().await;
        }
        let place = self.inner.place();
        let Some(own) = place.providers.iter().find(|own| own.id == *provider) else {
            let known = place.providers.iter().map(|own| own.id.clone()).collect();
            return Err(AuthError::NoProvider { provider: provider.clone(), known });
        };
        match own.auth {
            ProviderAuth::OpenAiSignIn => Ok(lent(provider, self.openai_access().await?)),
            ProviderAuth::Key(_) => self.provider_key(own).await,
        }
    }

    async fn provider_key(&self, own: &Provider) -> Result<Access, AuthError> {
        let sent = |token, credential| Access {
            token,
            kind: AccessKind::Provider { id: own.id.clone(), credential },
        };
        if let Some((name, key)) = own.key_variable() {
            let place = format!("`{name}`");
            return Ok(sent(key.clone(), SentCredential::Key { place }));
        }
        let file = self.inner.place().file;
        let (store, id) = (AuthStore::new(&file), own.id.clone());
        let entry = blocking(move || Ok(store.read()?.credential(&id))).await?;
        Ok(match entry {
            Some(Credential::Api { key }) if !key.is_empty() => {
                let place = format!("`{}`", file.display());
                sent(key, SentCredential::Key { place })
            }
            _ => sent(crate::base::Secret::new(""), SentCredential::None),
        })
    }
}

/// The OpenAI sign-in as it goes to a provider.
pub(super) fn lent(provider: &ProviderId, access: Access) -> Access {
    let credential = SentCredential::OpenAi(Box::new(access.kind));
    Access { token: access.token, kind: AccessKind::Provider { id: provider.clone(), credential } }
}
