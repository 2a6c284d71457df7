//! Reads what comes back from the authorize page, whether the browser called or a person pasted it.

use url::{Host, Url, form_urlencoded};

use crate::base::Secret;

/// The path of the redirect, as it is registered for the client.
pub(super) const PATH: &str = "/auth/callback";

/// An answer of the authorize page that belongs to this sign-in: its state was right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Callback {
    Code {
        code: Secret,
        /// The server that gave it, where the answer says so (RFC 9207).
        issuer: Option<String>,
    },
    /// `error` and `error_description` (RFC 6749, section 4.1.2.1), as they came.
    Error { error: String, description: String },
}

/// Why something is not an answer to this sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stray {
    /// An address, but not one this sign-in ends on.
    Elsewhere,
    /// The right state, but neither a code nor an error; or one of them twice.
    NoCode,
    /// Nothing that looks like an address or a query.
    NotAnAddress,
    /// The address to approve at, not the one the browser ends on.
    StartingAddress,
    /// No state, or that of another sign-in.
    WrongState,
}

/// Reads the query of a call to [`PATH`]. The state is looked at before all else, so that nobody
/// without it can do anything.
pub(super) fn read(query: &str, state: &Secret) -> Result<Callback, Stray> {
    let [states, codes, errors, descriptions, issuers] =
        fields(query, ["state", "code", "error", "error_description", "iss"]);
    match states.as_slice() {
        [one] if one == state.expose() => {}
        _ => return Err(Stray::WrongState),
    }
    match (codes.as_slice(), errors.as_slice()) {
        (_, [error, ..]) if !error.is_empty() => Ok(Callback::Error {
            error: error.clone(),
            description: descriptions.into_iter().next().unwrap_or_default(),
        }),
        ([code], _) if !code.is_empty() => Ok(Callback::Code {
            code: Secret::new(code.clone()),
            issuer: issuers.into_iter().next(),
        }),
        _ => Err(Stray::NoCode),
    }
}

/// Reads a pasted address, or its query, however it was copied: with quotes, spaces or line breaks
/// in or around it, or without `http://`.
pub(super) fn read_pasted(text: &str, state: &Secret) -> Result<Callback, Stray> {
    // An address holds no white space; what is there came from a terminal that broke the line.
    let text: String = text.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
    let text = text.trim_matches(['"', '\'', '`', '<', '>', '(', ')', '“', '”', '‘', '’']);
    let query = match text.split_once("://") {
        Some(_) => query_of(text)?,
        None if text.starts_with(PATH) => text[PATH.len()..].to_owned(),
        None if text.starts_with("localhost")
            || text.starts_with("127.0.0.1")
            || text.starts_with("[::1]") =>
        {
            query_of(&format!("http://{text}"))?
        }
        None => text.to_owned(),
    };
    let query = query.trim_start_matches(['?', '&']).split('#').next().unwrap_or_default();
    let looks_like_a_query = query
        .split('&')
        .any(|pair| ["code=", "state=", "error="].iter().any(|key| pair.starts_with(key)));
    if looks_like_a_query {
        read(query, state)
    } else {
        Err(if text.contains("://") { Stray::NoCode } else { Stray::NotAnAddress })
    }
}

/// The port is not looked at, and https is fine: a browser that found nobody may have changed them,
/// and the state tells whose it is.
fn query_of(address: &str) -> Result<String, Stray> {
    let url = Url::parse(address).map_err(|_malformed| Stray::NotAnAddress)?;
    if url.path() == "/oauth/authorize" {
        return Err(Stray::StartingAddress);
    }
    let here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    if matches!(url.scheme(), "http" | "https") && here && url.path() == PATH {
        Ok(url.query().unwrap_or_default().to_owned())
    } else {
        Err(Stray::Elsewhere)
    }
}

