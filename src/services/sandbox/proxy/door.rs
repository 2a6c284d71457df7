//! The proxy's place in a command's network: a listener on its loopback device, and the variables
//! that send programs there. Answers nobody.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use crate::sandbox::spec::child_spec::Network;
use rustix::io::Errno;
use rustix::net::{
    AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, recv, send, socket_with,
};

#[derive(Debug, thiserror::Error)]
#[error("its loopback device: {source}")]
pub struct LoopbackError {
    #[from]
    source: Errno,
}

/// Variables by which programs find a proxy, in both spellings, and those that would lead past it.
const PROXY: [&str; 6] =
    ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "all_proxy", "http_proxy", "https_proxy"];
const PAST_IT: [&str; 2] = ["NO_PROXY", "no_proxy"];
const LOCAL: &str = "localhost,127.0.0.1,::1";
/// Without it, Node's own `fetch` does not look at the others.
const NODE: (&str, &str) = ("NODE_USE_ENV_PROXY", "1");

/// To be called in the network that the command has: a socket stays in the network it was made in,
/// whoever holds it.
///
/// # Errors
///
/// Fails if loopback is off or no port is free.
pub fn open() -> io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
}

/// The variables of a command with the proxy at that address. Where it shares its network, it asks
/// the others, and the ports of the machine that are open, without the proxy.
pub fn variables(
    address: SocketAddr,
    network: Network,
) -> impl Iterator<Item = (&'static str, String)> {
    let proxy = format!("http://{address}");
    let past_it = if network == Network::SharedProxied { LOCAL } else { "" };
    let found = PROXY.map(|name| (name, proxy.clone()));
    found
        .into_iter()
        .chain(PAST_IT.map(|name| (name, past_it.to_owned())))
        .chain([(NODE.0, NODE.1.to_owned())])
}

// rtnetlink(7): a message's header of 16 bytes and `struct ifinfomsg` of 16.
const LENGTH: usize = 32;
const NEW_LINK: u16 = 16;
const REQUEST_AND_ACKNOWLEDGE: u16 = 0x1 | 0x4;
const ERROR: u16 = 2;
/// The first device of a network namespace is the loopback.
const LOOPBACK: i32 = 1;
const UP: u32 = 1;

/// A new network namespace has it switched off.
///
/// # Errors
///
/// Fails if the kernel refuses, or gives an answer that is not understood.
pub fn switch_on_loopback() -> Result<(), LoopbackError> {
    // Without a protocol it is the one of routes and devices.
    let line = socket_with(AddressFamily::NETLINK, SocketType::RAW, SocketFlags::CLOEXEC, None)?;
    send(&line, &message(), SendFlags::empty())?;
    let mut answer = [0; 128];
    let (_, length) = recv(&line, &mut answer, RecvFlags::empty())?;
    // The header, and an error number that is 0 where there is none.
    let kind = u16::from_ne_bytes([answer[4], answer[5]]);
    let code = i32::from_ne_bytes([answer[16], answer[17], answer[18], answer[19]]);
    match (length >= 20 && kind == ERROR, code) {
        (true, 0) => Ok(()),
        (true, code) => Err(Errno::from_raw_os_error(code.saturating_neg()).into()),
        (false, _) => Err(Errno::BADMSG.into()),
    }
}

fn message() -> [u8; LENGTH] {
    let mut bytes = [0; LENGTH];
    bytes[0..4].copy_from_slice(&(LENGTH as u32).to_ne_bytes());
    bytes[4..6].copy_from_slice(&NEW_LINK.to_ne_bytes());
    bytes[6..8].copy_from_slice(&REQUEST_AND_ACKNOWLEDGE.to_ne_bytes());
    bytes[20..24].copy_from_slice(&LOOPBACK.to_ne_bytes());
    bytes[24..28].copy_from_slice(&UP.to_ne_bytes());
    bytes[28..32].copy_from_slice(&UP.to_ne_bytes());
    bytes
}
