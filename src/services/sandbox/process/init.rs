//! The first process of a namespace of processes: it starts the command, takes leave of all that
//! ends, and tells the supervisor how the command ended. With it, everything in the namespace ends.
//! Gives up no rights itself.

use std::fs::File;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;

use rustix::io::Errno;
use rustix::process::{
    DumpableBehavior, Pid, PidfdFlags, WaitOptions, getpid, pidfd_open, set_dumpable_behavior, wait,
};

use crate::base::start;
use crate::sandbox::spec::child_channel::{ChildChannel, ChildMessage};
use crate::sandbox::spec::command_end::ExitKind;

/// Which group of processes a command begins in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    OfItsOwn,
    /// That of the first process, which the keys of a terminal do not end: the system spares it
    /// every signal that it does not await.
    Ours,
}

/// Comes back when nothing is left, or when the command could not be started. `nothing` is
/// `/dev/null`, opened for both.
///
/// # Errors
///
/// Fails if this is not the first process of its namespace, if the command cannot be started, or if
/// the supervisor is gone.
pub fn serve(
    mut command: Command,
    group: Group,
    line: &ChildChannel,
    nothing: &File,
) -> io::Result<()> {
    if getpid() != Pid::INIT {
        return Err(io::Error::other("it is not the first process of its namespace"));
    }
    // The command runs as the same user and must not steer this process.
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    if group == Group::OfItsOwn {
        command.process_group(0);
    }
    line.send(ChildMessage::Begins)?;
    let leader = start::start(&mut command)?.id();
    let leader = i32::try_from(leader).ok().and_then(Pid::from_raw);
    // Its number means nothing outside. Without a descriptor for it, it cannot be interrupted.
    if let Some(process) = leader.and_then(|leader| pidfd_open(leader, PidfdFlags::empty()).ok()) {
        line.send(ChildMessage::Leader(process))?;
    }
    // The other ends of the command's pipes must wait for the command alone.
    drop(command);
    rustix::stdio::dup2_stdout(nothing)?;
    rustix::stdio::dup2_stderr(nothing)?;
    loop {
        match wait(WaitOptions::empty()) {
            Ok(Some((pid, status))) if Some(pid) == leader => {
                let how = status
                    .exit_status()
                    .map(ExitKind::Exit)
                    .or_else(|| status.terminating_signal().map(ExitKind::Signal));
                if let Some(how) = how {
                    line.send(ChildMessage::Ended(how))?;
                }
            }
            Ok(_) | Err(Errno::INTR) => {}
            Err(_none_left) => return Ok(()),
        }
    }
}
