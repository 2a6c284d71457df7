//! Commands that are kept in, by the real kernel: what they can do and what they cannot. Knows no tool.

use std::fs;
use std::io::Write;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use codling::protocol::{Confinement, Sandbox};
use codling::sandbox::{How, Order, leash, probe};
use tempfile::TempDir;

/// A folder to work in, and a place outside of it with a file of each sort.
struct Desk {
    _dir: TempDir,
    folder: PathBuf,
    outside: PathBuf,
    sandbox: Sandbox,
    program: PathBuf,
}

/// What a command wrote, and how it ended.
struct Seen {
    how: How,
    text: String,
}

impl Desk {
    /// Once for each way to keep commands in that works here, for this user and for one without rights.
    fn each(story: impl Fn(&Self)) {
        let own = PathBuf::from(env!("CARGO_BIN_EXE_codling"));
        let best = probe(&own);
        if best == Sandbox::Absent {
            // Past the test's own output, which nobody sees when it succeeds.
            let _told = writeln!(std::io::stderr(), "skipped: this system has no sandbox");
            return;
        }
        let tiers = if best == Sandbox::Namespaces { vec![best, Sandbox::Landlock] } else { vec![best] };
        for sandbox in tiers {
            story(&Self::new(sandbox, own.clone()));
            if let Some(desk) = Self::of_nobody(sandbox) {
                story(&desk);
            }
        }
    }

    fn new(sandbox: Sandbox, program: PathBuf) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        let (folder, outside) = (root.join("work"), root.join("outside"));
        for path in [&folder, &outside] {
            fs::create_dir_all(path.join("sub")).unwrap();
            fs::write(path.join("file"), "kept").unwrap();
        }
        Self { _dir: dir, folder, outside, sandbox, program }
    }

    /// Only where this user is root, and can become another one.
    fn of_nobody(sandbox: Sandbox) -> Option<Self> {
        const NOBODY: Option<u32> = Some(65534);
        if !rustix::process::geteuid().is_root() {
            return None;
        }
        let desk = Self::new(sandbox, PathBuf::new());
        let root = desk.folder.parent().unwrap().to_owned();
        for path in [&root, &desk.folder, &desk.outside] {
            fs::set_permissions(path, fs::Permissions::from_mode(0o777)).unwrap();
            for name in [".", "sub", "file"] {
                let _root_has_none = std::os::unix::fs::lchown(path.join(name), NOBODY, NOBODY);
            }
        }
        let (copy, program) = (root.join("codling"), root.join("program"));
        fs::copy(env!("CARGO_BIN_EXE_codling"), &copy).unwrap();
        let line = format!("exec setpriv --reuid 65534 --regid 65534 --clear-groups {} \"$@\"", copy.display());
        fs::write(&program, format!("#!/bin/sh\n{line}\n")).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let works = Command::new(&program).arg("--version").output().is_ok_and(|output| output.status.success());
        works.then_some(Self { program, ..desk })
    }

    fn order(&self, confinement: Confinement, line: &str) -> Order {
        Order {
            command: ["/bin/sh", "-c", line].map(Into::into).into(),
            workdir: self.folder.clone(),
            confinement,
            sandbox: self.sandbox,
            kept: Vec::new(),
            folder: self.folder.clone(),
            hidden: Vec::new(),
            shown: Vec::new(),
            limit: Duration::from_secs(60),
            trace: None,
            variables: vec![("OUT".into(), Some(self.outside.clone().into()))],
        }
    }

    fn run(&self, confinement: Confinement, line: &str) -> Seen {
        self.run_order(&self.order(confinement, line))
    }

    fn run_order(&self, order: &Order) -> Seen {
        let (_leash, tether) = leash().unwrap();
        let mut bytes = Vec::new();
        let end = order.run(&self.program, tether, &mut |heard| bytes.extend_from_slice(heard));
        Seen { how: end.how, text: String::from_utf8_lossy(&bytes).into_owned() }
    }

    /// As it was made.
    fn assert_outside_untouched(&self, after: &str) {
        let mut names: Vec<_> = fs::read_dir(&self.outside).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["file", "sub"], "{after}");
        assert_eq!(fs::read_to_string(self.outside.join("file")).unwrap(), "kept", "{after}");
        assert_eq!(fs::read_dir(self.outside.join("sub")).unwrap().count(), 0, "{after}");
    }
}

