//! The kill switch: a line to a command's supervisor that ends the command when it is let go of,
//! however the program ends. An interrupt for the command goes the same way.

use std::io;
#[cfg(unix)]
use std::os::unix::net::UnixStream;
#[cfg(unix)]
use std::sync::Arc;
#[cfg(unix)]
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

#[cfg(unix)]
use super::interrupt::Interrupts;
use crate::sandbox::trace::{LossListener, LossNews};

/// Dropping it ends the command at once, whatever else the program is doing; so does the program's
/// death.
#[derive(Debug)]
pub struct KillSwitch {
    #[cfg(unix)]
    line: UnixStream,
    /// Whether it was let go of.
    #[cfg(unix)]
    is_slack: Arc<AtomicBool>,
    #[cfg(unix)]
    interrupts: Arc<Interrupts>,
    /// The process id of the supervisor; 0 before it was started.
    #[cfg(unix)]
    supervisor: Arc<AtomicU32>,
}

impl KillSwitch {
    /// Interrupts the command as ctrl-c at a terminal does (SIGINT): its processes may clear up,
    /// and may go on. Waits for nothing.
    pub fn interrupt(&self) {
        #[cfg(unix)]
        self.interrupts.interrupt(&self.line);
    }

    /// The process id of the command's supervisor, which is the parent of all its processes; `None`
    /// before it was started. It may have ended.
    pub fn supervisor(&self) -> Option<u32> {
        #[cfg(unix)]
        return Some(self.supervisor.load(Ordering::Relaxed)).filter(|process| *process != 0);
        #[cfg(not(unix))]
        None
    }
}

#[cfg(unix)]
impl Drop for KillSwitch {
    fn drop(&mut self) {
        self.is_slack.store(true, Ordering::Relaxed);
        // The listener for questions holds the line as well.
        if let Err(error) = self.line.shutdown(std::net::Shutdown::Both) {
            tracing::debug!(%error, "the command has ended");
        }
    }
}

/// The command's end of a [`KillSwitch`].
#[derive(Debug)]
pub struct KillSwitchHandle {
    #[cfg(unix)]
    pub(in crate::sandbox) reader: UnixStream,
    /// For what the supervisor is told first, and what it asks later.
    #[cfg(unix)]
    pub(in crate::sandbox) writer: UnixStream,
    #[cfg(unix)]
    pub(in crate::sandbox) is_slack: Arc<AtomicBool>,
    #[cfg(unix)]
    pub(in crate::sandbox) interrupts: Arc<Interrupts>,
    #[cfg(unix)]
    pub(in crate::sandbox) supervisor: Arc<AtomicU32>,
    pub(in crate::sandbox) losses: Option<LossListener>,
}

impl KillSwitchHandle {
    /// The same, with somebody who hears what the command waits for before it destroys what could
    /// not be kept.
    pub fn asking(self, losses: Option<LossListener>) -> Self {
        Self { losses, ..self }
    }

    /// The same, with somebody besides who hears whether the command waits.
    pub fn watched(self, waits: impl Fn(bool) + Send + Sync + 'static) -> Self {
        let losses = self.losses.map(|losses| {
            LossListener::new(move |news| {
                waits(matches!(news, LossNews::Asked(_)));
                losses.receive(news);
            })
        });
        Self { losses, ..self }
    }
}

/// Made before the command is, so that it can be let go at any time.
///
/// # Errors
///
/// Where the system gives no pair of sockets.
#[cfg(unix)]
pub fn kill_switch() -> io::Result<(KillSwitch, KillSwitchHandle)> {
    let (reader, writer) = UnixStream::pair()?;
    let is_slack = Arc::<AtomicBool>::default();
    let interrupts = Arc::<Interrupts>::default();
    let supervisor = Arc::<AtomicU32>::default();
    let held = KillSwitch {
        line: writer.try_clone()?,
        is_slack: Arc::clone(&is_slack),
        interrupts: Arc::clone(&interrupts),
        supervisor: Arc::clone(&supervisor),
    };
    let losses = None;
    Ok((held, KillSwitchHandle { reader, writer, is_slack, interrupts, supervisor, losses }))
}

/// There are no commands to end.
///
/// # Errors
///
/// Never fails on this system.
#[cfg(not(unix))]
pub fn kill_switch() -> io::Result<(KillSwitch, KillSwitchHandle)> {
    Ok((KillSwitch {}, KillSwitchHandle { losses: None }))
}
