//! One entry of auth.json, in opencode's three shapes.

use serde_json::value::RawValue;
use serde_json::{Value, json};

use crate::base::{Secret, Timestamp};

use super::json_object::{JsonObject, raw};
use super::oauth_grant::OAuthGrant;

/// The credential of one entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credential {
    /// `{"type": "api", "key", "metadata"?}`
    Api {
        key: Secret,
        /// The origin that the key was entered for: `metadata.origin`.
        origin: Option<String>,
    },
    /// `{"type": "oauth", "refresh", "access", "expires", "accountId"?, "enterpriseUrl"?}`
    OAuth(OAuthGrant),
    /// Anything else: kept, not understood. `kind` is the word after `type`, empty without one.
    Unknown { kind: String },
    /// `{"type": "wellknown", "key", "token"}`: `key` names an environment variable.
    WellKnown { key: String, token: Secret },
}

/// Every field of the three shapes, and the token that tells who signed in, which other programs
/// keep beside them: of another shape than the new one, none may stay behind.
const KNOWN: [&str; 11] = [
    "type",
    "refresh",
    "access",
    "expires",
    "accountId",
    "enterpriseUrl",
    "id_token",
    "idToken",
    "key",
    "metadata",
    "token",
];

impl Credential {
    /// Reads an entry. What opencode would reject for a detail (`"expires": "1"`) is read as far as
    /// its meaning is plain.
    pub fn read(entry: &RawValue) -> Self {
        let Ok(fields) = JsonObject::parse(entry.get().as_bytes()) else {
            return Self::Unknown { kind: String::new() };
        };
        let kind = text(&fields, "type").unwrap_or_default();
        let secret = |name| text(&fields, name).map(Secret::new);
        let known = match kind.as_str() {
            "api" => secret("key").map(|key| {
                let metadata = value(&fields, "metadata").unwrap_or_default();
                Self::Api { key, origin: metadata["origin"].as_str().map(str::to_owned) }
            }),
            "oauth" => secret("refresh").zip(secret("access")).map(|(refresh, access)| {
                Self::OAuth(OAuthGrant {
                    refresh,
                    access,
                    expires: value(&fields, "expires")
                        .as_ref()
                        .and_then(Value::as_f64)
                        .and_then(milliseconds),
                    account: text(&fields, "accountId").filter(|account| !account.is_empty()),
                    enterprise_url: text(&fields, "enterpriseUrl"),
                })
            }),
            "wellknown" => text(&fields, "key")
                .zip(secret("token"))
                .map(|(key, token)| Self::WellKnown { key, token }),
            _ => None,
        };
        known.unwrap_or_else(|| Self::Unknown {
            kind: kind.chars().filter(|c| !c.is_control()).take(40).collect(),
        })
    }

    /// The entry that holds this, made out of the one in place: fields that are not ours stay, in
    /// their order.
    pub fn write(&self, in_place: Option<&RawValue>) -> Option<Box<RawValue>> {
        let mut fields = in_place
            .and_then(|entry| JsonObject::parse(entry.get().as_bytes()).ok())
            .unwrap_or_default();
        if text(&fields, "type").as_deref() != Some(self.kind()) {
            for name in KNOWN {
                fields.remove(name);
            }
        }
        for (name, value) in self.fields() {
            match value {
                Some(value) => fields.set(name, raw(&value)?),
                // Something odd in the place of a text (`"accountId": null`) is not ours to clear
                // away.
                None if text(&fields, name).is_some() => {
                    fields.remove(name);
                }
                None => {}
            }
        }
        if let Self::Api { origin, .. } = self {
            // Other metadata stays; an origin is of the key that it came with.
            let mut metadata = value(&fields, "metadata").unwrap_or_default();
            match (metadata.as_object_mut(), origin) {
                (Some(members), Some(origin)) => {
                    members.insert("origin".into(), origin.as_str().into());
                }
                (Some(members), None) => drop(members.remove("origin")),
                (None, Some(origin)) => metadata = json!({ "origin": origin }),
                (None, None) => {}
            }
            if !metadata.is_null() {
                fields.set("metadata", raw(&metadata)?);
            }
        }
        fields.to_raw()
    }

    /// The fields of its shape in opencode's order; those without a value are to go.
    fn fields(&self) -> Vec<(&'static str, Option<Value>)> {
        match self {
            Self::Api { key, .. } => {
                vec![("type", Some("api".into())), ("key", Some(key.expose().into()))]
            }
            Self::OAuth(grant) => vec![
                ("type", Some("oauth".into())),
                ("refresh", Some(grant.refresh.expose().into())),
                ("access", Some(grant.access.expose().into())),
                ("expires", Some(grant.expires.map_or(0, |at| at.0).into())),
                ("accountId", grant.account.clone().map(Value::from)),
                ("enterpriseUrl", grant.enterprise_url.clone().map(Value::from)),
            ],
            Self::Unknown { .. } => Vec::new(),
            Self::WellKnown { key, token } => {
                vec![
                    ("type", Some("wellknown".into())),
                    ("key", Some(key.clone().into())),
                    ("token", Some(token.expose().into())),
                ]
            }
        }
    }

    fn kind(&self) -> &str {
        match self {
            Self::Api { .. } => "api",
            Self::OAuth(_) => "oauth",
            Self::Unknown { kind } => kind,
            Self::WellKnown { .. } => "wellknown",
        }
    }
}

fn value(fields: &JsonObject, name: &str) -> Option<Value> {
    serde_json::from_str(fields.get(name)?.get()).ok()
}

fn text(fields: &JsonObject, name: &str) -> Option<String> {
    match value(fields, name)? {
        Value::String(text) => Some(text),
        _ => None,
    }
}

/// The bound is JavaScript's largest safe integer, which is opencode's too.
fn milliseconds(number: f64) -> Option<Timestamp> {
    (0.0..=9_007_199_254_740_991.0).contains(&number).then_some(Timestamp(number as i64))
}
