//! The time on a server's clock, by the header that every answer has.

use std::time::Duration;

use jiff::fmt::rfc2822;
use reqwest::header::{DATE, USER_AGENT};
use thiserror::Error;

use crate::base::{Advice, Timestamp};
use crate::protocol::Origin;

use super::{Net, NetError, NetFailure};

/// How long an answer may take to come.
const LIMIT: Duration = Duration::from_secs(15);

/// Why a server told no time.
#[derive(Debug, Error)]
#[allow(missing_docs, reason = "the sentence of each variant says it")]
pub enum ServerTimeError {
    #[error("{source}")]
    Client { source: NetError },
    #[error("{source}")]
    Failed { source: NetFailure },
}

impl Advice for ServerTimeError {
    fn next_step(&self) -> Option<String> {
        match self {
            Self::Client { source } => source.next_step(),
            Self::Failed { source } => source.next_step(),
        }
    }
}

/// Asks a server for its first page, without credentials; any answer will do. `None` where the
/// answer tells no time.
///
/// # Errors
///
/// There is no client for this origin, or no answer came.
pub async fn server_time(
    net: &Net,
    origin: &Origin,
    user_agent: &str,
) -> Result<Option<Timestamp>, ServerTimeError> {
    let client = net.client(origin).map_err(|source| ServerTimeError::Client { source })?;
    let request = client.head(origin.at("/")).header(USER_AGENT, user_agent).timeout(LIMIT);
    let failed = |error| ServerTimeError::Failed { source: NetFailure::of(&error) };
    let answer = request.send().await.map_err(failed)?;
    let date = answer.headers().get(DATE).and_then(|date| date.to_str().ok());
    let read = |text| rfc2822::DateTimeParser::new().parse_timestamp(text).ok();
    Ok(date.and_then(read).map(|time| Timestamp(time.as_millisecond())))
}
