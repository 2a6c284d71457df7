//! Why a request came to no answer, as far as can be told.

/// Read off a `reqwest::Error`: what a person could do about each is different.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The server's certificate is not trusted here; often a proxy that opens TLS.
    Certificate {
        detail: String,
    },
    /// Nothing listens there, or the connection was cut.
    Connection {
        detail: String,
    },
    /// The host's name has no address: offline, most likely.
    Name {
        host: String,
    },
    /// The proxy refused or could not be reached.
    Proxy {
        detail: String,
    },
    Timeout,
}
