//! The trace of changes by a command's own processes, with the real kernel: its content, and that
//! no command notices.

mod keeping;

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use codling::protocol::Confinement;
use codling::sandbox::{
    CommandEnd, CommandSpec, ExitKind, Trace, TraceSpec, kill_switch, probe, read_trace,
};
use tempfile::TempDir;

use crate::stage::needs::{demand, demand_program, demand_traces};
use crate::stage::{of_nobody, until};

/// The limit for any wait on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);

/// A folder to work in, and the program that works in it.
struct Fixture {
    dir: TempDir,
    program: PathBuf,
}

/// The changes of a command below the folder, its end and its output.
struct Seen {
    end: CommandEnd,
    text: String,
    trace: Option<Trace>,
}

impl Fixture {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("work")).unwrap();
        Self { dir, program: env!("CARGO_BIN_EXE_codling").into() }
    }

    /// As an unprivileged user.
    fn of_nobody() -> Self {
        let fixture = Self::new();
        if !rustix::process::geteuid().is_root() {
            return fixture;
        }
        for path in [fixture.dir.path(), &fixture.folder()] {
            fs::set_permissions(path, fs::Permissions::from_mode(0o777)).unwrap();
        }
        let program = of_nobody(fixture.dir.path());
        demand(program.is_some(), "`setpriv`: install util-linux");
        Self { program: program.unwrap(), ..fixture }
    }

    fn folder(&self) -> PathBuf {
        self.dir.path().canonicalize().unwrap().join("work")
    }

    fn trace(&self) -> PathBuf {
        self.dir.path().join("trace")
    }

    fn order(&self, confinement: Confinement, line: &str) -> CommandSpec {
        CommandSpec {
            command: ["/bin/bash", "-c", line].map(Into::into).into(),
            workdir: self.folder(),
            confinement,
            sandbox: probe(&self.program).sandbox,
            kept: Vec::new(),
            folder: self.folder(),
            hidden: Vec::new(),
            home: Default::default(),
            shown: Vec::new(),
            grants: Default::default(),
            network: Default::default(),
            loopback: None,
            limit: LIMIT,
            trace: Some(self.trace().into()),
            variables: Vec::new(),
        }
    }

    fn run(&self, confinement: Confinement, line: &str) -> Seen {
        fs::remove_file(self.trace()).unwrap_or_default();
        let (_held, switch) = kill_switch().unwrap();
        let mut bytes = Vec::new();
        let end = self
            .order(confinement, line)
            .run(&self.program, switch, &mut |heard| bytes.extend_from_slice(heard));
        Seen {
            end,
            text: String::from_utf8_lossy(&bytes).into_owned(),
            trace: read_trace(&self.trace()),
        }
    }

    /// The names below the folder in a trace.
    fn names(&self, trace: &Trace) -> BTreeSet<String> {
        let folder = self.folder();
        let below = trace.paths.iter().filter_map(|path| path.strip_prefix(&folder).ok());
        below.map(|path| path.to_str().unwrap().to_owned()).collect()
    }
}

/// The process ids as this process sees them.
fn processes(fits: impl Fn(&str) -> bool) -> Vec<String> {
    let names = fs::read_dir("/proc")
        .unwrap()
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok());
    names.filter(|name| name.bytes().all(|byte| byte.is_ascii_digit()) && fits(name)).collect()
}

