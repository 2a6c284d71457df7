//! A trace of what a command's own processes change: their calls are shown to the supervisor, which writes the paths down before it lets them go on.
//! Refuses nothing, so that a command runs as it would without.

mod file;

#[cfg(target_os = "linux")]
mod serve;
#[cfg(target_os = "linux")]
mod system_calls;
#[cfg(target_os = "linux")]
mod traced_path;

pub use file::{Trace, read_trace};
#[cfg(target_os = "linux")]
pub use serve::{Tracer, begin};
