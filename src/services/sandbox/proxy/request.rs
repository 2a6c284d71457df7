//! Requests to the proxy, read out of bytes, and the answers to those that are not let
//! through. Opens no connection.

use std::fmt::Write;

use crate::protocol::AllowedHost;

/// A request's head that is longer than this is none.
pub const LONGEST: usize = 8 << 10;

/// The first line of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProxyRequest {
    Connect {
        host: String,
        port: u16,
    },
    /// A tunnel, and no host to lead it to.
    NoHost,
    /// Another method, or an address with a scheme.
    Plain,
    Unclear,
}

/// Why a client is not let through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProxyRefusal {
    /// The name leads to this machine or to a private network.
    Near {
        host: String,
    },
    /// There is no host.
    NoHost,
    NotOpen {
        host: String,
        port: u16,
    },
    /// The person's own proxy does not lead there.
    UpstreamProxy {
        host: String,
        by: String,
        why: String,
    },
    Plain,
    TooLong,
    TooSlow,
    Unclear,
    Unreachable {
        host: String,
    },
}

/// Where the head ends and what was meant for the other side begins; `None` while it is not whole.
pub fn end(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|four| four == b"\r\n\r\n").map(|at| at + 4)
}

/// `CONNECT host:port HTTP/1.1`, and lines that are of no interest.
pub fn read(head: &[u8]) -> ProxyRequest {
    let read = || {
        let line = std::str::from_utf8(head.split(|byte| *byte == b'\r').next()?).ok()?;
        let mut words = line.split(' ');
        let (method, target, version) = (words.next()?, words.next()?, words.next()?);
        if words.next().is_some() || !["HTTP/1.1", "HTTP/1.0"].contains(&version) {
            return None;
        }
        if method != "CONNECT" {
            return Some(ProxyRequest::Plain);
        }
        let (host, port) = target.rsplit_once(':')?;
        let is_number = !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit());
        let port = port.parse().ok().filter(|_| is_number)?;
        Some(match AllowedHost::is_host(host) {
            true => ProxyRequest::Connect { host: host.to_owned(), port },
            false => ProxyRequest::NoHost,
        })
    };
    read().unwrap_or(ProxyRequest::Unclear)
}

impl ProxyRefusal {
    fn status(&self) -> &'static str {
        match self {
            Self::Near { .. } | Self::NotOpen { .. } => "403 Forbidden",
            Self::Plain => "405 Method Not Allowed",
            Self::TooLong => "431 Request Header Fields Too Large",
            Self::TooSlow => "408 Request Timeout",
            Self::NoHost | Self::Unclear => "400 Bad Request",
            Self::UpstreamProxy { .. } | Self::Unreachable { .. } => "502 Bad Gateway",
        }
    }

    fn sentence(&self) -> String {
        match self {
            Self::Near { host } => format!(
                "`{host}` leads to this machine or to a private network, and is not opened by its name: `sandbox_network` has to name the address."
            ),
            Self::NoHost => {
                "This is no host: one is written in letters, digits, `-` and `.`, or as an address."
                    .to_owned()
            }
            Self::NotOpen { host, port } => {
                format!(
                    "`{host}:{port}` is not open to commands in the sandbox of codling: it is not in `sandbox_network`."
                )
            }
            Self::UpstreamProxy { host, by, why } => format!(
                "`{host}` is not reached through the proxy of this machine (`{by}`): {why}."
            ),
            Self::Plain => {
                "The sandbox of codling lets only tunnels through (CONNECT), as for https."
                    .to_owned()
            }
            Self::TooLong => "The head of the request is too long.".to_owned(),
            Self::TooSlow => "The request did not come in time.".to_owned(),
            Self::Unclear => "This is not a request that a proxy understands.".to_owned(),
            Self::Unreachable { host } => format!("`{host}` cannot be reached."),
        }
    }

    /// A whole response, after which nothing comes.
    pub fn response(&self) -> String {
        let body = self.sentence() + "\n";
        let mut text =
            format!("HTTP/1.1 {}\r\nContent-Type: text/plain; charset=utf-8\r\n", self.status());
        // Nothing is written that could not be.
        let _whole =
            write!(text, "Content-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len());
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_first_line_says_what_is_asked() {
        let connect = |host: &str, port| ProxyRequest::Connect { host: host.to_owned(), port };
        for (line, asked) in [
            ("CONNECT a.org:443 HTTP/1.1", connect("a.org", 443)),
            ("CONNECT [::1]:80 HTTP/1.0", connect("[::1]", 80)),
            ("GET http://a.org/ HTTP/1.1", ProxyRequest::Plain),
            ("connect a.org:443 HTTP/1.1", ProxyRequest::Plain),
            ("CONNECT a.org HTTP/1.1", ProxyRequest::Unclear),
            ("CONNECT a.org: HTTP/1.1", ProxyRequest::Unclear),
            ("CONNECT a.org:+443 HTTP/1.1", ProxyRequest::Unclear),
            ("CONNECT a.org:70000 HTTP/1.1", ProxyRequest::Unclear),
            ("CONNECT :443 HTTP/1.1", ProxyRequest::NoHost),
            ("CONNECT a\u{7f}:443 HTTP/1.1", ProxyRequest::NoHost),
            ("CONNECT evil.example:443#.ok.test:443 HTTP/1.1", ProxyRequest::NoHost),
            ("CONNECT user@evil/@.ok.test:443 HTTP/1.1", ProxyRequest::NoHost),
            ("CONNECT 127.0.0.1:22\\.ok.test:443 HTTP/1.1", ProxyRequest::NoHost),
            ("CONNECT *.ok.test:443 HTTP/1.1", ProxyRequest::NoHost),
            ("CONNECT 2130706433:443 HTTP/1.1", ProxyRequest::NoHost),
            ("CONNECT a.org:443 HTTP/1.1 x", ProxyRequest::Unclear),
            ("CONNECT a.org:443", ProxyRequest::Unclear),
            ("CONNECT a.org:443 HTTP/2", ProxyRequest::Unclear),
            ("", ProxyRequest::Unclear),
            ("\u{16}\u{3}\u{1}", ProxyRequest::Unclear),
        ] {
            assert_eq!(read(format!("{line}\r\nHost: x\r\n\r\n").as_bytes()), asked, "{line}");
        }
        assert_eq!(read(b"CONNECT \xff:443 HTTP/1.1\r\n\r\n"), ProxyRequest::Unclear);
    }

    #[test]
    fn a_head_ends_at_an_empty_line_and_what_follows_is_for_the_other_side() {
        assert_eq!(end(b"CONNECT a:1 HTTP/1.1\r\n\r"), None);
        assert_eq!(end(b"a\r\nb\r\n\r\nrest"), Some(8));
    }
}
