//! Model errors: a sentence for each, what to do next, and whether to try again.

pub mod local_time;
pub mod mapping;
pub mod refusal;
pub mod wait;

use std::time::Duration;

use thiserror::Error;

use crate::base::{Advice, Timestamp};
use crate::model::stream::bounds::AnswerExcess;
use crate::net::{NetError, NetFailure};
use crate::protocol::{ItemId, ModelRef, ProblemKind, ProviderId, RetryAdvice};

/// An error of a request to the model, to the list of models or to the usage endpoint.
#[derive(Debug, Error)]
#[allow(missing_docs, reason = "the sentence of each variant says it")]
pub enum ModelError {
    #[error("`{host}` turned the request away before it reached OpenAI (a Cloudflare check){tail}")]
    Blocked { host: String, tail: StreamTail },
    #[error("the answer broke off before its end")]
    BrokenStream {},
    #[error("the answer was stopped by a content filter")]
    ContentFilter {},
    #[error("the conversation no longer fits the model's context")]
    ContextLength {},
    #[error("the credential holds a character that cannot be sent")]
    Credential {},
    #[error("the answer was ended, since it did not end by itself: it held {excess}")]
    Excessive { excess: AnswerExcess },
    #[error("`{host}` answered with something that is not the model's answer{tail}")]
    Garbled { host: String, tail: StreamTail },
    #[error("the server sent nothing more of an answer for {}", words(*limit))]
    Idle { limit: Duration },
    /// `code` is the server's `error.code` in lower case, empty if it gave none.
    #[error("the server refused the request: {message}{tail}")]
    Invalid { message: String, code: String, tail: StreamTail },
    #[error("the API key was not accepted{tail}")]
    KeyRejected { tail: StreamTail },
    #[error("the answer reached its length limit")]
    LengthLimit {},
    #[error("`{host}` was not reached: {failure}")]
    Network { host: String, failure: NetFailure },
    #[error("the model `{model}` cannot be used with this account: {message}{tail}")]
    NoModel { model: ModelRef, message: String, tail: StreamTail },
    #[error("the server could not answer: {message}{tail}")]
    Overloaded { message: String, code: String, wait: RetryWait, tail: StreamTail },
    #[error("an event of the answer is larger than {} kB", limit / 1024)]
    Oversized { limit: usize },
    #[error("the server refused a picture: {message}{tail}")]
    Picture { message: String, tail: StreamTail },
    #[error("an OpenAI policy stopped the request: {message}{tail}")]
    Policy { message: String, tail: StreamTail },
    #[error("there is no provider `{provider}` in the settings")]
    NoProvider { provider: ProviderId },
    #[error("{}{tail}", provider_key(provider, place.as_deref()))]
    ProviderKey {
        provider: String,
        /// Where the key was found; `None`: none was sent.
        place: Option<String>,
        tail: StreamTail,
    },
    /// `provider` is its name for people, `id` its key in the settings.
    #[error("{provider} refused the request: {message}{tail}")]
    ProviderRefused { provider: String, id: ProviderId, message: String, tail: StreamTail },
    /// Nothing is there: the address in the settings is most likely another one.
    #[error("{provider} has no API at `{base}`{tail}")]
    WrongAddress { provider: String, id: ProviderId, base: String, tail: StreamTail },
    #[error("the account's quota is used up")]
    Quota {},
    #[error("the server asks to slow down{wait}{tail}")]
    RateLimited { wait: RetryWait, tail: StreamTail },
    #[error("`{host}` sent the request on to another address, which was not followed")]
    Redirected { host: String },
    #[error("the server refused a part of the conversation: {message}{tail}")]
    RefusedItem { item: ItemId, message: String, tail: StreamTail },
    #[error("the account may not do this: {message}{tail}")]
    Refused { message: String, tail: StreamTail },
    #[error("OpenAI does not serve the region this request comes from")]
    Region {},
    #[error(transparent)]
    Setup { source: NetError },
    #[error("the sign-in was not accepted{tail}")]
    SignInRejected { tail: StreamTail },
    #[error("the request is larger than the server accepts")]
    TooLarge {},
    #[error("the request could not be encoded: {source}")]
    Unsendable { source: serde_json::Error },
    #[error("{}", usage_limit(limit.as_deref(), until.as_deref()))]
    UsageLimit {
        /// The server's word for the plan, such as `plus`.
        plan: Option<String>,
        resets: Option<Timestamp>,
        /// `resets` in local words.
        until: Option<String>,
        /// A limit that is not the plan's own.
        limit: Option<String>,
        /// The server's own advice.
        promotion: Option<String>,
    },
    #[error("the account's plan does not include Codex")]
    UsageNotIncluded {},
}

