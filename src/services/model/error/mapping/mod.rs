//! Error mapping: from a server's status and code to our word for it.

use std::time::Duration;

use crate::protocol::{AccessKind, ModelRef, Provider, SentCredential};

use super::local_time::LocalTime;
use super::refusal::{ErrorPage, ServerRefusal};
use super::wait::try_again_in;
use super::{ModelError, RetryWait, StreamTail};

/// The longest wait that is sat out.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// The request that failed: its subject, its provider and its time, which an error's sentence
/// names.
#[derive(Clone, Debug)]
pub struct ErrorCase<'a> {
    pub host: &'a str,
    pub kind: &'a AccessKind,
    /// A provider of one's own, where it was one.
    pub own: Option<&'a Provider>,
    /// `None` where no model was asked for.
    pub model: Option<&'a ModelRef>,
    pub moment: LocalTime,
}

impl ErrorCase<'_> {
    /// Codes first, since they say more than a status; then a page where an answer should be; then
    /// the status.
    pub fn model_error(&self, refusal: &ServerRefusal) -> ModelError {
        let error = self
            .by_code(refusal)
            .or_else(|| self.by_page(refusal))
            .unwrap_or_else(|| self.by_status(refusal));
        match self.own {
            Some(own) => of_provider(own, error, refusal),
            None => error,
        }
    }

    fn by_code(&self, refusal: &ServerRefusal) -> Option<ModelError> {
        if is_about_a_picture(refusal) {
            return Some(ModelError::Picture { message: said(refusal), tail: tail(refusal) });
        }
        let any = |words: &[&str]| words.iter().any(|word| refusal.is(word));
        Some(if any(&["usage_limit_reached"]) {
            self.usage_limit(refusal)
        } else if any(&["usage_not_included"]) {
            ModelError::UsageNotIncluded {}
        } else if any(&[
            "insufficient_quota",
            "billing_hard_limit_reached",
            "billing_not_active",
            "organization_spend_limit_exceeded",
            // Those of other providers.
            "1113",
            "billing_error",
            "contract_spend_limit_reached",
            "enforced_spend_limit_reached",
            "exceeded_current_quota_error",
            "insufficient_balance",
        ]) {
            ModelError::Quota {}
        } else if any(&["context_length_exceeded", "exceed_context_size_error"])
            || self.own.is_some() && says_too_long(refusal)
        {
            ModelError::ContextLength {}
        } else if any(&["unsupported_country_region_territory"]) {
            ModelError::Region {}
        } else if any(&["content_filter"]) {
            ModelError::ContentFilter {}
        } else if any(&["max_output_tokens"]) {
            ModelError::LengthLimit {}
        } else if any(&["invalid_prompt", "content_policy_violation"])
            || refusal.code.ends_with("_policy")
        {
            ModelError::Policy { message: said(refusal), tail: tail(refusal) }
        } else if any(&["model_not_found"]) || self.own.is_some() && names_no_model(refusal) {
            self.no_model(refusal)
        } else if any(&["rate_limit_exceeded"]) && refusal.message.starts_with("Request too large")
        {
            // A single request that is over the limit will be so again.
            invalid(refusal)
        } else if any(&["rate_limit_exceeded", "slow_down"]) {
            self.rate_limited(refusal)
        } else if any(&["server_error", "server_is_overloaded"]) {
            self.overloaded(refusal)
        } else {
            return None;
        })
    }

    fn by_page(&self, refusal: &ServerRefusal) -> Option<ModelError> {
        let (host, tail) = (self.host.to_owned(), tail(refusal));
        match (refusal.page?, refusal.status.map_or(200, |status| status.as_u16())) {
            (_, 429) => None,
            (ErrorPage::Cloudflare, 400..=499) | (ErrorPage::Html, 403) => {
                Some(ModelError::Blocked { host, tail })
            }
            (_, 200..=299) => Some(ModelError::Garbled { host, tail }),
            _ => None,
        }
    }

    fn by_status(&self, refusal: &ServerRefusal) -> ModelError {
        let Some(status) = refusal.status else {
            return self.overloaded(refusal);
        };
        match status.as_u16() {
            ..=299 if refusal.message.is_empty() && refusal.code.is_empty() => {
                ModelError::Garbled { host: self.host.to_owned(), tail: tail(refusal) }
            }
            300..=399 => ModelError::Redirected { host: self.host.to_owned() },
            401 => match self.kind {
                AccessKind::ApiKey => ModelError::KeyRejected { tail: tail(refusal) },
                AccessKind::ChatGpt { .. } => ModelError::SignInRejected { tail: tail(refusal) },
                AccessKind::Provider { credential, .. } => self.key_rejected(credential, refusal),
            },
            402 | 403 => ModelError::Refused { message: said(refusal), tail: tail(refusal) },
            408 | 409 | 425 | 500.. => self.overloaded(refusal),
            413 => ModelError::TooLarge {},
            429 => self.rate_limited(refusal),
            _ => invalid(refusal),
        }
    }

    /// Only a sign-in can be renewed.
    fn key_rejected(&self, credential: &SentCredential, refusal: &ServerRefusal) -> ModelError {
        let place = match credential {
            SentCredential::OpenAi(kind) if matches!(**kind, AccessKind::ChatGpt { .. }) => {
                return ModelError::SignInRejected { tail: tail(refusal) };
            }
            SentCredential::OpenAi(_) => Some("the sign-in to OpenAI".to_owned()),
            SentCredential::Key { place } => Some(place.clone()),
            SentCredential::None => None,
        };
        let provider = self.own.map_or_else(|| self.host.to_owned(), |own| own.name.clone());
        ModelError::ProviderKey { provider, place, tail: tail(refusal) }
    }

    fn usage_limit(&self, refusal: &ServerRefusal) -> ModelError {
        ModelError::UsageLimit {
            until: refusal.resets.map(|at| self.moment.words(at)),
            resets: refusal.resets,
            plan: refusal.plan.clone(),
            limit: refusal.limit.clone(),
            promotion: refusal.promotion.clone(),
        }
    }

    fn no_model(&self, refusal: &ServerRefusal) -> ModelError {
        match self.model {
            Some(model) => ModelError::NoModel {
                model: model.clone(),
                message: said(refusal),
                tail: tail(refusal),
            },
            None => invalid(refusal),
        }
    }

    fn rate_limited(&self, refusal: &ServerRefusal) -> ModelError {
        ModelError::RateLimited { wait: self.wait(refusal), tail: tail(refusal) }
    }

    fn overloaded(&self, refusal: &ServerRefusal) -> ModelError {
        ModelError::Overloaded {
            message: said(refusal),
            code: refusal.code.clone(),
            wait: self.wait(refusal),
            tail: tail(refusal),
        }
    }

    fn wait(&self, refusal: &ServerRefusal) -> RetryWait {
        match refusal.wait.or_else(|| try_again_in(&refusal.message)) {
            None | Some(Duration::ZERO) => RetryWait::Unsaid,
            Some(wait) if wait <= LONGEST_WAIT => RetryWait::Short(wait),
            Some(wait) => RetryWait::Long { until: self.moment.words(self.moment.now + wait) },
        }
    }
}

