//! The system calls that change files by name, which of their arguments are the names, and the
//! filter that picks them out. Reads no memory.

use std::mem::offset_of;

use libc::{c_long, seccomp_data, sock_filter};

/// Where a call's path is among its arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NameArgument {
    /// A descriptor of the folder that it begins in.
    pub folder: Option<usize>,
    pub path: usize,
}

/// The effect of a call whose path ends with a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LastLink {
    Follows,
    /// Unless flags in that argument say otherwise.
    FollowsUnless(usize),
    /// It changes the link itself, or makes or removes what has that name.
    Keeps,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallEffect {
    Changes(NameArgument, LastLink),
    /// A descriptor's file.
    ChangesOpen(usize),
    Links(NameArgument, NameArgument),
    Moves(NameArgument, NameArgument),
    /// With flags in that argument.
    Opens(NameArgument, usize),
    /// With flags that a pointer in that argument leads to.
    OpensAsTold(NameArgument, usize),
    /// It changes no file, but where relative paths begin.
    Wanders,
}

/// The loss that a call causes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallLoss {
    /// The renamed file, if it leaves the folder; a file of the new name stays.
    Moves,
    /// The file of the new name; and the renamed one, if it leaves the folder.
    MovesOver,
    Overwrites,
    Removes,
}

use CallEffect::{Changes, ChangesOpen, Links, Moves, Opens, OpensAsTold, Wanders};
use LastLink::{Follows, FollowsUnless, Keeps};

const fn named(path: usize) -> NameArgument {
    NameArgument { folder: None, path }
}

const fn within(folder: usize) -> NameArgument {
    NameArgument { folder: Some(folder), path: folder + 1 }
}

/// Newer than the names that every libc has.
const FCHMODAT2: c_long = 452;
const SETXATTRAT: c_long = 463;
const REMOVEXATTRAT: c_long = 466;

const EVERYWHERE: [(c_long, CallEffect); 25] = [
    (libc::SYS_openat, Opens(within(0), 2)),
    (libc::SYS_openat2, OpensAsTold(within(0), 2)),
    (libc::SYS_unlinkat, Changes(within(0), Keeps)),
    (libc::SYS_renameat, Moves(within(0), within(2))),
    (libc::SYS_renameat2, Moves(within(0), within(2))),
    (libc::SYS_mkdirat, Changes(within(0), Keeps)),
    (libc::SYS_mknodat, Changes(within(0), Keeps)),
    (libc::SYS_linkat, Links(within(0), within(2))),
    (libc::SYS_symlinkat, Changes(within(1), Keeps)),
    (libc::SYS_chdir, Wanders),
    (libc::SYS_fchdir, Wanders),
    (libc::SYS_truncate, Changes(named(0), Follows)),
    (libc::SYS_fchmod, ChangesOpen(0)),
    (libc::SYS_fchmodat, Changes(within(0), Follows)),
    (FCHMODAT2, Changes(within(0), FollowsUnless(3))),
    (libc::SYS_fchown, ChangesOpen(0)),
    (libc::SYS_fchownat, Changes(within(0), FollowsUnless(4))),
    (libc::SYS_utimensat, Changes(within(0), FollowsUnless(3))),
    (libc::SYS_setxattr, Changes(named(0), Follows)),
    (libc::SYS_lsetxattr, Changes(named(0), Keeps)),
    (libc::SYS_fsetxattr, ChangesOpen(0)),
    (libc::SYS_removexattr, Changes(named(0), Follows)),
    (libc::SYS_lremovexattr, Changes(named(0), Keeps)),
    (SETXATTRAT, Changes(within(0), FollowsUnless(2))),
    (REMOVEXATTRAT, Changes(within(0), FollowsUnless(2))),
];

#[cfg(target_arch = "x86_64")]
const OLDER: [(c_long, CallEffect); 16] = [
    (libc::SYS_open, Opens(named(0), 1)),
    (libc::SYS_creat, Changes(named(0), Follows)),
    (libc::SYS_unlink, Changes(named(0), Keeps)),
    (libc::SYS_rmdir, Changes(named(0), Keeps)),
    (libc::SYS_rename, Moves(named(0), named(1))),
    (libc::SYS_mkdir, Changes(named(0), Keeps)),
    (libc::SYS_mknod, Changes(named(0), Keeps)),
    (libc::SYS_link, Links(named(0), named(1))),
    (libc::SYS_symlink, Changes(named(1), Keeps)),
    (libc::SYS_chmod, Changes(named(0), Follows)),
    (libc::SYS_chown, Changes(named(0), Follows)),
    (libc::SYS_lchown, Changes(named(0), Keeps)),
    (libc::SYS_utime, Changes(named(0), Follows)),
    (libc::SYS_utimes, Changes(named(0), Follows)),
    (libc::SYS_futimesat, Changes(within(0), Follows)),
    (libc::SYS_fremovexattr, ChangesOpen(0)),
];
#[cfg(not(target_arch = "x86_64"))]
const OLDER: [(c_long, CallEffect); 1] = [(libc::SYS_fremovexattr, ChangesOpen(0))];

