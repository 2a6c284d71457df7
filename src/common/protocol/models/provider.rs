//! Providers of one's own: who serves models besides the built-in one, and what a request to them
//! carries.

use std::sync::Arc;

use crate::base::Secret;

use crate::protocol::{BaseUrl, DialectId, ModelId, ModelRef, ProviderId};

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
    /// The header that carries the key, in lower case; `None` for the one of the dialect.
    pub key_header: Option<String>,
    /// The query of every request, such as an `api-version`.
    pub query: Option<String>,
    /// Sent with every request. Values may be secrets.
    pub headers: Arc<[(String, Secret)]>,
    /// The models it serves; `None` where it is asked for them.
    pub models: Option<Arc<[ModelId]>>,
    /// The variable in which its keys are usually kept: looked at after all other places.
    pub usual_variable: Option<KeyVariable>,
    /// The reason why codling knows of it.
    pub source: ProviderSource,
}

/// The reason why codling knows of a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProviderSource {
    /// It is one of those that are built in: asked for nothing until it is connected.
    BuiltIn,
    /// It is a server of this machine that may be running, and wants no key.
    Local,
    /// A section of the settings.
    Settings,
}

/// A provider of the public catalogue, which can be connected once the person has seen where its
/// requests go. Nothing is sent there before it is in the settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderOffer {
    /// The id that it gets in the settings, and in auth.json.
    pub id: ProviderId,
    /// For people.
    pub name: String,
    /// Where its requests would go.
    pub base: BaseUrl,
    /// How it is spoken to.
    pub dialect: DialectId,
}

impl Provider {
    /// A provider of the settings, as far as they do not say more.
    pub fn new(id: ProviderId, base: BaseUrl, dialect: DialectId) -> Self {
        Self {
            name: id.to_string(),
            id,
            base,
            dialect,
            auth: ProviderAuth::Key(None),
            key_header: None,
            query: None,
            headers: Arc::new([]),
            models: None,
            usual_variable: None,
            source: ProviderSource::Settings,
        }
    }
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

/// Whether requests to this model are sent with OpenAI's sign-in; `None` is the built-in default.
pub fn needs_openai(model: Option<&ModelRef>, own: &[Provider]) -> bool {
    let Some(ModelRef { provider: id, .. }) = model else { return true };
    let signs_in = |own: &Provider| own.id == *id && own.auth == ProviderAuth::OpenAiSignIn;
    id.is_openai() || own.iter().any(signs_in)
}

impl Provider {
    /// The variable that holds its key, where it is set.
    pub fn key_variable(&self) -> Option<(&str, &Secret)> {
        let ProviderAuth::Key(Some(variable)) = &self.auth else { return None };
        Some((&variable.name, variable.value.as_ref()?))
    }

    /// The variable in which its keys usually are, where it is set and no other place comes first.
    pub fn usual_key(&self) -> Option<(&str, &Secret)> {
        let variable = self.usual_variable.as_ref()?;
        Some((&variable.name, variable.value.as_ref()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_of_a_provider_with_a_key_of_its_own_needs_no_sign_in() {
        let base = BaseUrl::parse("https://llm.example/v1").unwrap();
        let own = |id: &str, auth| Provider {
            auth,
            ..Provider::new(ProviderId::new(id), base.clone(), DialectId::responses())
        };
        let own = [own("keyed", ProviderAuth::Key(None)), own("lent", ProviderAuth::OpenAiSignIn)];
        for (provider, needed) in [("openai", true), ("keyed", false), ("lent", true)] {
            let model = ModelRef::new(ProviderId::new(provider), "large");
            assert_eq!(needs_openai(Some(&model), &own), needed, "{provider}");
        }
        assert!(needs_openai(None, &own));
    }
}
