//! The proxy over loopback: who is let through, what everybody else is told, and how a tunnel ends.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use super::gate::ProxyTimeouts;
use super::*;
use crate::base::text::says;
use crate::sandbox::spec::child_spec::Network;

const LONG: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_millis(50);

/// A proxy for these hosts, under whose name every other one leads nowhere but to `10.0.0.1`.
struct Fixture {
    address: SocketAddr,
    unreached: Arc<Mutex<Vec<String>>>,
}

impl Fixture {
    fn open_to(hosts: &[&str]) -> Self {
        Self::with(hosts, ProxyTimeouts { head: LONG, dial: LONG, idle: LONG })
    }

    fn with(hosts: &[&str], patience: ProxyTimeouts) -> Self {
        Self::behind(None, hosts, patience)
    }

    fn behind(upstream: Option<UpstreamProxy>, hosts: &[&str], patience: ProxyTimeouts) -> Self {
        let hosts = hosts.iter().map(|host| AllowedHost::parse(host).unwrap()).collect();
        let gate = ProxyGate::with(hosts, patience, upstream, |name, port| {
            let texts: &[&str] = match name {
                "nowhere.org" => &[],
                "proxy.test" => &["127.0.0.1"],
                "mixed.org" => &["1.1.1.1", "127.0.0.1"],
                "metadata.org" => &["169.254.169.254"],
                "link.org" => &["fe80::1"],
                "unique.org" => &["fd00::1"],
                "mapped.org" => &["::ffff:10.0.0.1"],
                "any.org" => &["0.0.0.0"],
                "many.org" => &["224.0.0.1"],
                _ => &["10.0.0.1"],
            };
            Ok(texts.iter().map(|text| SocketAddr::new(text.parse().unwrap(), port)).collect())
        });
        let unreached = gate.unreached();
        let door = open().unwrap();
        let address = door.local_addr().unwrap();
        thread::spawn(move || serve(&door, &Arc::new(gate), &Seats::of(SEATS)));
        Self { address, unreached }
    }

    fn dial(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(LONG)).unwrap();
        stream
    }

    /// The whole answer to some bytes.
    fn answer(&self, bytes: &[u8]) -> String {
        let mut stream = self.dial();
        stream.write_all(bytes).unwrap();
        all(&mut stream)
    }

    fn connect(&self, target: &str) -> String {
        self.answer(format!("CONNECT {target} HTTP/1.1\r\nHost: {target}\r\nProxy-Authorization: Basic eDp5\r\n\r\n").as_bytes())
    }

    /// A tunnel that is open.
    fn tunnel(&self, target: SocketAddr, early: &str) -> TcpStream {
        let mut stream = self.dial();
        stream.write_all(format!("CONNECT {target} HTTP/1.1\r\n\r\n{early}").as_bytes()).unwrap();
        let mut head = vec![0; "HTTP/1.1 200 Connection established\r\n\r\n".len()];
        stream.read_exact(&mut head).unwrap();
        assert_eq!(head, b"HTTP/1.1 200 Connection established\r\n\r\n");
        stream
    }
}

fn all(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

fn service() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

#[test]
fn only_tunnels_to_hosts_that_are_open_are_let_through_and_the_answer_says_why() {
    let fixture = Fixture::open_to(&["a.org", "*.b.org", "nowhere.org"]);
    for (target, status, said) in [
        ("c.org:443", "403", "`c.org:443` … not open … not in `sandbox_network`"),
        ("a.org:80", "403", "not in `sandbox_network`"),
        ("x.a.org:443", "403", "not in `sandbox_network`"),
        ("b.org:443", "403", "not in `sandbox_network`"),
        ("1.1.1.1:443", "403", "not in `sandbox_network`"),
        ("127.0.0.1:443", "403", "not in `sandbox_network`"),
        ("2130706433:443", "400", "no host"),
        ("[::1]:443", "403", "not in `sandbox_network`"),
        ("nowhere.org:443", "502", "`nowhere.org` cannot be reached"),
    ] {
        let answer = fixture.connect(target);
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")) && says(&answer, said),
            "{target}: {answer}"
        );
    }
    let asked = fixture.unreached.lock().unwrap().clone();
    assert_eq!(asked[..4], ["c.org", "a.org:80", "x.a.org", "b.org"]);
    assert!(
        !asked.contains(&"2130706433".to_owned()) && !asked.contains(&"nowhere.org".to_owned()),
        "{asked:?}"
    );
}

#[test]
fn a_name_that_leads_to_this_machine_or_a_private_network_is_refused() {
    let names = [
        "a.org",
        "mixed.org",
        "metadata.org",
        "link.org",
        "unique.org",
        "mapped.org",
        "any.org",
        "many.org",
    ];
    let fixture = Fixture::open_to(&names);
    for name in names {
        let answer = fixture.connect(&format!("{name}:443"));
        assert!(
            answer.starts_with("HTTP/1.1 403 ") && says(&answer, "this machine … private network"),
            "{name}: {answer}"
        );
    }
    assert!(fixture.unreached.lock().unwrap().is_empty());
}

