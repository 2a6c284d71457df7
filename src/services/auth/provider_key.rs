//! The credential for a provider of the settings: its key, or the OpenAI sign-in where the settings
//! lend it that.

use super::credentials::Auth;
use super::error::AuthError;
use crate::auth::auth_json::auth_file::AuthStore;
use crate::auth::auth_json::credential::Credential;
use crate::auth::shared_state::{blocking, lent};
use crate::protocol::{
    Access, AccessKind, Provider, ProviderAuth, ProviderId, ProviderSource, SentCredential,
};

impl Auth {
    /// The credential that requests to a provider use: of OpenAI, as [`Auth::renew`] knows it; of
    /// one's own, the variable that the settings name, else its entry in auth.json, else the
    /// variable in which its keys usually are, else none at all.
    ///
    /// # Errors
    ///
    /// The settings do not know the provider, auth.json cannot be read, its key was entered for
    /// another origin, or there is no OpenAI sign-in to lend.
    pub async fn access(&self, provider: &ProviderId) -> Result<Access, AuthError> {
        if provider.is_openai() {
            return self.openai_access().await;
        }
        let place = self.inner.place();
        let Some(own) = place.providers.iter().find(|own| own.id == *provider) else {
            let known = place.providers.iter().filter(|own| own.source == ProviderSource::Settings);
            let known = known.map(|own| own.id.clone()).collect();
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
            Some(Credential::Api { origin: Some(other), .. })
                if other != own.base.origin().to_string() =>
            {
                let (provider, origin) = (own.id.clone(), own.base.origin().to_string());
                return Err(AuthError::KeyOfOtherOrigin { provider, origin, entered: other });
            }
            Some(Credential::Api { key, .. }) if !key.is_empty() => {
                let place = format!("`{}`", file.display());
                sent(key, SentCredential::Key { place })
            }
            _ => match own.usual_key() {
                Some((name, key)) => {
                    sent(key.clone(), SentCredential::Key { place: format!("`{name}`") })
                }
                None if own.source == ProviderSource::BuiltIn => {
                    let variable = own.usual_variable.as_ref().map(|usual| usual.name.clone());
                    let (provider, name) = (own.id.clone(), own.name.clone());
                    return Err(AuthError::NoKey { provider, name, variable });
                }
                None => sent(crate::base::Secret::new(""), SentCredential::None),
            },
        })
    }
}
