//! Sandbox openings: single hosts and single folders that commands in the sandbox may reach all the
//! same. None of them is opened here.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::protocol::{Sandbox, path_bytes};

/// Hosts and folders that a person opened in the sandbox: in their settings, or for one
/// conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SandboxOpenings {
    /// Hosts that the proxy of the sandbox lets commands reach.
    pub hosts: Vec<AllowedHost>,
    /// Whole paths, where a command may write as it may in the folder it works in.
    #[serde(with = "path_bytes::many")]
    pub folders: Vec<PathBuf>,
    /// Whole paths of files and folders in what is hidden that every command may read.
    #[serde(with = "path_bytes::many")]
    pub readable: Vec<PathBuf>,
}

/// One thing that is opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SandboxOpening {
    /// A folder that commands may write in, with all that is below it.
    Folder(#[serde(with = "path_bytes::one")] PathBuf),
    /// A host that commands may reach.
    Host(AllowedHost),
}

/// A host that can be reached through the proxy of the sandbox, at one port.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllowedHost {
    name: HostName,
    port: u16,
}

/// The host or hosts that an opening names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HostName {
    /// Written as an address, which is what it means, wherever that leads.
    Address(IpAddr),
    /// In lower case, as all names.
    Exactly(String),
    /// Whatever ends in a dot and this.
    Under(String),
}

/// The port of HTTPS.
const PORT: u16 = 443;
const LONGEST: usize = 253;
const LONGEST_PART: usize = 63;

/// Whether a place has nothing in common with these.
pub fn spares(place: &Path, hidden: &[PathBuf]) -> bool {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_missing| path.to_owned());
    let place = real(place);
    hidden
        .iter()
        .map(|path| real(path))
        .all(|path| !path.starts_with(&place) && !place.starts_with(&path))
}

impl SandboxOpenings {
    /// Whether nothing is open.
    pub fn is_empty(&self) -> bool {
        self.hosts.is_empty() && self.folders.is_empty() && self.readable.is_empty()
    }

    /// Opens one thing more; what is in the list already is not added twice.
    pub fn add(&mut self, grant: SandboxOpening) {
        match grant {
            SandboxOpening::Folder(folder) if !self.folders.contains(&folder) => {
                self.folders.push(folder)
            }
            SandboxOpening::Host(host) if !self.hosts.contains(&host) => self.hosts.push(host),
            SandboxOpening::Folder(_) | SandboxOpening::Host(_) => {}
        }
    }

    /// Closes one thing.
    pub fn remove(&mut self, opening: &SandboxOpening) {
        match opening {
            SandboxOpening::Folder(folder) => self.folders.retain(|open| open != folder),
            SandboxOpening::Host(host) => self.hosts.retain(|open| open != host),
        }
    }

    /// Hosts and folders, one by one.
    pub fn each(&self) -> impl Iterator<Item = SandboxOpening> {
        let hosts = self.hosts.iter().cloned().map(SandboxOpening::Host);
        hosts.chain(self.folders.iter().cloned().map(SandboxOpening::Folder))
    }

    /// Openings that hold in this sandbox: without the hosts where commands have no network
    /// of their own, since those stay closed there.
    pub fn within(&self, sandbox: Sandbox) -> Self {
        let hosts = if sandbox.has_network() { self.hosts.clone() } else { Vec::new() };
        Self { hosts, ..self.clone() }
    }

    /// Those that open nothing of these places, neither as a part nor as a whole.
    pub fn sparing(mut self, hidden: &[PathBuf]) -> Self {
        self.folders.retain(|folder| spares(folder, hidden));
        self.readable.retain(|path| spares(path, hidden));
        self
    }

    /// Whether it is open already.
    pub fn covers(&self, grant: &SandboxOpening) -> bool {
        match grant {
            SandboxOpening::Folder(folder) => {
                self.folders.iter().any(|open| folder.starts_with(open))
            }
            SandboxOpening::Host(host) => match &host.name {
                HostName::Address(_) | HostName::Under(_) => self.hosts.contains(host),
                HostName::Exactly(name) => self.hosts.iter().any(|open| open.fits(name, host.port)),
            },
        }
    }
}

impl AllowedHost {
    /// `host`, `*.host`, `host:port`, `*.host:port`, `127.0.0.1:port`, `[::1]:port`; without a port
    /// it is 443. `None` for all else, such as a star that would let half of the network in.
    pub fn parse(text: &str) -> Option<Self> {
        let (host, port) = split(text)?;
        let port = port.unwrap_or(PORT);
        if let Some(address) = address(host) {
            return Some(Self { name: HostName::Address(address), port });
        }
        let name = match host.strip_prefix("*.") {
            Some(rest) => HostName::Under(name(rest).filter(|rest| rest.contains('.'))?),
            None => HostName::Exactly(name(host)?),
        };
        Some(Self { name, port })
    }

