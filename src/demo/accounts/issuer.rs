//! Gives out codes and tokens, and knows what became of each.

use std::collections::HashMap;
use std::time::Duration;

use super::jwt::{self, Person};
use crate::base::Timestamp;
use crate::demo::answer::ScriptedAnswer;

/// How long an authorization code may be used.
const CODE_LIFE: Duration = Duration::from_secs(600);

/// A client may renew a token of its own accord this long before its end; the extra seconds are for
/// clocks.
const EARLY: Duration = Duration::from_secs(5 * 60 + 5);

/// The tokens that a sign-in ends with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tokens {
    /// The id token.
    pub id: String,
    /// The access token.
    pub access: String,
    /// The refresh token, good for one renewal.
    pub refresh: String,
    /// The workspace, as `chatgpt_account_id` names it.
    pub account: Option<String>,
    /// When the access token ends.
    pub expires: Timestamp,
}

/// Why something is not given, as an endpoint words it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    pub status: u16,
    pub code: &'static str,
    pub message: String,
}

impl Refused {
    pub fn answer(&self) -> ScriptedAnswer {
        ScriptedAnswer::error(self.status, self.code, &self.message)
    }
}

#[derive(Debug)]
pub struct Issuer {
    person: Person,
    origin: String,
    lifetime: Duration,
    codes: HashMap<String, Grant>,
    access: HashMap<String, AccessToken>,
    refresh: HashMap<String, RefreshToken>,
    rotations: usize,
    violations: Vec<String>,
}

/// The request that an authorization code is bound to.
#[derive(Debug)]
struct Grant {
    challenge: String,
    redirect: String,
    issued: Timestamp,
}

#[derive(Debug)]
struct AccessToken {
    expires: Timestamp,
    /// A request that carried it was answered 401.
    refused: bool,
    revoked: bool,
}

#[derive(Debug)]
struct RefreshToken {
    state: RefreshState,
    /// The access token given out with it.
    access: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RefreshState {
    Expired,
    Fresh,
    Revoked,
    Spent,
}

impl Issuer {
    pub fn new(person: Person, origin: String, lifetime: Duration) -> Self {
        Self {
            person,
            origin,
            lifetime,
            codes: HashMap::new(),
            access: HashMap::new(),
            refresh: HashMap::new(),
            rotations: 0,
            violations: Vec::new(),
        }
    }

    pub fn set_lifetime(&mut self, lifetime: Duration) {
        self.lifetime = lifetime;
    }

    pub fn code(&mut self, challenge: String, redirect: String, now: Timestamp) -> String {
        let code = format!("ac_{}", jwt::random_text(24));
        self.codes.insert(code.clone(), Grant { challenge, redirect, issued: now });
        code
    }

    /// Code for tokens (RFC 6749, section 4.1.3, with RFC 7636): once, from the same redirect, by
    /// whoever knows the verifier.
    ///
    /// # Errors
    ///
    /// Refuses with status 400 and `invalid_grant` a code that is unknown, spent, too old, or of
    /// another redirect or verifier. The code is spent either way.
    pub fn exchange(
        &mut self,
        code: &str,
        redirect: &str,
        verifier: &str,
        now: Timestamp,
    ) -> Result<Tokens, Refused> {
        let invalid =
            |message: &str| Refused { status: 400, code: "invalid_grant", message: message.into() };
        // Taken out whatever comes of it: a code that was tried is spent.
        let grant = self
            .codes
            .remove(code)
            .ok_or_else(|| invalid("The code is unknown or was already used"))?;
        if now.since(grant.issued) > CODE_LIFE {
            return Err(invalid("The code has expired"));
        }
        if grant.redirect != redirect {
            return Err(invalid("The redirect_uri is not the one the code was issued for"));
        }
        if grant.challenge != jwt::challenge(verifier) {
            return Err(invalid("The code_verifier does not match the code_challenge"));
        }
        Ok(self.issue(now))
    }

