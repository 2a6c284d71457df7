//! `codling run` with an answer of one delta, from its start to its end. No terminal is involved.

use std::process::{Child, Command, Stdio};
use std::time::Instant;

use codling::demo::{Home, Stand};

use crate::ask::Ask;
use crate::scene::{Account, load, milliseconds, stage, variables};
use crate::table::{Table, Target};
use crate::usage::peak;

const TIMES: usize = 7;

pub fn measure(ask: &Ask, table: &mut Table) {
    if !ask.wants(&["run", "headless"]) {
        return;
    }
    let (stand, home) = stage(Account::ChatGpt);
    let mut wall = Vec::new();
    for _ in 0..ask.runs * TIMES {
        stand.script([load(1, None)]);
        let began = Instant::now();
        let status = start(ask, &stand, &home).wait().expect("its end");
        wall.push(milliseconds(began.elapsed()));
        assert!(status.success(), "`run` ended with {status}");
    }
    table.add("`run`, one-delta answer: wall", "ms", Target::AtMost(20.0), &wall);
    // Watching costs processor time, so the memory is taken from runs of its own.
    let memory: Vec<f64> = (0..ask.runs * TIMES).filter_map(|_| watch(start_scripted(ask, &stand, &home))).collect();
    table.add("`run`, one-delta answer: peak memory", "MiB", Target::AtMost(15.0), &memory);
}

fn start_scripted(ask: &Ask, stand: &Stand, home: &Home) -> Child {
    stand.script([load(1, None)]);
    start(ask, stand, home)
}

fn start(ask: &Ask, stand: &Stand, home: &Home) -> Child {
    let mut command = Command::new(&ask.program);
    command.args(["run", "hello"]).env_clear().env("HOME", home.path()).env("LANG", "C.UTF-8").envs(variables(stand, home));
    command.current_dir(home.path()).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().expect("the program")
}

/// The high-water mark goes with the process, so it is read again and again until then.
fn watch(mut child: Child) -> Option<f64> {
    let mut highest = None;
    while child.try_wait().expect("its state").is_none() {
        highest = peak(child.id()).or(highest);
        std::thread::yield_now();
    }
    highest
}