    /// Whether it covers what is asked for: a port, and a name or an address as it stands in a
    /// request.
    pub fn fits(&self, host: &str, port: u16) -> bool {
        if port != self.port {
            return false;
        }
        match &self.name {
            HostName::Address(own) => address(host) == Some(*own),
            HostName::Exactly(own) => name(host).as_ref() == Some(own),
            HostName::Under(end) => name(host).is_some_and(|asked| {
                asked.strip_suffix(end.as_str()).is_some_and(|rest| rest.ends_with('.'))
            }),
        }
    }

    /// Whether that is a host at all: a name of letters, digits, `-` and `.`, or an address.
    /// Anything else could mean one host to whoever judges it and another to whoever dials it.
    pub fn is_host(text: &str) -> bool {
        address(text).is_some() || name(text).is_some()
    }

    /// The address, where the host was written as one.
    pub fn address(&self) -> Option<IpAddr> {
        if let HostName::Address(address) = self.name { Some(address) } else { None }
    }

    /// The port of this machine's own loopback that it is, where it was written as an address
    /// there.
    pub fn on_loopback(&self) -> Option<SocketAddr> {
        self.address().filter(IpAddr::is_loopback).map(|address| (address, self.port).into())
    }

    /// As a person reads it: `crates.io`, `port 5432 of this machine`.
    pub fn in_words(&self) -> String {
        match self.on_loopback() {
            Some(at) if at.ip() == Ipv4Addr::LOCALHOST => {
                format!("port {} of this machine", at.port())
            }
            Some(at) => format!("port {} of this machine ({})", at.port(), at.ip()),
            None => self.to_string(),
        }
    }
}

/// As it is written in the settings.
impl fmt::Display for AllowedHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            HostName::Address(IpAddr::V6(address)) => write!(f, "[{address}]")?,
            HostName::Address(address) => write!(f, "{address}")?,
            HostName::Exactly(name) => f.write_str(name)?,
            HostName::Under(name) => write!(f, "*.{name}")?,
        }
        if self.port == PORT { Ok(()) } else { write!(f, ":{}", self.port) }
    }
}

impl SandboxOpening {
    /// As a person reads it.
    pub fn in_words(&self) -> String {
        match self {
            Self::Folder(_) => self.to_string(),
            Self::Host(host) => host.in_words(),
        }
    }
}

impl fmt::Display for SandboxOpening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(folder) => write!(f, "{}", folder.display()),
            Self::Host(host) => write!(f, "{host}"),
        }
    }
}

/// A host and a port, where there is one. An address with colons stands in brackets.
fn split(text: &str) -> Option<(&str, Option<u16>)> {
    let end = text.rfind(']').map_or(0, |bracket| bracket + 1);
    match text[end..].rfind(':') {
        None => Some((text, None)),
        Some(colon) => {
            let digits = Some(&text[end + colon + 1..])
                .filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?;
            let port = digits.parse().ok().filter(|port| *port != 0)?;
            Some((&text[..end + colon], Some(port)))
        }
    }
}

/// An address has one spelling: one of IPv4 inside one of IPv6 is that of IPv4. The unspecified
/// ones lead to this machine without saying so, and are none.
fn address(host: &str) -> Option<IpAddr> {
    let address = match host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        Some(inner) => inner.parse::<Ipv6Addr>().ok()?.to_canonical(),
        None => IpAddr::V4(host.parse().ok()?),
    };
    (!address.is_unspecified()).then_some(address)
}

