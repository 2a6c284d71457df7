//! Which of the walls this system can put up, found by trying.

pub mod keeping_probe;
pub mod present;
#[cfg(target_os = "linux")]
pub mod probe;
