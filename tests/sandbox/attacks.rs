//! The attack list: attempts of a command in each tier, in both modes, as root and as a normal
//! user, and their outcomes. `CODLING_TEST_TABLE=1` runs and prints the whole table; otherwise
//! columns with the same walls as others are left out.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::linux::net::SocketAddrExt;
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use codling::protocol::{Confinement, Sandbox, SharedNamespaces};
use codling::sandbox::{CommandSpec, ExitKind, HomeAccess, Loopback, NetworkAccess, kill_switch};
use rustix::io::FdFlags;
use rustix::net::{AddressFamily, SocketType, socket};

use super::fixture::Fixture;
use super::homes::sign_ins;
use crate::stage::crowd;
use crate::stage::needs::is_whole;

/// The outcome of an attack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Came {
    /// It changed something outside, read a secret, or reached another process.
    Through,
    /// It worked on the command's own copy.
    Own,
    Stopped,
}

use Came::{Own, Stopped, Through};

/// By tier: 1, 1 without a network of its own, 2 and 3.
type ByTier = [Came; 4];

const NEVER: ByTier = [Stopped; 4];
/// Landlock does not restrict it, and the tier says so.
const BY_MOUNTS: ByTier = [Stopped, Stopped, Stopped, Through];
/// Mounts and namespaces give the command its own.
const PRIVATE: ByTier = [Own, Own, Own, Stopped];

fn of_tier(by_tier: ByTier, sandbox: Sandbox) -> Came {
    let [first, networkless, second, third] = by_tier;
    match sandbox {
        Sandbox::Namespaces | Sandbox::NamespacesBut(SharedNamespaces::Processes) => first,
        Sandbox::NamespacesBut(_) => networkless,
        Sandbox::Bubblewrap => second,
        Sandbox::Absent | Sandbox::Landlock | Sandbox::Seatbelt => third,
    }
}

struct Attack {
    name: &'static str,
    line: &'static str,
    auto: ByTier,
    read_only: ByTier,
}

const fn attack(name: &'static str, line: &'static str, both: ByTier) -> Attack {
    Attack { name, line, auto: both, read_only: both }
}

