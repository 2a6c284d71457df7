//! The processes that a command started, wherever they went.

use rustix::process::{Pid, Signal};

/// Signals the command's group and, where the system tells who they are, all others below this
/// process, or in its session.
pub fn signal(leader: Pid, signal: Signal) {
    // A process that has ended in the meantime needs no signal.
    let _ended = rustix::process::kill_process_group(leader, signal);
    for member in members(leader) {
        let _ended = rustix::process::kill_process(member, signal);
    }
}

/// How many are left that have not ended, without the leader.
pub fn count(leader: Pid) -> u32 {
    let known = members(leader).into_iter().filter(|member| *member != leader).count();
    let known = u32::try_from(known).unwrap_or(u32::MAX);
    if cfg!(target_os = "linux") {
        return known;
    }
    known.max(u32::from(rustix::process::test_kill_process_group(leader).is_ok()))
}

/// All below this process: what loses its parent becomes its own child, because it is a subreaper.
#[cfg(target_os = "linux")]
fn members(_leader: Pid) -> Vec<Pid> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    let mut pairs = Vec::new();
    for entry in entries.flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<i32>().ok()) else {
            continue;
        };
        let stat = std::fs::read(entry.path().join("stat")).unwrap_or_default();
        pairs.extend(parent(&stat).map(|parent| (pid, parent)));
    }
    let root = rustix::process::getpid().as_raw_nonzero().get();
    below(root, &pairs).into_iter().filter_map(Pid::from_raw).collect()
}

/// All in the command's session, which it leads: a shell at a terminal puts what it starts into
/// groups of their own.
#[cfg(not(target_os = "linux"))]
fn members(leader: Pid) -> Vec<Pid> {
    let mut ps = std::process::Command::new("/bin/ps");
    let listed = crate::base::start::output(ps.args(["-A", "-o", "pid="]));
    let listed = listed.map(|listed| listed.stdout).unwrap_or_default();
    let all = String::from_utf8_lossy(&listed);
    let pids = all.split_ascii_whitespace().filter_map(|pid| Pid::from_raw(pid.parse().ok()?));
    pids.filter(|pid| rustix::process::getsid(Some(*pid)) == Ok(leader)).collect()
}

/// The parent of a process that has not ended, out of its `stat`: `12 (a) b) S 7 …`. The name may
/// hold anything.
#[cfg(target_os = "linux")]
pub fn parent(stat: &[u8]) -> Option<i32> {
    let end = stat.iter().rposition(|byte| *byte == b')')?;
    let mut words = std::str::from_utf8(&stat[end + 1..]).ok()?.split_ascii_whitespace();
    match words.next()? {
        "Z" | "X" => None,
        _ => words.next()?.parse().ok(),
    }
}

#[cfg(target_os = "linux")]
fn below(root: i32, pairs: &[(i32, i32)]) -> Vec<i32> {
    let mut found = vec![root];
    let mut at = 0;
    while let Some(parent) = found.get(at).copied() {
        found.extend(
            pairs.iter().filter(|(pid, of)| *of == parent && *pid != root).map(|(pid, _)| *pid),
        );
        at += 1;
    }
    found.split_off(1)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn parents_are_read_whatever_a_process_calls_itself() {
        for (stat, wanted) in [
            ("12 (sh) S 7 12 12 0", Some(7)),
            ("12 (a) Z 9 (b) R 7 12", Some(7)),
            ("12 (sh) Z 7 12 12 0", None),
            ("", None),
            ("12 (sh", None),
        ] {
            assert_eq!(parent(stat.as_bytes()), wanted, "{stat}");
        }
    }

    #[test]
    fn a_family_is_all_that_is_below() {
        assert_eq!(below(1, &[(2, 1), (3, 2), (4, 9), (5, 3), (6, 1)]), [2, 6, 3, 5]);
        assert_eq!(below(1, &[(4, 9)]), [0; 0]);
    }
}