/// Command lines, the files they need, and the files they change.
const LINES: &[(&str, &str, &[&str])] = &[
    ("echo x > new", "bash", &["new"]),
    ("echo x >> file", "bash", &["file"]),
    ("cat file > /dev/null; [ -e gone ]; ls; exec 3< file", "bash", &[]),
    ("cd sub && echo x > ../a/../new", "bash", &["new"]),
    // A link in the path is not changed.
    ("echo x > link/new", "bash", &["sub/new"]),
    ("echo x > alias", "bash", &["alias", "file"]),
    ("echo x > dangling", "bash", &["dangling", "sub/to"]),
    ("exec 3< file; echo x > /proc/self/fd/3; echo x > /dev/fd/3", "bash", &["file"]),
    // By its process id in its own namespace.
    ("exec 3< file; echo x > /proc/$$/fd/3", "bash", &["file"]),
    ("mkdir -p d/e && rmdir d/e", "mkdir", &["d", "d/e"]),
    ("mv file moved", "mv", &["file", "moved"]),
    ("ln file hard; ln -s file soft", "ln", &["file", "hard", "soft"]),
    ("rm file alias", "rm", &["file", "alias"]),
    ("chmod +x alias; touch -d 2020-01-01 sub/in", "chmod", &["alias", "file", "sub/in"]),
    ("touch -h -d 2020-01-01 alias", "touch", &["alias"]),
    ("truncate -s 0 file; mkfifo pipe", "truncate", &["file", "pipe"]),
    ("rm -r sub", "rm", &["sub", "sub/in"]),
    ("cp -r sub copy", "cp", &["copy", "copy/in"]),
    ("setsid sh -c 'sleep 0.05; echo x > late' & wait", "setsid", &["late"]),
    ("( ( echo x > deep ) )", "bash", &["deep"]),
    (
        "PYTHONDONTWRITEBYTECODE=1 python3 -c 'import os; d = os.open(\"sub\", 0); os.close(os.open(\"x\", os.O_WRONLY | os.O_CREAT, dir_fd=d)); os.rename(\"x\", \"y\", src_dir_fd=d, dst_dir_fd=d); os.fchmod(os.open(\"file\", 0), 0o600); os.utime(d)'",
        "python3",
        &["sub/x", "sub/y", "file", "sub"],
    ),
    (
        "python3 -c 'import threading as t; all = [t.Thread(target=lambda n=n: open(str(n), \"w\")) for n in range(9)]; [x.start() for x in all]; [x.join() for x in all]'",
        "python3",
        &["0", "1", "2", "3", "4", "5", "6", "7", "8"],
    ),
    ("cd sub; echo > x; cd ../a; echo > x; cd ..; echo > x", "bash", &["sub/x", "a/x", "x"]),
    // A folder whose name leads elsewhere a moment later.
    (
        "python3 -c 'import os; open(\"link/1\", \"w\"); os.unlink(\"link\"); os.mkdir(\"link\"); open(\"link/2\", \"w\"); os.rename(\"link\", \"l\"); os.symlink(\"a\", \"link\"); open(\"link/3\", \"w\"); open(os.getcwd() + \"/link/4\", \"w\")'",
        "python3",
        &["sub/1", "link", "link/2", "l", "a/3", "a/4"],
    ),
    (
        "perl -e 'unlink \"file\"; open(F, \">\", \"new\"); symlink(\"a\", \"soft\"); rename(\"new\", \"newer\"); utime(1, 1, \"sub/in\")'",
        "perl",
        &["file", "new", "soft", "newer", "sub/in"],
    ),
];

/// System calls that today's libraries no longer make, by number.
#[cfg(target_arch = "x86_64")]
const OLD_CALLS: &[(&str, &[&str])] = &[
    ("(2, \"new\", 65, 0644)", &["new"]),
    ("(85, \"new\", 0644)", &["new"]),
    ("(87, \"file\")", &["file"]),
    ("(84, \"sub\")", &["sub"]),
    ("(82, \"file\", \"moved\")", &["file", "moved"]),
    ("(83, \"d\", 0755)", &["d"]),
    ("(133, \"pipe\", 010644, 0)", &["pipe"]),
    ("(86, \"file\", \"hard\")", &["file", "hard"]),
    ("(88, \"x\", \"soft\")", &["soft"]),
    ("(90, \"alias\", 0600)", &["alias", "file"]),
    ("(94, \"alias\", $<, -1)", &["alias"]),
    ("(132, \"alias\", 0)", &["alias", "file"]),
    ("(235, \"file\", 0)", &["file"]),
    ("(76, \"file\", 0)", &["file"]),
    ("(188, \"file\", \"user.a\", \"b\", 1, 0)", &["file"]),
    ("(437, -100, \"told\", pack(\"QQQ\", 65, 0644, 0), 24)", &["told"]),
    ("(437, -100, \"file\", pack(\"QQQ\", 0, 0, 0), 24)", &[]),
    ("(452, -100, \"alias\", 0600, 0x100)", &["alias"]),
    ("(2, \"file\", 0)", &[]),
];

