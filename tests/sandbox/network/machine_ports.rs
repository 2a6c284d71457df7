//! Ports of the machine's own loopback that a person opened to a conversation: its commands reach
//! those, and no others, and nobody else does.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv6Addr, SocketAddr, TcpListener};

use codling::protocol::{AllowedHost, Confinement, Sandbox, SandboxOpenings};
use codling::sandbox::{CommandSpec, ExitKind, Loopback};

use super::loopback::{order, serving};
use crate::sandbox::fixture::Fixture;

/// A server of the machine that greets whoever comes, until this process ends.
fn service(address: &str) -> Option<SocketAddr> {
    let listener = TcpListener::bind(address).ok()?;
    let at = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let _asked = stream.read(&mut [0; 64]);
            let _gone = stream.write_all(b"hello from outside\n");
        }
    });
    Some(at)
}

/// Asks as no HTTP client does: the server speaks when it was asked.
fn ask(at: SocketAddr) -> String {
    format!("exec 3<>/dev/tcp/{}/{} && echo a >&3 && cat <&3", at.ip(), at.port())
}

fn hosts(all: &[&str]) -> SandboxOpenings {
    let hosts = all.iter().map(|host| AllowedHost::parse(host).unwrap()).collect();
    SandboxOpenings { hosts, ..SandboxOpenings::default() }
}

fn opened(fixture: &Fixture, line: &str, loopback: Option<&Loopback>, all: &[&str]) -> CommandSpec {
    CommandSpec { grants: hosts(all), ..order(fixture, ["bash", "-c", line], loopback) }
}

fn is_greeted(fixture: &Fixture, order: &CommandSpec) -> bool {
    let seen = fixture.run_order(order);
    seen.how == ExitKind::Exit(0) && seen.text == "hello from outside\n"
}

#[test]
#[cfg_attr(not(has_namespaces), ignore = "needs namespaces")]
fn a_port_that_is_open_is_reached_at_its_address_and_nothing_else_of_the_machine() {
    let open = service("127.0.0.1:0").unwrap();
    let other = service("127.0.0.1:0").unwrap();
    let six = service(&SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), open.port()).to_string());
    let host = open.to_string();
    Fixture::each_that(Sandbox::shares_network, |fixture| {
        let own = Loopback::default();
        assert!(own.unopened(open).is_some());
        // Alone, and while another host is open, with the proxy beside it.
        for all in [&[host.as_str()][..], &[host.as_str(), "a.invalid"]] {
            for _ in 0..2 {
                assert!(
                    is_greeted(fixture, &opened(fixture, &ask(open), Some(&own), all)),
                    "{all:?}"
                );
            }
            assert_eq!(own.unopened(open), None);
            for line in [
                ask(other),
                ask(SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), open.port())),
                format!("exec 3<>/dev/tcp/127.0.0.2/{}", open.port()),
                "exec 3<>/dev/tcp/127.0.0.53/53".to_owned(),
                "exec 3<>/dev/tcp/1.1.1.1/443".to_owned(),
                "perl -MSocket -e 'socket(S, AF_UNIX, SOCK_STREAM, 0) or exit 1'".to_owned(),
                "perl -MSocket -e 'socket(S, AF_INET, SOCK_RAW, 1) or exit 1'".to_owned(),
                // The listener is no command's to take.
                format!(
                    "perl -MIO::Socket::INET -e 'IO::Socket::INET->new(LocalAddr => \"127.0.0.1\", LocalPort => {}, Listen => 9, ReuseAddr => 1, ReusePort => 1) or exit 1'",
                    open.port()
                ),
            ] {
                let seen = fixture.run_order(&opened(fixture, &line, Some(&own), all));
                assert_ne!(seen.how, ExitKind::Exit(0), "{line}: {}", seen.text);
            }
        }
        let (line, all) = (ask(open), [host.as_str()]);
        for stranger in [
            // Another conversation; a command without one; one that only reads.
            opened(fixture, &line, Some(&Loopback::default()), &[]),
            opened(fixture, &line, None, &[]),
            CommandSpec {
                confinement: Confinement::ReadOnly,
                ..opened(fixture, &line, Some(&own), &all)
            },
        ] {
            assert!(!is_greeted(fixture, &stranger), "{stranger:?}");
        }
        if let Some(six) = six {
            let host = six.to_string();
            let order = opened(fixture, &ask(six), Some(&own), &[host.as_str()]);
            assert!(is_greeted(fixture, &order));
        }
    });
}

