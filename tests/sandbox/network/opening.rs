//! Hosts and folders that a person opened: what a command reaches through the proxy, and that
//! nothing else is open.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::os::unix::net::UnixListener;
use std::thread::JoinHandle;
use std::time::Duration;

use codling::protocol::{AllowedHost, Confinement, Sandbox, SandboxOpenings};
use codling::sandbox::{CommandSpec, ExitKind};

use crate::sandbox::fixture::Fixture;

/// A server that greets this many connections and reports when the last is gone.
fn service(visits: usize) -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let served = std::thread::spawn(move || {
        for _ in 0..visits {
            let (mut stream, _) = listener.accept().unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
            stream.write_all(b"hello from outside\n").unwrap();
            stream.shutdown(std::net::Shutdown::Write).unwrap();
            let _broken = stream.read_to_end(&mut Vec::new());
        }
    });
    (address, served)
}

fn hosts(all: &[String]) -> SandboxOpenings {
    SandboxOpenings {
        hosts: all.iter().map(|host| AllowedHost::parse(host).unwrap()).collect(),
        ..SandboxOpenings::default()
    }
}

/// Opens the proxy as descriptor 3.
const DIAL: &str = "p=${HTTPS_PROXY#http://}; exec 3<>/dev/tcp/${p%:*}/${p#*:} || exit 9";

fn in_bash(body: &str) -> Vec<std::ffi::OsString> {
    ["bash", "-c", body].map(Into::into).into()
}

#[test]
#[cfg_attr(not(has_namespaces), ignore = "needs namespaces")]
fn a_command_reaches_the_host_that_is_open_and_nothing_else() {
    Fixture::each_that(Sandbox::has_network, |fixture| {
        let (address, served) = service(1);
        let _unix = UnixListener::bind(fixture.folder.join("service")).unwrap();
        let order = |line: &str| CommandSpec {
            command: in_bash(line),
            grants: hosts(&[address.to_string(), "a.invalid".to_owned()]),
            ..fixture.order(Confinement::Folder, "")
        };
        let ask = |line: &str| format!("{DIAL}; printf '{line}\\r\\n\\r\\n' >&3; cat <&3");

        let (end, text) = fixture.run_to_end(&order(&ask(&format!("CONNECT {address} HTTP/1.1"))));
        assert_eq!((end.how, end.unreached.len()), (ExitKind::Exit(0), 0), "{text}");
        assert!(
            text.starts_with("HTTP/1.1 200 ") && text.ends_with("hello from outside\n"),
            "{text}"
        );
        served.join().unwrap();

        for (asked, status) in [
            ("CONNECT evil.org:443 HTTP/1.1", "403"),
            ("CONNECT 127.0.0.1:22 HTTP/1.1", "403"),
            ("CONNECT a.invalid:443 HTTP/1.1", "502"),
            ("GET http://a.invalid/ HTTP/1.1", "405"),
        ] {
            let (end, text) = fixture.run_to_end(&order(&ask(asked)));
            assert!(
                end.how == ExitKind::Exit(0) && text.starts_with(&format!("HTTP/1.1 {status} ")),
                "{asked}: {end:?} {text}"
            );
            let named = if status == "403" {
                vec![asked.split(' ').nth(1).unwrap().trim_end_matches(":443").to_owned()]
            } else {
                Vec::new()
            };
            assert_eq!(end.unreached, named, "{asked}");
        }

        let other = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = other.local_addr().unwrap().port();
        for line in [
            format!("exec 3<>/dev/tcp/127.0.0.1/{port}"),
            "exec 3<>/dev/tcp/1.1.1.1/443".to_owned(),
            "exec 3<>/dev/tcp/169.254.169.254/80".to_owned(),
            "exec 3<>/dev/udp/127.0.0.1/53".to_owned(),
            "exec 3<>/dev/tcp/example.com/443".to_owned(),
            "timeout 20 getent hosts example.com".to_owned(),
            "perl -MSocket -e 'socket(S, AF_UNIX, SOCK_STREAM, 0) or exit 1'".to_owned(),
            "perl -MSocket -e 'socket(S, AF_INET, SOCK_RAW, 1) or exit 1'".to_owned(),
            "[ -z \"$HTTPS_PROXY\" ]".to_owned(),
            "[ -n \"$NO_PROXY$no_proxy\" ]".to_owned(),
        ] {
            assert_ne!(fixture.run_order(&order(&line)).how, ExitKind::Exit(0), "{line}");
        }
        let pair = fixture.run_order(&order(
            "perl -MSocket -e 'socketpair(A, B, AF_UNIX, SOCK_STREAM, 0) or exit 1'",
        ));
        assert!(pair.how == ExitKind::Exit(0) || pair.text.contains("not found"), "{}", pair.text);
    });
}