#[test]
fn what_is_no_tunnel_is_refused() {
    let fixture = Fixture::open_to(&["a.org"]);
    for (bytes, status) in [
        (&b"GET http://a.org/ HTTP/1.1\r\nHost: a.org\r\n\r\n"[..], "405"),
        (b"POST / HTTP/1.0\r\n\r\n", "405"),
        (b"CONNECT a.org HTTP/1.1\r\n\r\n", "400"),
        (b"\x16\x03\x01\r\n\r\n", "400"),
    ] {
        let answer = fixture.answer(bytes);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
    }
    let mut ended = fixture.dial();
    ended.shutdown(Shutdown::Write).unwrap();
    assert!(all(&mut ended).starts_with("HTTP/1.1 400 "));
}

#[test]
fn a_head_without_an_end_is_not_read_for_ever() {
    let fixture = Fixture::open_to(&["a.org"]);
    let flood = [b"CONNECT a.org:443 HTTP/1.1\r\n".to_vec(), b"X-Y: z\r\n".repeat(1_400)].concat();
    assert!(fixture.answer(&flood).starts_with("HTTP/1.1 431 "));
    let hasty = Fixture::with(&["a.org"], ProxyTimeouts { head: SHORT, dial: LONG, idle: LONG });
    assert!(hasty.answer(b"CONNECT a.org:443").starts_with("HTTP/1.1 408 "));
}

#[test]
fn bytes_go_both_ways_and_whoever_has_said_all_still_hears() {
    let (listener, address) = service();
    let fixture = Fixture::open_to(&[&address.to_string()]);
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let said = all(&mut stream);
        stream.write_all(format!("heard {}", said.len()).as_bytes()).unwrap();
        said
    });
    let mut client = fixture.tunnel(address, "early ");
    let much = "x".repeat(1 << 20);
    client.write_all(much.as_bytes()).unwrap();
    client.shutdown(Shutdown::Write).unwrap();
    assert_eq!(all(&mut client), format!("heard {}", much.len() + 6));
    assert!(server.join().unwrap().starts_with("early xxx"));
}

#[test]
fn the_other_side_may_end_first_and_a_broken_one_ends_both() {
    let (listener, address) = service();
    let fixture = Fixture::open_to(&[&address.to_string()]);
    let mut client = fixture.tunnel(address, "");
    let (mut server, _) = listener.accept().unwrap();
    server.write_all(b"bye").unwrap();
    server.shutdown(Shutdown::Write).unwrap();
    assert_eq!(all(&mut client), "bye");
    client.write_all(b"late").unwrap();
    drop(client);
    assert_eq!(all(&mut server), "late");
}

#[test]
fn a_tunnel_in_which_nothing_happens_ends() {
    let (listener, address) = service();
    let fixture = Fixture::with(
        &[&address.to_string()],
        ProxyTimeouts { head: LONG, dial: LONG, idle: SHORT },
    );
    let mut client = fixture.tunnel(address, "");
    let (mut server, _) = listener.accept().unwrap();
    assert_eq!((all(&mut client).as_str(), all(&mut server).as_str()), ("", ""));
}

#[test]
fn connections_that_ask_for_nothing_give_way_to_one_that_does() {
    // Far longer than this test waits.
    let fixture =
        Fixture::with(&["a.org"], ProxyTimeouts { head: LONG * 100, dial: LONG, idle: LONG });
    let silent: Vec<TcpStream> = (0..SEATS * 2).map(|_| fixture.dial()).collect();
    assert!(fixture.connect("c.org:443").starts_with("HTTP/1.1 403 "));
    drop(silent);
}

#[test]
fn nothing_but_a_host_reaches_an_outer_proxy() {
    let (upstream, _asked) = upstream("http", "HTTP/1.1 200 OK\r\n\r\n");
    let fixture = Fixture::behind(upstream, &["*.ok.test"], PATIENT);
    for target in
        ["evil.example:443#.ok.test", "user@evil/@.ok.test", "127.0.0.1:22\\.ok.test", "*.ok.test"]
    {
        let answer = fixture.connect(&format!("{target}:443"));
        assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("no host"), "{answer}");
    }
    assert!(fixture.unreached.lock().unwrap().is_empty());
}

#[test]
fn whoever_finds_no_seat_waits_for_one() {
    let seats = Arc::new(Seats::of(1));
    let first = seats.take();
    let (taken, is_taken) = channel();
    let second = Arc::clone(&seats);
    thread::spawn(move || taken.send(second.take()));
    assert!(is_taken.recv_timeout(SHORT).is_err());
    drop(first);
    drop(is_taken.recv_timeout(LONG).unwrap());
    drop(seats.take());
}