/// `$OUT` is outside, `$VICTIM` a process of the same user there, `$PORT` and `$NAME` are another
/// program's sockets.
const ATTACKS: &[Attack] = &[
    attack("write outside", "echo x >> $OUT/file", NEVER),
    attack("create outside", "echo x > $OUT/new", NEVER),
    attack("write outside by a link", "ln -s $OUT/file $TMPDIR/l && echo x >> $TMPDIR/l", NEVER),
    attack("write outside by /proc/self/root", "echo x >> /proc/self/root$OUT/file", NEVER),
    attack("truncate outside", "truncate -s 0 $OUT/file", NEVER),
    attack("remove outside", "rm -f $OUT/file", NEVER),
    attack("rename outside", "mv $OUT/file $OUT/renamed", NEVER),
    attack("link to outside", "ln $OUT/file $TMPDIR/hard && echo x >> $TMPDIR/hard", NEVER),
    attack("chmod outside", "chmod 777 $OUT/file", BY_MOUNTS),
    attack("chmod of a key", "chmod 644 $OUT/.ssh/id", BY_MOUNTS),
    attack("utimes outside", "touch -d 2001-01-01 $OUT/file", BY_MOUNTS),
    attack("chown outside", "chown $(id -u):$(id -g) $OUT/file", NEVER),
    attack(
        "xattr outside",
        "python3 -c 'import os; os.setxattr(os.environ[\"OUT\"] + \"/file\", \"user.a\", b\"b\")'",
        NEVER,
    ),
    attack("read a hidden folder", "cat $OUT/.ssh/id", NEVER),
    attack("read a hidden file", "cat $OUT/auth.json", NEVER),
    attack(
        "read a secret among 5,000 names",
        "cat $OUT/many/token; grep -rh SECRET $OUT/many",
        NEVER,
    ),
    attack(
        "read a secret by /proc/PID/root",
        "cat /proc/$VICTIM/root$OUT/.ssh/id /proc/*/root$OUT/.ssh/id",
        NEVER,
    ),
    attack(
        "read a secret by /proc/PID/cwd",
        "cat /proc/$VICTIM/cwd/.ssh/id /proc/*/cwd/.ssh/id",
        NEVER,
    ),
    attack(
        "read auth.json renewed by rename",
        "echo ready; until [ -e $OUT/sub/renewed ]; do :; done; cat $OUT/auth.json",
        NEVER,
    ),
    attack("read sign-ins of a home", "grep -rhsa SECRET $OUT/home", NEVER),
    attack(
        "read a sign-in by its name",
        "cat $OUT/home/.netrc $OUT/home/.fly/config.yml /proc/self/root$OUT/home/.config/gh/hosts.yml",
        NEVER,
    ),
    attack(
        "read a sign-in by a link",
        "ln -s $OUT/home/.kaggle/kaggle.json $TMPDIR/l && cat $TMPDIR/l",
        NEVER,
    ),
    attack(
        "read a sign-in made meanwhile",
        "echo ready; until [ -e $OUT/sub/renewed ]; do :; done; cat $OUT/home/.late/token",
        NEVER,
    ),
    attack(
        "read settings with a token",
        "grep -q email $OUT/home/.gitconfig && cat $OUT/home/.gitconfig",
        PRIVATE,
    ),
    attack(
        "unmount a home",
        "umount -l $OUT/home; unshare -Ur umount -l $OUT/home; cat $OUT/home/.netrc",
        NEVER,
    ),
    attack(
        "write to a home",
        "echo x > $OUT/home/.bashrc || echo x > $OUT/home/new || echo x > $OUT/home/.gitconfig || mkdir $OUT/home/.new",
        NEVER,
    ),
    attack(
        "alter a cache",
        "for f in $OUT/home/.cache/pip/a $OUT/home/.cache/uv/in/wheel; do echo x >> $f; rm -f $f; done; mkdir $OUT/home/.cache/pip/new $OUT/home/.cache/new; ln -s $OUT/home $OUT/home/.cache/pip/l && echo x > $OUT/home/.cache/pip/l/.cache/pip/a; false",
        NEVER,
    ),
    attack(
        "alter a cache below its overlay",
        "c=$OUT/home/.cache; umount -l $c/pip; unshare -Urm sh -c \"umount -l $c/pip; mount -o remount,rw $OUT; mount --bind $OUT/home $TMPDIR; echo x > $TMPDIR/.cache/pip/a\"; for d in ${TMPDIR%/*}/codling-*/caches/*/upper /proc/*/root$c/pip; do echo x > $d/a; done; false",
        NEVER,
    ),
    attack(
        "read what is hidden in a cache",
        "c=$OUT/home/.cache/uv; cat $c/in/vault/key; mv $c/in $c/out; cat $c/out/vault/key; cp -r $c $TMPDIR/copy; ln $c/in/vault/key $c/l; ln -s in/vault/key $c/s; cat $c/l $c/s; umount -l $c/in/vault; grep -rhas SECRET $OUT/home/.cache $TMPDIR",
        NEVER,
    ),
    attack(
        "lead an overlay elsewhere by an attribute",
        "c=$OUT/home/.cache/uv; mkdir $c/made; for k in user trusted; do python3 -c \"import os,sys; os.setxattr('$c/made', '$k.overlay.redirect', b'/../../.fly')\"; done; cat $c/made/config.yml; grep -rhas SECRET $c",
        NEVER,
    ),
    attack("unmount a mask", "umount -l $OUT/.ssh; cat $OUT/.ssh/id", NEVER),
    attack(
        "remount writable",
        "mount -o remount,rw,bind $OUT; mount -o remount,rw /; echo x >> $OUT/file",
        NEVER,
    ),
    attack("bind over", "mount --bind $OUT $TMPDIR && echo x >> $TMPDIR/file", NEVER),
    attack(
        "nested user namespace",
        "unshare -Ur sh -c 'umount -l $OUT/.ssh; mount -o remount,rw /; cat $OUT/.ssh/id; echo x >> $OUT/file'",
        NEVER,
    ),
    attack("chroot", "chroot / true", NEVER),
    attack("make a device", "mknod $TMPDIR/disk b 254 0 && head -c 1 $TMPDIR/disk", NEVER),
    attack("write /proc/sys", "echo x > /proc/sys/kernel/hostname", NEVER),
    attack("kill another process", "kill -9 $VICTIM", NEVER),
    attack(
        "end another process by its descriptor",
        "python3 -c 'import os, signal; signal.pidfd_send_signal(os.pidfd_open(int(os.environ[\"VICTIM\"])), 9)'",
        NEVER,
    ),
    // tgkill and rt_sigqueueinfo; numbers of x86-64 and of others.
    attack(
        "end another process by its thread",
        "python3 -c 'import ctypes, os, sys; n = {\"x86_64\": (234, 129)}.get(os.uname().machine, (131, 138)); v = int(os.environ[\"VICTIM\"]); c = ctypes.CDLL(None).syscall; sys.exit(all([c(n[0], v, v, 9), c(n[1], v, 9, bytes(128))]))'",
        NEVER,
    ),
    // It is to be told of what can be read, with a signal of the command's choice.
    attack(
        "end another process by a pipe",
        "python3 -c 'import fcntl, os; r, w = os.pipe(); fcntl.fcntl(r, 8, int(os.environ[\"VICTIM\"])); fcntl.fcntl(r, 10, 9); fcntl.fcntl(r, 4, os.O_ASYNC); os.write(w, b\"x\"); os.kill(int(os.environ[\"VICTIM\"]), 0)'",
        NEVER,
    ),
    attack("have another process ended first", "echo 1000 > /proc/$VICTIM/oom_score_adj", NEVER),
    attack("bound another process", "prlimit --pid $VICTIM --nofile=1", NEVER),
    attack(
        "ptrace another process",
        "python3 -c 'import ctypes, os, sys; sys.exit(ctypes.CDLL(None).ptrace(16, int(os.environ[\"VICTIM\"]), 0, 0) != 0)'",
        NEVER,
    ),
    attack("read its memory", "head -c 1 /proc/$VICTIM/mem", NEVER),
    attack("read its variables", "grep -qz . /proc/$VICTIM/environ", NEVER),
    attack("renice another process", "renice -n 19 -p $VICTIM", NEVER),
    attack(
        "renice a group of processes",
        "python3 -c 'import os; os.setpriority(os.PRIO_PGRP, os.getpgid(int(os.environ[\"VICTIM\"])), 19)'",
        NEVER,
    ),
    attack(
        "move another process to one processor",
        "python3 -c 'import os; os.sched_setaffinity(int(os.environ[\"VICTIM\"]), {0})'",
        NEVER,
    ),
    attack(
        "make another process wait for all others",
        "python3 -c 'import os; os.sched_setscheduler(int(os.environ[\"VICTIM\"]), os.SCHED_IDLE, os.sched_param(0))'",
        NEVER,
    ),
    attack("make another process wait for the disk", "ionice -c 3 -p $VICTIM", NEVER),
    // FS_IOC_GETFLAGS, FS_IOC_SETFLAGS and the no-dump flag, through a file opened for reading.
    attack(
        "change a file's flags outside",
        "python3 -c 'import array, fcntl, os; f = open(os.environ[\"OUT\"] + \"/file\"); a = array.array(\"l\", [0]); fcntl.ioctl(f, 0x80086601, a); a[0] ^= 0x40; fcntl.ioctl(f, 0x40086602, a)'",
        NEVER,
    ),
    attack("shared memory", "echo x > /dev/shm/codling-attack", PRIVATE),
    attack("write to /tmp", "echo x > /tmp/codling-attack", NEVER),
    attack("a pseudo-terminal", "python3 -c 'import os; os.openpty()'", PRIVATE),
    attack(
        "type into the terminal",
        "python3 -c 'import fcntl; fcntl.ioctl(open(\"/dev/tty\"), 0x5412, b\"x\")'",
        NEVER,
    ),
    attack("tcp", "exec bash -c 'echo x > /dev/tcp/127.0.0.1/'$PORT", NEVER),
    // A datagram is sent to a port of the command's own loopback, where nobody listens.
    attack("udp", "exec bash -c 'echo x > /dev/udp/127.0.0.1/'$PORT", [Own, Stopped, Own, Stopped]),
    attack("the resolver of the machine", "exec bash -c 'echo x > /dev/tcp/127.0.0.53/53'", NEVER),
    attack(
        "speak netlink",
        "python3 -c 'import socket; socket.socket(socket.AF_NETLINK, socket.SOCK_RAW)'",
        NEVER,
    ),
    attack(
        "a raw socket",
        "python3 -c 'import socket as s; s.socket(s.AF_INET, s.SOCK_RAW, s.IPPROTO_ICMP)'",
        NEVER,
    ),
    attack(
        "hear all packets",
        "python3 -c 'import socket as s; s.socket(s.AF_PACKET, s.SOCK_RAW)'",
        NEVER,
    ),
    // SIOCSIFFLAGS and SIOCSIFADDR.
    attack(
        "switch the loopback off",
        "python3 -c 'import fcntl, socket, struct; fcntl.ioctl(socket.socket(), 0x8914, struct.pack(\"16sh14x\", b\"lo\", 0))'",
        NEVER,
    ),
    attack(
        "give the loopback another address",
        "python3 -c 'import fcntl, socket, struct; fcntl.ioctl(socket.socket(), 0x8916, struct.pack(\"16sHH4s8x\", b\"lo\", 2, 0, bytes([10, 0, 0, 1])))'",
        NEVER,
    ),
    attack("move the loopback elsewhere", "ip link set lo netns $VICTIM", NEVER),
    attack(
        "enter another process's network",
        "nsenter --net=/proc/$VICTIM/ns/net true || nsenter --net=/proc/1/ns/net true || nsenter -t $VICTIM -U true",
        NEVER,
    ),
    attack(
        "an abstract unix socket",
        "python3 -c 'import os, socket; socket.socket(socket.AF_UNIX).connect(\"\\0\" + os.environ[\"NAME\"])'",
        NEVER,
    ),
    attack(
        "a unix socket by its path",
        "python3 -c 'import os, socket; socket.socket(socket.AF_UNIX).connect(os.environ[\"OUT\"] + \"/socket\")'",
        NEVER,
    ),
    attack(
        "io_uring",
        "python3 -c 'import ctypes, sys; sys.exit(ctypes.CDLL(None).syscall(425, 1, bytes(120)) < 0)'",
        NEVER,
    ),
    // In tier 3 `.git` is repaired afterwards, except for objects.
    Attack {
        name: "rm -rf .git/objects",
        line: "rm -rf .git/objects",
        auto: BY_MOUNTS,
        read_only: NEVER,
    },
    Attack {
        name: "git config",
        line: "git config core.fsmonitor ./x",
        auto: NEVER,
        read_only: NEVER,
    },
    Attack {
        name: "a hook",
        line: "echo x > .git/hooks/pre-commit",
        auto: NEVER,
        read_only: NEVER,
    },
    Attack {
        name: "mv .git away",
        line: "mv .git away && echo gitdir: away > .git",
        auto: BY_MOUNTS,
        read_only: NEVER,
    },
    Attack {
        name: "write in the folder",
        line: "echo x > made && rm made",
        auto: [Own; 4],
        read_only: NEVER,
    },
    attack("a nested repository's settings", "git -C nested config core.fsmonitor ./x", NEVER),
    attack("a nested repository's hook", "echo x > nested/.git/hooks/pre-commit", NEVER),
    // Everybody who adds it would run it with every `git status`.
    attack(
        "a new repository's settings",
        "git init -q new && cd new && git -c user.name=a -c user.email=a@b commit -q --allow-empty -m m && git config core.fsmonitor \"touch $OUT/sprung #\"",
        NEVER,
    ),
    attack(
        "a new repository by a file",
        "git init -q --separate-git-dir store new && git -C new -c user.name=a -c user.email=a@b commit -q --allow-empty -m m && git -C new config core.fsmonitor \"touch $OUT/sprung #\"",
        NEVER,
    ),
    attack(
        "a new repository's hook",
        "git init -q new && echo \"touch $OUT/sprung\" > new/.git/hooks/post-index-change && chmod +x new/.git/hooks/*",
        NEVER,
    ),
    attack(
        "a script that plants a program and has git run it",
        "echo 'git config core.fsmonitor \"touch $OUT/sprung #\"; git fsck; git status' | sh; test -e $OUT/sprung",
        NEVER,
    ),
    attack(
        "a script that has git run a program",
        "echo 'git -c core.fsmonitor=\"touch $OUT/sprung #\" status; git -c alias.x=\"!touch $OUT/sprung\" x' | sh; test -e $OUT/sprung",
        NEVER,
    ),
    // Descriptors that the program inherited.
    attack("write to an inherited file", "exec bash -c 'echo x >&'$LEAKED_FILE", NEVER),
    attack(
        "create in an inherited folder",
        "python3 -c 'import os; os.open(\"made\", os.O_CREAT | os.O_WRONLY, dir_fd=int(os.environ[\"LEAKED_FOLDER\"]))'",
        NEVER,
    ),
    attack(
        "chmod in an inherited folder",
        "python3 -c 'import os; os.chmod(\"file\", 0o777, dir_fd=int(os.environ[\"LEAKED_FOLDER\"]))'",
        NEVER,
    ),
    attack(
        "create in an inherited folder by /proc",
        "echo x > /proc/self/fd/$LEAKED_FOLDER/made",
        NEVER,
    ),
    attack(
        "read a secret in an inherited folder",
        "python3 -c 'import os; print(os.read(os.open(\".ssh/id\", os.O_RDONLY, dir_fd=int(os.environ[\"LEAKED_FOLDER\"])), 99))'",
        NEVER,
    ),
    attack("speak on an inherited connection", "exec bash -c 'echo x >&'$LEAKED_CONNECTION", NEVER),
    attack(
        "connect an inherited socket",
        "python3 -c 'import os, socket; socket.socket(fileno=int(os.environ[\"LEAKED_SOCKET\"])).connect(os.environ[\"OUT\"] + \"/socket\")'",
        NEVER,
    ),
    // A worktree's `.git` is a file, and its repository is outside.
    attack("a work tree's repository", "cd tree && git config core.fsmonitor ./x", NEVER),
];

