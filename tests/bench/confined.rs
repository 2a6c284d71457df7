//! How long a command takes to start where it is kept in, and what hidden places add. Asks the sandbox itself, without a tool.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use codling::protocol::{Confinement, Sandbox};
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
    table.add("a command in the sandbox", "ms", Target::AtMost(10.0), &bare);
    let covered = times(&|| run(ask, best, &root, &hidden));
    table.add("the same, 500 places hidden", "ms", Target::AtMost(median(bare) + 5.0), &covered);
}

fn run(ask: &Ask, sandbox: Sandbox, folder: &Path, hidden: &[PathBuf]) -> f64 {
    let order = CommandSpec {
        command: vec!["/bin/true".into()],
        workdir: folder.to_owned(),
        confinement: Confinement::ReadOnly,
        sandbox,
        kept: Vec::new(),
        folder: folder.to_owned(),
        hidden: hidden.to_vec(),
        shown: Vec::new(),
        grants: Default::default(),
        limit: Duration::from_secs(60),
        trace: None,
        variables: Vec::new(),
    };
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