    pub fn issue(&mut self, now: Timestamp) -> Tokens {
        let expires = now + self.lifetime;
        let tokens = Tokens {
            id: self.person.id_token(&self.origin, expires),
            access: self.person.access_token(&self.origin, expires),
            refresh: format!("rt_{}", jwt::random_text(32)),
            account: self.person.account.clone(),
            expires,
        };
        self.access
            .insert(tokens.access.clone(), AccessToken { expires, refused: false, revoked: false });
        self.refresh.insert(
            tokens.refresh.clone(),
            RefreshToken { state: RefreshState::Fresh, access: tokens.access.clone() },
        );
        tokens
    }

    /// A refresh token for new tokens, once.
    ///
    /// # Errors
    ///
    /// Refuses with status 401 a refresh token that is unknown, expired, revoked or spent.
    pub fn rotate(&mut self, refresh: &str, now: Timestamp) -> Result<Tokens, Refused> {
        let refused =
            |code, message: &str| Err(Refused { status: 401, code, message: message.into() });
        let Some(token) = self.refresh.get_mut(refresh) else {
            return refused("refresh_token_invalidated", "Your refresh token is not known here");
        };
        match token.state {
            RefreshState::Fresh => token.state = RefreshState::Spent,
            RefreshState::Expired => {
                return refused("refresh_token_expired", "Your refresh token has expired");
            }
            RefreshState::Revoked => {
                return refused("refresh_token_invalidated", "Your refresh token has been revoked");
            }
            RefreshState::Spent => {
                self.violations.push("a refresh token that was already used was sent again".into());
                return refused(
                    "refresh_token_reused",
                    "Your refresh token has already been used to generate a new access token",
                );
            }
        }
        if let Some(access) = self.access.get_mut(&token.access) {
            let left = access.expires.since(now);
            if left > EARLY && !access.refused && !access.revoked {
                self.violations.push(format!(
                    "a token was refreshed {} s before its end, though nothing had refused it",
                    left.as_secs()
                ));
            }
        }
        self.rotations += 1;
        Ok(self.issue(now))
    }

    /// RFC 7009: unknown tokens are no error. A refresh token takes its access token along.
    pub fn revoke(&mut self, token: &str) {
        let access = match self.refresh.get_mut(token) {
            Some(refresh) => {
                refresh.state = RefreshState::Revoked;
                refresh.access.clone()
            }
            None => token.to_owned(),
        };
        if let Some(access) = self.access.get_mut(&access) {
            access.revoked = true;
        }
    }

    pub fn is_live(&self, access: &str, now: Timestamp) -> bool {
        self.access.get(access).is_some_and(|token| !token.revoked && now < token.expires)
    }

    /// A request with this bearer was answered 401.
    pub fn note_refusal(&mut self, access: &str) {
        if let Some(token) = self.access.get_mut(access) {
            token.refused = true;
        }
    }

    pub fn revoke_all_access(&mut self) {
        self.access.values_mut().for_each(|token| token.revoked = true);
    }

    pub fn expire_all_refresh(&mut self) {
        let fresh = self.refresh.values_mut().filter(|token| token.state == RefreshState::Fresh);
        fresh.for_each(|token| token.state = RefreshState::Expired);
    }

    pub fn is_revoked(&self, refresh: &str) -> bool {
        self.refresh.get(refresh).is_some_and(|token| token.state == RefreshState::Revoked)
    }

    pub fn rotations(&self) -> usize {
        self.rotations
    }

    pub fn violations(&self) -> &[String] {
        &self.violations
    }

    /// All secrets: none may be seen outside an `Authorization` header or a request to the token
    /// endpoint.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        self.access.keys().chain(self.refresh.keys()).map(String::as_str)
    }

    pub fn knows_access(&self, token: &str) -> bool {
        self.access.contains_key(token)
    }
}