#[test]
fn writing_works_in_the_folder_and_in_the_temporary_one() {
    Desk::each(|desk| {
        for line in [
            "echo x > new && test -s new && rm new",
            "mkdir -p a/b && mv file a/b/file && mv a/b/file file && rm -r a",
            "ln file hard && ln -s file soft && rm hard soft",
            ": > file && printf kept > file",
            "chmod +x file && chmod -x file",
            "mkfifo pipe && rm pipe",
            "echo x > \"$TMPDIR/x\" && cp \"$TMPDIR/x\" x && rm x",
            "mv \"$(mktemp)\" moved && rm moved",
            "echo x > /dev/null && echo x >&2 && { [ $(id -u) = 65534 ] || echo x > /dev/stderr; }",
            "(echo a | cat) > piped && rm piped",
        ] {
            let seen = desk.run(Confinement::Folder, line);
            assert_eq!(seen.how, How::Exit(0), "{line}: {}", seen.text);
        }
    });
}

#[test]
fn writing_fails_everywhere_else_whatever_way_it_takes() {
    Desk::each(|desk| {
        std::os::unix::fs::symlink(&desk.outside, desk.folder.join("link")).unwrap();
        for line in [
            "echo x > $OUT/new",
            "echo x > $OUT/file",
            "echo x >> $OUT/file",
            ": > $OUT/file",
            "truncate -s 0 $OUT/file",
            "echo x > ../outside/new",
            "echo x > link/new",
            "rm link/file",
            "cd $OUT && touch new",
            "echo x > /proc/self/cwd/../outside/new",
            "echo x > /proc/self/root$OUT/new",
            "exec 3< $OUT/file; echo x > /proc/self/fd/3",
            "ln $OUT/file hard && echo x > hard",
            "ln file $OUT/hard",
            "ln -s x $OUT/soft",
            "mv file $OUT/moved",
            "mv $OUT/file taken",
            "mv $OUT/file $OUT/renamed",
            "rm $OUT/file",
            "rmdir $OUT/sub",
            "mkdir $OUT/made",
            "mkfifo $OUT/pipe",
            "touch $OUT/sub/new",
            "cp file $OUT/sub/copy",
            "(cd / && echo x > tmp/codling-test-escape)",
        ] {
            let seen = desk.run(Confinement::Folder, line);
            assert_ne!(seen.how, How::Exit(0), "{line}: {}", seen.text);
            desk.assert_outside_untouched(line);
            assert_eq!(fs::read_to_string(desk.folder.join("file")).unwrap(), "kept", "{line}");
            fs::remove_file(desk.folder.join("hard")).unwrap_or_default();
        }
        assert!(!Path::new("/tmp/codling-test-escape").exists());
        // Shared memory is there, but the command's own.
        desk.run(Confinement::Folder, "cp file /dev/shm/codling-test");
        assert!(!Path::new("/dev/shm/codling-test").exists());
    });
}

#[test]
fn a_command_that_may_only_read_writes_in_its_temporary_folder_alone() {
    Desk::each(|desk| {
        for (line, works) in [
            ("cat file", true),
            ("echo x > $TMPDIR/x", true),
            ("echo x > /dev/null", true),
            ("echo x > new", false),
            ("rm file", false),
            (": > file", false),
            ("git init -q .", false),
        ] {
            let seen = desk.run(Confinement::ReadOnly, line);
            assert_eq!(seen.how == How::Exit(0), works, "{line}: {}", seen.text);
        }
        assert_eq!(fs::read_dir(&desk.folder).unwrap().count(), 2);
    });
}

