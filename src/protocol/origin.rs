//! Where requests may go: https anywhere, plain http on loopback only.

use std::fmt;

use thiserror::Error;
use url::{Host, Url};

use crate::base::Advice;

/// A scheme, a host and a port: never a path, a query or a user name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin(Url);

/// The three origins a credential of OpenAI's can belong to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origins {
    /// Sign-in, device codes, refresh, revoke: `https://auth.openai.com`.
    pub auth: Origin,
    /// What a ChatGPT access token may be sent to: `https://chatgpt.com`.
    pub chatgpt: Origin,
    /// What an API key may be sent to: `https://api.openai.com`.
    pub api: Origin,
}

#[derive(Debug, Error, PartialEq, Eq)]
pub enum OriginError {
    #[error("`{text}` has more than a scheme, a host and a port")]
    Extra { text: String },
    #[error("`{text}` is plain http to a host that is not this machine")]
    Insecure { text: String },
    #[error("`{text}` is not the address of a server")]
    Malformed { text: String },
}

impl Advice for OriginError {
    fn next_step(&self) -> Option<String> {
        Some(match self {
            Self::Extra { .. } => "Leave out the path, the query and any user name".into(),
            Self::Insecure { .. } => "Use https, or http on 127.0.0.1, [::1] or localhost".into(),
            Self::Malformed { .. } => {
                "Write it like `https://host` or `http://127.0.0.1:8080`".into()
            }
        })
    }
}

impl Origin {
    /// Reads `https://host[:port]`, or `http://` on loopback. A single final slash is forgiven.
    pub fn parse(text: &str) -> Result<Self, OriginError> {
        let named = || text.chars().filter(|c| !c.is_control()).take(200).collect::<String>();
        let url = Url::parse(text.trim()).map_err(|_e| OriginError::Malformed { text: named() })?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(OriginError::Extra { text: "an address with a user name".into() });
        }
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return Err(OriginError::Extra { text: named() });
        }
        let loopback = match url.host() {
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            None => return Err(OriginError::Malformed { text: named() }),
        };
        match url.scheme() {
            "https" => Ok(Self(url)),
            "http" if loopback => Ok(Self(url)),
            "http" => Err(OriginError::Insecure { text: named() }),
            _ => Err(OriginError::Malformed { text: named() }),
        }
    }

    /// The address of a path on this origin; `path` begins with a slash and may carry a query.
    pub fn at(&self, path: &str) -> Url {
        let mut url = self.0.clone();
        let (path, query) = path.split_once('?').map_or((path, None), |(p, q)| (p, Some(q)));
        url.set_path(path);
        url.set_query(query);
        url
    }

    /// Whether this is plain http (and so on loopback, and in no need of certificates).
    pub fn is_plain(&self) -> bool {
        self.0.scheme() == "http"
    }

    /// For tests: whether an address lies on this origin.
    #[cfg(test)]
    pub fn holds(&self, url: &Url) -> bool {
        url.origin() == self.0.origin()
    }

    /// The host, as a person would name the server.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_or_loopback_http_is_an_origin() {
        for good in [
            "https://auth.openai.com",
            "https://x:8443/",
            "http://127.0.0.1:9",
            "http://[::1]:80",
            "http://localhost:1455",
        ] {
            assert!(Origin::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "http://example.com",
            "http://127.0.0.1.evil.example",
            "https://a/b",
            "https://u:p@h",
            "ftp://h",
            "h",
            "",
            "https://h?x",
            "http://10.0.0.1",
        ] {
            assert!(Origin::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_path_and_query_land_on_the_origin() {
        let origin = Origin::parse("http://127.0.0.1:7/").unwrap();
        assert_eq!(origin.at("/a/b?c=d").as_str(), "http://127.0.0.1:7/a/b?c=d");
        assert_eq!(origin.to_string(), "http://127.0.0.1:7");
        assert!(origin.holds(&origin.at("/x")));
        assert!(!origin.holds(&Url::parse("http://127.0.0.1:8/x").unwrap()));
    }
}