/// In lower case. What could be another spelling of an address is no name.
fn name(text: &str) -> Option<String> {
    let text = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
    let is_part = |part: &str| {
        let plain = part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        plain && !part.is_empty() && part.len() <= LONGEST_PART && !part.starts_with('-')
    };
    let last = text.rsplit('.').next()?;
    let number = last.starts_with(|c: char| c.is_ascii_digit());
    (text.len() <= LONGEST && !number && text.split('.').all(is_part)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_written_in_one_way_and_fits_what_it_says() {
        for (text, shown, fits, misses) in [
            (
                "crates.io",
                "crates.io",
                &["crates.io:443", "CRATES.IO:443", "crates.io.:443"][..],
                &["crates.io:80", "index.crates.io:443"][..],
            ),
            (
                "Crates.IO.",
                "crates.io",
                &["crates.io:443"],
                &["xcrates.io:443", "crates.io.evil.org:443"],
            ),
            (
                "*.crates.io",
                "*.crates.io",
                &["a.crates.io:443", "a.b.crates.io:443"],
                &["crates.io:443", ".crates.io:443", "xcrates.io:443"],
            ),
            ("host:8443", "host:8443", &["host:8443"], &["host:443"]),
            (
                "127.0.0.1:80",
                "127.0.0.1:80",
                &["127.0.0.1:80"],
                &["127.0.0.2:80", "127.0.0.1:81", "localhost:80", "2130706433:80"],
            ),
            (
                "[::1]:80",
                "[::1]:80",
                &["[::1]:80", "[0:0:0:0:0:0:0:1]:80"],
                &["[::]:80", "[::ffff:127.0.0.1]:80"],
            ),
        ] {
            let host = AllowedHost::parse(text).unwrap();
            assert_eq!(
                (host.to_string().as_str(), AllowedHost::parse(shown)),
                (shown, Some(host.clone()))
            );
            let asks = |asked: &str| {
                split(asked).is_some_and(|(name, port)| host.fits(name, port.unwrap()))
            };
            assert!(
                fits.iter().all(|asked| asks(asked)) && !misses.iter().any(|asked| asks(asked)),
                "{text}"
            );
        }
    }

    #[test]
    fn a_port_of_the_loopback_is_told_from_hosts() {
        for (text, at, words) in [
            ("127.0.0.1:80", Some("127.0.0.1:80"), "port 80 of this machine"),
            ("127.0.0.1", Some("127.0.0.1:443"), "port 443 of this machine"),
            ("[::1]:80", Some("[::1]:80"), "port 80 of this machine (::1)"),
            ("[::ffff:127.0.0.1]:80", Some("127.0.0.1:80"), "port 80 of this machine"),
            ("10.0.0.1:80", None, "10.0.0.1:80"),
            ("localhost:80", None, "localhost:80"),
            ("crates.io", None, "crates.io"),
        ] {
            let host = AllowedHost::parse(text).unwrap();
            assert_eq!(host.on_loopback().map(|at| at.to_string()).as_deref(), at, "{text}");
            assert_eq!(host.in_words(), words);
        }
    }

    #[test]
    fn what_is_no_single_host_is_refused() {
        for text in [
            "",
            "*",
            "*.",
            "*.com",
            "a.*.org",
            "**.a.org",
            "http://a.org",
            "a.org/",
            "a.org:",
            "a.org:0",
            "a.org:70000",
            "a b",
            "a..b",
            "-a.org",
            "::1",
            "[::1",
            "0.0.0.0:80",
            "[::]:80",
            "[::ffff:0.0.0.0]:80",
            "[a.org]",
            "127.1",
            "0x7f.0x1",
            "2130706433",
            "1.2.3.4.5",
            "ä.org",
            "user@a.org",
            "a.org\n",
            "a.org:+443",
            "a_b.org",
            "a.org#",
            "a\\.org",
            "a%2e.org",
        ] {
            assert_eq!(AllowedHost::parse(text), None, "{text}");
        }
        assert_eq!(AllowedHost::parse(&"a".repeat(64)), None);
    }

    #[test]
    fn what_only_ends_like_a_name_fits_no_rule() {
        let rule = AllowedHost::parse("*.ok.test").unwrap();
        for host in [
            "evil.example:443#.ok.test",
            "user@evil/@.ok.test",
            "127.0.0.1:22\\.ok.test",
            "evil?.ok.test",
            "evil%00.ok.test",
            "[::1].ok.test",
            "*.ok.test",
            "a..ok.test",
            ".ok.test",
            "ä.ok.test",
            "a b.ok.test",
            "-a.ok.test",
        ] {
            assert!(!AllowedHost::is_host(host) && !rule.fits(host, 443), "{host}");
        }
        for host in ["a.ok.test", "A.b.OK.test.", "xn--4ca.ok.test"] {
            assert!(AllowedHost::is_host(host) && rule.fits(host, 443), "{host}");
        }
        assert!(AllowedHost::is_host("[::1]") && AllowedHost::is_host("127.0.0.1"));
        assert!(!AllowedHost::is_host("127.1") && !AllowedHost::is_host("::1"));
    }

    #[test]
    fn what_is_open_covers_what_is_in_it() {
        let host = |text: &str| SandboxOpening::Host(AllowedHost::parse(text).unwrap());
        let mut open = SandboxOpenings::default();
        for grant in
            [host("*.a.org"), host("b.org"), host("b.org"), SandboxOpening::Folder("/c".into())]
        {
            open.add(grant);
        }
        assert_eq!((open.hosts.len(), open.folders.len()), (2, 1));
        let mut none = open.clone();
        open.each().for_each(|opening| none.remove(&opening));
        assert!(none.is_empty(), "{none:?}");
        for (grant, covered) in [
            (host("x.a.org"), true),
            (host("b.org"), true),
            (host("b.org:80"), false),
            (host("*.b.org"), false),
            (host("*.a.org"), true),
            (SandboxOpening::Folder("/c/d".into()), true),
            (SandboxOpening::Folder("/cd".into()), false),
        ] {
            assert_eq!(open.covers(&grant), covered, "{grant}");
        }
    }
}