/// Those that destroy a content, besides opening.
const LOSSES: [(c_long, CallLoss); 4] = [
    (libc::SYS_unlinkat, CallLoss::Removes),
    (libc::SYS_renameat, CallLoss::MovesOver),
    (libc::SYS_renameat2, CallLoss::MovesOver),
    (libc::SYS_truncate, CallLoss::Overwrites),
];
#[cfg(target_arch = "x86_64")]
const OLDER_LOSSES: [(c_long, CallLoss); 3] = [
    (libc::SYS_creat, CallLoss::Overwrites),
    (libc::SYS_unlink, CallLoss::Removes),
    (libc::SYS_rename, CallLoss::MovesOver),
];
#[cfg(not(target_arch = "x86_64"))]
const OLDER_LOSSES: [(c_long, CallLoss); 0] = [];

/// Flags with which opening a file may change it, or make it.
const WRITING: u32 = (libc::O_ACCMODE | libc::O_CREAT | libc::O_TRUNC).cast_unsigned();

pub fn effect(call: c_long) -> Option<CallEffect> {
    let known = EVERYWHERE.iter().chain(&OLDER);
    known
        .copied()
        .find(|(number, _)| *number == call & !c_long::from(SHORT_POINTERS))
        .map(|(_, effect)| effect)
}

/// The loss that a call would cause, by its number and arguments; for opening see [`overwrites`].
pub fn loss(call: c_long, arguments: &[u64; 6]) -> Option<CallLoss> {
    let call = call & !c_long::from(SHORT_POINTERS);
    if call == libc::SYS_renameat2
        && has(arguments[4], libc::RENAME_EXCHANGE | libc::RENAME_NOREPLACE)
    {
        return Some(CallLoss::Moves);
    }
    let (_, loss) = LOSSES.iter().chain(&OLDER_LOSSES).find(|(number, _)| *number == call)?;
    Some(*loss)
}

fn has(flags: u64, any: libc::c_uint) -> bool {
    flags & u64::from(any) != 0
}

/// Whether a file that is opened like that may be written to, or is emptied.
pub fn overwrites(flags: u64) -> bool {
    let writing = (libc::O_ACCMODE | libc::O_TRUNC).cast_unsigned();
    writes(flags) && flags & u64::from(writing) != 0
}

/// Whether a file that is opened like that may be changed. What is opened as a mere place cannot
/// be, and a file without a name has none to tell.
pub fn writes(flags: u64) -> bool {
    let has = |bits: libc::c_int| {
        flags & u64::from(bits.cast_unsigned()) == u64::from(bits.cast_unsigned())
    };
    flags & u64::from(WRITING) != 0 && !has(libc::O_PATH) && !has(libc::O_TMPFILE)
}

#[cfg(target_arch = "x86_64")]
const ARCH: Option<u32> = Some(0xc000_003e);
#[cfg(target_arch = "aarch64")]
const ARCH: Option<u32> = Some(0xc000_00b7);
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
const ARCH: Option<u32> = None;

/// Marks the same calls in x86-64's form with short pointers.
#[cfg(target_arch = "x86_64")]
const SHORT_POINTERS: u32 = 0x4000_0000;
#[cfg(not(target_arch = "x86_64"))]
const SHORT_POINTERS: u32 = 0;

/// Shows the calls of the table, and lets all others pass; programs for another processor pass as a
/// whole. `None` where the numbers of the calls are not known.
pub fn filter() -> Option<Vec<sock_filter>> {
    let arch = ARCH?;
    let by_flags: Vec<(c_long, u32)> = EVERYWHERE
        .iter()
        .chain(&OLDER)
        .filter_map(|(call, effect)| Some((*call, argument(*effect)?)))
        .collect();
    let others: Vec<c_long> = EVERYWHERE
        .iter()
        .chain(&OLDER)
        .map(|(call, _)| *call)
        .filter(|call| by_flags.iter().all(|(by, _)| by != call))
        .collect();
    // Ends of the program, counted from its last instruction.
    let (allow, absent, show) = (0, 1, 2);
    let mut backwards = vec![
        instruction(RET, libc::SECCOMP_RET_ALLOW),
        instruction(RET, libc::SECCOMP_RET_ERRNO | libc::ENOSYS.cast_unsigned()),
        instruction(RET, libc::SECCOMP_RET_USER_NOTIF),
    ];
    let jump = |backwards: &mut Vec<sock_filter>,
                code: u16,
                value: u32,
                yes: Option<usize>,
                no: Option<usize>|
     -> Option<()> {
        let to = |end: Option<usize>| {
            end.map_or(Some(0), |end| u8::try_from(backwards.len() - 1 - end).ok())
        };
        let instruction = sock_filter { code, jt: to(yes)?, jf: to(no)?, k: value };
        backwards.push(instruction);
        Some(())
    };
    let number = |call: c_long| u32::try_from(call).ok();
    // Rings do the same calls where no filter sees them; programs know ways without.
    jump(&mut backwards, JEQ, number(libc::SYS_io_uring_setup)?, Some(absent), Some(allow))?;
    for call in others.into_iter().rev() {
        jump(&mut backwards, JEQ, number(call)?, Some(show), None)?;
    }
    // Opening is what is done most, so that it is looked for first, and its flags at once.
    for (call, argument) in by_flags.into_iter().rev() {
        jump(&mut backwards, JSET, WRITING, Some(show), Some(allow))?;
        backwards.push(instruction(LD, argument));
        let not_this = sock_filter { code: JEQ, jt: 0, jf: 2, k: number(call)? };
        backwards.push(not_this);
    }
    if SHORT_POINTERS != 0 {
        backwards.push(instruction(AND, !SHORT_POINTERS));
    }
    backwards.push(instruction(LD, u32::try_from(offset_of!(seccomp_data, nr)).ok()?));
    jump(&mut backwards, JEQ, arch, None, Some(allow))?;
    backwards.push(instruction(LD, u32::try_from(offset_of!(seccomp_data, arch)).ok()?));
    backwards.reverse();
    Some(backwards)
}

