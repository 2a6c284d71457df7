//! `mcp-auth.json` on disk: an entry for each server at its address, in the words of opencode's
//! file of that name and some of its own. Blocks.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use crate::auth::auth_json::json_layout::lay_out;
use crate::auth::auth_json::json_object::{JsonObject, raw};
use crate::base::files::{self, FileError, Lock};
use crate::base::{Secret, Timestamp};

use super::SignInTarget;
use super::error::ServerFault;
use super::grant::{RegisteredClient, ServerGrant};

/// The largest file that is read, in bytes.
const LARGEST: u64 = 4 << 20;

/// The file, by its name. Holds nothing of it.
#[derive(Clone, Debug)]
pub struct TokenFile {
    path: PathBuf,
}

impl TokenFile {
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The tokens for this server at its address. Takes no lock.
    ///
    /// # Errors
    ///
    /// The file cannot be read, or is damaged.
    pub fn grant(&self, target: &SignInTarget) -> Result<Option<ServerGrant>, ServerFault> {
        let entries = self.read()?;
        let entry = entries.get(&target.key());
        let entry = entry.and_then(|entry| serde_json::from_str::<Value>(entry.get()).ok());
        Ok(entry.filter(|entry| entry["serverUrl"] == target.url.as_str()).as_ref().and_then(grant))
    }

    /// Puts the tokens of a server in, or takes them out.
    ///
    /// # Errors
    ///
    /// The file cannot be read or written, or is damaged: then it stays as it is.
    pub fn put(
        &self,
        lock: &Lock,
        target: &SignInTarget,
        grant: Option<&ServerGrant>,
    ) -> Result<(), ServerFault> {
        let mut entries = self.read()?;
        match grant.and_then(|grant| raw(&entry(target, grant))) {
            Some(entry) => entries.set(&target.key(), entry),
            None => drop(entries.remove(&target.key())),
        }
        write(lock, &entries)
    }

    /// Takes out all entries of servers of this name; says whether there were any.
    ///
    /// # Errors
    ///
    /// As above.
    pub fn forget(&self, lock: &Lock, name: &str) -> Result<bool, ServerFault> {
        let mut entries = self.read()?;
        let begin = format!("{name} ");
        let keys: Vec<_> =
            entries.iter().map(|(key, _)| key).filter(|key| key.starts_with(&begin)).collect();
        for key in &keys {
            entries.remove(key);
        }
        if !keys.is_empty() {
            write(lock, &entries)?;
        }
        Ok(!keys.is_empty())
    }

    fn read(&self) -> Result<JsonObject, ServerFault> {
        let bytes = match files::read(&self.path, LARGEST) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(JsonObject::default()),
            Err(source) => return Err(FileError::Read { path: self.path.clone(), source }.into()),
            Ok(bytes) => bytes,
        };
        match bytes.iter().all(u8::is_ascii_whitespace) {
            true => Ok(JsonObject::default()),
            false => JsonObject::parse(&bytes)
                .map_err(|_malformed| ServerFault::Damaged { path: self.path.clone() }),
        }
    }
}

fn write(lock: &Lock, entries: &JsonObject) -> Result<(), ServerFault> {
    Ok(lock.replace(lay_out(&entries.to_json()).as_bytes())?)
}

fn grant(entry: &Value) -> Option<ServerGrant> {
    let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let (tokens, client) = (&entry["tokens"], &entry["clientInfo"]);
    let seconds = tokens["expiresAt"].as_f64();
    Some(ServerGrant {
        access: Secret::new(text(&tokens["accessToken"])?),
        refresh: text(&tokens["refreshToken"]).map(Secret::new),
        expires: seconds.map(|seconds| Timestamp((seconds * 1000.0) as i64)),
        scope: text(&tokens["scope"]),
        client: RegisteredClient {
            id: text(&client["clientId"])?,
            secret: text(&client["clientSecret"]).map(Secret::new),
        },
        issuer: text(&entry["issuer"]).unwrap_or_default(),
        token_endpoint: text(&entry["tokenEndpoint"])?,
        resource: text(&entry["resource"])?,
    })
}

fn entry(target: &SignInTarget, grant: &ServerGrant) -> Value {
    let mut tokens = Map::new();
    let mut client = Map::new();
    let put = |map: &mut Map<String, Value>, name: &str, value: Option<Value>| {
        map.extend(value.map(|value| (name.to_owned(), value)));
    };
    let secret = |secret: &Secret| Value::from(secret.expose());
    put(&mut tokens, "accessToken", Some(secret(&grant.access)));
    put(&mut tokens, "refreshToken", grant.refresh.as_ref().map(secret));
    put(&mut tokens, "expiresAt", grant.expires.map(|ends| Value::from(ends.0 / 1000)));
    put(&mut tokens, "scope", grant.scope.clone().map(Value::from));
    put(&mut client, "clientId", Some(grant.client.id.as_str().into()));
    put(&mut client, "clientSecret", grant.client.secret.as_ref().map(secret));
    json!({
        "tokens": tokens,
        "clientInfo": client,
        "serverUrl": target.url,
        "issuer": grant.issuer,
        "tokenEndpoint": grant.token_endpoint,
        "resource": grant.resource,
    })
}