#[test]
fn the_temporary_folder_is_private_and_gone_afterwards() {
    Desk::each(|desk| {
        let seen =
            desk.run(Confinement::Folder, "mkdir -p $TMPDIR/a/b; echo x > $TMPDIR/a/b/c; stat -c %a $TMPDIR; echo $TMPDIR $TMP $TEMP");
        let mut lines = seen.text.lines();
        assert_eq!(lines.next(), Some("700"));
        let paths: Vec<_> = lines.next().unwrap().split(' ').collect();
        assert!(paths.len() == 3 && paths.iter().all(|path| *path == paths[0] && !Path::new(path).exists()), "{paths:?}");
    });
}

#[test]
fn the_network_and_the_sockets_of_others_are_out_of_reach() {
    Desk::each(|desk| {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let _service = UnixListener::bind(desk.folder.join("service")).unwrap();
        let script = |body: &str| format!("python3 -c '\nimport socket, os\n{body}'");
        let lines = [
            format!("exec bash -c 'echo > /dev/tcp/127.0.0.1/{port}'"),
            script(&format!("socket.create_connection((\"127.0.0.1\", {port}))")),
            script("socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b\"x\", (\"127.0.0.1\", 9))"),
            script("socket.socket(socket.AF_INET6)"),
            script("socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)"),
            script("socket.socket(socket.AF_UNIX).connect(\"service\")"),
            script("socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)"),
            script("socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)"),
        ];
        for line in &lines {
            assert_ne!(desk.run(Confinement::Folder, line).how, How::Exit(0), "{line}");
        }
        assert_ne!(desk.run(Confinement::ReadOnly, &lines[0]).how, How::Exit(0));
        let free = desk.run(Confinement::Free, &lines[0]);
        assert_eq!(free.how, How::Exit(0), "{}", free.text);
        let pair = desk.run(Confinement::Folder, &script("a, b = socket.socketpair(); a.send(b\"x\"); assert b.recv(1) == b\"x\""));
        assert!(pair.how == How::Exit(0) || pair.text.contains("not found"), "{}", pair.text);
    });
}

#[test]
fn other_processes_and_new_namespaces_are_out_of_reach() {
    Desk::each(|desk| {
        let own = std::process::id();
        for line in [
            format!("kill -0 {own}"),
            "kill -0 $PPID".to_owned(),
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
            // What it starts is kept in as well.
            "sh -c 'sh -c \"echo x > $OUT/new\"'".to_owned(),
            "setsid -w sh -c 'echo x > $OUT/new'".to_owned(),
            "(trap '' TERM; nohup sh -c 'echo x > $OUT/new' 2>&1) | grep -v 'denied\\|Read-only'".to_owned(),
        ] {
            let seen = desk.run(Confinement::Folder, &line);
            assert_ne!(seen.how, How::Exit(0), "{line}: {}", seen.text);
            desk.assert_outside_untouched(&line);
        }
        let inside = desk.run(Confinement::Folder, "sleep 60 & kill $! && wait $!; test $? = 143");
        assert_eq!(inside.how, How::Exit(0), "{}", inside.text);
    });
}

