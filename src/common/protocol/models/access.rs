//! Access: where one request goes, and the credential that it carries.

use crate::base::Secret;

use crate::protocol::ProviderId;

/// A bearer token together with the one origin it belongs to.
#[derive(Clone, Debug)]
pub struct Access {
    /// Goes into `Authorization: Bearer …` and nowhere else; empty where none is sent.
    pub token: Secret,
    /// Who accepts the token, and with it the only origin it may go to.
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
    Provider {
        /// The provider whose base address it is.
        id: ProviderId,
        /// The credential that requests to it carry.
        credential: SentCredential,
    },
}

/// The credential that is sent to a provider of the settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SentCredential {
    /// A key of its own.
    Key {
        /// Where the key was found, for people: a variable or a file, in back quotes.
        place: String,
    },
    /// Nothing: the provider wants no key, or none was found.
    None,
    /// The token of this sign-in to OpenAI, where the settings ask for it.
    OpenAi(Box<AccessKind>),
}