fn furnish(folder: &Path) {
    fs::remove_dir_all(folder).unwrap();
    fs::create_dir_all(folder.join("sub")).unwrap();
    fs::create_dir(folder.join("a")).unwrap();
    fs::write(folder.join("file"), "kept").unwrap();
    fs::write(folder.join("sub/in"), "").unwrap();
    symlink("sub", folder.join("link")).unwrap();
    symlink("file", folder.join("alias")).unwrap();
    symlink("sub/to", folder.join("dangling")).unwrap();
    if rustix::process::geteuid().is_root() {
        for name in [".", "sub", "a", "file", "sub/in"] {
            std::os::unix::fs::lchown(folder.join(name), Some(65534), Some(65534)).unwrap();
        }
    }
}

#[test]
#[cfg_attr(not(has_namespaces), ignore = "needs namespaces")]
fn every_way_to_change_a_file_is_in_the_trace_and_nothing_else_is() {
    demand_traces();
    for fixture in [Fixture::new(), Fixture::of_nobody()] {
        let lines =
            LINES.iter().map(|(line, needs, changed)| ((*line).to_owned(), *needs, *changed));
        #[cfg(target_arch = "x86_64")]
        let lines = lines.chain(OLD_CALLS.iter().map(|(call, changed)| {
            (format!("perl -e 'my ($n, @a) = {call}; syscall($n, @a)'"), "perl", *changed)
        }));
        for (line, needs, changed) in lines {
            demand_program(needs);
            furnish(&fixture.folder());
            let seen = fixture.run(Confinement::Folder, &line);
            let trace =
                seen.trace.unwrap_or_else(|| panic!("{line}: {:?} {}", seen.end, seen.text));
            let wanted: BTreeSet<String> = changed.iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(fixture.names(&trace), wanted, "{line}: {}", seen.text);
            assert!(trace.complete, "{line}");
        }
    }
}

#[test]
#[cfg_attr(not(has_namespaces), ignore = "needs namespaces")]
fn what_others_change_meanwhile_is_not_in_the_trace() {
    demand_traces();
    let fixture = Fixture::new();
    let folder = fixture.folder();
    furnish(&folder);
    let person = std::thread::spawn({
        let folder = folder.clone();
        move || {
            until(LIMIT, "the command has begun", || folder.join("begun").exists());
            fs::write(folder.join("file"), "by hand").unwrap();
            fs::rename(folder.join("a"), folder.join("renamed")).unwrap();
            fs::write(folder.join("go"), "").unwrap();
        }
    });
    let seen = fixture.run(
        Confinement::Folder,
        "echo > begun; until [ -e go ]; do :; done; mv sub away; echo x > renamed/own",
    );
    person.join().unwrap();
    let trace = seen.trace.unwrap();
    assert_eq!(
        fixture.names(&trace),
        ["begun", "sub", "away", "renamed/own"].map(str::to_owned).into()
    );
    assert!(trace.complete && seen.end.how == ExitKind::Exit(0), "{}", seen.text);
    for (name, touched) in [
        ("file", false),
        ("go", false),
        ("renamed", false),
        ("renamed/own", true),
        ("away/in", true),
        ("sub/in", true),
    ] {
        assert_eq!(trace.touched(&folder.join(name)), touched, "{name}");
    }
}

#[test]
#[cfg_attr(not(has_namespaces), ignore = "needs namespaces")]
fn a_command_that_is_not_kept_in_is_traced_where_that_takes_nothing_from_it() {
    demand_traces();
    let fixture = Fixture::new();
    let seen = fixture.run(Confinement::Free, "grep NoNewPrivs /proc/self/status; echo x > new");
    let before = fs::read_to_string("/proc/self/status").unwrap();
    assert!(before.contains(seen.text.trim()), "{}", seen.text);
    let has_rights = before.lines().any(|line| {
        line.starts_with("CapEff:")
            && u64::from_str_radix(line[8..].trim(), 16).unwrap() >> 21 & 1 == 1
    });
    assert_eq!(seen.trace.is_some(), has_rights || before.contains("NoNewPrivs:\t1"));
    assert!(seen.trace.is_none_or(|trace| fixture.names(&trace) == ["new".to_owned()].into()));
    let fixture = Fixture::of_nobody();
    let seen = fixture.run(Confinement::Free, "id -u; echo x > new && cat new");
    assert!(seen.end.how == ExitKind::Exit(0) && seen.trace.is_none(), "{}", seen.text);
}

