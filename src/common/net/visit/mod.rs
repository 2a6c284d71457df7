//! One page of the web, fetched for the model: no cookies, no credentials, no near address unless
//! allowed, never more than fits.

mod resolver;

use std::time::Duration;

use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, LOCATION};
use reqwest::{Client, Response, StatusCode};
use thiserror::Error;
use tokio::time::timeout;
use url::Url;

use crate::base::Advice;
use crate::protocol::{HostLocation, PathScope};

use super::{Net, NetError, NetFailure, private_address};
pub(super) use resolver::Resolver;
use resolver::{Book, Near};

/// Redirects that are followed in a row, all to the same host.
const REDIRECTS: usize = 5;
const WANTED: &str = "text/markdown, text/html;q=0.9, application/xhtml+xml;q=0.9, text/plain;q=0.8, application/json;q=0.8, */*;q=0.5";

/// The limits of a visit: its time, its size, and the hosts it may reach.
#[derive(Clone, Copy, Debug)]
pub struct VisitTerms {
    /// The time between the first look-up and the last byte.
    pub time: Duration,
    /// Bytes of the page, as they are once unpacked.
    pub size: usize,
    /// [`PathScope::Folder`] keeps away from this machine and from private networks.
    pub reach: PathScope,
}

/// The page that a server answered with.
#[derive(Debug)]
pub struct WebPage {
    /// Where it was in the end.
    pub url: Url,
    /// The status of the last answer.
    pub status: StatusCode,
    /// `text/html; charset=utf-8`, or empty.
    pub kind: String,
    /// The whole body, decoded.
    pub body: Vec<u8>,
}

/// Why a page could not be fetched.
#[derive(Debug, Error)]
#[allow(missing_docs, reason = "the sentence of each variant says it")]
pub enum VisitError {
    #[error("`{url}` redirects from https to plain http")]
    Downgrade { url: String },
    #[error("`{url}` redirects to another host: `{to}`")]
    Elsewhere { url: String, to: String },
    #[error("`{url}` redirects more than {REDIRECTS} times")]
    Endless { url: String },
    #[error("`{url}` is larger than the {size} bytes that can be fetched")]
    Large { url: String, size: usize },
    #[error("`{url}` leads to this machine or to a private network")]
    Near { url: String },
    #[error("{source}")]
    Setup { source: NetError },
    #[error("`{url}` cannot be fetched: {failure}")]
    Trouble { url: String, failure: NetFailure },
}

/// For whoever asked for the page.
impl Advice for VisitError {
    fn next_step(&self) -> Option<String> {
        match self {
            Self::Downgrade { .. } => {
                Some("Fetch the plain address yourself if that is what you want".into())
            }
            Self::Elsewhere { to, .. } => Some(format!("Fetch `{to}` if that is what you want")),
            Self::Endless { .. } | Self::Setup { .. } => None,
            Self::Large { .. } => Some("Look for a smaller page that holds what you need".into()),
            Self::Near { .. } => {
                Some("Such addresses are only fetched when the user allows it".into())
            }
            Self::Trouble { .. } => Some("Try another address, or go on without the page".into()),
        }
    }
}

impl Net {
    /// Fetches an http(s) address with `GET`. Redirects are followed on the same host only. The
    /// address holds no credentials: that is the caller's to see to.
    ///
    /// A proxy of the environment is used as for any other request; it looks the name up itself
    /// then.
    ///
    /// # Errors
    ///
    /// No client could be made, the address may not be reached, the page is too large or late, or
    /// the connection failed.
    pub async fn visit(
        &self,
        url: Url,
        user_agent: &str,
        terms: VisitTerms,
    ) -> Result<WebPage, VisitError> {
        self.visit_by(Book::System, url, user_agent, terms).await
    }

    async fn visit_by(
        &self,
        book: Book,
        url: Url,
        user_agent: &str,
        terms: VisitTerms,
    ) -> Result<WebPage, VisitError> {
        let late = url.to_string();
        let walk = async {
            let host = url.host_str().unwrap_or_default();
            let resolver = Resolver::new(host, terms.reach, book);
            let client = self
                .visitor(&url, resolver, user_agent)
                .map_err(|source| VisitError::Setup { source })?;
            follow(&client, url, terms).await
        };
        timeout(terms.time, walk).await.unwrap_or_else(|_elapsed| {
            Err(VisitError::Trouble { url: late, failure: NetFailure::Timeout })
        })
    }
}

async fn follow(client: &Client, first: Url, terms: VisitTerms) -> Result<WebPage, VisitError> {
    let mut url = first;
    for _hop in 0..=REDIRECTS {
        if terms.reach == PathScope::Folder && private_address::host(&url) == HostLocation::Private
        {
            return Err(VisitError::Near { url: url.into() });
        }
        let response = client
            .get(url.clone())
            .header(ACCEPT, WANTED)
            .send()
            .await
            .map_err(|error| failure(&url, &error))?;
        match next(&url, response.status(), text(response.headers(), LOCATION).as_deref())? {
            Some(next) => url = next,
            None => return read(url, response, terms.size).await,
        }
    }
    Err(VisitError::Endless { url: url.into() })
}

/// Where an answer sends the visitor; `None` when it is a page.
fn next(url: &Url, status: StatusCode, location: Option<&str>) -> Result<Option<Url>, VisitError> {
    let to = location
        .filter(|_| matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308))
        .and_then(|to| url.join(to).ok());
    let Some(mut to) = to else { return Ok(None) };
    // Credentials in there would be sent along; nobody asked for them.
    let _has_none_then = to.set_username("").and_then(|()| to.set_password(None));
    if !matches!(to.scheme(), "http" | "https")
        || to.host_str() != url.host_str()
        || to.port() != url.port()
    {
        return Err(VisitError::Elsewhere { url: url.to_string(), to: to.into() });
    }
    if url.scheme() == "https" && to.scheme() == "http" {
        return Err(VisitError::Downgrade { url: url.to_string() });
    }
    Ok(Some(to))
}

async fn read(url: Url, mut response: Response, size: usize) -> Result<WebPage, VisitError> {
    let (status, kind) =
        (response.status(), text(response.headers(), CONTENT_TYPE).unwrap_or_default());
    let mut body = Vec::new();
    // Chunks come unpacked, a small one at a time: what would unpack to more than fits is left
    // after that much.
    while let Some(chunk) = response.chunk().await.map_err(|error| failure(&url, &error))? {
        if body.len() + chunk.len() > size {
            return Err(VisitError::Large { url: url.into(), size });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(WebPage { url, status, kind, body })
}

fn failure(url: &Url, error: &reqwest::Error) -> VisitError {
    let mut cause = std::error::Error::source(error);
    while let Some(found) = cause {
        if found.is::<Near>() {
            return VisitError::Near { url: url.to_string() };
        }
        cause = found.source();
    }
    VisitError::Trouble { url: url.to_string(), failure: NetFailure::of(error) }
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    Some(String::from_utf8_lossy(headers.get(name)?.as_bytes()).into_owned())
}

#[cfg(test)]
mod tests;