/// The state outside and in repositories, which must stay.
type Picture = BTreeMap<PathBuf, (u32, u64, i64, i64, Vec<u8>)>;

struct Ground {
    fixture: Fixture,
    network: NetworkAccess,
    sleep: Command,
    victim: Child,
    last: Option<Picture>,
    tcp: TcpListener,
    named: UnixListener,
    anonymous: UnixListener,
    name: String,
    leaks: Leaks,
    loopback: Loopback,
}

/// A descriptor of the program that starts commands, which they could inherit.
struct Leaks {
    file: fs::File,
    folder: fs::File,
    connection: UnixStream,
    /// The other end of it.
    hears: UnixStream,
    socket: OwnedFd,
}

impl Leaks {
    fn to(outside: &Path) -> Self {
        let (connection, hears) = UnixStream::pair().unwrap();
        hears.set_nonblocking(true).unwrap();
        let leaks = Self {
            file: fs::File::options().append(true).open(outside.join("file")).unwrap(),
            folder: fs::File::open(outside).unwrap(),
            connection,
            hears,
            socket: socket(AddressFamily::UNIX, SocketType::STREAM, None).unwrap(),
        };
        for (_, leak) in leaks.named() {
            rustix::io::fcntl_setfd(leak, FdFlags::empty()).unwrap();
        }
        leaks
    }

