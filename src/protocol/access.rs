//! What one request may carry to prove who sends it.

use crate::base::Secret;

use super::ProviderId;

/// A bearer token together with the one origin it belongs to.
#[derive(Clone, Debug)]
pub struct Access {
    /// Goes into `Authorization: Bearer …` and nowhere else; empty where none is sent.
    pub token: Secret,
    pub kind: AccessKind,
}

/// Says which origin the token may be sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccessKind {
    /// A key of the platform's: the API origin only.
    ApiKey,
    /// A ChatGPT access token: the ChatGPT origin only.
    ChatGpt {
        /// For the `ChatGPT-Account-Id` header, when known.
        account: Option<String>,
        /// For `x-openai-internal-codex-residency`, when the token names one.
        residency: Option<String>,
    },
    /// For a provider of the settings: the origin of its base address only.
    Provider { id: ProviderId, credential: SentCredential },
}

/// What a provider of one's own is sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SentCredential {
    /// Its key, and where that was found: a variable, or a file, in back quotes.
    Key {
        place: String,
    },
    None,
    /// The token of this sign-in to OpenAI, as the settings say.
    OpenAi(Box<AccessKind>),
}
