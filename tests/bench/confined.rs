//! The time to start a sandboxed command, and the cost of hidden places. Uses the sandbox directly.

use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use codling::engine::{CommandLimits, NetworkAccess, StandaloneCommand, StandaloneStage};
use codling::protocol::{AllowedHost, Confinement, Sandbox, SandboxOpenings};
use codling::sandbox::{CommandSpec, ExitKind, attempt, kill_switch, probe};

use crate::ask::Ask;
use crate::scene::milliseconds;
use crate::table::{Table, Target};

const TIMES: usize = 200;
const HIDDEN: usize = 500;

pub fn measure(ask: &Ask, table: &mut Table) {
    if !ask.wants(&["sandbox", "shell"]) {
        return;
    }
    let dir = tempfile::tempdir().expect("a folder");
    let root = dir.path().canonicalize().expect("a real folder");
    let hidden: Vec<PathBuf> =
        (0..HIDDEN).map(|number| root.join(format!("{number}/secret"))).collect();
    hidden.iter().for_each(|path| std::fs::create_dir_all(path).expect("a place to hide"));
    let best = probe(&ask.program).sandbox;
    let times = |work: &dyn Fn() -> f64| (0..TIMES).map(|_| work()).collect::<Vec<_>>();
    let probes = times(&|| timed(|| assert!(attempt(&ask.program, best).is_ok())));
    table.add("the sandbox is tried out", "ms", Target::AtMost(10.0), &probes);
    let bare = times(&|| run(ask, best, &root, &[]));
    table.add("a command in the sandbox", "ms", Target::AtMost(6.0), &bare);
    let covered = times(&|| run(ask, best, &root, &hidden));
    table.add("the same, 500 places hidden", "ms", Target::AtMost(11.0), &covered);
    if best.is_present() {
        // No home has hundreds of hidden neighbours, each of which costs time.
        let dir = tempfile::tempdir().expect("a folder");
        let root = dir.path().canonicalize().expect("a real folder");
        let homely = times(&|| in_a_home(ask, &root));
        let most = Target::AtMost(median(bare) + 4.0);
        table.add("the same, as a model's: a home, its caches as overlays", "ms", most, &homely);
    }
    proxied(ask, best, &root, table);
}

/// A command that changes the folder, with a home in which tools have caches.
fn in_a_home(ask: &Ask, root: &Path) -> f64 {
    let (home, folder) = (root.join("home"), root.join("home/work"));
    for cache in [".cache", ".cargo/registry", ".npm", ".gradle/caches", "work"] {
        std::fs::create_dir_all(home.join(cache)).expect("a cache");
    }
    let command = StandaloneCommand {
        words: vec!["/bin/true".into()],
        folder,
        confinement: Confinement::Folder,
        writable: Vec::new(),
        network: NetworkAccess::Hosts,
        variables: Vec::new(),
        limit: Some(Duration::from_secs(60)),
        stage: StandaloneStage::Heard,
    };
    let limits = CommandLimits {
        home: Some(home),
        kept_caches: Some(root.join("caches")),
        program: ask.program.clone(),
        ..CommandLimits::default()
    };
    let spec = command.spec(&limits).spec;
    run_order(ask, &spec)
}

/// A command that asks one host, directly and through the sandbox's proxy.
fn proxied(ask: &Ask, best: Sandbox, root: &Path, table: &mut Table) {
    if !best.has_network() || !Path::new("/bin/bash").exists() {
        return;
    }
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    // The thread ends with the program.
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let _broken = stream.and_then(|mut stream| stream.write_all(b"hello\n"));
        }
    });
    let times = |confinement: Confinement, dial: &str| {
        let script =
            format!("p=${{HTTPS_PROXY#http://}}; exec 3<>/dev/tcp/{dial} || exit 9; {ASK}");
        let script = script.replace("ADDRESS", &address.to_string());
        let order = CommandSpec {
            command: ["/bin/bash", "-c", script.as_str()].map(Into::into).into(),
            confinement,
            grants: SandboxOpenings {
                hosts: AllowedHost::parse(&address.to_string()).into_iter().collect(),
                ..SandboxOpenings::default()
            },
            ..order(best, root, &[])
        };
        (0..TIMES).map(|_| run_order(ask, &order)).collect::<Vec<_>>()
    };
    let direct = format!("{}/{}", address.ip(), address.port());
    let free = times(Confinement::Free, &direct);
    table.add("a command that asks a host, without a sandbox", "ms", Target::AtMost(15.0), &free);
    let proxy = "${p%:*}/${p#*:}";
    let proxied = times(Confinement::Folder, proxy);
    table.add(
        "the same in the sandbox, through its proxy",
        "ms",
        Target::AtMost(median(free) + 10.0),
        &proxied,
    );
}

/// Uses the proxy if there is one.
const ASK: &str =
    "[ -z \"$p\" ] || printf 'CONNECT ADDRESS HTTP/1.1\\r\\n\\r\\n' >&3; cat <&3 >/dev/null";

fn run(ask: &Ask, sandbox: Sandbox, folder: &Path, hidden: &[PathBuf]) -> f64 {
    run_order(ask, &order(sandbox, folder, hidden))
}

fn order(sandbox: Sandbox, folder: &Path, hidden: &[PathBuf]) -> CommandSpec {
    CommandSpec {
        command: vec!["/bin/true".into()],
        workdir: folder.to_owned(),
        confinement: Confinement::ReadOnly,
        sandbox,
        kept: Vec::new(),
        folder: folder.to_owned(),
        hidden: hidden.to_vec(),
        home: Default::default(),
        shown: Vec::new(),
        grants: Default::default(),
        network: Default::default(),
        loopback: None,
        limit: Duration::from_secs(60),
        trace: None,
        variables: Vec::new(),
    }
}

fn run_order(ask: &Ask, order: &CommandSpec) -> f64 {
    timed(|| {
        let (_leash, switch) = kill_switch().expect("a pipe");
        assert_eq!(order.run(&ask.program, switch, &mut |_| {}).how, ExitKind::Exit(0));
    })
}

fn timed(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    milliseconds(start.elapsed())
}

fn median(mut all: Vec<f64>) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}
