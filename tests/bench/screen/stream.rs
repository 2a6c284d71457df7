//! The cost of long answers: processor time, bytes to the terminal, memory, and the delay of the
//! last words.

use crate::ask::Ask;
use crate::scene::{Scene, load, milliseconds, settle};
use crate::table::{Table, Target};
use crate::usage::{cpu_seconds, resident};

const MANY: usize = 20_000;
const FEW: usize = 1_000;

/// One answer, measured between enter and its last words on the screen.
struct Cost {
    cpu: Option<f64>,
    bytes_per_delta: f64,
    /// The time between the last byte sent and the last words on the screen.
    last: f64,
    memory: Option<f64>,
}

pub fn measure(ask: &Ask, table: &mut Table) {
    let runs = |deltas: usize, per_second: Option<u32>| -> Vec<Cost> {
        (0..ask.runs).map(|_| answer(ask, deltas, per_second)).collect()
    };
    let figures = |costs: &[Cost], of: fn(&Cost) -> Option<f64>| -> Vec<f64> {
        costs.iter().filter_map(of).collect()
    };
    if ask.wants(&["cpu", "bytes", "stream", "paced"]) {
        let costs = runs(MANY, Some(2_000));
        table.add(
            "CPU for 20,000 deltas at 2,000/s",
            "s",
            Target::AtMost(0.6),
            &figures(&costs, |cost| cost.cpu),
        );
        table.add(
            "bytes to the terminal per delta at 2,000/s",
            "bytes",
            Target::AtMost(10.0),
            &figures(&costs, |cost| Some(cost.bytes_per_delta)),
        );
        table.add(
            "last byte to final text at 2,000/s",
            "ms",
            Target::AtMost(8.0),
            &figures(&costs, |cost| Some(cost.last)),
        );
    }
    if ask.wants(&["bytes", "last", "stream", "slow"]) {
        let costs = runs(FEW, Some(200));
        table.add(
            "bytes to the terminal per delta at 200/s",
            "bytes",
            Target::AtMost(100.0),
            &figures(&costs, |cost| Some(cost.bytes_per_delta)),
        );
        table.add(
            "last byte to final text at 200/s",
            "ms",
            Target::AtMost(10.0),
            &figures(&costs, |cost| Some(cost.last)),
        );
    }
    if ask.wants(&["cpu", "last", "memory", "burst"]) {
        let costs = runs(MANY, None);
        table.add(
            "CPU for 20,000 deltas in one burst",
            "s",
            Target::AtMost(0.3),
            &figures(&costs, |cost| cost.cpu),
        );
        table.add(
            "last byte to final text after a burst",
            "ms",
            Target::AtMost(150.0),
            &figures(&costs, |cost| Some(cost.last)),
        );
        table.add(
            "resident memory: after that answer",
            "MiB",
            Target::AtMost(17.0),
            &figures(&costs, |cost| cost.memory),
        );
    }
}

fn answer(ask: &Ask, deltas: usize, per_second: Option<u32>) -> Cost {
    let scene = Scene::begin_settled(ask);
    let pid = scene.terminal.pid();
    scene.stand().script([load(deltas, per_second)]);
    let (mark, before) = (scene.terminal.mark(), cpu_seconds(pid));
    scene.ask("go");
    let seen = scene.wait_last_words();
    let sent = scene.wait_sent().ended.expect("the time of the last byte");
    // The rest of the last frame belongs to the answer.
    settle(&scene.terminal);
    Cost {
        cpu: cpu_seconds(pid).zip(before).map(|(after, before)| after - before),
        bytes_per_delta: (scene.terminal.mark() - mark) as f64 / deltas as f64,
        // The words may be visible before the event that ends the stream is sent.
        last: milliseconds(seen.saturating_duration_since(sent)),
        memory: resident(pid),
    }
}
