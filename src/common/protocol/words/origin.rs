//! Where requests may go: https anywhere, plain http on loopback only.

use std::fmt;

use thiserror::Error;
use url::{Host, Url};

use crate::base::Advice;

/// A scheme, a host and a port: never a path, a query or a user name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin(Url);

/// Where a provider's paths begin: an origin, and a path on it without a final slash.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BaseUrl {
    origin: Origin,
    path: String,
}

/// The three origins a credential of OpenAI's can belong to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origins {
    /// Sign-in, device codes, refresh, revoke: `https://auth.openai.com`.
    pub auth: Origin,
    /// The only place that ChatGPT access tokens are sent to: `https://chatgpt.com`.
    pub chatgpt: Origin,
    /// The only place that API keys are sent to: `https://api.openai.com`.
    pub api: Origin,
    /// Where the public catalogue of models is, which is sent nothing; `None` where it is not
    /// asked.
    pub models: Option<Origin>,
}

/// Why a text is not an origin or a base address. `text` is what was given, shortened to 200
/// characters.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum OriginError {
    /// There is more than an origin: a path, a query, a fragment or a user name.
    #[error("`{text}` has more than a scheme, a host and a port")]
    Extra {
        /// The given text; never a password.
        text: String,
    },
    /// A token sent there could be read on the way.
    #[error("`{text}` is plain http to a host that is not this machine")]
    Insecure {
        /// The given text; never a password.
        text: String,
    },
    /// It is no http(s) address with a host.
    #[error("`{text}` is not the address of a server")]
    Malformed {
        /// The given text; never a password.
        text: String,
    },
    /// There is more than a base address: a query, a fragment or a user name.
    #[error("`{text}` has more than a scheme, a host, a port and a path")]
    Query {
        /// The given text; never a password.
        text: String,
    },
}

impl Advice for OriginError {
    fn next_step(&self) -> Option<String> {
        Some(match self {
            Self::Extra { .. } => "Leave out the path, the query and any user name".into(),
            Self::Insecure { .. } => "Use https, or http on 127.0.0.1, [::1] or localhost".into(),
            Self::Query { .. } => "Leave out the query and any user name".into(),
            Self::Malformed { .. } => {
                "Write it like `https://host` or `http://127.0.0.1:8080`".into()
            }
        })
    }
}

impl Origin {
    /// Reads `https://host[:port]`, or `http://` on loopback. A single final slash is forgiven.
    ///
    /// # Errors
    ///
    /// Where the text is no such address.
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
    #[cfg(any(test, debug_assertions))]
    pub fn holds(&self, url: &Url) -> bool {
        url.origin() == self.0.origin()
    }

    /// The host, as a person would name the server.
    pub fn host(&self) -> &str {
        self.0.host_str().unwrap_or_default()
    }
}

impl BaseUrl {
    /// Reads `https://host[:port][/path]`, or `http://` on loopback.
    ///
    /// # Errors
    ///
    /// Where the text is no such address.
    pub fn parse(text: &str) -> Result<Self, OriginError> {
        let named = || text.chars().filter(|c| !c.is_control()).take(200).collect::<String>();
        let mut url =
            Url::parse(text.trim()).map_err(|_e| OriginError::Malformed { text: named() })?;
        if !url.username().is_empty() || url.password().is_some() {
            return Err(OriginError::Query { text: "an address with a user name".into() });
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(OriginError::Query { text: named() });
        }
        let path = url.path().trim_end_matches('/').to_owned();
        if url.cannot_be_a_base() {
            return Err(OriginError::Malformed { text: named() });
        }
        url.set_path("");
        let origin = Origin::parse(url.as_str()).map_err(|error| match error {
            OriginError::Insecure { .. } => OriginError::Insecure { text: named() },
            OriginError::Malformed { .. } => OriginError::Malformed { text: named() },
            other => other,
        })?;
        Ok(Self { origin, path })
    }

    /// The origin that requests below this address go to.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Empty, or beginning with a slash and ending without.
    pub fn path(&self) -> &str {
        &self.path
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.origin, self.path)
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
    fn a_base_address_may_have_a_path_and_is_as_safe_as_an_origin() {
        for (good, shown) in [
            ("https://llm.acme.example/v1", "https://llm.acme.example/v1"),
            ("https://llm.acme.example:8443/a/v1/", "https://llm.acme.example:8443/a/v1"),
            ("http://127.0.0.1:9", "http://127.0.0.1:9"),
            ("http://localhost:11434/v1", "http://localhost:11434/v1"),
            // Steps upwards are resolved when it is read.
            ("https://a/b/../v1", "https://a/v1"),
        ] {
            assert_eq!(BaseUrl::parse(good).unwrap().to_string(), shown, "{good}");
        }
        for bad in [
            "http://llm.acme.example/v1",
            "http://10.0.0.1/v1",
            "https://u:p@h/v1",
            "https://h/v1?key=x",
            "https://h/v1#x",
            "ftp://h/v1",
            "mailto:a@b",
            "acme",
            "",
        ] {
            let error = BaseUrl::parse(bad).unwrap_err();
            assert!(!error.to_string().contains("u:p"), "{bad}");
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