/// The id of the request, which follows a sentence for people who have to ask the server's
/// operators.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StreamTail(pub Option<String>);

/// How long the server asked to wait.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RetryWait {
    /// Longer than anyone would wait in front of a screen; until when, in local words.
    Long {
        until: String,
    },
    Short(Duration),
    Unsaid,
}

impl ModelError {
    /// Whether the same request may be sent again.
    pub fn retry(&self) -> RetryAdvice {
        match self {
            Self::BrokenStream {} | Self::Idle { .. } => RetryAdvice::Backoff,
            Self::Overloaded { wait, .. } | Self::RateLimited { wait, .. } => match wait {
                RetryWait::Long { .. } => RetryAdvice::Never,
                RetryWait::Short(wait) => RetryAdvice::After(*wait),
                RetryWait::Unsaid => RetryAdvice::Backoff,
            },
            Self::Network { failure, .. } if failure.may_pass() => RetryAdvice::Unreachable,
            Self::Picture { .. } | Self::TooLarge {} => RetryAdvice::WithoutPictures,
            Self::RefusedItem { item, .. } => RetryAdvice::WithoutItem(item.clone()),
            Self::SignInRejected { .. } => RetryAdvice::Credential,
            // The same request would end the same way.
            _ => RetryAdvice::Never,
        }
    }

    /// The kind of the engine's `Problem`.
    pub fn kind(&self) -> ProblemKind {
        match self {
            Self::BrokenStream {}
            | Self::Excessive { .. }
            | Self::Idle { .. }
            | Self::Oversized { .. } => ProblemKind::BrokenStream,
            Self::ContentFilter {}
            | Self::Invalid { .. }
            | Self::LengthLimit {}
            | Self::Picture { .. }
            | Self::Policy { .. }
            | Self::RefusedItem { .. }
            | Self::TooLarge {} => ProblemKind::BadRequest,
            Self::ContextLength {} => ProblemKind::ContextLength,
            Self::Credential {} | Self::KeyRejected { .. } | Self::SignInRejected { .. } => {
                ProblemKind::NotSignedIn
            }
            Self::Garbled { .. }
            | Self::Network { .. }
            | Self::Redirected { .. }
            | Self::Setup { .. } => ProblemKind::Network,
            Self::NoModel { .. } => ProblemKind::NoModel,
            Self::NoProvider { .. } => ProblemKind::Config,
            Self::Overloaded { .. } => ProblemKind::Overloaded,
            Self::Quota {} => ProblemKind::Quota,
            Self::RateLimited { .. } => ProblemKind::RateLimited,
            Self::Blocked { .. }
            | Self::ProviderKey { .. }
            | Self::ProviderRefused { .. }
            | Self::WrongAddress { .. }
            | Self::Refused { .. }
            | Self::Region {}
            | Self::UsageNotIncluded {} => ProblemKind::Refused,
            Self::Unsendable { .. } => ProblemKind::Internal,
            Self::UsageLimit { resets, .. } => ProblemKind::UsageLimit { resets: *resets },
        }
    }
}