#[test]
fn hidden_files_cannot_be_read_by_any_name() {
    Desk::each(|desk| {
        for name in ["auth.json", ".auth.json.x.tmp", "auth.json.damaged-1"] {
            fs::File::create(desk.outside.join(name)).unwrap().write_all(b"a secret").unwrap();
        }
        std::os::unix::fs::symlink(desk.outside.join("auth.json"), desk.folder.join("link")).unwrap();
        let mut order = desk.order(Confinement::Folder, "");
        fs::create_dir(desk.outside.join(".ssh")).unwrap();
        fs::write(desk.outside.join(".ssh/id"), "a secret").unwrap();
        std::os::unix::fs::symlink(desk.outside.join(".ssh"), desk.folder.join("keys")).unwrap();
        order.hidden = vec![desk.outside.join("auth.json"), "/not/there/auth.json".into(), desk.outside.join(".ssh")];
        for (line, works) in [
            ("cat $OUT/auth.json", false),
            ("cat $OUT/.auth.json.x.tmp $OUT/auth.json.damaged-1", false),
            ("cat link", false),
            ("cat $OUT/.ssh/id", false),
            ("cat keys/id", false),
            ("cd keys && cat id", false),
            ("mv $OUT/.ssh s; cat s/id", false),
            ("cat /proc/self/root$OUT/auth.json", false),
            ("ln $OUT/auth.json copy && cat copy", false),
            ("cp $OUT/auth.json copy", false),
            ("cat $OUT/file file /etc/passwd", true),
            ("echo x > new && cat new", true),
            ("echo x > $TMPDIR/new && cat $TMPDIR/new", true),
            ("ls $OUT / /etc", true),
            ("cat /proc/self/status /proc/cpuinfo && ls -l /proc/self/fd", true),
        ] {
            order.command[2] = line.into();
            let seen = desk.run_order(&order);
            assert_eq!(seen.how == How::Exit(0), works, "{line}: {}", seen.text);
            assert!(!seen.text.contains("a secret"), "{line}");
        }
    });
}

#[test]
fn a_cage_that_cannot_be_built_runs_nothing() {
    Desk::each(|desk| {
        for (command, says) in [(vec!["/not/there"], "No such file"), (vec!["sh\0"], "could not be started")] {
            let mut order = desk.order(Confinement::Folder, "");
            order.command = command.into_iter().map(Into::into).collect();
            let seen = desk.run_order(&order);
            let told = format!("{:?} {}", seen.how, seen.text);
            assert!(told.contains(says) && seen.how != How::Exit(0), "{told}");
        }
    });
}

#[test]
fn two_hundred_commands_leave_nothing_behind() {
    Desk::each(|desk| {
        let own = format!("PPid:\t{}\n", std::process::id());
        for number in 0..200 {
            let line = match number % 20 {
                0 => "echo $TMPDIR; sleep 600 & mkdir -p $TMPDIR/a/b",
                1..7 => "echo $TMPDIR; exit 3",
                7..14 => "echo $TMPDIR; kill -9 $$",
                _ => "echo $TMPDIR; touch $TMPDIR/x",
            };
            let seen = desk.run(Confinement::ReadOnly, line);
            let folder = seen.text.trim_end();
            assert!(folder.starts_with('/') && !Path::new(folder).exists(), "{line}: {folder}");
        }
        assert_eq!(fs::read_dir(&desk.folder).unwrap().count(), 2);
        // Other tests of this process have children of their own, which come and go; a zombie of ours would stay.
        let zombies = || {
            let statuses = fs::read_dir("/proc").unwrap().flatten().map(|entry| fs::read_to_string(entry.path().join("status")));
            statuses.flatten().filter(|status| status.contains(&own) && status.contains("State:\tZ")).count()
        };
        let start = std::time::Instant::now();
        while zombies() > 0 {
            assert!(start.elapsed() < Duration::from_secs(30), "a zombie stays");
            std::thread::yield_now();
        }
    });
}

