//! Providers of one's own: who serves models besides the built-in one, and what a request to them
//! carries.

use std::sync::Arc;

use crate::base::Secret;

use super::{BaseUrl, DialectId, ModelId, ProviderId};

/// A provider of the person's settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provider {
    /// The key of its section in the settings, which is also its key in auth.json.
    pub id: ProviderId,
    /// For people: `Acme`.
    pub name: String,
    /// Where its requests go; the credential they carry is sent nowhere else.
    pub base: BaseUrl,
    /// The wire dialect in which its server is spoken to.
    pub dialect: DialectId,
    /// How its requests prove who sends them.
    pub auth: ProviderAuth,
    /// Sent with every request. Values may be secrets.
    pub headers: Arc<[(String, Secret)]>,
    /// The models it serves; `None` where it is asked for them.
    pub models: Option<Arc<[ModelId]>>,
}

/// How a request proves who sends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProviderAuth {
    /// With a key: the variable's, else that of the provider's entry in auth.json, else none.
    Key(Option<KeyVariable>),
    /// With the token of the OpenAI sign-in.
    OpenAiSignIn,
}

/// An environment variable that may hold a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyVariable {
    /// The variable's name: `ACME_API_KEY`.
    pub name: String,
    /// Its value; `None` where it is not set, or empty.
    pub value: Option<Secret>,
}

impl Provider {
    /// The variable that holds its key, where it is set.
    pub fn key_variable(&self) -> Option<(&str, &Secret)> {
        let ProviderAuth::Key(Some(variable)) = &self.auth else { return None };
        Some((&variable.name, variable.value.as_ref()?))
    }
}
