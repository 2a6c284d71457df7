//! The program's cost while nothing happens.

use std::time::{Duration, Instant};

use crate::ask::Ask;
use crate::scene::Scene;
use crate::table::{Table, Target};
use crate::usage::{live_cpu_seconds, resident, switches, threads};

const SETTLING: Duration = Duration::from_secs(2);
const SPAN: Duration = Duration::from_secs(10);

pub fn measure(ask: &Ask, table: &mut Table) {
    if !ask.wants(&["idle", "memory"]) {
        return;
    }
    let (mut cpu, mut bytes, mut wakes, mut memory) =
        (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ask.runs {
        let scene = Scene::begin_settled(ask);
        let pid = scene.terminal.pid();
        memory.extend(resident(pid));
        // Threads of the start end after a second.
        std::thread::sleep(SETTLING);
        let before = (
            live_cpu_seconds(pid),
            switches(pid),
            threads(pid),
            scene.terminal.mark(),
            Instant::now(),
        );
        std::thread::sleep(SPAN);
        let minutes = before.4.elapsed().as_secs_f64() / 60.0;
        // Counted only while no thread came or went, because its time would be lost.
        if threads(pid) == before.2 {
            cpu.extend(
                live_cpu_seconds(pid)
                    .zip(before.0)
                    .map(|(after, before)| (after - before) / minutes),
            );
            wakes.extend(
                switches(pid)
                    .zip(before.1)
                    .map(|(after, before)| after.saturating_sub(before) as f64 / minutes),
            );
        }
        bytes.push((scene.terminal.mark() - before.3) as f64 / minutes);
    }
    table.add("idle: CPU per minute", "s", Target::AtMost(0.0049), &cpu);
    table.add("idle: wake-ups per minute", "times", Target::AtMost(0.0), &wakes);
    table.add("idle: bytes written per minute", "bytes", Target::AtMost(0.0), &bytes);
    table.add("resident memory: idle", "MiB", Target::AtMost(12.0), &memory);
}
