//! The loopback of a conversation: a network namespace with nothing but its own loopback device, in
//! which commands reach the ports of each other, and those of the machine that a person opened.
//!
//! No process holds it. A helper makes it with the first command that shares it, sends descriptors
//! of it to the program and ends; the program hands them to each supervisor, which enters before it
//! starts its child. It is gone when the program lets go of them, or ends, and the last command in
//! it has ended.
//!
//! Commands that only read stay out of it, because a server that they reach, of another command or
//! of the machine, could write for them. So do those of Bubblewrap: where it is needed, the system
//! lets this program make no namespaces that could be shared.

#[cfg(target_os = "linux")]
mod machine_ports;
#[cfg(target_os = "linux")]
mod shared_network;

#[cfg(target_os = "linux")]
pub use shared_network::{Loopback, SharedNetwork, serve};

#[cfg(not(target_os = "linux"))]
use std::net::SocketAddr;

#[cfg(not(target_os = "linux"))]
use crate::protocol::SandboxOpenings;

/// The loopback of a system on which commands share none.
#[cfg(not(target_os = "linux"))]
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loopback;

#[cfg(not(target_os = "linux"))]
impl Loopback {
    /// No port of the machine was opened.
    pub fn close_others(&self, _open: &SandboxOpenings) {}

    /// No port of the machine is reached from a network that there is not.
    pub fn unopened(&self, _at: SocketAddr) -> Option<String> {
        Some("Commands share no network on this system".to_owned())
    }
}