#[test]
fn what_git_would_follow_outside_of_the_sandbox_is_put_back() {
    Desk::each(|desk| {
        let git = desk.folder.join(".git");
        fs::create_dir_all(git.join("hooks")).unwrap();
        fs::write(git.join("config"), "[core]\n\tbare = false\n").unwrap();
        if desk.program != Path::new(env!("CARGO_BIN_EXE_codling")) {
            for path in [".git", ".git/hooks", ".git/config"] {
                std::os::unix::fs::lchown(desk.folder.join(path), Some(65534), Some(65534)).unwrap();
            }
        }
        let hostile = "printf '[alias]\\n\\tst = !touch %s\\n' \"$OUT/x\" >> .git/config; echo x > .git/hooks/pre-commit; chmod +x .git/hooks/pre-commit";
        for line in [hostile.to_owned(), format!("{hostile}; sleep 60 & exit 3"), format!("{hostile}; kill -9 $$")] {
            let (_leash, tether) = leash().unwrap();
            let end = desk.order(Confinement::Folder, &line).run(&desk.program, tether, &mut |_| {});
            assert_eq!(end.put_back, [".git/config", ".git/hooks/pre-commit"], "{line}: {end:?}");
            assert_eq!(fs::read_to_string(git.join("config")).unwrap(), "[core]\n\tbare = false\n", "{line}");
            assert!(!git.join("hooks/pre-commit").exists() && git.join("config.set-aside").exists(), "{line}");
        }
        let (_leash, tether) = leash().unwrap();
        let end = desk.order(Confinement::Free, hostile).run(&desk.program, tether, &mut |_| {});
        assert!(
            end.put_back.is_empty() && git.join("hooks/pre-commit").exists(),
            "what was let out of the sandbox is a person's wish: {end:?}"
        );
    });
}

#[test]
fn terminals_and_shared_memory_work_in_namespaces() {
    Desk::each(|desk| {
        if desk.sandbox != Sandbox::Namespaces {
            return;
        }
        for line in [
            "script -qec 'tty && echo in the terminal' /dev/null | grep -q 'in the terminal'",
            "python3 -c 'import os; a, b = os.openpty(); os.write(a, b\"x\\n\"); assert os.read(b, 1) == b\"x\"'",
            "python3 -c 'import multiprocessing as m; p = m.Pool(2); assert sum(p.map(abs, range(9))) == 36; p.close(); p.join()'",
        ] {
            for confinement in [Confinement::Folder, Confinement::ReadOnly] {
                let seen = desk.run(confinement, line);
                let is_absent = seen.text.contains("not found");
                assert!(seen.how == How::Exit(0) || is_absent, "{line}: {}", seen.text);
            }
        }
    });
}

#[test]
fn nothing_about_files_outside_can_be_changed_where_namespaces_keep_a_command_in() {
    Desk::each(|desk| {
        std::os::unix::fs::symlink(desk.outside.join("file"), desk.folder.join("link")).unwrap();
        let about = || {
            use std::os::unix::fs::MetadataExt;
            let about = desk.outside.join("file").metadata().unwrap();
            (about.mode(), about.mtime(), about.ctime(), about.ctime_nsec(), about.uid(), about.gid())
        };
        let before = about();
        for confinement in [Confinement::Folder, Confinement::ReadOnly] {
            for (line, is_bounded) in [
                ("chmod 777 $OUT/file", false),
                ("chmod 777 link", false),
                ("touch -d 2001-01-01 $OUT/file", false),
                ("chown $(id -u) $OUT/file", true),
                ("chgrp $(id -g) $OUT/file", true),
                ("python3 -c 'import os; os.setxattr(os.environ[\"OUT\"] + \"/file\", \"user.a\", b\"b\")'", true),
                ("python3 -c 'import os; os.fchmod(os.open(os.environ[\"OUT\"] + \"/file\", 0), 0o777)'", false),
            ] {
                // Landlock does not bound modes and times: that is what its tier lacks.
                if desk.sandbox == Sandbox::Namespaces || is_bounded {
                    let seen = desk.run(confinement, line);
                    assert_ne!(seen.how, How::Exit(0), "{line}: {}", seen.text);
                    assert_eq!(about(), before, "{line}: {}", seen.text);
                }
            }
        }
    });
}

#[test]
fn what_landlock_cannot_hide_is_not_run() {
    Desk::each(|desk| {
        if desk.sandbox != Sandbox::Landlock {
            return;
        }
        fs::write(desk.outside.join("auth.json"), "a secret").unwrap();
        for number in 0..17_000 {
            fs::File::create(desk.outside.join(format!("f{number}"))).unwrap();
        }
        let order =
            Order { hidden: vec![desk.outside.join("auth.json")], ..desk.order(Confinement::Folder, "cat $OUT/auth.json; echo ran") };
        let seen = desk.run_order(&order);
        assert_eq!(seen.how, How::Exit(126), "{}", seen.text);
        assert!(seen.text.contains("too many files lie beside") && !seen.text.contains("ran"), "{}", seen.text);
    });
}

