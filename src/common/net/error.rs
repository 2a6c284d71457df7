//! Network errors: why no HTTP client could be made, and why a request came to no answer. None
//! repeats an address, whose query may hold a secret.

use std::error::Error;
use std::io;
use std::path::PathBuf;

use rustls::CertificateError;
use thiserror::Error;

use crate::base::{Advice, cause};

/// The longest detail that is passed on, in characters.
const DETAIL: usize = 200;
/// How what a proxy did begins: by CONNECT, and by SOCKS.
const PROXIES: [&str; 2] = ["tunnel error: ", "SOCKS error: "];
/// The words that follow when the server was not even reached.
const NOT_REACHED: &str = "failed to create underlying connection";

/// Why no HTTP client could be made.
#[derive(Debug, Error)]
#[allow(missing_docs, reason = "the sentence of each variant says it")]
pub enum NetError {
    #[error("the certificates in `{}` (`SSL_CERT_FILE`) could not be used: {detail}", path.display())]
    CaFile { path: PathBuf, detail: String },
    #[error("this machine has no root certificates, so that no https server can be trusted")]
    NoRoots,
    #[error("the HTTP client could not be set up: {source}")]
    Setup { source: reqwest::Error },
    #[error("TLS could not be set up: {source}")]
    Tls { source: rustls::Error },
}

impl Advice for NetError {
    fn next_step(&self) -> Option<String> {
        Some(match self {
            Self::CaFile { .. } => {
                "Let `SSL_CERT_FILE` name a PEM file that can be read, or unset it".into()
            }
            Self::NoRoots => {
                "Install the package `ca-certificates`, or name a PEM file in `SSL_CERT_FILE`"
                    .into()
            }
            Self::Setup { .. } | Self::Tls { .. } => {
                "Check `HTTPS_PROXY` and `SSL_CERT_FILE`".into()
            }
        })
    }
}

/// Read off a `reqwest::Error`: what a person could do about each is different.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[allow(missing_docs, reason = "the sentence of each variant says it")]
pub enum NetFailure {
    /// The server's certificate is not trusted here; often a proxy that opens TLS.
    #[error("the server's certificate is not trusted here: {detail}")]
    Certificate { detail: String },
    /// Nothing listens there, or the connection was cut.
    #[error("the connection failed: {detail}")]
    Connection { detail: String },
    /// The host's name has no address: offline, most likely.
    #[error("the name `{host}` could not be looked up")]
    Name { host: String },
    /// The proxy refused or could not be reached.
    #[error("the request did not get through the proxy: {detail}")]
    Proxy { detail: String },
    #[error("no answer came in time")]
    Timeout,
}

impl NetFailure {
    /// Reads the chain of causes: by their types where they are public, by their words for those
    /// that are not (a proxy's).
    pub fn of(error: &reqwest::Error) -> Self {
        let causes = causes(error);
        if let Some(at) = causes
            .iter()
            .position(|cause| PROXIES.iter().any(|word| cause.to_string().starts_with(word)))
        {
            return Self::of_proxy(&causes[at..]);
        }
        if let Some(detail) = causes.iter().find_map(|cause| certificate(*cause)) {
            return Self::Certificate { detail: clean_detail(&detail) };
        }
        if error.is_timeout() {
            return Self::Timeout;
        }
        if error.is_dns() {
            let host = error.url().and_then(|url| url.host_str()).unwrap_or("the server");
            return Self::Name { host: clean_detail(host) };
        }
        Self::Connection { detail: last_word(error, &causes) }
    }

    /// Whether the server was out of reach, which may be over in a moment; a certificate or a proxy
    /// that is wrong stays so.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Connection { .. } | Self::Name { .. } | Self::Timeout => true,
            Self::Certificate { .. } | Self::Proxy { .. } => false,
        }
    }

    fn of_proxy(causes: &[&(dyn Error + 'static)]) -> Self {
        let words = |cause: &&(dyn Error + 'static)| {
            let words = crate::base::cause(*cause);
            PROXIES.iter().find_map(|word| words.strip_prefix(word)).unwrap_or(&words).to_owned()
        };
        let deepest = causes.last().map(words).unwrap_or_default();
        let detail = match deepest.as_str() {
            NOT_REACHED => "it could not be reached".into(),
            "proxy authorization required" => "it asks for a user name and a password".into(),
            "unsuccessful" => "it refused to connect to the server".into(),
            _ if causes.iter().any(|cause| words(cause) == NOT_REACHED) => {
                format!("it could not be reached: {deepest}")
            }
            _ => deepest,
        };
        Self::Proxy { detail: clean_detail(&detail) }
    }
}

impl Advice for NetFailure {
    fn next_step(&self) -> Option<String> {
        Some(match self {
            Self::Certificate { .. } => {
                "If a company proxy opens TLS here, name its certificate (PEM) in `SSL_CERT_FILE`; else check this machine's clock".into()
            }
            Self::Connection { .. } => "Check the network and try again".into(),
            Self::Name { .. } => "Check that this machine is online".into(),
            Self::Proxy { .. } => "Check `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`".into(),
            Self::Timeout => "Check the network, or whether a proxy is needed (`HTTPS_PROXY`), and try again".into(),
        })
    }
}

/// All causes, outermost first. An `io::Error` hides what it carries from `source`, so it is
/// opened.
fn causes(error: &reqwest::Error) -> Vec<&(dyn Error + 'static)> {
    let mut found: Vec<&(dyn Error + 'static)> = Vec::new();
    let mut next = error.source();
    // A chain is a handful long; the bound is against one that loops.
    while let Some(cause) = next.filter(|_c| found.len() < 32) {
        found.push(cause);
        let carried = cause.downcast_ref::<io::Error>().and_then(|io| io.get_ref());
        next = match carried {
            Some(inner) => Some(inner),
            None => cause.source(),
        };
    }
    found
}

fn certificate(cause: &(dyn Error + 'static)) -> Option<String> {
    match cause.downcast_ref::<rustls::Error>()? {
        rustls::Error::InvalidCertificate(why) => Some(fault(why)),
        rustls::Error::NoCertificatesPresented => Some("the server showed none".into()),
        _ => None,
    }
}

/// The usual faults in words; the rest as the verifier names them.
fn fault(why: &CertificateError) -> String {
    match why {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "it has expired".into()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "it is for another name".into()
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "it is not valid yet".into()
        }
        CertificateError::Revoked => "it was revoked".into(),
        CertificateError::UnknownIssuer => "its issuer is not known".into(),
        other => cause(other),
    }
}

/// The deepest cause names the fault; a bare `reqwest::Error` would only repeat the address.
fn last_word(error: &reqwest::Error, causes: &[&(dyn Error + 'static)]) -> String {
    let deepest = causes.iter().rev().find(|cause| !cause.is::<reqwest::Error>());
    match deepest {
        Some(deepest) => clean_detail(&cause(*deepest)),
        None if error.is_builder() => "the request could not be made".into(),
        None if error.is_redirect() => "the server redirects without end".into(),
        None => "the answer broke off".into(),
    }
}

fn clean_detail(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(DETAIL).collect()
}
