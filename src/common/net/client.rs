//! Builds the client for an origin when it is first needed, and keeps it.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder};
use rustls::RootCertStore;
use url::{Host, Url};

use crate::protocol::Origin;

use super::error::NetError;
use super::tls;
use super::visit::Resolver;

/// How long a connection may take to come up. An answer may take as long as it likes.
const CONNECT_LIMIT: Duration = Duration::from_secs(15);
/// Redirects that are followed in a row, all on the origin they began at.
const REDIRECTS: usize = 5;

/// The network settings of the environment. Proxies are not in here: the client reads
/// `HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY` and the system's own settings itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetSettings {
    /// `SSL_CERT_FILE`: roots in PEM form that are trusted as well as the platform's. An empty path
    /// counts as none.
    pub ca_file: Option<PathBuf>,
    /// `NODE_EXTRA_CA_CERTS`: more of them; a file that cannot be used is passed over.
    pub node_ca_file: Option<PathBuf>,
}

/// Hands out clients. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Net {
    settings: Arc<NetSettings>,
    clients: Arc<Clients>,
}

#[derive(Debug, Default)]
struct Clients {
    near_plain: OnceLock<Client>,
    near_secure: OnceLock<Client>,
    far: OnceLock<Client>,
}

/// Where an origin lies decides how it is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ClientReach {
    /// Plain http, on loopback: no certificates, no proxy.
    NearPlain,
    /// https on loopback: no proxy.
    NearSecure,
    Far,
}

impl Net {
    /// Clients for these settings; none is built yet.
    pub fn new(settings: NetSettings) -> Self {
        Self { settings: Arc::new(settings), clients: Arc::default() }
    }

    /// The client for an origin. One for plain http loads no certificates; the one for https does
    /// so at the first call (some milliseconds).
    ///
    /// It has no total time limit, never follows a redirect to another origin, and never takes a
    /// proxy to loopback.
    ///
    /// # Errors
    ///
    /// The certificates of the settings or of the system cannot be used, or TLS cannot be set up.
    pub fn client(&self, origin: &Origin) -> Result<Client, NetError> {
        let reach = ClientReach::of(origin);
        let kept = match reach {
            ClientReach::NearPlain => &self.clients.near_plain,
            ClientReach::NearSecure => &self.clients.near_secure,
            ClientReach::Far => &self.clients.far,
        };
        if let Some(client) = kept.get() {
            return Ok(client.clone());
        }
        let client = self.build(reach)?;
        Ok(kept.get_or_init(|| client).clone())
    }

    /// A client for one visit: it follows no redirect itself, keeps no cookie, and looks names up
    /// where it is told to.
    pub(super) fn visitor(
        &self,
        url: &Url,
        resolver: Resolver,
        user_agent: &str,
    ) -> Result<Client, NetError> {
        let builder = || {
            let builder = Client::builder()
                .connect_timeout(CONNECT_LIMIT)
                .redirect(Policy::none())
                .referer(false);
            let builder = builder.user_agent(user_agent).dns_resolver(resolver.clone());
            if is_this_machine(url) { builder.no_proxy() } else { builder }
        };
        let trusting = match self.trusting(builder()) {
            // Plain http needs none.
            Err(NetError::NoRoots) if url.scheme() == "http" => {
                builder().tls_backend_preconfigured(tls::config(RootCertStore::empty())?)
            }
            other => other?,
        };
        trusting.build().map_err(|source| NetError::Setup { source })
    }

    fn build(&self, reach: ClientReach) -> Result<Client, NetError> {
        let builder = Client::builder().connect_timeout(CONNECT_LIMIT).redirect(same_origin());
        let builder = match reach {
            // An empty store of trust: without it the client would look for the platform's, and
            // fail where there is none.
            ClientReach::NearPlain => {
                builder.no_proxy().tls_backend_preconfigured(tls::config(RootCertStore::empty())?)
            }
            ClientReach::NearSecure => self.trusting(builder.no_proxy())?,
            ClientReach::Far => self.trusting(builder)?,
        };
        builder.build().map_err(|source| NetError::Setup { source })
    }

    fn trusting(&self, builder: ClientBuilder) -> Result<ClientBuilder, NetError> {
        let named =
            |path: &Option<PathBuf>| path.clone().filter(|path| !path.as_os_str().is_empty());
        tls::trust(
            builder,
            named(&self.settings.ca_file).as_deref(),
            named(&self.settings.node_ca_file).as_deref(),
        )
    }
}

impl ClientReach {
    fn of(origin: &Origin) -> Self {
        match (origin.is_plain(), is_this_machine(&origin.at("/"))) {
            (true, _) => Self::NearPlain,
            (false, true) => Self::NearSecure,
            (false, false) => Self::Far,
        }
    }
}

fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// Credentials in headers and bodies go along with a redirect, so that it may lead nowhere else.
/// One that is not followed is the answer.
fn same_origin() -> Policy {
    Policy::custom(|attempt| {
        let home = attempt
            .previous()
            .first()
            .is_some_and(|first| first.origin() == attempt.url().origin());
        match home {
            true if attempt.previous().len() <= REDIRECTS => attempt.follow(),
            true => attempt.error("it redirects without end"),
            false => attempt.stop(),
        }
    })
}