#[test]
#[cfg_attr(not(has_namespaces), ignore = "needs namespaces")]
fn a_port_that_is_closed_is_gone_and_so_is_one_whose_conversation_ended() {
    let open = service("127.0.0.1:0").unwrap();
    let host = open.to_string();
    Fixture::each_that(Sandbox::shares_network, |fixture| {
        let own = Loopback::default();
        assert!(is_greeted(fixture, &opened(fixture, &ask(open), Some(&own), &[&host])));
        own.close_others(&hosts(&[&host, "127.0.0.1:9"]));
        assert!(is_greeted(fixture, &opened(fixture, &ask(open), Some(&own), &[])));
        own.close_others(&hosts(&["127.0.0.1:9"]));
        assert!(!is_greeted(fixture, &opened(fixture, &ask(open), Some(&own), &[])));
        // A command that was on its way when it was closed opens it no more.
        assert!(!is_greeted(fixture, &opened(fixture, &ask(open), Some(&own), &[&host])));
        own.close_others(&hosts(&[&host]));
        assert!(is_greeted(fixture, &opened(fixture, &ask(open), Some(&own), &[&host])));
        drop(own);
        let next = Loopback::default();
        assert!(!is_greeted(fixture, &opened(fixture, &ask(open), Some(&next), &[])));
        assert!(next.unopened(open).is_some());
    });
}

#[test]
#[cfg_attr(not(has_namespaces), ignore = "needs namespaces")]
fn a_port_that_a_command_listens_on_itself_is_left_to_it_and_that_is_said() {
    let at: SocketAddr = "127.0.0.1:8000".parse().unwrap();
    Fixture::each_that(Sandbox::shares_network, |fixture| {
        let own = Loopback::default();
        serving(fixture, &own, |_| {
            let line = "exec 3<>/dev/tcp/127.0.0.1/8000 && cat <&3";
            let seen = fixture.run_order(&opened(fixture, line, Some(&own), &["127.0.0.1:8000"]));
            assert_eq!((seen.how, seen.text.as_str()), (ExitKind::Exit(0), "hello\n"));
            assert!(own.unopened(at).unwrap().starts_with("Another command"), "{at}");
        });
    });
}

#[test]
#[cfg_attr(not(has_namespaces), ignore = "needs namespaces")]
fn commands_share_their_loopback_while_hosts_are_open_and_no_proxy_leads_to_the_machine() {
    let open = service("127.0.0.1:0").unwrap();
    let host = open.to_string();
    Fixture::each_that(Sandbox::shares_network, |fixture| {
        let own = Loopback::default();
        serving(fixture, &own, |_| {
            let line = "exec 3<>/dev/tcp/127.0.0.1/8000 && cat <&3 && [ -n \"$HTTPS_PROXY\" ]";
            let seen = fixture.run_order(&opened(fixture, line, Some(&own), &["a.invalid"]));
            assert_eq!((seen.how, seen.text.as_str()), (ExitKind::Exit(0), "hello\n"));
            let line = format!(
                "p=${{HTTPS_PROXY#http://}}; exec 3<>/dev/tcp/${{p%:*}}/${{p#*:}} || exit 9; \
                printf 'CONNECT {open} HTTP/1.1\\r\\n\\r\\na\\n' >&3; cat <&3"
            );
            let order = opened(fixture, &line, Some(&own), &["a.invalid", &host]);
            let (end, text) = fixture.run_to_end(&order);
            // The port itself is open there, and can be closed while the proxy runs on.
            assert_eq!((end.how, end.unreached), (ExitKind::Exit(0), vec![host.clone()]), "{text}");
            assert!(!text.contains("hello from outside"), "{text}");
            assert!(is_greeted(fixture, &opened(fixture, &ask(open), Some(&own), &[&host])));
        });
    });
}
