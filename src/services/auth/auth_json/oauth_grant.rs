//! An OAuth sign-in: its tokens, how long they last, and what one request takes of them. Never
//! spends anything.

use crate::auth::OAuthTokens;
use crate::auth::endpoint::Refreshed;
use crate::auth::endpoint::jwt::Claims;
use crate::auth::endpoint::wire;
use crate::base::{Secret, Timestamp};
use crate::protocol::{Access, AccessKind};

/// The tokens of an `oauth` entry, which a renewal replaces.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OAuthGrant {
    /// Single-use: whoever spends it must save what comes back.
    pub refresh: Secret,
    pub access: Secret,
    /// As the entry says it; the token's own `exp` claim counts first.
    pub expires: Option<Timestamp>,
    /// The ChatGPT account, as the entry says it.
    pub account: Option<String>,
    pub enterprise_url: Option<String>,
}

impl OAuthGrant {
    /// A new sign-in. The account is taken from the id token, then from the access token.
    pub fn new(tokens: &OAuthTokens, now: Timestamp) -> Self {
        let access = Claims::of(&tokens.access);
        let account =
            tokens.id.as_ref().map(Claims::of).unwrap_or_default().or(access.clone()).account;
        Self {
            refresh: tokens.refresh.clone(),
            access: tokens.access.clone(),
            expires: Some(
                access.expires.unwrap_or(now + tokens.lifetime.unwrap_or(wire::DEFAULT_LIFETIME)),
            ),
            account,
            enterprise_url: None,
        }
    }

    /// The sign-in after a renewal: what the answer left out stays as it was.
    pub fn renewed(&self, answer: &Refreshed, now: Timestamp) -> Self {
        let claims = answer.access.as_ref().map(Claims::of).unwrap_or_default();
        let expires = claims.expires.or_else(|| answer.lifetime.map(|lifetime| now + lifetime));
        let expires = match &answer.access {
            Some(_new) => Some(expires.unwrap_or(now + wire::DEFAULT_LIFETIME)),
            None => self.expires,
        };
        let account = self
            .account
            .clone()
            .or_else(|| answer.id.as_ref().map(Claims::of).unwrap_or_default().or(claims).account);
        Self {
            refresh: answer.refresh.clone().unwrap_or_else(|| self.refresh.clone()),
            access: answer.access.clone().unwrap_or_else(|| self.access.clone()),
            expires,
            account,
            enterprise_url: self.enterprise_url.clone(),
        }
    }

    /// The credential that a request carries.
    pub fn access(&self) -> Access {
        let claims = Claims::of(&self.access);
        let account = self.account.clone().or(claims.account);
        Access {
            token: self.access.clone(),
            kind: AccessKind::ChatGpt { account, residency: claims.residency },
        }
    }

    pub fn account(&self) -> Option<String> {
        self.account.clone().or_else(|| Claims::of(&self.access).account)
    }

    /// When the access token ends: its `exp` claim, else what the entry says.
    pub fn ends(&self) -> Option<Timestamp> {
        Claims::of(&self.access).expires.or(self.expires)
    }

    /// Whether the access token is to be renewed before use: five minutes or less are left, or
    /// nobody knows.
    pub fn is_due(&self, now: Timestamp) -> bool {
        self.access.is_empty() || self.ends().is_none_or(|end| end <= now + wire::RENEWAL_MARGIN)
    }

    /// Whether the access token is of no more use.
    pub fn has_ended(&self, now: Timestamp) -> bool {
        self.access.is_empty() || self.ends().is_none_or(|end| end <= now)
    }

    /// Whether two sign-ins are known to be of different accounts.
    pub fn is_of_another_account(&self, other: Option<&str>) -> bool {
        self.account().as_deref().zip(other).is_some_and(|(own, other)| own != other)
    }
}
