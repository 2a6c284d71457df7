//! The sign-in that Codex keeps in an auth.json of its own: noticed, and taken over where a person
//! wants that. Its refresh token is single-use, so that two programs cannot go on with it: what is
//! taken over leaves Codex's file.

use std::io::ErrorKind;
use std::path::Path;

use serde_json::Value;

use super::listing;
use super::shared_state::CredentialPlace;
use crate::auth::auth_json::credential::Credential;
use crate::auth::auth_json::oauth_grant::OAuthGrant;
use crate::auth::endpoint::jwt::Claims;
use crate::base::Secret;
use crate::base::files::{self, FileError};
use crate::protocol::{Account, ProviderId};

/// The largest file that is read, in bytes; real ones are a few kB.
const LARGEST: u64 = 1 << 20;

/// The credential that Codex is signed in with.
#[derive(Debug)]
pub(super) struct CodexSignIn {
    pub credential: Credential,
    /// The claims of the id token, which knows the holder best.
    claims: Claims,
}

/// Reads it; a file that is not there, or makes no sense, holds none. Blocks.
pub(super) fn read(path: &Path) -> Option<CodexSignIn> {
    let file = contents(path)?;
    let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(Secret::new);
    let key = text(&file["OPENAI_API_KEY"]);
    let by_key = match file["auth_mode"].as_str() {
        Some(mode) => mode == "apikey",
        None => key.is_some(),
    };
    if by_key {
        return Some(CodexSignIn {
            credential: Credential::Api { key: key?, origin: None },
            claims: Claims::default(),
        });
    }
    let tokens = &file["tokens"];
    let access = text(&tokens["access_token"])?;
    let claims = text(&tokens["id_token"]).map(|id| Claims::of(&id)).unwrap_or_default();
    let own = Claims::of(&access);
    let grant = OAuthGrant {
        refresh: text(&tokens["refresh_token"])?,
        expires: own.expires,
        account: tokens["account_id"].as_str().map(str::to_owned),
        enterprise_url: None,
        access,
    };
    Some(CodexSignIn { credential: Credential::OAuth(grant), claims: claims.or(own) })
}

impl CodexSignIn {
    /// Whose it is, for a person to see before it is taken over.
    fn account(&self, file: &Path) -> Account {
        let account = listing::account(ProviderId::openai(), &self.credential, file);
        listing::with_claims(account, self.claims.clone())
    }

    /// The same of the entry that it became.
    pub fn saved_as(self, account: Account) -> Account {
        listing::with_claims(account, self.claims)
    }
}

/// Codex's sign-in to OpenAI, where `place` has none.
pub(super) fn offered(place: &CredentialPlace) -> Option<Account> {
    Some(read(&place.codex_file)?.account(&place.codex_file))
}

/// Takes the tokens out of Codex's file, which signs it out here: a key in it stays, and without
/// one the file goes, as when Codex signs out itself. Blocks.
pub(super) fn forget_tokens(path: &Path) -> Result<(), FileError> {
    let Some(mut file) = contents(path) else { return Ok(()) };
    let has_key = file["OPENAI_API_KEY"].as_str().is_some_and(|key| !key.is_empty());
    match file.as_object_mut().filter(|_| has_key) {
        Some(entries) => {
            entries.remove("tokens");
            entries.remove("last_refresh");
            entries.insert("auth_mode".into(), "apikey".into());
            files::replace(path, format!("{file:#}\n").as_bytes())
        }
        None => match std::fs::remove_file(path) {
            Err(source) if source.kind() != ErrorKind::NotFound => {
                Err(FileError::Write { path: path.to_owned(), source })
            }
            _ => Ok(()),
        },
    }
}

fn contents(path: &Path) -> Option<Value> {
    let bytes = files::read(path, LARGEST).ok()?;
    serde_json::from_slice::<Value>(&bytes).ok().filter(Value::is_object)
}
