//! Names of things, so that one kind of name cannot be passed for another.

use std::fmt;
use std::sync::Arc;

macro_rules! text_ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Arc<str>);

        impl $name {
            pub fn new(text: impl Into<Arc<str>>) -> Self {
                Self(text.into())
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self::new(text)
            }
        }
    )*};
}

macro_rules! number_ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub u64);
    )*};
}

text_ids!(
    /// A conversation, `ses_…`.
    SessionId,
    /// A provider as it is keyed in auth.json: `openai`.
    ProviderId,
    /// A model as its provider names it: `gpt-6.1-sol`.
    ModelId,
    /// A tool call as the model names it: `call_…`. The output goes back under the same name.
    CallId,
    /// One item of a conversation.
    ItemId,
    /// One attempt to sign in, as whoever begins it names it: a name that no other attempt has.
    SignInId,
);

number_ids!(
    /// An approval or a question of a session: a call's own id is the model's text, and may come twice.
    AskId,
    /// One turn of a session, counted from 1: from the user's prompt to the answer without a tool call.
    TurnId,
    /// One request to the model. Words of a stopped one are dropped at the door.
    ModelRequestId,
    /// One of those that speak to the engine, as the engine numbers them.
    ClientId,
    /// A prompt of a session that waits in the queue.
    PromptId,
    /// One command, as the client that sends it numbers them.
    RequestId,
    /// A timer that a session asked for.
    TimerId,
);

/// Whose command it is: what is answered to it goes there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Requester {
    pub client: ClientId,
    pub request: RequestId,
}

impl ProviderId {
    /// The one provider codling can talk to so far.
    pub fn openai() -> Self {
        Self::new("openai")
    }
}
