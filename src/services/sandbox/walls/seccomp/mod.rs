//! System calls that a command kept in cannot make: the ways to the network, to other processes,
//! and out of the sandbox.
//!
//! Landlock lets a path alone decide; these are the ways around paths. The services that listen on
//! local sockets (containers, buses, agents, terminals) would act for a command outside. A command
//! in a network of its own makes sockets of the internet, which lead no further than that, and no
//! local ones; any other one makes local streams, and connects nothing. Pairs of sockets stay.

mod files;
mod others;
mod sockets;

use std::collections::BTreeMap;

use libc::c_long;
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch, apply_filter,
};

pub use others::Others;
pub use sockets::AllowedSockets;

#[derive(Debug, thiserror::Error)]
pub enum SeccompError {
    #[error("{source}")]
    Build { source: seccompiler::BackendError },
    #[error("{source}")]
    Install { source: seccompiler::Error },
}

/// Who keeps files outside from being emptied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truncation {
    /// Landlock before its third version does not.
    ByFilter,
    ByLandlock,
}

/// Who keeps what else there is about files outside from being changed: their owners, and their
/// attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attributes {
    ByFilter,
    ByMounts,
}

/// The wall between it and the memory, queues and semaphores that others share (System V, and POSIX
/// queues).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shared {
    ByFilter,
    ByNamespace,
}

/// The walls that hold already; the filter does the rest.
#[derive(Clone, Copy, Debug)]
pub struct OtherWalls {
    pub truncation: Truncation,
    pub attributes: Attributes,
    pub shared: Shared,
    pub others: Others,
    pub sockets: AllowedSockets,
}

/// The calls that reach what is shared in that way.
const SHARED: [c_long; 13] = [
    libc::SYS_mq_open,
    libc::SYS_mq_unlink,
    libc::SYS_msgctl,
    libc::SYS_msgget,
    libc::SYS_msgrcv,
    libc::SYS_msgsnd,
    libc::SYS_semctl,
    libc::SYS_semget,
    libc::SYS_semop,
    libc::SYS_semtimedop,
    libc::SYS_shmat,
    libc::SYS_shmctl,
    libc::SYS_shmget,
];

const OWNERS: &[c_long] = &[
    #[cfg(target_arch = "x86_64")]
    libc::SYS_chown,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_lchown,
    libc::SYS_fchown,
    libc::SYS_fchownat,
];
/// Copying programs go on without where a file system does not have them. The last two are newer
/// than the names that every libc has.
const ATTRIBUTES: [c_long; 8] = [
    libc::SYS_setxattr,
    libc::SYS_lsetxattr,
    libc::SYS_fsetxattr,
    libc::SYS_removexattr,
    libc::SYS_lremovexattr,
    libc::SYS_fremovexattr,
    463,
    466,
];

/// Refused as not permitted.
const FORBIDDEN: [c_long; 41] = [
    libc::SYS_acct,
    libc::SYS_add_key,
    libc::SYS_bpf,
    libc::SYS_delete_module,
    libc::SYS_finit_module,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fsopen,
    libc::SYS_fspick,
    libc::SYS_init_module,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_io_uring_setup,
    libc::SYS_kexec_load,
    libc::SYS_keyctl,
    libc::SYS_kcmp,
    libc::SYS_mount,
    libc::SYS_mount_setattr,
    libc::SYS_move_mount,
    libc::SYS_open_by_handle_at,
    libc::SYS_open_tree,
    libc::SYS_perf_event_open,
    libc::SYS_pidfd_getfd,
    libc::SYS_pivot_root,
    libc::SYS_process_madvise,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_quotactl,
    libc::SYS_reboot,
    libc::SYS_request_key,
    libc::SYS_setdomainname,
    libc::SYS_sethostname,
    libc::SYS_setns,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_clock_adjtime,
    libc::SYS_adjtimex,
    libc::SYS_swapoff,
    libc::SYS_swapon,
    libc::SYS_umount2,
    libc::SYS_userfaultfd,
];