/// The values of some keys, each as often as it was sent.
fn fields<const N: usize>(query: &str, keys: [&str; N]) -> [Vec<String>; N] {
    let mut found = [const { Vec::new() }; N];
    for (key, value) in form_urlencoded::parse(query.as_bytes()) {
        if let Some(at) = keys.iter().position(|wanted| *wanted == key) {
            found[at].push(value.into_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state() -> Secret {
        Secret::new("S-1_x")
    }

    fn code(text: &str) -> Result<Callback, Stray> {
        Ok(Callback::Code { code: Secret::new(text), issuer: None })
    }

    #[test]
    fn a_query_is_judged_by_its_state_first() {
        let denied =
            Callback::Error { error: "access_denied".into(), description: "no way".into() };
        for (query, expected) in [
            ("code=abc&state=S-1_x", code("abc")),
            ("state=S-1_x&scope=openid&code=a%2Fb%20c%2Bd", code("a/b c+d")),
            ("error=access_denied&error_description=no+way&state=S-1_x", Ok(denied)),
            ("code=abc&state=s-1_x", Err(Stray::WrongState)),
            ("code=abc&state=S-1_x&state=S-1_x", Err(Stray::WrongState)),
            ("code=abc&state=", Err(Stray::WrongState)),
            ("code=abc", Err(Stray::WrongState)),
            ("error=access_denied", Err(Stray::WrongState)),
            ("", Err(Stray::WrongState)),
            ("state=S-1_x", Err(Stray::NoCode)),
            ("state=S-1_x&code=", Err(Stray::NoCode)),
            ("state=S-1_x&code=a&code=b", Err(Stray::NoCode)),
        ] {
            assert_eq!(read(query, &state()), expected, "{query}");
        }
    }

    #[test]
    fn a_pasted_address_is_read_however_it_was_copied() {
        for text in [
            "http://localhost:1455/auth/callback?code=abc&state=S-1_x",
            "  http://127.0.0.1:1455/auth/callback?code=abc&state=S-1_x#\n",
            "http://[::1]:1455/auth/callback?code=abc&state=S-1_x",
            "https://localhost:1455/auth/callback?code=abc&state=S-1_x",
            "\"http://localhost:1455/auth/callback?code=abc&state=S-1_x\"",
            "'http://localhost:1455/auth/callback?code=abc&state=S-1_x' ",
            "<http://localhost:1455/auth/callback?code=abc&state=S-1_x>",
            "http://localhost:1455/auth/call\nback?code=a\r\n  bc&state=S-1_x",
            "localhost:1455/auth/callback?code=abc&state=S-1_x",
            "/auth/callback?code=abc&state=S-1_x",
            "?code=abc&state=S-1_x",
            "code=abc&state=S-1_x",
            "scope=openid&code=%61bc&state=S-1%5Fx",
        ] {
            assert_eq!(read_pasted(text, &state()), code("abc"), "{text}");
        }
    }

    #[test]
    fn a_pasted_text_that_is_no_answer_is_named_for_what_it_is() {
        for (text, expected) in [
            ("http://localhost:1455/auth/callback?code=abc&state=other", Stray::WrongState),
            ("http://localhost:1455/auth/callback?code=abc", Stray::WrongState),
            ("http://localhost:1455/auth/callback?state=S-1_x", Stray::NoCode),
            ("http://localhost:1455/auth/callback", Stray::NoCode),
            ("http://localhost:1457/auth/callback?code=abc&state=other", Stray::WrongState),
            ("http://localhost:1455/other?code=abc&state=S-1_x", Stray::Elsewhere),
            ("ftp://localhost:1455/auth/callback?code=abc&state=S-1_x", Stray::Elsewhere),
            ("http://10.0.0.1:1455/auth/callback?code=abc&state=S-1_x", Stray::Elsewhere),
            ("http://localhost.example:1455/auth/callback?code=abc&state=S-1_x", Stray::Elsewhere),
            (
                "https://auth.openai.com/oauth/authorize?state=S-1_x&code_challenge=x",
                Stray::StartingAddress,
            ),
            ("https://auth.openai.com/log-in", Stray::Elsewhere),
            ("ABCD-12345", Stray::NotAnAddress),
            ("://", Stray::NotAnAddress),
            ("", Stray::NotAnAddress),
        ] {
            assert_eq!(read_pasted(text, &state()), Err(expected), "{text}");
        }
    }
}
