//! The names of HTTP headers, and of what stands in some.
//!
//! The ChatGPT endpoints are private to OpenAI and change without notice: a change of them is meant
//! to be a change of this file.

use reqwest::header::HeaderName;

/// Who we say we are, in the `originator` header of ChatGPT requests.
pub const ORIGINATOR: &str = "codling";

pub const ACCOUNT_ID: HeaderName = HeaderName::from_static("chatgpt-account-id");
pub const ORIGINATOR_NAME: HeaderName = HeaderName::from_static("originator");
pub const RESIDENCY: HeaderName = HeaderName::from_static("x-openai-internal-codex-residency");
pub const SESSION_ID: HeaderName = HeaderName::from_static("session-id");
/// Sent by the server with a response, echoed on every later request of the same turn.
pub const TURN_STATE: HeaderName = HeaderName::from_static("x-codex-turn-state");

/// Names of the same id, by age.
pub const REQUEST_IDS: [&str; 3] = ["x-request-id", "x-oai-request-id", "request-id"];
pub const CLOUDFLARE_MITIGATED: &str = "cf-mitigated";
pub const SHOULD_RETRY: &str = "x-should-retry";
pub const RETRY_AFTER_MS: &str = "retry-after-ms";
/// Which limit was reached, where it is not the plan's own (`codex`); its name is in
/// `x-<limit>-limit-name`.
pub const ACTIVE_LIMIT: &str = "x-codex-active-limit";
/// The server's own advice at a usage limit.
pub const PROMOTION: &str = "x-codex-promo-message";

/// Windows of a plan's limits, each followed by one of the three endings.
pub const LIMIT_PREFIXES: [&str; 2] = ["x-codex-primary", "x-codex-secondary"];
pub const LIMIT_USED: &str = "used-percent";
pub const LIMIT_WINDOW: &str = "window-minutes";
pub const LIMIT_RESET: &str = "reset-at";

/// Names the newer features of the server that a request uses.
pub const BETA_FEATURES: HeaderName = HeaderName::from_static("x-codex-beta-features");
/// Compaction by the server, in a stream.
pub const SERVER_COMPACTION: &str = "remote_compaction_v2";

/// Asked of models that reason, so that their thoughts can go back to them though nothing is
/// stored.
pub const ENCRYPTED_REASONING: &str = "reasoning.encrypted_content";

/// Headers of these names, in lower case, and values.
#[cfg(test)]
pub fn headers(pairs: &[(&'static str, &'static str)]) -> reqwest::header::HeaderMap {
    let value = reqwest::header::HeaderValue::from_static;
    pairs.iter().map(|(name, text)| (HeaderName::from_static(name), value(text))).collect()
}
