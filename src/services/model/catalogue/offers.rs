//! The providers of the public catalogue that can be offered: those that speak a known dialect at
//! an address that a key may be sent to.

use std::borrow::{Borrow, Cow};

use serde::{Deserialize, Serialize};

use crate::model::error::refusal::clean;
use crate::protocol::{BaseUrl, DialectId, ProviderId, ProviderOffer};

/// Letters of the longest name.
const LONGEST_NAME: usize = 60;
/// Bytes of the longest id or address.
pub const LONGEST_ID: usize = 200;

/// A key of an object, which may hold escapes.
#[derive(Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[serde(transparent)]
pub struct Text<'a>(#[serde(borrow)] pub Cow<'a, str>);

impl Borrow<str> for Text<'_> {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// A provider as it is kept. It is checked again when it is read from the disk.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct ListedProvider {
    pub id: String,
    name: String,
    base: String,
    dialect: String,
}

impl ListedProvider {
    /// Reads a provider of the catalogue; `None` where it cannot be spoken to.
    pub fn read(id: &str, raw: &str) -> Option<Self> {
        #[derive(Deserialize)]
        struct Entry<'a> {
            #[serde(borrow)]
            name: Cow<'a, str>,
            #[serde(borrow)]
            npm: Cow<'a, str>,
            #[serde(borrow)]
            api: Cow<'a, str>,
        }
        let entry: Entry<'_> = serde_json::from_str(raw).ok()?;
        let dialect = match &*entry.npm {
            "@ai-sdk/openai" | "@ai-sdk/azure" => "responses",
            "@ai-sdk/anthropic" => "anthropic",
            "@ai-sdk/openai-compatible"
            | "@openrouter/ai-sdk-provider"
            | "@ai-sdk/mistral"
            | "@ai-sdk/xai"
            | "@ai-sdk/groq"
            | "@ai-sdk/cerebras"
            | "@ai-sdk/togetherai"
            | "@ai-sdk/deepinfra"
            | "@ai-sdk/perplexity"
            | "@ai-sdk/vercel"
            | "venice-ai-sdk-provider" => "chat",
            _ => return None,
        };
        let name: String = clean(&entry.name).chars().take(LONGEST_NAME).collect();
        let listed = Self {
            id: id.to_owned(),
            name,
            base: entry.api.into_owned(),
            dialect: dialect.to_owned(),
        };
        listed.offer().is_some().then_some(listed)
    }

    /// The offer; `None` where its address may not be used. A variable in an address is not
    /// filled in, and a server of this machine is none of the catalogue's.
    pub fn offer(&self) -> Option<ProviderOffer> {
        let id = ProviderId::named(&self.id).filter(|id| !id.is_openai())?;
        let is_plain = self.base.len() <= LONGEST_ID && !self.base.contains(['$', '{', '%']);
        let base = BaseUrl::parse(&self.base).ok().filter(|_| is_plain)?;
        let is_remote = !base.origin().is_plain();
        let name = if self.name.is_empty() { self.id.clone() } else { self.name.clone() };
        is_remote.then(|| ProviderOffer { id, name, base, dialect: DialectId::new(&*self.dialect) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offer(id: &str, npm: &str, api: &str) -> Option<ProviderOffer> {
        let raw =
            serde_json::json!({ "name": "A\u{202e}cm\ne", "npm": npm, "api": api, "env": ["X"] });
        ListedProvider::read(id, &raw.to_string())?.offer()
    }

    #[test]
    fn an_offer_has_a_name_for_people_and_an_address_that_a_key_may_go_to() {
        let compatible = "@ai-sdk/openai-compatible";
        let acme = offer("acme", compatible, "https://llm.acme.example/v1/").unwrap();
        assert_eq!((acme.id.as_str(), acme.name.as_str()), ("acme", "Acm e"));
        assert_eq!(acme.base.to_string(), "https://llm.acme.example/v1");
        for (npm, dialect) in [
            (compatible, "chat"),
            ("@ai-sdk/anthropic", "anthropic"),
            ("@ai-sdk/openai", "responses"),
        ] {
            let found = offer("acme", npm, "https://a.example").unwrap();
            assert_eq!(found.dialect.as_str(), dialect);
        }
        for (id, npm, api) in [
            ("acme", "@ai-sdk/amazon-bedrock", "https://a.example"),
            ("openai", compatible, "https://a.example"),
            ("wafer.ai", compatible, "https://a.example"),
            ("../x", compatible, "https://a.example"),
            ("acme", compatible, "http://a.example"),
            ("acme", compatible, "http://127.0.0.1:8080/v1"),
            ("acme", compatible, "https://a.example/${GITHUB_TOKEN}/v1"),
            ("acme", compatible, "https://me:word@a.example/v1"),
            ("acme", compatible, "https://a.example/v1?to=b.example"),
            ("acme", compatible, ""),
        ] {
            assert_eq!(offer(id, npm, api), None, "{id} {npm} {api}");
        }
        let long = format!("https://a.example/{}", "x".repeat(LONGEST_ID));
        assert_eq!(offer("acme", compatible, &long), None);
        for raw in ["7", "null", r#"{"name":7}"#, r#"{"name":"a","npm":"x"}"#] {
            assert!(ListedProvider::read("acme", raw).is_none(), "{raw}");
        }
    }
}
