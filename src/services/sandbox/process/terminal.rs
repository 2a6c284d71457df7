//! A pseudo-terminal for a command: what is typed into it, and what it shows. Runs nothing, and
//! understands nothing of what is shown.

use std::io;
use std::os::fd::OwnedFd;
#[cfg(target_os = "linux")]
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Instant;

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::io::Errno;
use rustix::pty::{OpenptFlags, grantpt, openpt, unlockpt};
use rustix::termios::{Winsize, tcsetwinsize};

/// The side at which codling sits.
#[derive(Debug)]
pub struct Terminal(OwnedFd);

/// The side at which the command sits. On Linux nobody else keeps it, so that the end of the
/// command's processes is heard; elsewhere the supervisor does, and it ends after them.
#[derive(Debug)]
pub struct TerminalEnd(OwnedFd);

impl Terminal {
    /// Opens one of this size.
    ///
    /// # Errors
    ///
    /// Where the system has no terminal left.
    pub fn open(rows: u16, columns: u16) -> io::Result<(Self, TerminalEnd)> {
        let (ours, theirs) = pair()?;
        let terminal = Self(ours);
        terminal.resize(rows, columns)?;
        rustix::io::ioctl_fionbio(&terminal.0, true)?;
        Ok((terminal, TerminalEnd(theirs)))
    }

    /// Tells the command that its terminal has another size.
    ///
    /// # Errors
    ///
    /// Where the terminal is gone.
    pub fn resize(&self, rows: u16, columns: u16) -> io::Result<()> {
        let size = Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        Ok(tcsetwinsize(&self.0, size)?)
    }

    /// Types, until all of it is taken or the time is up; how many bytes were taken. Blocks.
    ///
    /// # Errors
    ///
    /// Where no process has the terminal open any more.
    pub fn write(&self, mut bytes: &[u8], until: Instant) -> io::Result<usize> {
        let all = bytes.len();
        while !bytes.is_empty() {
            match rustix::io::write(&self.0, bytes) {
                Ok(taken) => bytes = &bytes[taken..],
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => {
                    let left = until.saturating_duration_since(Instant::now());
                    let wait = Timespec::try_from(left).ok();
                    let mut end = [PollFd::new(&self.0, PollFlags::OUT)];
                    match rustix::event::poll(&mut end, wait.as_ref()) {
                        Ok(0) => break,
                        Ok(_) | Err(Errno::INTR) => {}
                        Err(error) => return Err(error.into()),
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(all - bytes.len())
    }

    /// For whoever hears what it shows.
    ///
    /// # Errors
    ///
    /// Where no descriptor is left.
    pub fn shown(&self) -> io::Result<OwnedFd> {
        self.0.try_clone()
    }
}

/// Both sides. No other command inherits them.
#[cfg(target_os = "linux")]
fn pair() -> io::Result<(OwnedFd, OwnedFd)> {
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    let ours = openpt(flags)?;
    grantpt(&ours)?;
    unlockpt(&ours)?;
    let theirs = rustix::pty::ioctl_tiocgptpeer(&ours, flags)?;
    Ok((ours, theirs))
}

/// Both sides. No other command inherits them, unless it is started in between: the system has no
/// call that does both.
#[cfg(not(target_os = "linux"))]
fn pair() -> io::Result<(OwnedFd, OwnedFd)> {
    use rustix::fs::{Mode, OFlags};

    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY)?;
    rustix::io::fcntl_setfd(&ours, rustix::io::FdFlags::CLOEXEC)?;
    grantpt(&ours)?;
    unlockpt(&ours)?;
    let name = rustix::pty::ptsname(&ours, Vec::new())?;
    let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC;
    let theirs = rustix::fs::open(name, flags, Mode::empty())?;
    Ok((ours, theirs))
}

#[cfg(target_os = "linux")]
impl AsFd for TerminalEnd {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

#[cfg(not(target_os = "linux"))]
impl From<TerminalEnd> for OwnedFd {
    fn from(end: TerminalEnd) -> Self {
        end.0
    }
}
