//! The loopback of a conversation: commands that share it reach each other's ports, and nobody
//! else's; nobody else reaches theirs.

use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::mpsc::channel;
use std::time::Duration;

use codling::protocol::{Confinement, Sandbox};
use codling::sandbox::{CommandSpec, ExitKind, KillSwitch, Loopback, PortSearch, kill_switch};

use crate::sandbox::fixture::{Fixture, Seen};
use crate::stage::needs::demand_program;
use crate::stage::until;

/// Greets whoever comes to this port, and says `ready` when it listens.
const SERVER: &str = "use IO::Socket::INET; $| = 1; \
    $s = IO::Socket::INET->new(LocalAddr => \"127.0.0.1\", LocalPort => 8000, Listen => 9, ReuseAddr => 1) or exit 9; \
    print \"ready\\n\"; while ($c = $s->accept) { print $c \"hello\\n\"; close $c }";
const VISIT: &str = "exec 3<>/dev/tcp/127.0.0.1/8000 && cat <&3";

pub fn order(fixture: &Fixture, words: [&str; 3], loopback: Option<&Loopback>) -> CommandSpec {
    let command = words.map(Into::into).into();
    let loopback = loopback.cloned();
    CommandSpec { command, loopback, ..fixture.order(Confinement::Folder, "") }
}

fn visit(fixture: &Fixture, loopback: Option<&Loopback>) -> CommandSpec {
    order(fixture, ["bash", "-c", VISIT], loopback)
}

/// Runs a server while `work` is done.
pub fn serving(fixture: &Fixture, loopback: &Loopback, work: impl FnOnce(&KillSwitch)) {
    demand_program("perl");
    let (held, switch) = kill_switch().unwrap();
    let server = order(fixture, ["perl", "-e", SERVER], Some(loopback));
    std::thread::scope(|scope| {
        let (ready, begun) = channel();
        let running = scope.spawn(move || {
            let mut text = String::new();
            let end = server.run(&fixture.program, switch, &mut |heard| {
                text.push_str(&String::from_utf8_lossy(heard));
                if text.contains("ready\n") {
                    let _told_once = ready.send(());
                }
            });
            (end, text)
        });
        let serves = begun.recv().is_ok();
        if serves {
            work(&held);
        }
        drop(held);
        let (end, text) = running.join().unwrap();
        assert!(serves && end.how == ExitKind::Stopped, "{end:?} {text}");
    })
}

fn greets(seen: &Seen) -> bool {
    seen.how == ExitKind::Exit(0) && seen.text == "hello\n"
}

#[test]
#[cfg_attr(not(has_namespaces), ignore = "needs namespaces")]
fn a_server_is_reached_by_commands_of_its_conversation_and_by_no_others() {
    Fixture::each_that(Sandbox::shares_network, |fixture| {
        let (own, other) = (Loopback::default(), Loopback::default());
        serving(fixture, &own, |_| {
            for _ in 0..2 {
                let seen = fixture.run_order(&visit(fixture, Some(&own)));
                assert!(greets(&seen), "{:?}: {}", seen.how, seen.text);
            }
            let reads = Confinement::ReadOnly;
            for stranger in [
                visit(fixture, Some(&other)),
                visit(fixture, None),
                CommandSpec { confinement: reads, ..visit(fixture, Some(&own)) },
                CommandSpec { confinement: Confinement::Free, ..visit(fixture, Some(&own)) },
            ] {
                let seen = fixture.run_order(&stranger);
                assert!(!seen.text.contains("hello"), "{stranger:?}: {}", seen.text);
            }
        });
        // It has ended with its command.
        assert!(!greets(&fixture.run_order(&visit(fixture, Some(&own)))));
        serving(fixture, &own, |_| {
            assert!(greets(&fixture.run_order(&visit(fixture, Some(&own)))));
        });
    });
}

