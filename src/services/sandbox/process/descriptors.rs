//! Closes what a process of the sandbox inherited. A descriptor that was opened outside leads
//! around every wall: a folder's undoes read-only mounts, a connection's is a way out. The
//! processes are told all that they need through their first three.

use std::io;
use std::os::fd::RawFd;

/// Input, output and errors stay.
const KEPT: RawFd = 3;

/// Where the system lists what this process has open.
const LISTED: &str = if cfg!(target_os = "linux") { "/proc/self/fd" } else { "/dev/fd" };

/// Closes all but input, output and errors; to be called before this process opens anything itself.
///
/// # Errors
///
/// Fails if the system does not list what is open, or if one of them cannot be closed.
pub fn close_inherited() -> io::Result<()> {
    let mut inherited: Vec<RawFd> = Vec::new();
    for entry in std::fs::read_dir(LISTED)? {
        let number = entry?.file_name().to_str().and_then(|name| name.parse::<RawFd>().ok());
        inherited.extend(number.filter(|number| *number >= KEPT));
    }
    for number in inherited {
        match nix::unistd::close(number) {
            // The list's own is closed already.
            Ok(()) | Err(nix::errno::Errno::EBADF) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
