//! `codling run` with an answer of one delta, to its end: in a used home and in a new one. No
//! terminal.

use std::process::Child;
use std::time::Instant;

use crate::ask::Ask;
use crate::scene::{load, milliseconds};
use crate::stage::{Account, Stage};
use crate::table::{Table, Target};
use crate::usage::peak;

const TIMES: usize = 7;

pub fn measure(ask: &Ask, table: &mut Table) {
    if !ask.wants(&["run", "headless"]) {
        return;
    }
    let stage = Stage::new(Account::ChatGpt);
    let first = time(ask, &stage);
    let wall: Vec<f64> = (0..ask.runs * TIMES).map(|_| time(ask, &stage)).collect();
    table.add("`run`, one-delta answer: wall", "ms", Target::AtMost(12.0), &wall);
    let others = (1..ask.runs).map(|_| time(ask, &Stage::new(Account::ChatGpt)));
    let cold: Vec<f64> = std::iter::once(first).chain(others).collect();
    table.add("the same, its first run in a home: wall", "ms", Target::AtMost(40.0), &cold);
    // Watching costs processor time, so separate runs measure the memory.
    let watched = |_| {
        stage.stand.script([load(1, None)]);
        watch(start(ask, &stage))
    };
    let memory: Vec<f64> = (0..ask.runs * TIMES).filter_map(watched).collect();
    table.add("`run`, one-delta answer: peak memory", "MiB", Target::AtMost(15.0), &memory);
}

fn time(ask: &Ask, stage: &Stage) -> f64 {
    stage.stand.script([load(1, None)]);
    let began = Instant::now();
    let status = start(ask, stage).wait().expect("its end");
    assert!(status.success(), "`run` ended with {status}");
    milliseconds(began.elapsed())
}

fn start(ask: &Ask, stage: &Stage) -> Child {
    stage
        .command(&ask.program, stage.home.path())
        .args(["run", "hello"])
        .spawn()
        .expect("the program")
}

/// The high-water mark vanishes with the process, so it is read repeatedly until then.
fn watch(mut child: Child) -> Option<f64> {
    let mut highest = None;
    while child.try_wait().expect("its state").is_none() {
        highest = peak(child.id()).or(highest);
        std::thread::yield_now();
    }
    highest
}
