//! Runs commands so that they can be ended as a whole, kept in where that is wanted.
//!
//! The program starts itself again as a **supervisor** (`process`), which stays beside the command
//! and outlives nothing of it: it holds a line to the program, and when that goes slack (a timeout,
//! an interrupt, the program's own death), it ends whatever the command started. The supervisor
//! starts the program once more as a **child**, which gives up its rights (`walls`) and becomes the
//! command; in a namespace of processes, it starts the command and stays as the first process, with
//! which all others end. The processes tell each other what to do in a `spec`, never in arguments,
//! which everybody can read. `tier` finds out which walls this system has. Where single hosts are
//! open to a command, the supervisor answers for them: a **proxy** is the only way out of the
//! command's network. Commands share the `loopback` of their conversation, with the ports of the
//! machine's own that are open to them.
//! Where the whole network is left to a command, it is in everybody's, without local sockets.
//! `ports` finds the TCP ports that a command, or a program of the machine, listens on.
//! `trace` sees which files a command changes, and `git_guard` puts back what git would run.

#![warn(missing_docs)]

#[cfg(unix)]
mod git_guard;
mod loopback;
#[cfg(target_os = "linux")]
mod notify;
mod ports;
mod process;
mod program;
#[cfg(target_os = "linux")]
mod proxy;
mod spec;
mod tier;
mod trace;
mod walls;

pub use loopback::Loopback;
pub use ports::{MachineListeners, PortSearch};
#[cfg(unix)]
pub use process::apart::{NOT_STARTED, apart};
pub use process::job::OutputStream;
pub use process::kill_switch::{KillSwitch, KillSwitchHandle, kill_switch};
#[cfg(unix)]
pub use process::terminal::{Terminal, TerminalEnd};
pub use program::program;
pub use spec::command_end::{CommandEnd, ExitKind};
pub use spec::command_spec::{CommandSpec, NetworkAccess};
pub use tier::detection::{ProbeResult, detect, found, probe, remember_in};
pub use tier::keeping_probe::keeps_contents;
#[cfg(target_os = "linux")]
pub use tier::probe::attempt;
pub use trace::{
    KeepSpec, LossDecision, LossListener, LossNews, LossQuestion, Trace, TraceSpec, Unkept,
    UnkeptReason, WhenUnkept, read_kept, read_trace,
};
pub use walls::home::HomeAccess;
#[cfg(unix)]
pub use walls::home::is_hidden;
#[cfg(target_os = "linux")]
pub use walls::home::missed;
pub use walls::writable_folders::opened;

use std::ffi::OsString;
use std::process::ExitCode;

#[cfg(unix)]
use process::{apart::serve as serve_apart, descriptors::close_inherited};
#[cfg(unix)]
use process::{sandboxed_child, supervisor};
#[cfg(unix)]
use program::{APART, SANDBOXED_CHILD, SUPERVISOR};
#[cfg(target_os = "linux")]
use program::{LOOPBACK, PROBE};

/// Runs the part of the sandbox that the first argument names, where the program was started by
/// itself; `None` when a person started it.
pub fn serve(mut arguments: impl Iterator<Item = OsString>) -> Option<ExitCode> {
    let _program = arguments.next();
    let role = arguments.next()?;
    #[cfg(not(unix))]
    let _there_are_none = role;
    #[cfg(unix)]
    match role.to_str()? {
        SUPERVISOR => return Some(supervisor::serve(close_inherited())),
        SANDBOXED_CHILD => return Some(sandboxed_child::serve(close_inherited())),
        APART => return Some(serve_apart(arguments)),
        #[cfg(target_os = "linux")]
        LOOPBACK => return Some(loopback::serve(close_inherited(), arguments.next())),
        #[cfg(target_os = "linux")]
        PROBE => return Some(tier::probe::serve(arguments)),
        _ => {}
    }
    None
}
