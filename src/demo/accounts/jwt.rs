//! Tokens in the shape of JWTs, unsigned: what a client reads from them is there, what would make
//! them real is not.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::base::Timestamp;

/// Who the stand says is signed in; nobody real. What is `None` is missing from the tokens.
#[derive(Clone, Debug)]
pub struct Person {
    /// The workspace, as `chatgpt_account_id` names it.
    pub account: Option<String>,
    /// The e-mail address in the id token.
    pub email: Option<String>,
    /// The plan, such as `plus`.
    pub plan: Option<String>,
}

impl Default for Person {
    fn default() -> Self {
        Self {
            account: Some("00000000-0000-4000-8000-0000000000de".into()),
            email: Some("you@codling.example".into()),
            plan: Some("plus".into()),
        }
    }
}

impl Person {
    /// An id token that is good until `expires`.
    pub fn id_token(&self, issuer: &str, expires: Timestamp) -> String {
        jwt(&json!({
            "iss": issuer,
            "aud": [crate::demo::CLIENT_ID],
            "sub": "user-stand-in",
            "email": self.email,
            "email_verified": true,
            "exp": expires.0 / 1000,
            "jti": random_text(9),
            "https://api.openai.com/auth": self.claims(),
        }))
    }

    /// An access token that is good until `expires`.
    pub fn access_token(&self, issuer: &str, expires: Timestamp) -> String {
        jwt(&json!({
            "iss": issuer,
            "aud": ["https://api.openai.com/v1"],
            "sub": "user-stand-in",
            "scp": ["openid", "profile", "email", "offline_access"],
            "exp": expires.0 / 1000,
            "jti": random_text(9),
            "https://api.openai.com/auth": self.claims(),
            "https://api.openai.com/profile": { "email": self.email, "email_verified": true },
        }))
    }

    fn claims(&self) -> Value {
        json!({
            "chatgpt_account_id": self.account,
            "chatgpt_plan_type": self.plan,
            "chatgpt_user_id": "user-stand-in",
            "completed_platform_onboarding": true,
            "is_org_owner": false,
        })
    }
}

fn jwt(claims: &Value) -> String {
    let mut claims = claims.clone();
    drop_nulls(&mut claims);
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!(
        "{}.{}.{}",
        part(&json!({ "alg": "none", "typ": "JWT" })),
        part(&claims),
        URL_SAFE_NO_PAD.encode("stand-in")
    )
}

fn drop_nulls(value: &mut Value) {
    if let Value::Object(fields) = value {
        fields.retain(|_, field| !field.is_null());
        fields.values_mut().for_each(drop_nulls);
    }
}

/// So many random bytes as base64url.
pub fn random_text(bytes: usize) -> String {
    URL_SAFE_NO_PAD.encode(random(bytes))
}

pub fn random(bytes: usize) -> Vec<u8> {
    use std::sync::atomic::{AtomicU64, Ordering};
    static LAST: AtomicU64 = AtomicU64::new(0);
    let mut random = vec![0; bytes];
    if getrandom::fill(&mut random).is_err() {
        // Nothing here guards anything real: without a source of randomness, being unlike the
        // others is enough.
        let count = LAST.fetch_add(1, Ordering::Relaxed).to_le_bytes();
        random.iter_mut().zip(count).for_each(|(byte, count)| *byte = count);
    }
    random
}

/// The S256 challenge of a verifier (RFC 7636, section 4.2).
pub fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_the_rfc() {
        assert_eq!(
            challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }

    #[test]
    fn a_token_has_the_claims_a_client_reads() {
        let token = Person { email: None, ..Person::default() }
            .access_token("http://127.0.0.1:1", Timestamp::from_seconds(77));
        let payload = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
        let claims: Value = serde_json::from_slice(&payload).unwrap();
        assert_eq!(claims["exp"], 77);
        assert_eq!(claims["https://api.openai.com/auth"]["chatgpt_plan_type"], "plus");
        assert!(claims["https://api.openai.com/profile"].get("email").is_none());
    }
}