#[test]
fn variables_send_every_program_to_the_proxy_and_past_it_only_where_the_loopback_is_shared() {
    for (network, past_it) in
        [(Network::Proxied, ""), (Network::SharedProxied, "localhost,127.0.0.1,::1")]
    {
        let all: Vec<_> = variables("127.0.0.1:9".parse().unwrap(), network).collect();
        for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "http_proxy"] {
            assert!(all.contains(&(name, "http://127.0.0.1:9".to_owned())), "{name}");
        }
        for name in ["NO_PROXY", "no_proxy"] {
            assert!(all.contains(&(name, past_it.to_owned())), "{name}");
        }
    }
}

/// A proxy of the person's own that answers once, and what it was asked.
fn upstream(
    scheme: &str,
    answer: &'static str,
) -> (Option<UpstreamProxy>, thread::JoinHandle<String>) {
    let (listener, address) = service();
    let value = format!("{scheme}://ada:p%40ss@proxy.test:{}", address.port());
    let asked = thread::spawn(move || {
        let Ok((mut stream, _)) = listener.accept() else { return String::new() };
        stream.set_read_timeout(Some(LONG)).unwrap();
        let mut bytes = Vec::new();
        let mut one = [0; 1];
        while !bytes.ends_with(b"\r\n\r\n") && stream.read(&mut one).unwrap() == 1 {
            bytes.push(one[0]);
        }
        stream.write_all(answer.as_bytes()).unwrap();
        let mut rest = String::new();
        stream.read_to_string(&mut rest).unwrap();
        String::from_utf8(bytes).unwrap() + &rest
    });
    let upstream = UpstreamProxy::of(|name| match name {
        "HTTPS_PROXY" => Some(value.clone()),
        "NO_PROXY" => Some("past.org".to_owned()),
        _ => None,
    });
    (upstream, asked)
}

const PATIENT: ProxyTimeouts = ProxyTimeouts { head: LONG, dial: LONG, idle: LONG };

#[test]
fn an_outer_proxy_is_asked_for_the_tunnel_and_bytes_go_through_both() {
    let (upstream, asked) = upstream("http", "HTTP/1.1 200 OK\r\nVia: x\r\n\r\nfirst ");
    let fixture = Fixture::behind(upstream, &["nowhere.org"], PATIENT);
    let mut stream = fixture.dial();
    stream.write_all(b"CONNECT nowhere.org:443 HTTP/1.1\r\n\r\nearly").unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    assert_eq!(all(&mut stream), "HTTP/1.1 200 Connection established\r\n\r\nfirst ");
    let request = "CONNECT nowhere.org:443 HTTP/1.1\r\nHost: nowhere.org:443\r\nProxy-Authorization: Basic YWRhOnBAc3M=\r\n\r\nearly";
    assert_eq!(asked.join().unwrap(), request);
}

#[test]
fn what_an_outer_proxy_refuses_is_told_without_its_password() {
    for (scheme, answer, said) in [
        ("http", "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "user name … password"),
        ("http", "HTTP/1.1 503 No\r\n\r\n", "it answered 503"),
        ("http", "220 mail\r\n\r\n", "no answer"),
        ("socks5", "", "only through … `http://host:port`"),
        ("https", "", "only through … `http://host:port`"),
    ] {
        let (upstream, _asked) = upstream(scheme, answer);
        let fixture = Fixture::behind(upstream, &["nowhere.org", "metadata.org"], PATIENT);
        let answer = fixture.connect("nowhere.org:443");
        assert!(answer.starts_with("HTTP/1.1 502 ") && says(&answer, said), "{answer}");
        assert!(
            answer.contains(&format!("`{scheme}://proxy.test:"))
                && answer.contains("of `HTTPS_PROXY`"),
            "{answer}"
        );
        assert!(
            !answer.contains("p@ss") && !answer.contains("p%40ss") && !answer.contains("ada"),
            "{answer}"
        );
        let near = fixture.connect("metadata.org:443");
        assert!(near.starts_with("HTTP/1.1 403 "), "{near}");
        assert!(fixture.connect("c.org:443").starts_with("HTTP/1.1 403 "));
    }
}

#[test]
fn a_host_that_is_past_the_outer_proxy_is_dialled_here() {
    let (upstream, _asked) = upstream("socks5", "");
    let (listener, address) = service();
    let target = address.to_string();
    let served = thread::spawn(move || listener.accept().unwrap().0.write_all(b"hello").unwrap());
    let fixture = Fixture::behind(upstream, &[&target], PATIENT);
    let mut stream = fixture.tunnel(address, "");
    assert_eq!(all(&mut stream), "hello");
    served.join().unwrap();
}