/// Sentences about OpenAI's plans, regions and policies are for OpenAI alone.
fn of_provider(own: &Provider, error: ModelError, refusal: &ServerRefusal) -> ModelError {
    let is_missing = refusal.status.is_some_and(|status| status.as_u16() == 404);
    let is_final = refusal.may_retry == Some(false);
    match error {
        // An API names what it does not find.
        ModelError::Invalid { .. } | ModelError::Garbled { .. }
            if is_missing && refusal.code.is_empty() && refusal.kind.is_empty() =>
        {
            let (provider, base) = (own.name.clone(), own.base.to_string());
            ModelError::WrongAddress { provider, id: own.id.clone(), base, tail: tail(refusal) }
        }
        ModelError::Overloaded { .. } | ModelError::RateLimited { .. } if is_final => {
            provider_refused(own, refusal)
        }
        ModelError::Blocked { .. }
        | ModelError::Policy { .. }
        | ModelError::Quota {}
        | ModelError::Refused { .. }
        | ModelError::Region {}
        | ModelError::UsageLimit { .. }
        | ModelError::UsageNotIncluded {} => provider_refused(own, refusal),
        ModelError::Invalid { .. } if is_missing => provider_refused(own, refusal),
        other => other,
    }
}

/// Whether a 404 is about the model, rather than about the address.
fn names_no_model(refusal: &ServerRefusal) -> bool {
    let is_missing = refusal.status.is_some_and(|status| status.as_u16() == 404);
    is_missing && refusal.message.to_ascii_lowercase().contains("model")
}

/// Whether a refusal says in words alone that the conversation is longer than the model's context:
/// providers have no code for it in common.
fn says_too_long(refusal: &ServerRefusal) -> bool {
    const PHRASES: [&str; 12] = [
        "prompt is too long",
        "prompt too long",
        "context window",
        "context length",
        "context size",
        "maximum prompt length",
        "input token count",
        "reduce the length of the messages",
        "more than max tokens allowed",
        "longer than the model's context",
        "exceeded model token limit",
        "context_length_exceeded",
    ];
    let is_refused =
        matches!(refusal.status.map(|status| status.as_u16()), None | Some(400 | 413 | 422));
    let words = refusal.message.to_ascii_lowercase();
    let is_about_rates = words.contains("rate limit") || words.contains("throttl");
    is_refused && !is_about_rates && PHRASES.iter().any(|phrase| words.contains(phrase))
}

fn provider_refused(own: &Provider, refusal: &ServerRefusal) -> ModelError {
    ModelError::ProviderRefused {
        provider: own.name.clone(),
        id: own.id.clone(),
        message: said(refusal),
        tail: tail(refusal),
    }
}

/// The server's words, else the status, else that there were none.
fn said(refusal: &ServerRefusal) -> String {
    match (&refusal.message, refusal.status) {
        (message, _) if !message.is_empty() => message.clone(),
        (_, Some(status)) => match status.canonical_reason() {
            Some(reason) => format!("HTTP {} {reason}", status.as_u16()),
            None => format!("HTTP {}", status.as_u16()),
        },
        (_, None) if !refusal.code.is_empty() => refusal.code.clone(),
        (_, None) => "it gave no reason".into(),
    }
}

/// Codes as `invalid_image` and `image_parse_error`, or words about an image of the request: the
/// codes are many, and not all of them are written down.
fn is_about_a_picture(refusal: &ServerRefusal) -> bool {
    // The name of a tool of ours is none of them.
    let says = |text: &str| text.to_ascii_lowercase().replace("view_image", "").contains("image");
    let is_refused =
        matches!(refusal.status.map(|status| status.as_u16()), None | Some(400 | 415 | 422));
    is_refused
        && (says(&refusal.code)
            || says(&refusal.param)
            || says(&refusal.kind)
            || says(&refusal.message))
}

fn tail(refusal: &ServerRefusal) -> StreamTail {
    StreamTail(refusal.request.clone())
}

fn invalid(refusal: &ServerRefusal) -> ModelError {
    ModelError::Invalid { message: said(refusal), tail: tail(refusal), code: refusal.code.clone() }
}

#[cfg(test)]
mod tests;