#[test]
#[cfg_attr(not(all(has_namespaces, has_python3)), ignore = "needs namespaces and Python")]
fn programs_do_not_notice() {
    demand_traces();
    let fixture = Fixture::new();
    for (line, needs) in [
        // A repeating alarm signal does not keep a file from being opened.
        (
            "python3 -c 'import signal, os; signal.signal(signal.SIGALRM, lambda *_: None); signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005); [open(str(n % 7), \"w\").close() for n in range(3000)]; signal.setitimer(signal.ITIMER_REAL, 0)'",
            "python3",
        ),
        (
            "python3 -c 'import multiprocessing as m; p = [m.Process(target=open, args=(str(n), \"w\")) for n in range(4)]; [x.start() for x in p]; [x.join() for x in p]' && [ -e 3 ]",
            "python3",
        ),
        (
            "(setsid sh -c 'echo $$ > daemon; exec sleep 600' > /dev/null 2>&1 &) ; until [ -s daemon ]; do :; done",
            "setsid",
        ),
        ("sh -c 'kill -9 $$; echo x > never'; [ ! -e never ]", "bash"),
        ("trap 'echo x > trapped; exit 0' TERM; kill $$; sleep 9", "bash"),
        (
            "for n in $(seq 300); do echo $n > many-$n & done; wait; ls | grep -c many- | grep -qx 300",
            "seq",
        ),
        (
            "git init -q r && cd r && echo x > f && git add f && git -c user.name=a -c user.email=b commit -qm m && git clone -q . ../c && cat ../c/f",
            "git",
        ),
        ("timeout 1 sh -c 'while :; do echo x > looped; done'; [ $? = 124 ]", "timeout"),
    ] {
        demand_program(needs);
        for confinement in [Confinement::Folder, Confinement::Free] {
            furnish(&fixture.folder());
            let seen = fixture.run(confinement, line);
            assert_eq!(seen.end.how, ExitKind::Exit(0), "{confinement:?} {line}: {}", seen.text);
        }
    }
}

#[test]
#[cfg_attr(not(has_namespaces), ignore = "needs namespaces")]
fn what_was_changed_until_everything_was_killed_is_on_the_disk_and_nothing_hangs() {
    demand_traces();
    let fixture = Fixture::new();
    let folder = fixture.folder();
    let line = "n=0; while :; do n=$((n+1)); echo x > file-$n; done";
    let order = fixture.order(Confinement::Folder, line);
    let (_held, switch) = kill_switch().unwrap();
    let running = std::thread::spawn({
        let program = fixture.program.clone();
        move || order.run(&program, switch, &mut |_| {})
    });
    until(LIMIT, "fifty files are there", || folder.join("file-50").exists());
    let supervisor = processes(|pid| {
        let words = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let is_here = fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd == folder);
        is_here && words.split(|byte| *byte == 0).nth(1) == Some(b"__supervisor")
    });
    assert_eq!(supervisor.len(), 1);
    assert!(Command::new("kill").args(["-9", &supervisor[0]]).status().unwrap().success());
    assert!(matches!(running.join().unwrap().how, ExitKind::Failed(_)));
    until(LIMIT, "none of its processes is left", || {
        processes(|pid| fs::read_link(format!("/proc/{pid}/cwd")).is_ok_and(|cwd| cwd == folder))
            .is_empty()
    });
    let trace = read_trace(&fixture.trace()).unwrap();
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        assert!(trace.touched(&path), "{}", path.display());
    }
}

#[test]
#[cfg_attr(not(has_namespaces), ignore = "needs namespaces")]
fn a_trace_that_cannot_be_written_stops_nothing() {
    demand_traces();
    let fixture = Fixture::new();
    for trace in ["/not/there/trace".into(), fixture.dir.path().to_owned(), "/dev/full".into()] {
        let order = CommandSpec {
            trace: Some(TraceSpec { file: trace, keep: None }),
            ..fixture.order(Confinement::Folder, "echo x > new && cat new")
        };
        let (_held, switch) = kill_switch().unwrap();
        assert_eq!(order.run(&fixture.program, switch, &mut |_| {}).how, ExitKind::Exit(0));
    }
}