    fn named(&self) -> [(&'static str, BorrowedFd<'_>); 4] {
        [
            ("LEAKED_FILE", self.file.as_fd()),
            ("LEAKED_FOLDER", self.folder.as_fd()),
            ("LEAKED_CONNECTION", self.connection.as_fd()),
            ("LEAKED_SOCKET", self.socket.as_fd()),
        ]
    }
}

impl Drop for Ground {
    fn drop(&mut self) {
        let _gone = self.victim.kill().and_then(|()| self.victim.wait());
    }
}

impl Ground {
    fn new(fixture: Fixture) -> Self {
        let out = fixture.outside.clone();
        for folder in [".ssh", "many", "tree-of"] {
            fs::create_dir(out.join(folder)).unwrap();
        }
        for file in [".ssh/id", "auth.json", "many/token"] {
            fs::write(out.join(file), "A-SECRET\n").unwrap();
        }
        sign_ins::make(&out.join("home"), "A-SECRET");
        fs::create_dir_all(out.join("home/.cache/uv/in/vault")).unwrap();
        for (file, text) in [("vault/key", "A-SECRET\n"), ("wheel", "kept")] {
            fs::write(out.join("home/.cache/uv/in").join(file), text).unwrap();
        }
        crowd(&out.join("many"), 0..5_000);
        let script = format!(
            "git init -q . && git init -q nested && git init -q {0}/tree-of && cd {0}/tree-of && git -c user.name=a -c user.email=a@b commit -q --allow-empty -m m && git worktree add -q $OLDPWD/tree",
            out.display()
        );
        let done = Command::new("bash")
            .args(["-c", &script])
            .current_dir(&fixture.folder)
            .output()
            .unwrap();
        assert!(done.status.success(), "{done:?}");
        let mut sleep = Command::new("sleep");
        sleep.arg("600").current_dir(&out).stdin(Stdio::null());
        if fixture.is_of_nobody() {
            let all = Command::new("chown")
                .args(["-R", "65534:65534"])
                .args([&fixture.folder, &out])
                .status()
                .unwrap();
            assert!(all.success());
            std::os::unix::process::CommandExt::uid(&mut sleep, 65534);
            std::os::unix::process::CommandExt::gid(&mut sleep, 65534);
        }
        let name = format!("codling-test-{}", fixture.outside.display());
        let address = SocketAddr::from_abstract_name(&name).unwrap();
        let (tcp, named, anonymous) = (
            TcpListener::bind("127.0.0.1:0").unwrap(),
            UnixListener::bind(out.join("socket")).unwrap(),
            UnixListener::bind_addr(&address).unwrap(),
        );
        fs::set_permissions(
            out.join("socket"),
            std::os::unix::fs::PermissionsExt::from_mode(0o777),
        )
        .unwrap();
        tcp.set_nonblocking(true).unwrap();
        named.set_nonblocking(true).unwrap();
        anonymous.set_nonblocking(true).unwrap();
        Self {
            victim: sleep.spawn().unwrap(),
            sleep,
            last: None,
            leaks: Leaks::to(&out),
            fixture,
            network: NetworkAccess::Hosts,
            tcp,
            named,
            anonymous,
            name,
            loopback: Loopback::default(),
        }
    }

