//! Networks, other processes and terminals in the sandbox.

use std::net::TcpListener;
use std::os::unix::net::UnixListener;

use codling::protocol::{Confinement, Sandbox};
use codling::sandbox::ExitKind;

use super::fixture::Fixture;

#[test]
fn the_network_and_the_sockets_of_others_are_out_of_reach() {
    Fixture::each(|fixture| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let _service = UnixListener::bind(fixture.folder.join("service")).unwrap();
        let script = |body: &str| format!("python3 -c '\nimport socket, os\n{body}'");
        let lines = [
            format!("exec bash -c 'echo > /dev/tcp/127.0.0.1/{port}'"),
            script(&format!("socket.create_connection((\"127.0.0.1\", {port}))")),
            script("socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)"),
            script("socket.socket(socket.AF_UNIX).connect(\"service\")"),
            script("socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)"),
            script("socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)"),
        ];
        let internet = [
            "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b\"x\", (\"127.0.0.1\", 9))",
            "socket.socket(socket.AF_INET6)",
        ];
        // A network of its own has a loopback device, and nothing beyond.
        for line in internet {
            let seen = fixture.run(Confinement::Folder, &script(line));
            let works = seen.how == ExitKind::Exit(0);
            let is_absent = seen.text.contains("not found");
            assert!(works == fixture.sandbox.has_network() || is_absent, "{line}: {}", seen.text);
        }
        for line in &lines {
            assert_ne!(fixture.run(Confinement::Folder, line).how, ExitKind::Exit(0), "{line}");
        }
        assert_ne!(fixture.run(Confinement::ReadOnly, &lines[0]).how, ExitKind::Exit(0));
        let free = fixture.run(Confinement::Free, &lines[0]);
        assert_eq!(free.how, ExitKind::Exit(0), "{}", free.text);
        let pair = fixture.run(
            Confinement::Folder,
            &script("a, b = socket.socketpair(); a.send(b\"x\"); assert b.recv(1) == b\"x\""),
        );
        assert!(pair.how == ExitKind::Exit(0) || pair.text.contains("not found"), "{}", pair.text);
    });
}

#[test]
fn other_processes_and_new_namespaces_are_out_of_reach() {
    Fixture::each(|fixture| {
        let own = std::process::id();
        for line in [
            format!("kill -0 {own}"),
            "[ $PPID != 1 ] && kill -0 $PPID".to_owned(),
            format!("cat /proc/{own}/environ"),
            format!("cat /proc/{own}/mem"),
            format!("readlink /proc/{own}/exe"),
            format!("head -c 1 /proc/{own}/fd/0"),
            format!("prlimit --pid {own} --nofile=3"),
            "unshare -U true".to_owned(),
            "unshare -r true".to_owned(),
            "unshare -n true".to_owned(),
            "mount -t tmpfs none sub".to_owned(),
            "mknod disk b 8 0".to_owned(),
            "mknod console c 5 1".to_owned(),
            "grep -q 'NoNewPrivs:.0' /proc/self/status".to_owned(),
            // Its children are sandboxed as well.
            "sh -c 'sh -c \"echo x > $OUT/new\"'".to_owned(),
            "setsid -w sh -c 'echo x > $OUT/new'".to_owned(),
            "(trap '' TERM; nohup sh -c 'echo x > $OUT/new' 2>&1) | grep -v 'denied\\|Read-only'"
                .to_owned(),
        ] {
            let seen = fixture.run(Confinement::Folder, &line);
            assert_ne!(seen.how, ExitKind::Exit(0), "{line}: {}", seen.text);
            fixture.assert_outside_untouched(&line);
        }
        let inside =
            fixture.run(Confinement::Folder, "sleep 60 & kill $! && wait $!; test $? = 143");
        assert_eq!(inside.how, ExitKind::Exit(0), "{}", inside.text);
    });
}

#[test]
fn a_command_has_its_input_its_output_and_its_errors_open_and_nothing_else() {
    let leak = std::fs::File::open("/").unwrap();
    rustix::io::fcntl_setfd(&leak, rustix::io::FdFlags::empty()).unwrap();
    Fixture::each(|fixture| {
        for confinement in [Confinement::Folder, Confinement::ReadOnly, Confinement::Free] {
            // The fourth is the one that `ls` reads.
            let seen = fixture.run(confinement, "ls /proc/self/fd");
            assert_eq!(seen.text, "0\n1\n2\n3\n", "{confinement:?} {:?}", fixture.sandbox);
        }
    });
}

#[test]
#[cfg_attr(not(has_namespaces), ignore = "needs namespaces")]
fn terminals_and_shared_memory_work_in_namespaces() {
    Fixture::each_that(Sandbox::has_mounts, |fixture| {
        for line in [
            "script -qec 'tty && echo in the terminal' /dev/null | grep -q 'in the terminal'",
            "python3 -c 'import os; a, b = os.openpty(); os.write(a, b\"x\\n\"); assert os.read(b, 1) == b\"x\"'",
            "python3 -c 'import multiprocessing as m; p = m.Pool(2); assert sum(p.map(abs, range(9))) == 36; p.close(); p.join()'",
        ] {
            for confinement in [Confinement::Folder, Confinement::ReadOnly] {
                let seen = fixture.run(confinement, line);
                let is_absent = seen.text.contains("not found");
                assert!(seen.how == ExitKind::Exit(0) || is_absent, "{line}: {}", seen.text);
            }
        }
    });
}