#[test]
fn kept_places_cannot_be_changed_and_covered_ones_not_be_looked_into_however_many_files_are_beside() {
    Desk::each(|desk| {
        if desk.sandbox != Sandbox::Namespaces {
            return;
        }
        let git = desk.folder.join(".git");
        for folder in [&git, &desk.outside.join(".ssh"), &desk.outside.join("data/out")] {
            fs::create_dir_all(folder).unwrap();
        }
        for file in ["work/.git/HEAD", "work/.env", "outside/.ssh/id", "outside/auth.json", "outside/data/log", "outside/data/out/told"] {
            fs::write(desk.folder.parent().unwrap().join(file), "a secret").unwrap();
        }
        // Too many for a second wall.
        for number in 0..17_000 {
            fs::File::create(desk.folder.join(format!("f{number}"))).unwrap();
        }
        let hidden = [".ssh", "auth.json", "data"].map(|name| desk.outside.join(name));
        let hidden = hidden.into_iter().chain([desk.folder.join(".env")]).collect();
        let (kept, shown) = (vec![git.clone()], vec![desk.outside.join("data/out")]);
        let order = Order { hidden, kept, shown, ..desk.order(Confinement::Folder, "") };
        let run = |line: &str| {
            let mut order = order.clone();
            order.command[2] = line.into();
            desk.run_order(&order)
        };
        for line in [
            "rm -rf .git; [ ! -e .git/HEAD ]",
            "mv .git away",
            "mv ../work/.git $TMPDIR/git",
            "echo x > .git/new",
            "rm .git/HEAD",
            "chmod 777 .git",
            "cat .env",
            "cat $OUT/auth.json",
            "cat $OUT/.ssh/id",
            "cat $OUT/data/log",
            "umount .env; cat .env",
            "rm .env; mv .env env",
            "ln .env env && cat env",
            "ln $OUT/.ssh/id id && cat id",
            "echo x > $OUT/data/out/told",
            "echo x > $OUT/data/new",
        ] {
            let seen = run(line);
            assert!(seen.how != How::Exit(0) && !seen.text.contains("a secret"), "{line}: {}", seen.text);
        }
        let seen = run("cat .git/HEAD $OUT/data/out/told && ls $OUT/.ssh $OUT/data .git && stat $OUT/.ssh .env && echo x > new");
        assert_eq!(seen.how, How::Exit(0), "{}", seen.text);
        assert_eq!(fs::read_to_string(desk.folder.join(".env")).unwrap(), "a secret");
    });
}

#[test]
fn a_person_can_ask_for_the_tier_and_run_a_command_in_it() {
    let dir = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let program = env!("CARGO_BIN_EXE_codling");
        Command::new(program).arg("sandbox").args(arguments).current_dir(dir.path()).env("HOME", dir.path()).output().unwrap()
    };
    let told = run(&[]);
    let tier = String::from_utf8(told.stdout).unwrap();
    assert!(told.status.success() && tier.starts_with("Tier ") && tier.lines().count() == 1, "{tier}");
    if probe(Path::new(env!("CARGO_BIN_EXE_codling"))) == Sandbox::Absent {
        assert!(!run(&["--", "true"]).status.success());
        return;
    }
    for (arguments, works) in [
        (&["--", "sh", "-c", "echo made; : > new"][..], true),
        (&["--mode", "read-only", "--", "sh", "-c", "echo made; : > other"], false),
        (&["--", "sh", "-c", "echo made; : > ../other"], false),
    ] {
        let output = run(arguments);
        assert_eq!(output.status.success(), works, "{arguments:?}");
        assert!(output.stdout.starts_with(b"made\n"), "{arguments:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(tier.trim()));
    }
    assert!(dir.path().join("new").exists() && !dir.path().join("other").exists());
}
