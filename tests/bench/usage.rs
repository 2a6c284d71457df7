//! The resource usage of a process by Linux's `/proc`; elsewhere every answer is `None`.

use std::fs;
use std::path::Path;

/// The processor time of all threads so far, ended ones too, in seconds; counted in clock ticks of
/// 10 ms.
pub fn cpu_seconds(pid: u32) -> Option<f64> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name in brackets may contain anything; the fields after it are numbers, beginning with
    // the third.
    let mut fields = text.rsplit_once(')')?.1.split_whitespace().skip(11);
    let (user, system): (f64, f64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some((user + system) / 100.0)
}

/// The processor time of live threads in seconds; exact, and so usable for spans shorter than a
/// tick.
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

/// How often its threads gave up the processor, which equals the number of wake-ups.
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

/// The peak of resident memory, in MiB.
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
