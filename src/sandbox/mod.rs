//! Runs commands so that they can be ended as a whole, kept in where that is wanted.
//!
//! The program starts itself again as a **supervisor**, which stays beside the command and outlives nothing of it: it holds a line to the program, and
//! when that goes slack (a timeout, an interrupt, the program's own death), it ends whatever the command started. The supervisor starts the program
//! once more as a **child**, which gives up its rights and becomes the command; in a namespace of processes, it starts the command and stays as the first
//! process, with which all others end. What they are told stands in no process's arguments. Where single hosts are open to a command, the supervisor
//! answers for them: a **proxy** is the only way out of the command's network. Where the whole network is left to it, it is in everybody's, without local
//! sockets.

mod child_spec;
mod command_end;
mod command_spec;
mod home;
mod job;
mod keeping_probe;
mod kill_switch;
mod output_watch;
mod present;
#[cfg(target_os = "linux")]
mod probe;
#[cfg(target_os = "linux")]
mod proxy;
mod spec_words;
#[cfg(target_os = "linux")]
mod streams;
#[cfg(unix)]
mod terminal;
mod trace;
mod writable_folders;

#[cfg(unix)]
mod descriptors;
#[cfg(unix)]
mod git_guard;
#[cfg(unix)]
mod later_files;
#[cfg(unix)]
mod listen;
#[cfg(unix)]
mod process_tree;
#[cfg(unix)]
mod question_line;
#[cfg(unix)]
mod sandboxed_child;
#[cfg(unix)]
mod spec_transfer;
#[cfg(unix)]
mod started_child;
#[cfg(unix)]
mod supervisor;
#[cfg(unix)]
mod temporary;

#[cfg(target_os = "linux")]
mod bubblewrap;
#[cfg(target_os = "linux")]
mod child_channel;
#[cfg(target_os = "linux")]
mod hidden;
#[cfg(target_os = "linux")]
mod init;
#[cfg(target_os = "linux")]
mod landlock;
#[cfg(target_os = "linux")]
mod mounts;
#[cfg(target_os = "linux")]
mod namespaces;
#[cfg(target_os = "linux")]
mod notify;
#[cfg(any(target_os = "macos", test))]
mod seatbelt;
#[cfg(target_os = "linux")]
mod seccomp;

pub use command_end::{CommandEnd, ExitKind};
pub use command_spec::{CommandSpec, NetworkAccess};
pub use home::HomeAccess;
#[cfg(unix)]
pub use home::is_hidden;
#[cfg(target_os = "linux")]
pub use home::missed;
pub use job::OutputStream;
pub use keeping_probe::keeps_contents;
pub use kill_switch::{KillSwitch, KillSwitchHandle, kill_switch};
pub use present::{ProbeResult, found, present, probe, program, remember_in};
#[cfg(target_os = "linux")]
pub use probe::attempt;
#[cfg(unix)]
pub use terminal::{Terminal, TerminalEnd};
pub use trace::{
    KeepSpec, LossDecision, LossListener, LossNews, LossQuestion, Trace, TraceSpec, Unkept,
    UnkeptReason, WhenUnkept, read_kept, read_trace,
};
pub use writable_folders::opened;

use std::ffi::OsString;
use std::process::ExitCode;

/// First arguments that make the program something else than what a person starts.
#[cfg(unix)]
const SUPERVISOR: &str = "__supervisor";
#[cfg(unix)]
const SANDBOXED_CHILD: &str = "__child";
#[cfg(target_os = "linux")]
const PROBE: &str = "__probe";

/// What the program is when it was started by itself; `None` when a person started it.
pub fn serve(mut arguments: impl Iterator<Item = OsString>) -> Option<ExitCode> {
    let _program = arguments.next();
    let role = arguments.next()?;
    #[cfg(unix)]
    match role.to_str()? {
        SUPERVISOR => return Some(supervisor::serve(descriptors::close_inherited())),
        SANDBOXED_CHILD => return Some(sandboxed_child::serve(descriptors::close_inherited())),
        #[cfg(target_os = "linux")]
        PROBE => return Some(probe::serve(arguments)),
        _ => {}
    }
    None
}
