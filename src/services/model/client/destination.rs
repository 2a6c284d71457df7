//! Where requests go: the HTTP addresses of OpenAI's two servers, and of a provider of one's own.
//!
//! The private endpoints are written down nowhere and change without notice: a change of them is
//! meant to be a change of this file and of `http_headers.rs`.

use url::Url;

use crate::model::dialect::Dialect;
use crate::model::dialect_table;
use crate::model::error::ModelError;
use crate::protocol::{AccessKind, Origin, Origins, Provider};

/// The `client_version` of the models endpoint. The server may leave out models that a client of
/// that version is not known to support; it is the version of the Codex client whose requests ours
/// are modelled on, raised when a newer one has been looked at.
const CLIENT_VERSION: &str = "0.169.0";

const CHATGPT_BASE: &str = "/backend-api/codex";
const CHATGPT_USAGE: &str = "/backend-api/wham/usage";
const API_BASE: &str = "/v1";

/// The only place a token may be sent to: an API key never reaches the ChatGPT origin, a ChatGPT
/// token never the API's, and what is a provider's of one's own only that.
#[derive(Clone, Copy)]
pub struct Destination<'a> {
    pub origin: &'a Origin,
    pub dialect: &'static dyn Dialect,
    /// The provider of the settings that this is; `None` for OpenAI.
    pub own: Option<&'a Provider>,
    /// The beginning of all paths.
    base: &'a str,
    models: &'static str,
    usage: Option<&'static str>,
}

impl<'a> Destination<'a> {
    /// The addresses and the dialect for a kind of access.
    ///
    /// # Errors
    ///
    /// The provider is not among `providers`, or no dialect has the name in its settings.
    pub fn of(
        origins: &'a Origins,
        providers: &'a [Provider],
        kind: &AccessKind,
    ) -> Result<Self, ModelError> {
        let built_in = Self {
            origin: &origins.api,
            dialect: dialect_table::built_in(),
            own: None,
            base: API_BASE,
            models: "models",
            usage: None,
        };
        match kind {
            AccessKind::ApiKey => Ok(built_in),
            AccessKind::ChatGpt { .. } => Ok(Self {
                origin: &origins.chatgpt,
                base: CHATGPT_BASE,
                usage: Some(CHATGPT_USAGE),
                ..built_in
            }),
            AccessKind::Provider { id, .. } => {
                let own = providers.iter().find(|provider| provider.id == *id);
                let spoken = own.and_then(|own| dialect_table::named(own.dialect.as_str()));
                let (Some(own), Some(dialect)) = (own, spoken) else {
                    return Err(ModelError::NoProvider { provider: id.clone() });
                };
                let (origin, base) = (own.base.origin(), own.base.path());
                Ok(Self { origin, dialect, own: Some(own), base, ..built_in })
            }
        }
    }

    /// `POST`: one step of a conversation, answered as an event stream.
    pub fn requests(&self) -> Url {
        self.with_query(self.at(self.dialect.path()))
    }

    /// `GET`: the models of an account.
    pub fn models(&self) -> Url {
        let mut url = self.at(self.models);
        url.set_query(self.dialect.models_query());
        if self.usage.is_some() {
            url.set_query(Some(&format!("client_version={CLIENT_VERSION}")));
        }
        self.with_query(url)
    }

    /// Adds the query that the settings ask for.
    fn with_query(&self, mut url: Url) -> Url {
        if let Some(own) = self.own.and_then(|own| own.query.as_deref()) {
            let before = url.query().map(|before| format!("{before}&")).unwrap_or_default();
            url.set_query(Some(&format!("{before}{own}")));
        }
        url
    }

    /// `GET`: how much of a plan is used. Only ChatGPT's accounts have one.
    pub fn usage(&self) -> Option<Url> {
        self.usage.map(|path| self.origin.at(path))
    }

    /// The key under which lists of models are kept.
    pub fn address(&self) -> String {
        match self.own {
            Some(own) => own.base.to_string(),
            None => self.origin.to_string(),
        }
    }

    pub fn host(&self) -> &'a str {
        self.origin.host()
    }

    fn at(&self, path: &str) -> Url {
        self.origin.at(&format!("{}/{path}", self.base))
    }
}

#[cfg(test)]
mod tests {
    use crate::protocol::{BaseUrl, SentCredential};

    use super::*;

    fn acme(dialect: &str) -> Provider {
        let base = BaseUrl::parse("https://llm.acme.example/v1").unwrap();
        Provider { name: "Acme".into(), ..Provider::new("acme".into(), base, dialect.into()) }
    }

    fn of_provider(id: &str) -> AccessKind {
        AccessKind::Provider { id: id.into(), credential: SentCredential::None }
    }

    #[test]
    fn a_dialect_that_tells_its_models_in_pages_is_asked_for_all_at_once() {
        let (origin, providers) =
            (Origin::parse("https://a.example").unwrap(), [acme("anthropic")]);
        let (auth, chatgpt, api) = (origin.clone(), origin.clone(), origin);
        let origins = Origins { auth, chatgpt, api, models: None };
        let to = Destination::of(&origins, &providers, &of_provider("acme")).unwrap();
        assert_eq!(to.models().as_str(), "https://llm.acme.example/v1/models?limit=1000");
        let query = Some("api-version=2024-10-21".to_owned());
        let dated = [Provider { query, ..acme("anthropic") }];
        let to = Destination::of(&origins, &dated, &of_provider("acme")).unwrap();
        assert_eq!(to.models().query(), Some("limit=1000&api-version=2024-10-21"));
        assert_eq!(to.requests().query(), Some("api-version=2024-10-21"));
    }

    #[test]
    fn a_token_goes_to_the_origin_it_belongs_to_and_to_no_other() {
        let origins = Origins {
            auth: Origin::parse("https://auth.example").unwrap(),
            chatgpt: Origin::parse("https://chatgpt.example").unwrap(),
            api: Origin::parse("https://api.example").unwrap(),
            models: None,
        };
        let providers = [acme("responses")];
        let chatgpt = AccessKind::ChatGpt { account: None, residency: None };
        for (kind, requests, models, usage) in [
            (
                AccessKind::ApiKey,
                "https://api.example/v1/responses",
                "https://api.example/v1/models",
                None,
            ),
            (
                chatgpt,
                "https://chatgpt.example/backend-api/codex/responses",
                "https://chatgpt.example/backend-api/codex/models?client_version=0.169.0",
                Some("https://chatgpt.example/backend-api/wham/usage"),
            ),
            (
                of_provider("acme"),
                "https://llm.acme.example/v1/responses",
                "https://llm.acme.example/v1/models",
                None,
            ),
        ] {
            let to = Destination::of(&origins, &providers, &kind).unwrap();
            assert_eq!(to.requests().as_str(), requests);
            assert_eq!(to.models().as_str(), models);
            assert_eq!(to.usage().as_ref().map(Url::as_str), usage);
            for url in [Some(to.requests()), Some(to.models()), to.usage()].into_iter().flatten() {
                assert!(to.origin.holds(&url), "{url}");
            }
        }
        let lines = [acme("lines")];
        let to = Destination::of(&origins, &lines, &of_provider("acme")).unwrap();
        assert_eq!(to.requests().as_str(), "https://llm.acme.example/v1/ask");
        for (providers, id) in [(&providers, "other"), (&[acme("morse")], "acme")] {
            let found = Destination::of(&origins, providers, &of_provider(id));
            assert!(matches!(found, Err(ModelError::NoProvider { .. })), "{id}");
        }
    }
}