#[test]
#[cfg_attr(not(has_namespaces), ignore = "needs namespaces")]
fn the_ports_of_a_command_are_found_in_every_network_and_no_others() {
    Fixture::each_that(Sandbox::has_network, |fixture| {
        // The program's own port is none of the command's, even in the same network.
        let _machine = TcpListener::bind("127.0.0.1:0").unwrap();
        let own = Loopback::default();
        serving(fixture, &own, |held| {
            let supervisor = held.supervisor().unwrap();
            // One look has little time on a busy machine.
            until(Duration::from_secs(30), "the port", || {
                let ports = PortSearch::begin().of(supervisor);
                assert!(ports.is_empty() || ports == [8000], "{:?} {ports:?}", fixture.sandbox);
                !ports.is_empty()
            });
        });
    });
}

#[test]
fn a_command_reaches_its_own_ports_where_nothing_is_shared() {
    Fixture::each(|fixture| {
        let line = format!(
            "perl -e '{SERVER}' > said & until [ -s said ]; do kill -0 $! || exit 9; sleep 0.05; done; {VISIT}"
        );
        for confinement in [Confinement::Folder, Confinement::ReadOnly] {
            let line = match confinement {
                Confinement::ReadOnly => line.replace("said", "$TMPDIR/said"),
                _ => line.clone(),
            };
            let mut order = CommandSpec { confinement, ..visit(fixture, None) };
            order.command[2] = line.into();
            let seen = fixture.run_order(&order);
            let is_absent = seen.text.contains("not found");
            let works = seen.text.ends_with("hello\n");
            assert!(
                works == fixture.sandbox.has_network() || is_absent,
                "{:?} {confinement:?}: {:?} {}",
                fixture.sandbox,
                seen.how,
                seen.text
            );
        }
    });
}

#[test]
fn the_machine_is_not_reached_from_a_shared_loopback() {
    Fixture::each(|fixture| {
        let machine = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = machine.local_addr().unwrap().port();
        machine.set_nonblocking(true).unwrap();
        let own = Loopback::default();
        for line in [
            format!("exec 3<>/dev/tcp/127.0.0.1/{port}"),
            format!("exec 3<>/dev/tcp/localhost/{port}"),
            "exec 3<>/dev/tcp/1.1.1.1/443".to_owned(),
            "exec 3<>/dev/udp/8.8.8.8/53".to_owned(),
            "exec 3<>/dev/tcp/169.254.169.254/80".to_owned(),
            "timeout 20 getent hosts example.com".to_owned(),
            "perl -MSocket -e 'socket(S, AF_UNIX, SOCK_STREAM, 0) or exit 1; connect(S, pack_sockaddr_un(\"/dev/log\")) or exit 1'".to_owned(),
            "perl -MSocket -e 'socket(S, AF_INET, SOCK_RAW, 1) or exit 1'".to_owned(),
        ] {
            let seen = fixture.run_order(&order(fixture, ["bash", "-c", &line], Some(&own)));
            assert_ne!(seen.how, ExitKind::Exit(0), "{line}: {}", seen.text);
        }
        assert!(machine.accept().is_err());
    });
}

#[test]
#[cfg_attr(not(has_namespaces), ignore = "needs namespaces")]
fn the_namespace_is_made_with_the_first_command_and_ends_with_the_conversation() {
    let held = |name: &str| {
        let all = std::fs::read_dir("/proc/self/fd").unwrap().flatten();
        all.filter_map(|entry| std::fs::read_link(entry.path()).ok())
            .any(|leads: PathBuf| leads.as_os_str() == name)
    };
    Fixture::each_that(Sandbox::shares_network, |fixture| {
        let own = Loopback::default();
        let name = |loopback: Option<&Loopback>| {
            let words = ["sh", "-c", "readlink /proc/self/ns/net"];
            let seen = fixture.run_order(&order(fixture, words, loopback));
            assert_eq!(seen.how, ExitKind::Exit(0), "{}", seen.text);
            seen.text.trim_end().to_owned()
        };
        let (first, apart) = (name(Some(&own)), name(None));
        assert_eq!(first, name(Some(&own.clone())));
        assert_ne!(first, apart);
        let machine = std::fs::read_link("/proc/self/ns/net").unwrap();
        assert!([&first, &apart].iter().all(|name| machine.as_os_str() != name.as_str()));
        assert!(held(&first) && !held(&apart));
        drop(own);
        assert!(!held(&first));
    });
}