/// New namespaces of these kinds come with rights of their own.
const NAMESPACES: [libc::c_int; 8] = [
    libc::CLONE_NEWCGROUP,
    libc::CLONE_NEWIPC,
    libc::CLONE_NEWNET,
    libc::CLONE_NEWNS,
    libc::CLONE_NEWPID,
    libc::CLONE_NEWUSER,
    libc::CLONE_NEWUTS,
    // The clone flag of time namespaces; libc has no name for it everywhere.
    0x80,
];

/// Typing into a terminal, and its console's pasting.
const TYPING: [u64; 2] = [0x5412, 0x541c];

/// The same calls by their numbers of x86-64's short-pointer form, where a kernel has it.
#[cfg(target_arch = "x86_64")]
const SHORT_POINTERS: i64 = 0x4000_0000;

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// Takes the calls away from the thread that calls, and from all that it starts.
///
/// # Errors
///
/// Fails if a filter cannot be built for this processor, or if the kernel refuses it.
pub fn forbid(walls: &OtherWalls) -> Result<(), SeccompError> {
    for program in programs(walls)? {
        apply_filter(&program).map_err(|source| SeccompError::Install { source })?;
    }
    Ok(())
}

fn programs(walls: &OtherWalls) -> Result<Vec<BpfProgram>, SeccompError> {
    let OtherWalls { truncation, attributes, shared, others, sockets } = *walls;
    let built = || {
        let mut rules: Rules = FORBIDDEN.iter().map(|call| (*call, Vec::new())).collect();
        sockets.refuse_others(&mut rules)?;
        others.spare(&mut rules)?;
        namespaces(&mut rules)?;
        typing(&mut rules)?;
        // Limits of its own, not those of others.
        rules.insert(libc::SYS_prlimit64, vec![rule(vec![word(0, SeccompCmpOp::Ne, 0)?])?]);
        // The requests of these calls are not in their arguments, so these calls do not exist for
        // the command: their callers know older ways.
        let mut absent: Rules = [(libc::SYS_clone3, Vec::new())].into();
        if truncation == Truncation::ByFilter {
            truncating(&mut rules)?;
            absent.insert(libc::SYS_openat2, Vec::new());
        }
        if shared == Shared::ByFilter {
            rules.extend(SHARED.map(|call| (call, Vec::new())));
        }
        let mut unsupported = Rules::new();
        if attributes == Attributes::ByFilter {
            rules.extend(OWNERS.iter().map(|call| (*call, Vec::new())));
            unsupported.extend(ATTRIBUTES.map(|call| (call, Vec::new())));
            unsupported.insert(libc::SYS_ioctl, files::changing()?);
        }
        let all = [(rules, libc::EPERM), (absent, libc::ENOSYS), (unsupported, libc::ENOTSUP)];
        all.into_iter()
            .filter(|(rules, _)| !rules.is_empty())
            .map(|(rules, errno)| program(rules, errno))
            .collect::<Result<Vec<_>, _>>()
    };
    built().map_err(|source| SeccompError::Build { source })
}

fn namespaces(rules: &mut Rules) -> Result<(), seccompiler::BackendError> {
    let bits = |all: &[libc::c_int]| {
        let bit = |bit: &libc::c_int| {
            rule(vec![word(0, SeccompCmpOp::MaskedEq(*bit as u64), *bit as u64)?])
        };
        all.iter().map(bit).collect::<Result<Vec<_>, _>>()
    };
    rules.insert(libc::SYS_unshare, bits(&NAMESPACES)?);
    // The low bits of a clone's flags are a signal.
    rules.insert(libc::SYS_clone, bits(&NAMESPACES[..7])?);
    Ok(())
}

