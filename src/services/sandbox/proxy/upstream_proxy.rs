//! A proxy of the person's own, through which this machine reaches the network: read out of the
//! variables by which programs find it, and asked for tunnels. Judges no host.

use std::fmt;
use std::io::{self, ErrorKind, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::request::{self, LONGEST, ProxyRefusal};

/// In the order in which they count; those in small letters first, as curl reads them.
const NAMES: [&str; 4] = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
const PAST_IT: [&str; 2] = ["no_proxy", "NO_PROXY"];
const SCHEME: &str = "http";
const PORT: u16 = 80;

/// Its name and password are in none of its words.
#[derive(Clone, PartialEq, Eq)]
pub struct UpstreamProxy {
    /// The variable that names it.
    variable: &'static str,
    scheme: String,
    host: String,
    port: u16,
    /// `Basic …`
    authorization: Option<String>,
    /// Hosts that are reached without it: `*`, `a.org` with all below it, `10.0.0.1`, each with or
    /// without `:port`.
    past_it: Vec<String>,
}

impl fmt::Debug for UpstreamProxy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("UpstreamProxy")
            .field("variable", &self.variable)
            .field("place", &self.place())
            .finish_non_exhaustive()
    }
}

impl UpstreamProxy {
    /// The one that variables name.
    pub fn of(variable: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let set = |names: &[&'static str]| {
            names.iter().find_map(|name| {
                Some((*name, variable(name).filter(|value| !value.trim().is_empty())?))
            })
        };
        let (name, value) = set(&NAMES)?;
        let past_it = set(&PAST_IT).map(|(_, list)| list).unwrap_or_default();
        let past_it = past_it
            .split([',', ' '])
            .map(|one| one.trim().to_ascii_lowercase())
            .filter(|one| !one.is_empty());
        Some(Self { past_it: past_it.collect(), ..Self::read(name, value.trim()) })
    }

    /// `http://user:password@host:port/`; what is left out of it is as usual.
    fn read(variable: &'static str, value: &str) -> Self {
        let (scheme, rest) = value.split_once("://").unwrap_or((SCHEME, value));
        let rest = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let (who, place) =
            rest.rsplit_once('@').map_or((None, rest), |(who, place)| (Some(who), place));
        let (host, port) = match place.rsplit_once(':') {
            Some((host, port)) if !port.contains(']') => (host, port.parse().ok()),
            _ => (place, Some(PORT)),
        };
        let authorization = who.map(|who| {
            let (user, password) = who.split_once(':').unwrap_or((who, ""));
            let both = [plain(user), plain(password)].join(&b':');
            format!("Basic {}", STANDARD.encode(both))
        });
        // Without a port that is one, there is nobody to ask; that is said when somebody is to be.
        let host = if port.is_some() { host.trim_matches(['[', ']']) } else { "" };
        Self {
            variable,
            scheme: scheme.to_ascii_lowercase(),
            host: host.to_owned(),
            port: port.unwrap_or(PORT),
            authorization,
            past_it: Vec::new(),
        }
    }

    /// Whether it is to be asked for that host.
    pub fn leads_to(&self, host: &str, port: u16) -> bool {
        let host = host.trim_matches(['[', ']']).trim_end_matches('.').to_ascii_lowercase();
        if host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback()) {
            return false;
        }
        !self.past_it.iter().any(|one| {
            let (name, of) = match one.rsplit_once(':') {
                Some((name, of)) if !name.contains(':') || name.ends_with(']') => {
                    (name, of.parse::<u16>().ok())
                }
                _ => (one.as_str(), None),
            };
            let name =
                name.trim_matches(['[', ']']).trim_start_matches("*.").trim_start_matches('.');
            let fits = name == "*"
                || host == name
                || host.strip_suffix(name).is_some_and(|rest| rest.ends_with('.'));
            fits && of.is_none_or(|of| of == port)
        })
    }

    /// A tunnel to that host, and what came out of it already. `resolve` finds where this proxy is.
    ///
    /// # Errors
    ///
    /// Fails if the proxy is no HTTP proxy, cannot be reached, or refuses the host.
    pub fn open(
        &self,
        host: &str,
        port: u16,
        patience: Duration,
        resolve: impl Fn(&str, u16) -> io::Result<Vec<SocketAddr>>,
    ) -> Result<(TcpStream, Vec<u8>), ProxyRefusal> {
        let refuse = |why: &str| ProxyRefusal::UpstreamProxy {
            host: host.to_owned(),
            by: self.place(),
            why: why.to_owned(),
        };
        if self.scheme != SCHEME || self.host.is_empty() {
            return Err(refuse(
                "codling goes only through proxies that are written as `http://host:port`",
            ));
        }
        let found = resolve(&self.host, self.port).unwrap_or_default();
        let reached = found.iter().find_map(|at| TcpStream::connect_timeout(at, patience).ok());
        let mut stream = reached.ok_or_else(|| refuse("it cannot be reached"))?;
        let authorization = self
            .authorization
            .iter()
            .map(|value| format!("Proxy-Authorization: {value}\r\n"))
            .collect::<String>();
        let request =
            format!("CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n{authorization}\r\n");
        stream
            .write_all(request.as_bytes())
            .map_err(|_broken| refuse("it closed the connection"))?;
        let (head, early) = answer(&mut stream, patience)
            .ok_or_else(|| refuse("it gave no answer that a proxy gives"))?;
        match head
            .split(|byte| *byte == b' ')
            .nth(1)
            .and_then(|code| std::str::from_utf8(code).ok())
        {
            Some(code) if code.len() == 3 && code.starts_with('2') => Ok((stream, early)),
            Some("407") => Err(refuse("it asks for a user name and a password, or for others")),
            Some(code) if code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit()) => {
                Err(refuse(&format!("it answered {code}")))
            }
            _ => Err(refuse("it gave no answer that a proxy gives")),
        }
    }

    /// As a person knows it, without what nobody else must know.
    fn place(&self) -> String {
        format!("{}://{}:{}` of `{}", self.scheme, self.host, self.port, self.variable)
    }
}