    fn order(&self, confinement: Confinement, line: &str) -> CommandSpec {
        // This many names beside a secret cost time.
        let names = [".ssh", "auth.json", "home/.cache/uv/in/vault"]
            .into_iter()
            .chain(Some("many/token").filter(|_| line.contains("many")));
        let hidden = names.map(|name| self.fixture.outside.join(name)).collect();
        let mut order = CommandSpec {
            hidden,
            home: HomeAccess {
                homes: vec![self.fixture.outside.join("home")],
                ..HomeAccess::default()
            },
            kept: [".git", "nested/.git"].map(|git| self.fixture.folder.join(git)).into(),
            network: self.network,
            loopback: Some(self.loopback.clone()),
            ..self.fixture.order(confinement, line)
        };
        let port = self.tcp.local_addr().unwrap().port();
        for (name, value) in [
            ("VICTIM", self.victim.id().to_string()),
            ("PORT", port.to_string()),
            ("NAME", self.name.clone()),
        ] {
            order.variables.push((name.into(), Some(value.into())));
        }
        for (name, leak) in self.leaks.named() {
            let number = leak.as_raw_fd().to_string();
            order.variables.push((name.into(), Some(number.into())));
        }
        order.variables.push(("HOME".into(), Some(self.fixture.folder.clone().into())));
        order.variables.push(("GIT_CONFIG_COUNT".into(), Some("1".into())));
        order.variables.push(("GIT_CONFIG_KEY_0".into(), Some("safe.directory".into())));
        order.variables.push(("GIT_CONFIG_VALUE_0".into(), Some("*".into())));
        order
    }

