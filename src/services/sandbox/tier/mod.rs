//! Which of the walls this system can put up, found by trying.

pub mod detection;
pub mod keeping_probe;
#[cfg(target_os = "linux")]
pub mod probe;
