//! Names of things, so that one kind of name cannot be passed for another.

use std::fmt;
use std::sync::{Arc, LazyLock};

use serde::{Deserialize, Serialize};

macro_rules! text_ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(
            Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
        )]
        pub struct $name(Arc<str>);

        impl $name {
            /// An id with this text, which is not checked.
            pub fn new(text: impl Into<Arc<str>>) -> Self {
                Self(text.into())
            }

            /// The id's text, as it is shown and sent.
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
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize,
        )]
        pub struct $name(pub u64);
    )*};
}

text_ids!(
    /// A conversation, `ses_…`.
    SessionId,
    /// A provider as it is keyed in auth.json: `openai`, or one of the settings'.
    ProviderId,
    /// A wire dialect, as settings and logs name it: `responses`.
    DialectId,
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
    /// An approval or a question of a session: a call's own id is the model's text, and may come
    /// twice.
    AskId,
    /// One turn of a session, counted from 1: from the user's prompt to the answer without a tool
    /// call.
    TurnId,
    /// One request to the model. What still arrives of a stopped one is dropped.
    ModelRequestId,
    /// A client of the engine, as the engine numbers them.
    ClientId,
    /// A prompt of a session that waits in the queue.
    PromptId,
    /// A job of a session, counted from 1.
    JobId,
    /// A command, as the client that sends it numbers them.
    RequestId,
    /// A timer that a session asked for.
    TimerId,
    /// A watched path, as the client that watches it numbers its own.
    WatchId,
);

/// Who sent a command, and so where its answer goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Requester {
    /// The client that sent the command.
    pub client: ClientId,
    /// The command, by that client's own count.
    pub request: RequestId,
}

impl ProviderId {
    /// The longest name, in bytes.
    const LONGEST: usize = 40;

    /// The built-in provider.
    pub fn openai() -> Self {
        static OPENAI: LazyLock<ProviderId> = LazyLock::new(|| ProviderId::new("openai"));
        OPENAI.clone()
    }

    /// Whether it is the built-in provider.
    pub fn is_openai(&self) -> bool {
        self.as_str() == "openai"
    }

    /// The provider of this name; `None` unless it has at most 40 lower-case letters, digits, `-`
    /// and `_`, and begins with a letter or a digit.
    pub fn named(text: &str) -> Option<Self> {
        let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        let good = text.len() <= Self::LONGEST
            && text.starts_with(fits)
            && text.chars().all(|c| fits(c) || c == '-' || c == '_');
        good.then(|| Self::new(text))
    }
}

impl ItemId {
    /// Begins the name of an item that a session made up itself.
    const OWN: &str = "own_";

    /// The name of the n-th item that a session made up itself.
    pub fn own(number: u64) -> Self {
        Self::new(format!("{}{number}", Self::OWN))
    }

    /// The number of such an item; `None` for one that a server named.
    pub fn own_number(&self) -> Option<u64> {
        self.as_str().strip_prefix(Self::OWN)?.parse().ok()
    }
}

impl DialectId {
    /// The dialect of OpenAI's Responses API.
    pub fn responses() -> Self {
        static RESPONSES: LazyLock<DialectId> = LazyLock::new(|| DialectId::new("responses"));
        RESPONSES.clone()
    }
}
