//! Which hosts a command that uses the network would reach, as far as its words tell.

use std::net::IpAddr;

use super::super::shell::ShellWord;
use super::operands;
use crate::protocol::AllowedHost;

/// Where tools load from that name no address.
const REGISTRIES: [(&[&str], &[&str]); 7] = [
    (&["bundle", "gem"], &["index.rubygems.org", "rubygems.org"]),
    (&["cargo"], &["crates.io", "index.crates.io", "static.crates.io"]),
    (&["go"], &["proxy.golang.org", "sum.golang.org"]),
    (&["npm", "npx", "pnpm"], &["registry.npmjs.org"]),
    (
        &["pip", "pip3", "pipx", "poetry", "python", "python3", "uv", "uvx"],
        &["files.pythonhosted.org", "pypi.org"],
    ),
    (&["rustup"], &["static.rust-lang.org"]),
    (&["yarn"], &["registry.yarnpkg.com"]),
];

/// Words of commands that give something away, so that opening a host is never enough.
const GIVING: [&str; 10] = [
    "adduser",
    "deploy",
    "login",
    "logout",
    "owner",
    "publish",
    "push",
    "unpublish",
    "upload",
    "yank",
];

/// The hosts, as settings name them; none if they are not known. `args` are the words behind the
/// command's name.
pub fn of(name: &str, args: &[ShellWord]) -> Vec<String> {
    if operands(args).any(|word| GIVING.contains(&word.text.as_str())) {
        return Vec::new();
    }
    let registries =
        REGISTRIES.iter().filter(|(names, _)| names.contains(&name)).flat_map(|(_, hosts)| *hosts);
    let mut found: Vec<String> = registries.map(|host| (*host).to_owned()).collect();
    for text in args.iter().map(|word| word.text.as_str()) {
        for (at, mark) in text.match_indices("://") {
            // The proxy carries nothing but https.
            let host =
                text[..at].ends_with("https").then(|| host(&text[at + mark.len()..])).flatten();
            let Some(host) = host else { return Vec::new() };
            if !found.contains(&host) {
                found.push(host);
            }
        }
    }
    found
}

/// Programs that speak to one address.
const CLIENTS: [&str; 11] =
    ["ab", "curl", "http", "https", "nc", "ncat", "netcat", "telnet", "wget", "wrk", "xh"];

/// Whether a client names an address on the loopback device, and none elsewhere. What keeps it from
/// others is the network that it is in, not this.
pub fn is_on_loopback(name: &str, args: &[ShellWord]) -> bool {
    let all = args.iter().map(|word| word.text.as_str());
    CLIENTS.contains(&name)
        && all.clone().any(is_loopback)
        && all.filter(|text| text.contains("://")).all(is_loopback)
}

/// Whether an address, with or without its scheme, is on the loopback device.
fn is_loopback(address: &str) -> bool {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let host = match host.strip_prefix('[') {
        Some(host) => host.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    host.eq_ignore_ascii_case("localhost")
        || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback() || ip.is_unspecified())
}

/// The host of an address without its scheme, and the port where it is another one.
fn host(rest: &str) -> Option<String> {
    let authority = rest.split(['/', '?', '#', '\\']).next()?;
    let host = authority.rsplit('@').next()?;
    AllowedHost::parse(host).map(|host| host.to_string())
}

#[cfg(test)]
mod tests {
    use super::super::super::tests::policy;
    use super::super::{ReasonKind, parts};

    #[test]
    fn a_line_tells_its_hosts_by_addresses_and_by_the_tool() {
        for (line, hosts) in [
            ("curl -sSf https://a.org/x?y=https://b.org/", &["a.org", "b.org"][..]),
            ("curl https://u:p@A.org:8443/x https://a.org:8443/y", &["a.org:8443"]),
            ("curl http://a.org/", &[]),
            ("curl a.org", &[]),
            ("curl https://a.org/ http://b.org/", &[]),
            ("curl $WHERE", &[]),
            ("curl https://$WHERE/", &[]),
            ("curl https://a.org/$WHERE", &["a.org"]),
            ("git clone https://github.com/x/y", &["github.com"]),
            ("git clone git@github.com:x/y", &[]),
            ("git push https://github.com/x/y", &[]),
            ("npm install left-pad", &["registry.npmjs.org"]),
            ("npm publish", &[]),
            ("npm i --registry=https://r.org/ x", &["registry.npmjs.org", "r.org"]),
            (
                "pip install git+https://github.com/x/y",
                &["files.pythonhosted.org", "pypi.org", "github.com"],
            ),
            ("ping a.org", &[]),
        ] {
            let reasons = parts(&policy(&[]), line, "/srv/app".as_ref())
                .into_iter()
                .flat_map(|part| part.reasons);
            let found: Vec<_> = reasons
                .filter_map(|reason| {
                    if let ReasonKind::Network(hosts) = reason.kind { Some(hosts) } else { None }
                })
                .collect();
            assert_eq!(found, [hosts], "{line}");
        }
    }

    #[test]
    fn clients_of_the_loopback_are_told_from_those_of_the_network() {
        for (line, is_on_loopback) in [
            ("curl localhost", true),
            ("curl -s http://localhost:3000/api?x=https://a.org", true),
            ("curl -X POST -H 'A: b' -d '{}' http://127.0.0.1:8080/", true),
            ("curl http://[::1]:3000/ http://0.0.0.0:1", true),
            ("curl http://localhost:$PORT/", true),
            ("wget -qO- LOCALHOST:8000/x", true),
            ("nc -z 127.0.0.1 5432", true),
            ("curl http://localhost/ https://a.org/", false),
            ("curl http://localhost@a.org/", false),
            ("curl http://localhost.a.org/", false),
            ("curl http://$HOST:3000/", false),
            ("curl 10.0.0.1", false),
            ("ssh localhost", false),
        ] {
            let mut reasons = parts(&policy(&[]), line, "/srv/app".as_ref())
                .into_iter()
                .flat_map(|part| part.reasons);
            let found = reasons.any(|reason| reason.kind == ReasonKind::Loopback);
            assert_eq!(found, is_on_loopback, "{line}");
        }
    }
}
