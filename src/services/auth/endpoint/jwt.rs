//! Claims out of a JSON Web Token's payload (RFC 7519). Never verified: it came from the issuer
//! itself, and nothing is allowed because of it.

use base64::Engine;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::Value;

use crate::base::{Secret, Timestamp};

use super::wire;

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// The claims that codling reads of a token; all are `None` where a token is opaque.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claims {
    /// The ChatGPT account (workspace), for the `ChatGPT-Account-Id` header.
    pub account: Option<String>,
    pub email: Option<String>,
    pub expires: Option<Timestamp>,
    /// As the server words it: `plus`, `pro`, `team`, …
    pub plan: Option<String>,
    /// For the `x-openai-internal-codex-residency` header.
    pub residency: Option<String>,
}

impl Claims {
    pub fn of(token: &Secret) -> Self {
        let Some(payload) = payload(token.expose()) else { return Self::default() };
        let auth = payload.get(wire::AUTH_CLAIM);
        let first_organization = payload
            .get("organizations")
            .and_then(|list| list.get(0))
            .and_then(|first| first.get("id"));
        Self {
            account: text([
                payload.get("chatgpt_account_id"),
                inside(auth, "chatgpt_account_id"),
                first_organization,
            ]),
            email: text([payload.get("email"), inside(payload.get(wire::PROFILE_CLAIM), "email")]),
            expires: payload.get("exp").and_then(Value::as_f64).and_then(moment),
            plan: text([inside(auth, "chatgpt_plan_type"), payload.get("chatgpt_plan_type")]),
            residency: text([
                inside(auth, "chatgpt_compute_residency"),
                payload.get("chatgpt_compute_residency"),
            ]),
        }
    }

    /// Whether the token has the form of one that claims something.
    pub fn can_be_read(token: &Secret) -> bool {
        payload(token.expose()).is_some_and(|payload| payload.is_object())
    }

    /// These claims, and where they are silent, those of another token.
    pub fn or(self, other: Self) -> Self {
        Self {
            account: self.account.or(other.account),
            email: self.email.or(other.email),
            expires: self.expires.or(other.expires),
            plan: self.plan.or(other.plan),
            residency: self.residency.or(other.residency),
        }
    }
}

fn payload(token: &str) -> Option<Value> {
    let mut parts = token.split('.');
    let (_header, payload, _signature) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    serde_json::from_slice(&BASE64.decode(payload).ok()?).ok()
}

fn inside<'a>(claim: Option<&'a Value>, name: &str) -> Option<&'a Value> {
    claim.and_then(|claim| claim.get(name))
}

fn text<const N: usize>(places: [Option<&Value>; N]) -> Option<String> {
    places
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .find(|text| !text.is_empty())
        .map(str::to_owned)
}

/// `exp` is in seconds, and may have a fraction.
fn moment(seconds: f64) -> Option<Timestamp> {
    // The bound is the year 9999: beyond it stands no time that anyone meant.
    (0.0..253_402_300_800.0).contains(&seconds).then_some(Timestamp((seconds * 1000.0) as i64))
}

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::{URL_SAFE as PADDED, URL_SAFE_NO_PAD as BARE};
    use serde_json::json;

    use super::*;

    fn token(claims: &Value) -> Secret {
        Secret::new(format!("e30.{}.c2ln", BARE.encode(claims.to_string())))
    }

    #[test]
    fn the_account_is_found_at_each_of_its_three_places_and_the_first_wins() {
        let top = json!({"chatgpt_account_id": "top", wire::AUTH_CLAIM: {"chatgpt_account_id": "claim"}, "organizations": [{"id": "org"}]});
        let claim = json!({wire::AUTH_CLAIM: {"chatgpt_account_id": "claim"}, "organizations": [{"id": "org"}]});
        let organization = json!({wire::AUTH_CLAIM: {"chatgpt_account_id": null}, "organizations": [{"id": "org"}, {"id": "second"}]});
        let odd = json!({"chatgpt_account_id": 7, wire::AUTH_CLAIM: "text", "organizations": {}});
        for (claims, wanted) in [
            (top, Some("top")),
            (claim, Some("claim")),
            (organization, Some("org")),
            (odd, None),
            (json!({}), None),
        ] {
            assert_eq!(Claims::of(&token(&claims)).account.as_deref(), wanted, "{claims}");
        }
    }

    #[test]
    fn plan_email_residency_and_end_are_read() {
        let claims = Claims::of(&token(&json!({
            "exp": 1_700_000_000.5,
            wire::PROFILE_CLAIM: {"email": "ada@example.com"},
            wire::AUTH_CLAIM: {"chatgpt_plan_type": "team", "chatgpt_compute_residency": "eu"},
        })));
        assert_eq!(claims.email.as_deref(), Some("ada@example.com"));
        assert_eq!(claims.plan.as_deref(), Some("team"));
        assert_eq!(claims.residency.as_deref(), Some("eu"));
        assert_eq!(claims.expires, Some(Timestamp(1_700_000_000_500)));
    }

    #[test]
    fn padding_is_taken_either_way() {
        for extra in ["", "1", "12", "123"] {
            let claims = json!({"email": format!("a{extra}@b.c")}).to_string();
            for coded in [BARE.encode(&claims), PADDED.encode(&claims)] {
                let found = Claims::of(&Secret::new(format!("h.{coded}.s"))).email;
                assert_eq!(found, Some(format!("a{extra}@b.c")), "{coded}");
            }
        }
    }

    #[test]
    fn an_opaque_token_claims_nothing() {
        for text in
            ["", "opaque", "a.b", "a.b.c", "a.!!.c", "e30.e30.e30.e30", "e30.W10.s", "e30.bnVsbA.s"]
        {
            assert_eq!(Claims::of(&Secret::new(text)), Claims::default(), "{text}");
        }
        assert_eq!(Claims::of(&token(&json!({"exp": 1e300}))).expires, None);
        assert_eq!(Claims::of(&token(&json!({"exp": -1}))).expires, None);
    }

    #[test]
    fn the_id_token_speaks_before_the_access_token() {
        let id = Claims { account: Some("from id".into()), ..Claims::default() };
        let access = Claims {
            account: Some("from access".into()),
            plan: Some("plus".into()),
            ..Claims::default()
        };
        let both = id.or(access);
        assert_eq!(
            (both.account.as_deref(), both.plan.as_deref()),
            (Some("from id"), Some("plus"))
        );
    }
}
