//! The walls around a command: the files it sees and may write to, the calls and the network it
//! has.

#[cfg(target_os = "linux")]
pub mod bubblewrap;
#[cfg(target_os = "linux")]
pub mod hidden;
pub mod home;
#[cfg(target_os = "linux")]
pub mod landlock;
#[cfg(target_os = "linux")]
pub mod mounts;
#[cfg(target_os = "linux")]
pub mod namespaces;
#[cfg(any(target_os = "macos", test))]
pub mod seatbelt;
#[cfg(target_os = "linux")]
pub mod seccomp;
#[cfg(unix)]
pub mod startup_files;
#[cfg(unix)]
pub mod temporary;
pub mod writable_folders;