impl Advice for ModelError {
    fn next_step(&self) -> Option<String> {
        let text = match self {
            Self::Blocked { .. } => "Try another network, or without a VPN or proxy",
            Self::BrokenStream {} | Self::Idle { .. } => "Send the prompt again to go on",
            Self::ContentFilter {} | Self::Policy { .. } => "Rephrase the prompt",
            Self::ContextLength {} | Self::Unsendable { .. } => {
                "Start a new conversation with `/new`"
            }
            Self::Credential {} | Self::SignInRejected { .. } => "Sign in again with `/connect`",
            Self::Garbled { .. } => {
                "If this network shows a log-in page of its own, open it in a browser first; a proxy may also stand in between"
            }
            Self::Invalid { code, .. } if code == "invalid_encrypted_content" => {
                "The conversation was started with another account: start a new one with `/new`"
            }
            Self::Invalid { .. } | Self::Picture { .. } | Self::RefusedItem { .. } => {
                "Choose another model with `/models`, or start a new conversation with `/new`"
            }
            Self::KeyRejected { .. } => "Enter another key with `/connect`",
            Self::LengthLimit {} => "Ask the model to go on",
            Self::Network { failure, .. } => return failure.next_step(),
            Self::NoModel { .. } | Self::NoProvider { .. } => "Choose another model with `/models`",
            Self::ProviderKey { place: Some(place), .. } if place.starts_with('`') => {
                return Some(format!(
                    "Put another key into {place}: `/connect` replaces one in auth.json; after a change of a variable start codling again"
                ));
            }
            Self::ProviderKey { place: Some(_), .. } => {
                "Sign in to OpenAI another way with `/connect`, or give the provider a key of its own with `key_env` in `config.toml`"
            }
            Self::ProviderKey { place: None, .. } => {
                "Enter a key with `/connect` or `codling auth login`, or set the variable that `key_env` names in `config.toml`"
            }
            Self::WrongAddress { id, base, .. } => {
                let base = base.trim_end_matches('/');
                let meant = match base.rsplit('/').next() {
                    Some(last) if last.starts_with('v') => {
                        "check it against the provider's documents".to_owned()
                    }
                    _ => format!("did you mean `{base}/v1`?"),
                };
                return Some(format!(
                    "Look at `base_url` of `[provider.{id}]` in `config.toml`: {meant}"
                ));
            }
            Self::ProviderRefused { id, .. } => {
                return Some(format!(
                    "Check `[provider.{id}]` in `config.toml` and the account there, or choose another model with `/models`"
                ));
            }
            Self::Overloaded { wait: RetryWait::Long { until }, .. }
            | Self::RateLimited { wait: RetryWait::Long { until }, .. } => {
                return Some(format!("Try again after {until}"));
            }
            Self::Overloaded { code, .. } if code == "server_is_overloaded" => {
                "Try again later, or choose another model with `/models`"
            }
            Self::Overloaded { .. } | Self::RateLimited { .. } => "Try again in a minute",
            Self::Excessive { .. } | Self::Oversized { .. } => "Ask for less at a time",
            Self::Quota {} => {
                "Check plan and billing on platform.openai.com, or sign in another way with `/connect`"
            }
            Self::Redirected { .. } => {
                "Check the origins in the settings and whether a proxy stands in between"
            }
            Self::Refused { .. } => {
                "Sign in to another account with `/connect`, or ask the workspace's administrator"
            }
            Self::Region {} => "See platform.openai.com/docs/supported-countries",
            Self::Setup { source } => return source.next_step(),
            Self::TooLarge {} => "Start a new conversation with `/new`, or attach less",
            Self::UsageLimit { promotion: Some(promotion), .. } => promotion,
            Self::UsageLimit { limit: Some(_), .. } => "Choose another model with `/models`",
            Self::UsageLimit { plan, until, .. } => {
                return Some(plan_advice(plan.as_deref(), until.as_deref()));
            }
            Self::UsageNotIncluded {} => {
                "Upgrade to Plus on chatgpt.com, or sign in with an API key with `/connect`"
            }
        };
        Some(text.to_owned())
    }
}

impl std::fmt::Display for StreamTail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.as_ref().map_or(Ok(()), |id| write!(f, " (request {id})"))
    }
}

impl std::fmt::Display for RetryWait {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Long { until } => write!(f, ", until {until}"),
            Self::Short(_) | Self::Unsaid => Ok(()),
        }
    }
}

fn words(limit: Duration) -> String {
    match (limit.as_secs(), limit.subsec_millis()) {
        (60, 0) => "a minute".into(),
        (seconds, 0) if seconds > 0 && seconds % 60 == 0 => format!("{} minutes", seconds / 60),
        (1, 0) => "a second".into(),
        (seconds, 0) => format!("{seconds} seconds"),
        _ => format!("{} ms", limit.as_millis()),
    }
}

fn provider_key(provider: &str, place: Option<&str>) -> String {
    match place {
        Some(place) => format!("{provider} did not accept the key from {place}"),
        None => format!("{provider} wants a key, and none was sent"),
    }
}

fn usage_limit(limit: Option<&str>, until: Option<&str>) -> String {
    let what = limit.map_or_else(
        || "the plan's usage limit is reached".into(),
        |name| format!("the usage limit of {name} is reached"),
    );
    match until {
        Some(until) => format!("{what}; it resets at {until}"),
        None => what,
    }
}

fn plan_advice(plan: Option<&str>, until: Option<&str>) -> String {
    let until = until.map_or_else(|| "later".into(), |until| format!("after {until}"));
    match plan.unwrap_or_default() {
        "free" | "go" => format!("Upgrade to Plus on chatgpt.com, or try again {until}"),
        "plus" => format!(
            "Upgrade to Pro or buy credits at chatgpt.com/settings/usage, or try again {until}"
        ),
        "pro" | "prolite" => {
            format!("Buy credits at chatgpt.com/settings/usage, or try again {until}")
        }
        "business" | "self_serve_business_usage_based" | "team" => {
            format!("Ask the workspace's administrator for more, or try again {until}")
        }
        _ => format!("Try again {until}"),
    }
}

#[cfg(test)]
mod tests;
