//! Builds the client for an origin when it is first needed, and keeps it.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use thiserror::Error;

use crate::base::Advice;
use crate::protocol::Origin;

/// Hands out clients. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Net {
    plain: Arc<OnceLock<reqwest::Client>>,
    secure: Arc<OnceLock<reqwest::Client>>,
}

#[derive(Debug, Error)]
pub enum NetError {
    #[error("the HTTP client could not be set up: {source}")]
    Setup { source: reqwest::Error },
}

impl Advice for NetError {
    fn next_step(&self) -> Option<String> {
        match self {
            Self::Setup { .. } => None,
        }
    }
}

impl Net {
    pub fn new() -> Self {
        Self::default()
    }

    /// The client for an origin. One for plain http loads no certificates; the secure one does so at the first call (a few milliseconds).
    pub fn client(&self, origin: &Origin) -> Result<reqwest::Client, NetError> {
        let kept = if origin.is_plain() { &self.plain } else { &self.secure };
        if let Some(client) = kept.get() {
            return Ok(client.clone());
        }
        let client = build(origin).map_err(|source| NetError::Setup { source })?;
        Ok(kept.get_or_init(|| client).clone())
    }
}

fn build(_origin: &Origin) -> Result<reqwest::Client, reqwest::Error> {
    let _already_installed = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().connect_timeout(Duration::from_secs(15)).redirect(reqwest::redirect::Policy::none()).build()
}
