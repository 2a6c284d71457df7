//! Commands of the model and of the person, inside and outside the sandbox.

pub mod commands;
pub mod confined;
pub mod jobs;
#[cfg(target_os = "linux")]
pub mod losses;
pub mod order;
#[cfg(unix)]
pub mod patches;
#[cfg(target_os = "linux")]
pub mod remembered;
pub mod secrets;