    fn picture(&self) -> Picture {
        let mut all = Picture::new();
        let mut folders = vec![
            self.fixture.outside.clone(),
            self.fixture.folder.join(".git"),
            self.fixture.folder.join("nested/.git"),
        ];
        while let Some(folder) = folders.pop() {
            for path in
                fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.path())
            {
                let about = fs::symlink_metadata(&path).unwrap();
                if about.is_dir() && !path.ends_with("many") {
                    folders.push(path.clone());
                }
                // A folder's times change with its entries, which are checked by themselves; git's
                // repaired files leave others beside them.
                let is_aside = path.to_string_lossy().contains(".set-aside");
                let is_inner =
                    about.is_dir() || path.components().any(|part| part.as_os_str() == ".git");
                let (times, bytes) = match about.is_file() && about.len() < 4096 {
                    _ if is_aside => continue,
                    bytes => (
                        (about.ctime(), about.ctime_nsec()),
                        if bytes { fs::read(&path).unwrap() } else { Vec::new() },
                    ),
                };
                let (seconds, rest) = if is_inner { (0, 0) } else { times };
                all.insert(path, (about.mode(), u64::from(about.uid()), seconds, rest, bytes));
            }
        }
        all
    }

    /// Replaces a hidden file while the command runs, as a program that writes atomically does.
    fn renew(&self) {
        let (new, old) =
            (self.fixture.outside.join("new.json"), self.fixture.outside.join("auth.json"));
        fs::write(&new, "A-SECRET renewed\n").unwrap();
        fs::rename(&new, &old).unwrap();
        let late = self.fixture.outside.join("home/.late");
        fs::create_dir_all(&late).unwrap();
        fs::write(late.join("token"), "A-SECRET\n").unwrap();
        fs::write(self.fixture.outside.join("sub/renewed"), "").unwrap();
    }

    /// Runs the person's git without a sandbox afterwards; a trap that it starts leaves `sprung`
    /// outside.
    fn look_on(&self) {
        let (folder, index) = (&self.fixture.folder, self.fixture.outside.with_extension("index"));
        let _none = fs::copy(folder.join(".git/index"), &index);
        for line in [
            "git add new",
            "git status",
            "git -C new status",
            "git -C new commit -q --allow-empty -m m",
        ] {
            let mut command = Command::new("sh");
            command
                .args(["-c", line])
                .current_dir(folder)
                .env("GIT_INDEX_FILE", &index)
                .env("OUT", &self.fixture.outside);
            if line.contains("-C") {
                command.env_remove("GIT_INDEX_FILE");
            }
            for (at, (key, value)) in
                [("safe.directory", "*"), ("user.name", "a"), ("user.email", "a@b")]
                    .into_iter()
                    .enumerate()
            {
                command
                    .env(format!("GIT_CONFIG_KEY_{at}"), key)
                    .env(format!("GIT_CONFIG_VALUE_{at}"), value);
            }
            let _where_there_is_one = command.env("GIT_CONFIG_COUNT", "3").output().unwrap();
        }
        for made in ["new", "store"] {
            let _not_made = fs::remove_dir_all(folder.join(made));
        }
        let _not_made = fs::remove_file(index);
    }

    fn is_reached(&self) -> bool {
        let is_spoken_to = (&self.leaks.hears).read(&mut [0; 64]).is_ok();
        let is_called = |listener: &UnixListener| listener.accept().is_ok();
        self.tcp.accept().is_ok()
            || is_called(&self.named)
            || is_called(&self.anonymous)
            || is_spoken_to
    }

    fn try_out(&mut self, confinement: Confinement, attack: &Attack) -> Came {
        // A picture of thousands of files takes longer than most attacks.
        let before = self.last.take().unwrap_or_else(|| self.picture());
        let (_held, switch) = kill_switch().unwrap();
        let mut text = Vec::new();
        let mut renewed = None;
        let end =
            self.order(confinement, attack.line).run(&self.fixture.program, switch, &mut |heard| {
                text.extend_from_slice(heard);
                if renewed.is_none() && text == b"ready\n" {
                    self.renew();
                    renewed = Some(self.picture());
                }
            });
        let text = String::from_utf8_lossy(&text).into_owned();
        assert!(
            matches!(end.how, ExitKind::Exit(_) | ExitKind::Signal(_)),
            "{}: {:?} {text}",
            attack.name,
            end.how
        );
        if attack.line.contains("sprung") {
            self.look_on();
        }
        let is_renewed = renewed.is_some();
        let after = self.picture();
        let changed = after != renewed.unwrap_or(before);
        self.last = Some(after).filter(|_| !is_renewed);
        let killed = self.victim.try_wait().unwrap().is_some();
        if killed {
            // The next attack needs one of its own to tell.
            self.victim = self.sleep.spawn().unwrap();
        }
        assert!(
            !Path::new("/dev/shm/codling-attack").exists()
                && !Path::new("/tmp/codling-attack").exists(),
            "{}",
            attack.name
        );
        let put_back = !end.put_back.is_empty() || !end.disarmed.is_empty();
        fs::remove_file(self.fixture.outside.join("sub/renewed")).unwrap_or_default();
        match () {
            () if changed || killed || self.is_reached() || text.contains("A-SECRET") => Through,
            () if end.how == ExitKind::Exit(0) && !put_back => Own,
            () => Stopped,
        }
    }
}