fn typing(rules: &mut Rules) -> Result<(), seccompiler::BackendError> {
    let refused = TYPING.iter().map(|request| rule(vec![word(1, SeccompCmpOp::Eq, *request)?]));
    rules.insert(libc::SYS_ioctl, refused.collect::<Result<Vec<_>, _>>()?);
    Ok(())
}

/// Emptying a file by its name, or by opening it as if to read.
fn truncating(rules: &mut Rules) -> Result<(), seccompiler::BackendError> {
    let flags = (libc::O_ACCMODE | libc::O_TRUNC) as u64;
    let emptying =
        |at: u8| rule(vec![word(at, SeccompCmpOp::MaskedEq(flags), libc::O_TRUNC as u64)?]);
    rules.insert(libc::SYS_truncate, Vec::new());
    rules.insert(libc::SYS_openat, vec![emptying(2)?]);
    #[cfg(target_arch = "x86_64")]
    rules.insert(libc::SYS_open, vec![emptying(1)?]);
    Ok(())
}

fn rule(conditions: Vec<SeccompCondition>) -> Result<SeccompRule, seccompiler::BackendError> {
    SeccompRule::new(conditions)
}

fn word(
    argument: u8,
    comparison: SeccompCmpOp,
    value: u64,
) -> Result<SeccompCondition, seccompiler::BackendError> {
    SeccompCondition::new(
        argument,
        SeccompCmpArgLen::Dword,
        comparison,
        value & u64::from(u32::MAX),
    )
}

fn program(rules: Rules, errno: libc::c_int) -> Result<BpfProgram, seccompiler::BackendError> {
    let refused = SeccompAction::Errno(errno.unsigned_abs());
    let arch: TargetArch = std::env::consts::ARCH.try_into()?;
    SeccompFilter::new(doubled(rules), SeccompAction::Allow, refused, arch)?.try_into()
}

fn doubled(rules: Rules) -> Rules {
    #[cfg(target_arch = "x86_64")]
    return rules
        .into_iter()
        .flat_map(|(call, rules)| [(call, rules.clone()), (call | SHORT_POINTERS, rules)])
        .collect();
    #[cfg(not(target_arch = "x86_64"))]
    return rules;
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOST: OtherWalls = OtherWalls {
        truncation: Truncation::ByFilter,
        attributes: Attributes::ByFilter,
        shared: Shared::ByFilter,
        others: Others::ByFilter,
        sockets: AllowedSockets::Local,
    };

    #[test]
    fn the_filters_can_be_built_for_every_version_of_landlock() {
        let least = programs(&OtherWalls {
            truncation: Truncation::ByLandlock,
            attributes: Attributes::ByMounts,
            shared: Shared::ByNamespace,
            others: Others::ByNamespace,
            sockets: AllowedSockets::Local,
        })
        .unwrap();
        let most = programs(&MOST).unwrap();
        assert_eq!((least.len(), most.len()), (2, 3));
        assert!(least.iter().zip(&most).all(|(least, most)| most.len() > least.len()));
    }

    #[test]
    fn a_thread_that_gave_up_truncating_can_still_write_and_no_longer_empty() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "kept").unwrap();
        let path = file.path().to_owned();
        let thread = std::thread::spawn(move || {
            forbid(&MOST).unwrap();
            let opened = rustix::io::Errno::from_io_error(
                &std::fs::File::options()
                    .read(true)
                    .open(&path)
                    .err()
                    .unwrap_or_else(|| std::io::Error::other("it was opened")),
            );
            assert_eq!(opened, None);
            assert!(std::os::unix::net::UnixDatagram::unbound().is_err());
            assert!(std::os::unix::net::UnixStream::pair().is_ok());
            assert!(std::net::UdpSocket::bind("127.0.0.1:0").is_err());
            std::fs::File::options().append(true).open(&path).unwrap();
        });
        thread.join().unwrap();
        assert_eq!(std::fs::read_to_string(file.path()).unwrap(), "kept");
    }
}
