//! Calls that say how the processor, the disk and the memory are shared out to other processes: a
//! command that sees them has these for itself alone.

use libc::c_long;
use seccompiler::{BackendError, SeccompCmpOp};

use super::{Rules, rule, word};

/// Who keeps other processes from being slowed down, moved or starved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Others {
    ByFilter,
    /// The command sees none but its own.
    ByNamespace,
}

/// Those that name a process first, where 0 is whoever calls. A process may also name itself by its
/// number, which no filter can know: that is refused with the rest.
const OF_A_PROCESS: [c_long; 6] = [
    libc::SYS_migrate_pages,
    libc::SYS_move_pages,
    libc::SYS_sched_setaffinity,
    libc::SYS_sched_setattr,
    libc::SYS_sched_setparam,
    libc::SYS_sched_setscheduler,
];
/// Those that name a kind first (a process, a group, a user), and the one that means a process.
const BY_KIND: [(c_long, u64); 2] = [
    (libc::SYS_setpriority, libc::PRIO_PROCESS as u64),
    // IOPRIO_WHO_PROCESS, which libc has no name for.
    (libc::SYS_ioprio_set, 1),
];

impl Others {
    pub(super) fn spare(self, rules: &mut Rules) -> Result<(), BackendError> {
        if self == Self::ByNamespace {
            return Ok(());
        }
        let not = |argument, value| rule(vec![word(argument, SeccompCmpOp::Ne, value)?]);
        for call in OF_A_PROCESS {
            rules.insert(call, vec![not(0, 0)?]);
        }
        for (call, process) in BY_KIND {
            rules.insert(call, vec![not(0, process)?, not(1, 0)?]);
        }
        Ok(())
    }
}
