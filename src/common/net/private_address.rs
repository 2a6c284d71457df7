//! Which addresses are this machine's or a private network's, by how they are written. Looks
//! nothing up.

use std::net::IpAddr;

use url::Url;

use crate::base::is_near;
use crate::protocol::HostLocation;

/// Endings of names that no public server has (RFC 6761, 6762, 8375, and what home routers use).
const NEAR_ENDINGS: [&str; 9] = [
    "localhost",
    "local",
    "localdomain",
    "internal",
    "intranet",
    "lan",
    "home",
    "corp",
    "home.arpa",
];

/// Where an http(s) address leads, as far as its text tells. Other spellings of an IP address
/// (decimal, octal, hexadecimal, short) are told from names by the parser of the URL.
pub fn host(url: &Url) -> HostLocation {
    let near = match url.host() {
        Some(url::Host::Domain(name)) => is_near_name(name),
        Some(url::Host::Ipv4(ip)) => is_near(IpAddr::V4(ip)),
        Some(url::Host::Ipv6(ip)) => is_near(IpAddr::V6(ip)),
        None => true,
    };
    if near { HostLocation::Private } else { HostLocation::Public }
}

fn is_near_name(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    // A name of one word is looked up in the domain of this machine's network.
    !name.contains('.')
        || NEAR_ENDINGS
            .iter()
            .any(|ending| name.strip_suffix(ending).is_some_and(|rest| rest.ends_with('.')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_known_for_near_however_it_is_written() {
        for near in [
            "localhost",
            "LOCALHOST",
            "localhost.",
            "localhost..",
            "a.localhost",
            "printer.local",
            "printer.local.",
            "metadata.google.internal",
            "router.lan",
            "nas.home.arpa",
            "intranet",
            "127.0.0.1",
            "127.0.0.1.",
            "127.1",
            "0177.0.0.1",
            "0x7f.0.0.1",
            "0x7f000001",
            "2130706433",
            "017700000001",
            "0",
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "100.127.255.255",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "192.0.0.8",
            "198.18.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "3232235777",
            "１２７.0.0.1",
            "[::]",
            "[::1]",
            "[0:0:0:0:0:0:0:1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:a00:1]",
            "[::127.0.0.1]",
            "[::ffff:0:10.0.0.1]",
            "[64:ff9b::7f00:1]",
            "[2002:7f00:1::]",
            "[2001:0:1::1]",
            "[fc00::1]",
            "[fdff::1]",
            "[fe80::1]",
            "[fec0::1]",
            "[ff02::1]",
            "[2001:db8::1]",
        ] {
            for form in ["http://HOST/x", "https://HOST:8443/"] {
                let url = Url::parse(&form.replace("HOST", near))
                    .unwrap_or_else(|error| panic!("{near}: {error}"));
                assert_eq!(host(&url), HostLocation::Private, "{near}");
            }
        }
    }

    #[test]
    fn public_addresses_are_not_taken_for_near_ones() {
        for far in [
            "example.com",
            "localhost.example.com",
            "notlocal.dev",
            "thelocal.se",
            "docs.rs.",
            "1.1.1.1",
            "11.0.0.1",
            "100.63.0.1",
            "100.128.0.1",
            "172.15.0.1",
            "172.32.0.1",
            "169.253.0.1",
            "192.167.0.1",
            "192.169.0.1",
            "223.255.255.255",
            "[2606:4700::1111]",
            "[::ffff:1.1.1.1]",
            "[64:ff9b::101:101]",
            "[2002:101:101::]",
        ] {
            assert_eq!(
                host(&Url::parse(&format!("https://{far}/")).unwrap()),
                HostLocation::Public,
                "{far}"
            );
        }
    }
}
