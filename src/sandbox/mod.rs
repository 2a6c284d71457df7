//! Runs commands so that they can be ended as a whole, kept in where that is wanted.
//!
//! The program starts itself again as a **warden**, which stays beside the command and outlives nothing of it: it holds a line to the program, and
//! when that goes slack (a timeout, an interrupt, the program's own death), it ends whatever the command started. The warden starts the program
//! once more as a **cell**, which gives up its rights and becomes the command; in a namespace of processes, it starts the command and stays as the first
//! process, with which all others end. Where single hosts are open to a command, the warden answers for them: a **proxy** is the only way out of the command's
//! network.

mod end;
mod job;
mod opened;
mod order;
mod present;
#[cfg(target_os = "linux")]
mod probe;
#[cfg(target_os = "linux")]
mod proxy;
#[cfg(target_os = "linux")]
mod streams;
mod trace;

#[cfg(unix)]
mod cell;
#[cfg(unix)]
mod family;
#[cfg(unix)]
mod seal;
#[cfg(unix)]
mod temporary;
#[cfg(unix)]
mod warden;

#[cfg(target_os = "linux")]
mod bubblewrap;
#[cfg(target_os = "linux")]
mod calls;
#[cfg(target_os = "linux")]
mod fence;
#[cfg(target_os = "linux")]
mod hidden;
#[cfg(target_os = "linux")]
mod init;
#[cfg(target_os = "linux")]
mod line;
#[cfg(target_os = "linux")]
mod mounts;
#[cfg(target_os = "linux")]
mod namespaces;
#[cfg(target_os = "linux")]
mod notify;
#[cfg(any(target_os = "macos", test))]
mod seatbelt;

pub use end::{End, How};
pub use job::{Leash, Tether, leash};
pub use opened::opened;
pub use order::Order;
pub use present::{Found, found, present, probe, program};
#[cfg(target_os = "linux")]
pub use probe::attempt;
pub use trace::{Trace, read_trace};

use std::ffi::OsString;
use std::process::ExitCode;

/// What the program is when it was started by itself; `None` when a person started it.
pub fn serve(mut arguments: impl Iterator<Item = OsString>) -> Option<ExitCode> {
    let _program = arguments.next();
    let role = arguments.next()?;
    #[cfg(unix)]
    match role.to_str()? {
        order::WARDEN => return Some(warden::serve(arguments)),
        order::CELL => return Some(cell::serve(arguments)),
        #[cfg(target_os = "linux")]
        order::PROBE => return Some(probe::serve(arguments)),
        _ => {}
    }
    None
}