#[test]
#[cfg_attr(not(has_namespaces), ignore = "needs namespaces")]
fn nothing_but_a_host_that_is_open_reaches_an_outer_proxy() {
    Fixture::each_that(Sandbox::has_network, |fixture| {
        let outer = TcpListener::bind("127.0.0.1:0").unwrap();
        outer.set_nonblocking(true).unwrap();
        let ask = |host: &str| {
            let line = format!(
                "{DIAL}; printf '%s\\r\\n\\r\\n' 'CONNECT {host}:443 HTTP/1.1' >&3; head -c 12 <&3"
            );
            let mut order = CommandSpec {
                command: in_bash(&line),
                grants: hosts(&["*.ok.test".to_owned()]),
                ..fixture.order(Confinement::Folder, "")
            };
            let proxy = format!("http://{}", outer.local_addr().unwrap());
            for (name, value) in [("https_proxy", Some(proxy)), ("no_proxy", None)] {
                let value = value.map(Into::into);
                order.variables.push((name.into(), value.clone()));
                order.variables.push((name.to_uppercase().into(), value));
            }
            fixture.run_to_end(&order)
        };
        for host in [
            "evil.example:443#.ok.test",
            "user@evil/@.ok.test",
            "127.0.0.1:22\\.ok.test",
            "evil.example?.ok.test",
            "evil.example%00.ok.test",
            "*.ok.test",
        ] {
            let (end, text) = ask(host);
            assert_eq!((end.how, text.as_str()), (ExitKind::Exit(0), "HTTP/1.1 400"), "{host}");
            assert!(outer.accept().is_err(), "{host} reached an outer proxy");
        }
        // It is there, and is asked for what is open.
        std::thread::scope(|scope| {
            let running = scope.spawn(|| ask("a.ok.test"));
            crate::stage::until(Duration::from_secs(60), "the outer proxy is asked", || {
                assert!(!running.is_finished(), "it was not asked");
                outer.accept().is_ok()
            });
            let (end, text) = running.join().unwrap();
            assert_eq!((end.how, text.as_str()), (ExitKind::Exit(0), "HTTP/1.1 502"));
        });
    });
}

#[test]
#[cfg_attr(not(has_namespaces), ignore = "needs namespaces")]
fn a_tunnel_ends_with_the_command_that_opened_it() {
    Fixture::each_that(Sandbox::has_network, |fixture| {
        let (address, served) = service(1);
        let line = format!(
            "{DIAL}; printf 'CONNECT {address} HTTP/1.1\\r\\n\\r\\n' >&3; read -r -u 3; setsid sleep 600 & exit 7"
        );
        let order = CommandSpec {
            command: in_bash(&line),
            grants: hosts(&[address.to_string()]),
            ..fixture.order(Confinement::Folder, "")
        };
        assert_eq!(fixture.run_order(&order).how, ExitKind::Exit(7));
        served.join().unwrap();
    });
}

#[test]
fn without_a_network_of_its_own_or_for_a_reader_nothing_is_open() {
    Fixture::each(|fixture| {
        let (address, _served) = service(1);
        let confinements = if fixture.sandbox.has_network() {
            &[Confinement::ReadOnly][..]
        } else {
            &[Confinement::ReadOnly, Confinement::Folder]
        };
        for confinement in confinements {
            let order = |line: &str| CommandSpec {
                command: in_bash(line),
                grants: hosts(&[address.to_string()]),
                ..fixture.order(*confinement, "")
            };
            assert_eq!(fixture.run_order(&order("[ -z \"$HTTPS_PROXY\" ]")).how, ExitKind::Exit(0));
            let direct = fixture.run_order(&order(&format!(
                "exec 3<>/dev/tcp/{}/{}",
                address.ip(),
                address.port()
            )));
            assert_ne!(direct.how, ExitKind::Exit(0), "{confinement:?}: {}", direct.text);
        }
    });
}

#[test]
fn a_folder_that_is_open_can_be_written_to_and_only_by_what_may_write() {
    Fixture::each(|fixture| {
        let open = fixture.outside.join("sub");
        let order = |confinement, line: &str| CommandSpec {
            grants: SandboxOpenings { folders: vec![open.clone()], ..SandboxOpenings::default() },
            ..fixture.order(confinement, line)
        };
        let wrote = fixture.run_order(&order(
            Confinement::Folder,
            "mkdir $OUT/sub/deep && echo x > $OUT/sub/deep/new && mv $OUT/sub/deep $OUT/sub/moved",
        ));
        assert_eq!(wrote.how, ExitKind::Exit(0), "{}", wrote.text);
        assert_eq!(fs::read_to_string(open.join("moved/new")).unwrap(), "x\n");
        fs::remove_dir_all(open.join("moved")).unwrap();
        for (confinement, line) in [
            (Confinement::Folder, "echo x > $OUT/new"),
            (Confinement::Folder, "echo x > $OUT/sub/../file"),
            (Confinement::Folder, "rmdir $OUT/sub"),
            (Confinement::Folder, "mv $OUT/sub $OUT/other"),
            (Confinement::ReadOnly, "echo x > $OUT/sub/new"),
        ] {
            assert_ne!(
                fixture.run_order(&order(confinement, line)).how,
                ExitKind::Exit(0),
                "{line}"
            );
        }
        fixture.assert_outside_untouched("a folder was open");
    });
}
