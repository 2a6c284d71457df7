//! What one request may carry to prove who sends it.

use crate::base::Secret;

/// A bearer token together with the one origin it belongs to.
#[derive(Clone, Debug)]
pub struct Access {
    /// Goes into `Authorization: Bearer …` and nowhere else.
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
}