/// The head, and what came behind it.
fn answer(stream: &mut TcpStream, patience: Duration) -> Option<(Vec<u8>, Vec<u8>)> {
    let until = Instant::now() + patience;
    let (mut bytes, mut buffer) = (Vec::new(), [0; 1024]);
    loop {
        if let Some(end) = request::end(&bytes) {
            let early = bytes.split_off(end);
            return bytes.starts_with(b"HTTP/1.").then_some((bytes, early));
        }
        let left = until.saturating_duration_since(Instant::now());
        if bytes.len() > LONGEST || left.is_zero() {
            return None;
        }
        stream.set_read_timeout(Some(left)).ok()?;
        match stream.read(&mut buffer) {
            Ok(0) => return None,
            Ok(length) => bytes.extend_from_slice(&buffer[..length]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return None,
        }
    }
}

/// `%40` is an `@`, and so on.
fn plain(text: &str) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, more)) = rest.split_first() {
        let digits = more
            .get(..2)
            .filter(|_| *first == b'%')
            .and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) => {
                plain.push(byte);
                rest = &more[2..];
            }
            None => {
                plain.push(*first);
                rest = more;
            }
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upstream(variables: &[(&str, &str)]) -> Option<UpstreamProxy> {
        UpstreamProxy::of(|name| {
            variables.iter().find(|(other, _)| *other == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn variables_name_it_with_everything_that_may_be_left_out() {
        for (variables, place, authorization) in [
            (
                &[("HTTPS_PROXY", "http://p.org:3128")][..],
                "http://p.org:3128` of `HTTPS_PROXY",
                None,
            ),
            (&[("all_proxy", "p.org")], "http://p.org:80` of `all_proxy", None),
            (
                &[("HTTPS_PROXY", "http://a"), ("https_proxy", "http://b/")],
                "http://b:80` of `https_proxy",
                None,
            ),
            (
                &[("HTTPS_PROXY", ""), ("ALL_PROXY", "socks5h://c:1080")],
                "socks5h://c:1080` of `ALL_PROXY",
                None,
            ),
            (
                &[("https_proxy", "http://u:p%40s@[::1]:8/")],
                "http://::1:8` of `https_proxy",
                Some("Basic dTpwQHM="),
            ),
            (
                &[("https_proxy", "http://u:a@b@c:8/")],
                "http://c:8` of `https_proxy",
                Some("Basic dTphQGI="),
            ),
        ] {
            let found = upstream(variables).unwrap();
            assert_eq!(
                (found.place().as_str(), found.authorization.as_deref()),
                (place, authorization)
            );
        }
        assert_eq!(upstream(&[("HTTP_PROXY", "http://p"), ("NO_PROXY", "*")]), None);
        let secret =
            format!("{:?}", upstream(&[("https_proxy", "http://ada:hunter2@p:8")]).unwrap());
        assert!(
            secret.contains("p:8") && !secret.contains("hunter2") && !secret.contains("ada"),
            "{secret}"
        );
    }

    #[test]
    fn some_hosts_are_reached_without_it() {
        let list = "a.org, .b.org,*.c.org d.org:8443,10.0.0.1,[fd00::1]:443,fd00::2";
        let found = upstream(&[("https_proxy", "http://p"), ("no_proxy", list)]).unwrap();
        for (host, port, led) in [
            ("a.org", 443, false),
            ("x.A.org.", 443, false),
            ("xa.org", 443, true),
            ("b.org", 443, false),
            ("x.c.org", 443, false),
            ("d.org", 8443, false),
            ("d.org", 443, true),
            ("10.0.0.1", 443, false),
            ("[fd00::1]", 443, false),
            ("[fd00::2]", 443, false),
            ("10.0.0.2", 443, true),
            ("127.0.0.1", 443, false),
            ("[::1]", 443, false),
        ] {
            assert_eq!(found.leads_to(host, port), led, "{host}:{port}");
        }
        assert!(
            !upstream(&[("https_proxy", "http://p"), ("NO_PROXY", "*")])
                .unwrap()
                .leads_to("e.org", 443)
        );
    }
}
