//! Addresses that other servers name: https, or http on this machine where the MCP server is on
//! this machine as well.

use url::{Host, Url};

use crate::protocol::Origin;

use super::error::ServerFault;

/// An address that requests may go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    pub url: Url,
    pub origin: Origin,
}

/// Which machines an MCP server may lead to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// It is on this machine, and may lead anywhere.
    Anywhere,
    /// It is elsewhere, and may not lead back to programs on this machine.
    Elsewhere,
}

impl Reach {
    /// The reach of the server at this address.
    pub fn of(server: &Url) -> Self {
        if is_here(server) { Self::Anywhere } else { Self::Elsewhere }
    }
}

impl Endpoint {
    /// Reads an address without a user name and a fragment.
    ///
    /// # Errors
    ///
    /// Fails if nothing may be sent there.
    pub fn parse(text: &str, reach: Reach) -> Result<Self, ServerFault> {
        let url = Url::parse(text).map_err(|_malformed| ServerFault::Address)?;
        Self::of(url, reach)
    }

    /// The same of an address that was read.
    ///
    /// # Errors
    ///
    /// Fails as above.
    pub fn of(url: Url, reach: Reach) -> Result<Self, ServerFault> {
        let is_bare =
            url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
        if !is_bare || (reach == Reach::Elsewhere && is_here(&url)) {
            return Err(ServerFault::Address);
        }
        let origin = Origin::parse(&url.origin().ascii_serialization())
            .map_err(|_elsewhere| ServerFault::Address)?;
        Ok(Self { url, origin })
    }

    /// The address without its query and without a final slash, for comparisons.
    pub fn identity(&self) -> &str {
        let text = self.url.as_str();
        text.split('?').next().unwrap_or(text).trim_end_matches('/')
    }
}

fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => {
            let name = name.trim_end_matches('.');
            name == "localhost" || name.ends_with(".localhost")
        }
        Some(Host::Ipv4(ip)) => ip.is_loopback() || ip.is_unspecified(),
        Some(Host::Ipv6(ip)) => {
            let mapped = ip.to_ipv4_mapped();
            ip.is_loopback()
                || ip.is_unspecified()
                || mapped.is_some_and(|ip| ip.is_loopback() || ip.is_unspecified())
        }
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_and_this_machine_can_be_asked_and_a_far_server_does_not_lead_here() {
        for (text, from_here, from_afar) in [
            ("https://auth.example/token?tenant=1", true, true),
            ("http://127.0.0.1:9/token", true, false),
            ("http://[::1]:9/token", true, false),
            ("http://localhost:9/token", true, false),
            ("https://localhost/token", true, false),
            ("https://app.localhost/token", true, false),
            ("https://[::ffff:127.0.0.1]/token", true, false),
            ("http://auth.example/token", false, false),
            ("http://10.0.0.1/token", false, false),
            ("file:///etc/passwd", false, false),
            ("javascript:alert(1)", false, false),
            ("https://me:pw@auth.example/token", false, false),
            ("https://auth.example/token#x", false, false),
            ("/token", false, false),
            ("", false, false),
        ] {
            for (reach, expected) in [(Reach::Anywhere, from_here), (Reach::Elsewhere, from_afar)] {
                assert_eq!(Endpoint::parse(text, reach).is_ok(), expected, "{text} {reach:?}");
            }
        }
    }
}
