//! Which IP addresses belong to this machine or a private network. Looks nothing up.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address is not on the public network; reserved addresses count as private.
pub fn is_near(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_near_v4(ip),
        IpAddr::V6(ip) => is_near_v6(ip),
    }
}

fn is_near_v4(ip: Ipv4Addr) -> bool {
    match ip.octets() {
        // This network, private, loopback, carrier-grade NAT, link-local with cloud metadata
        // services.
        [0 | 10 | 127, ..]
        | [100, 64..=127, ..]
        | [169, 254, ..]
        | [172, 16..=31, ..]
        | [192, 168, ..] => true,
        // Protocol assignments, examples, benchmarks, multicast, reserved, broadcast.
        [192, 0, 0 | 2, _]
        | [198, 18..=19, ..]
        | [198, 51, 100, _]
        | [203, 0, 113, _]
        | [224..=255, ..] => true,
        _ => false,
    }
}

fn is_near_v6(ip: Ipv6Addr) -> bool {
    let [first, second, third, .., seventh, eighth] = ip.segments();
    let v4 = |high: u16, low: u16| {
        is_near_v4(Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)))
    };
    match ip.segments() {
        // Unspecified, loopback, and IPv4 inside IPv6: mapped, compatible, translated (RFC 6052).
        [0, 0, 0, 0, 0, 0 | 0xffff, ..] => seventh == 0 || v4(seventh, eighth),
        [0, 0, 0, 0, 0xffff, 0, ..] | [0x64, 0xff9b, 0, 0, 0, 0, ..] => v4(seventh, eighth),
        // 6to4 contains an IPv4 address, Teredo hides one, and 64:ff9b:1::/48 is for local use.
        [0x2002, ..] => v4(second, third),
        [0x2001, 0, ..] | [0x64, 0xff9b, 1, ..] => true,
        // Discard, documentation, unique local, link-local, site-local, multicast.
        _ => {
            (first, second) == (0x2001, 0xdb8)
                || matches!(first, 0x100 | 0xfc00..=0xfdff | 0xfe80..=0xfeff | 0xff00..)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_not_on_the_public_network_is_near() {
        for (address, near) in [
            ("127.0.0.1", true),
            ("0.0.0.0", true),
            ("10.0.0.1", true),
            ("169.254.169.254", true),
            ("172.16.0.1", true),
            ("192.168.0.1", true),
            ("224.0.0.1", true),
            ("::", true),
            ("::1", true),
            ("::ffff:127.0.0.1", true),
            ("::ffff:192.168.0.1", true),
            ("64:ff9b::a9fe:a9fe", true),
            ("fc00::1", true),
            ("fe80::1", true),
            ("ff02::1", true),
            ("1.1.1.1", false),
            ("2606:4700::1111", false),
            ("::ffff:1.1.1.1", false),
        ] {
            assert_eq!(is_near(address.parse().unwrap()), near, "{address}");
        }
    }
}
