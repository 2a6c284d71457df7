//! Parameters of methods that several methods share, and the ids in them.

use serde::Deserialize;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::app_server::transport::wire::Fault;
use crate::base::Timestamp;
use crate::protocol::{SessionId, TurnId};

/// Parameters with members that only clients with `experimentalApi` may use.
pub trait Gated {
    /// Names the member in use that needs `experimentalApi`; `None` if none does.
    fn gated(&self) -> Option<&'static str>;
}

/// Parameters without members that matter.
#[derive(Debug, Default, Deserialize)]
pub struct Nothing {}

/// Parameters that name one thread by its id.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OneThread {
    pub thread_id: String,
}

/// Rounds down to whole seconds since 1970.
pub fn seconds(at: Timestamp) -> i64 {
    at.0.div_euclid(1000)
}

/// Returns a UUID (version 8) derived from the session and the turn's number.
pub fn turn_id(session: &SessionId, number: TurnId) -> String {
    let hash = Sha256::digest(format!("{session} turn {}", number.0));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    uuid::Builder::from_custom_bytes(bytes).into_uuid().to_string()
}

/// The id by which clients know a session: the UUID in its name.
pub fn thread_id(session: &SessionId) -> String {
    let name = session.as_str();
    let uuid = name.strip_prefix("ses_").and_then(|text| Uuid::try_parse(text).ok());
    uuid.map_or_else(|| name.to_owned(), |uuid| uuid.to_string())
}

/// Returns the session with that id, whether or not it exists.
///
/// # Errors
///
/// The text cannot be an id.
pub fn session_id(text: &str) -> Result<SessionId, Fault> {
    match Uuid::try_parse(text) {
        Ok(uuid) => Ok(SessionId::new(format!("ses_{}", uuid.simple()))),
        // The first releases named sessions in another form.
        Err(_) if text.starts_with("ses_") => Ok(SessionId::new(text)),
        Err(error) => Err(Fault::invalid(format!("invalid thread id: {error}"))),
    }
}