/// Loads a word, compares it, tests its bits, keeps some of them, and ends.
const LD: u16 = 0x20;
const JEQ: u16 = 0x15;
const JSET: u16 = 0x45;
const AND: u16 = 0x54;
const RET: u16 = 0x06;

/// Where the lower half of the flags stands.
fn argument(effect: CallEffect) -> Option<u32> {
    match effect {
        Opens(_, flags) => u32::try_from(offset_of!(seccomp_data, args) + 8 * flags).ok(),
        _ => None,
    }
}

fn instruction(code: u16, k: u32) -> sock_filter {
    sock_filter { code, jt: 0, jf: 0, k }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs the filter as the kernel does, as far as the filter needs it.
    fn run(arch: u32, call: i64, args: [u64; 6]) -> u32 {
        let program = filter().unwrap();
        let word = |at: u32| match at {
            0 => call as u32,
            4 => arch,
            at => (args[(at as usize - 16) / 8] >> (at as usize % 8 * 8)) as u32,
        };
        let (mut at, mut kept) = (0, 0);
        loop {
            let sock_filter { code, jt, jf, k } = program[at];
            at += 1;
            match code {
                LD => kept = word(k),
                AND => kept &= k,
                JEQ => at += usize::from(if kept == k { jt } else { jf }),
                JSET => at += usize::from(if kept & k != 0 { jt } else { jf }),
                RET => return k,
                other => panic!("{other}"),
            }
        }
    }

    #[test]
    fn the_filter_shows_what_changes_files_and_nothing_else() {
        let arch = ARCH.unwrap();
        let (shown, passed) = (libc::SECCOMP_RET_USER_NOTIF, libc::SECCOMP_RET_ALLOW);
        let absent = libc::SECCOMP_RET_ERRNO | libc::ENOSYS as u32;
        for (call, effect) in EVERYWHERE.iter().chain(&OLDER) {
            let wanted = if argument(*effect).is_some() { passed } else { shown };
            assert_eq!(run(arch, *call, [0; 6]), wanted, "{call}");
            assert_eq!(run(arch, *call | i64::from(SHORT_POINTERS), [0; 6]), wanted, "{call}");
            assert_eq!(run(0x4000_0003, *call, [u64::MAX; 6]), passed, "{call}");
            assert_eq!(super::effect(*call), Some(*effect));
        }
        for call in [
            libc::SYS_read,
            libc::SYS_execve,
            libc::SYS_seccomp,
            libc::SYS_newfstatat,
            libc::SYS_ftruncate,
        ] {
            assert_eq!(run(arch, call, [u64::MAX; 6]), passed, "{call}");
            assert_eq!(super::effect(call), None);
        }
        assert_eq!(run(arch, libc::SYS_io_uring_setup, [0; 6]), absent);
        for (flags, wanted) in [
            (libc::O_RDONLY, passed),
            (libc::O_RDONLY | libc::O_CLOEXEC | libc::O_DIRECTORY, passed),
            (libc::O_WRONLY, shown),
            (libc::O_RDWR, shown),
            (libc::O_CREAT, shown),
            (libc::O_TRUNC, shown),
        ] {
            assert_eq!(
                run(arch, libc::SYS_openat, [0, 0, flags as u64, 0, 0, 0]),
                wanted,
                "{flags:o}"
            );
            assert_eq!(writes(flags as u64), wanted == shown, "{flags:o}");
        }
        assert!(
            !writes((libc::O_TMPFILE | libc::O_RDWR) as u64)
                && !writes((libc::O_PATH | libc::O_RDWR) as u64)
        );
    }
}