#[test]
fn every_attack_comes_to_what_is_written_down() {
    let mut columns: Vec<String> = Vec::new();
    let mut rows: BTreeMap<usize, Vec<Came>> = BTreeMap::new();
    let mut wrong = Vec::new();
    let all = is_whole();
    for sandbox in Fixture::ways() {
        let own = Fixture::new(sandbox, env!("CARGO_BIN_EXE_codling").into());
        for (user, fixture) in [("own", Some(own)), ("nobody", Fixture::of_nobody(sandbox))] {
            let Some(fixture) = fixture else { continue };
            let is_ordinary = user == "nobody" || !rustix::process::geteuid().is_root();
            // Where mounts are the same, an ordinary user tells enough.
            let has_own_walls = [Sandbox::Namespaces, Sandbox::Landlock].contains(&sandbox);
            if !all && !has_own_walls && !is_ordinary {
                continue;
            }
            let mut ground = Ground::new(fixture);
            // Allowed changes are made last.
            for (mode, confinement, network) in [
                ("read-only", Confinement::ReadOnly, NetworkAccess::Hosts),
                ("auto, open network", Confinement::Folder, NetworkAccess::Everything),
                ("auto", Confinement::Folder, NetworkAccess::Hosts),
            ] {
                let is_best = sandbox == Sandbox::Namespaces;
                let is_said = mode == "auto" || is_ordinary && is_best;
                let is_open = network == NetworkAccess::Everything;
                let is_said = is_said || is_open && is_ordinary && sandbox.tier() == 3;
                if !all && !is_said {
                    continue;
                }
                ground.network = network;
                columns.push(format!("{} {user} {mode}", sandbox.as_str()));
                for (at, attack) in ATTACKS.iter().enumerate() {
                    let by_tier = if confinement == Confinement::Folder {
                        attack.auto
                    } else {
                        attack.read_only
                    };
                    // Beside the whole column of `auto`, a part of what ends alike in both.
                    let is_alike = !is_open && attack.auto == attack.read_only
                        || is_open && !["tcp", "udp"].contains(&attack.name);
                    if !all && mode != "auto" && is_alike && at % 3 != 0 {
                        continue;
                    }
                    let wanted = match (of_tier(by_tier, sandbox), attack.name) {
                        (_, "tcp") if is_open => Through,
                        (_, "udp") if is_open => Own,
                        // It is done once, in the other mode.
                        (Through, _) if is_open => {
                            rows.entry(at).or_default().push(Through);
                            continue;
                        }
                        (wanted, _) => wanted,
                    };
                    let came = ground.try_out(confinement, attack);
                    if came != wanted {
                        wrong.push(format!(
                            "{}, {}: {came:?} instead of {wanted:?}",
                            columns.last().unwrap(),
                            attack.name
                        ));
                    }
                    rows.entry(at).or_default().push(came);
                }
            }
        }
    }
    if all {
        let mut lines = vec![
            format!("| attack | {} |", columns.join(" | ")),
            format!("|---|{}", "---|".repeat(columns.len())),
        ];
        lines.extend(rows.iter().map(|(at, came)| {
            let cells: Vec<_> =
                came.iter().map(|came| format!("{came:?}").to_lowercase()).collect();
            format!("| {} | {} |", ATTACKS[*at].name, cells.join(" | "))
        }));
        // Printed past the captured output, which is hidden when a test succeeds.
        let _told = writeln!(std::io::stderr(), "{}", lines.join("\n"));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
