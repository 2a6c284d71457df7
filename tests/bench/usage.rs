//! What a process costs, as Linux counts it in `/proc`. Elsewhere every answer is `None`. Knows nothing of the program.

use std::fs;
use std::path::Path;

/// Processor time so far, of all threads that ever ran, in seconds; counted in clock ticks of 10 ms.
pub fn cpu_seconds(pid: u32) -> Option<f64> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in brackets may hold anything; the fields after it are numbers, the first of them the third.
    let mut fields = text.rsplit_once(')')?.1.split_whitespace().skip(11);
    let (user, system): (f64, f64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some((user + system) / 100.0)
}

/// Processor time of the threads that are alive, in seconds; exact, and so for spans too short for ticks.
pub fn live_cpu_seconds(pid: u32) -> Option<f64> {
    tasks(pid)?
        .map(|task| {
            Some(
                fs::read_to_string(task.join("schedstat"))
                    .ok()?
                    .split_whitespace()
                    .next()?
                    .parse::<f64>()
                    .ok()?
                    / 1e9,
            )
        })
        .sum()
}

/// How often its threads gave up the processor, which is as often as they were woken.
pub fn switches(pid: u32) -> Option<u64> {
    tasks(pid)?.map(|task| field(&task.join("status"), "voluntary_ctxt_switches:")).sum()
}

pub fn threads(pid: u32) -> Option<usize> {
    Some(tasks(pid)?.count())
}

/// Resident memory now, in MiB.
pub fn resident(pid: u32) -> Option<f64> {
    Some(field(Path::new(&format!("/proc/{pid}/status")), "VmRSS:")? as f64 / 1024.0)
}

/// The most memory that was ever resident, in MiB.
pub fn peak(pid: u32) -> Option<f64> {
    Some(field(Path::new(&format!("/proc/{pid}/status")), "VmHWM:")? as f64 / 1024.0)
}

fn tasks(pid: u32) -> Option<impl Iterator<Item = std::path::PathBuf>> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).ok()?;
    Some(tasks.flatten().map(|task| task.path()))
}

fn field(path: &Path, name: &str) -> Option<u64> {
    let text = fs::read_to_string(path).ok()?;
    text.lines().find_map(|line| line.strip_prefix(name))?.split_whitespace().next()?.parse().ok()
}
