//! The interrupt of a command without a terminal (SIGINT): how it comes to the supervisor, on the
//! line of the kill switch, and which processes it is for. Ends nothing itself.

use std::io::{self, Write};
#[cfg(target_os = "linux")]
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::process::{Pid, Signal};

/// Stands on the line for an interrupt, where answers to questions are two bytes as well.
pub const INTERRUPT: [u8; 2] = [b'c', 0];

/// The program's side: an interrupt waits until the supervisor was told what to do, which comes on
/// the same line.
#[derive(Debug, Default)]
pub struct Interrupts(Mutex<Line>);

#[derive(Debug, Default)]
struct Line {
    is_free: bool,
    is_wanted: bool,
}

impl Interrupts {
    /// Asks for an interrupt, now or once the line is free.
    pub fn interrupt(&self, line: &UnixStream) {
        let mut state = self.state();
        match state.is_free {
            true => say(line),
            false => state.is_wanted = true,
        }
    }

    /// The supervisor was told all that comes before.
    pub fn begin(&self, line: &UnixStream) {
        let mut state = self.state();
        state.is_free = true;
        if std::mem::take(&mut state.is_wanted) {
            say(line);
        }
    }

    fn state(&self) -> MutexGuard<'_, Line> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn say(mut line: &UnixStream) {
    if let Err(error) = line.write_all(&INTERRUPT) {
        tracing::debug!(%error, "the command was not interrupted");
    }
}

/// The process that began the command, and leads its group.
#[derive(Debug)]
pub enum GroupLeader {
    /// The child of the supervisor, which became the command.
    Child(Pid),
    /// A child of the first process of a namespace of processes, which has another number there.
    #[cfg(target_os = "linux")]
    Inside(OwnedFd),
}

impl GroupLeader {
    /// Sends SIGINT to the command's group alone and once, as a terminal does: many programs take a
    /// second one for an order to end at once.
    pub fn interrupt(&self) {
        let sent = self
            .number()
            .and_then(|leader| Ok(rustix::process::kill_process_group(leader, Signal::INT)?));
        // It has ended in the meantime, which is told.
        drop(sent);
    }

    fn number(&self) -> io::Result<Pid> {
        match self {
            Self::Child(pid) => Ok(*pid),
            #[cfg(target_os = "linux")]
            Self::Inside(process) => {
                let about = format!("/proc/self/fdinfo/{}", process.as_raw_fd());
                named(&std::fs::read_to_string(about)?).ok_or(io::ErrorKind::NotFound.into())
            }
        }
    }
}

/// The number of a process out of what the system tells of its descriptor; none where it has ended.
#[cfg(target_os = "linux")]
fn named(about: &str) -> Option<Pid> {
    let number = about.lines().find_map(|line| line.strip_prefix("Pid:"))?.trim().parse().ok()?;
    if number > 0 { Pid::from_raw(number) } else { None }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn an_interrupt_waits_until_all_was_told() {
        let (mut reader, writer) = UnixStream::pair().unwrap();
        reader.set_nonblocking(true).unwrap();
        let interrupts = Interrupts::default();
        interrupts.interrupt(&writer);
        interrupts.interrupt(&writer);
        let mut heard = [0; 8];
        assert!(reader.read(&mut heard).is_err());
        interrupts.begin(&writer);
        assert_eq!(reader.read(&mut heard).unwrap(), 2);
        interrupts.interrupt(&writer);
        assert_eq!((reader.read(&mut heard).unwrap(), [heard[0], heard[1]]), (2, INTERRUPT));
        // The supervisor is gone.
        drop(reader);
        interrupts.interrupt(&writer);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_process_is_known_by_its_descriptor_until_it_has_ended() {
        let own = rustix::process::getpid();
        let process = rustix::process::pidfd_open(own, rustix::process::PidfdFlags::empty());
        assert_eq!(GroupLeader::Inside(process.unwrap()).number().unwrap(), own);
        for (about, wanted) in [
            ("pos:\t0\nPid:\t12\nNSpid:\t12\n", Pid::from_raw(12)),
            ("Pid:\t-1\n", None),
            ("", None),
        ] {
            assert_eq!(named(about), wanted, "{about:?}");
        }
    }
}
