//! Signals that ask the program to stop, as messages.

use std::io;

use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

#[cfg(unix)]
use crate::base::start;

/// Sends one message for each SIGINT, SIGTERM, SIGHUP (unless `nohup` has it ignored), SIGQUIT and
/// SIGABRT (elsewhere Ctrl-C): none of them may leave a terminal without its echo. Call it inside a
/// runtime; from then on these signals no longer end the process.
///
/// # Errors
///
/// Fails if the system does not let this process handle a signal.
#[cfg(unix)]
pub fn listen() -> io::Result<UnboundedReceiver<()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (sender, receiver) = unbounded_channel();
    let abort = SignalKind::from_raw(signal_hook::consts::SIGABRT);
    // `nohup` had the program ignore its terminal's end, and it stays so.
    let hang_up = (!start::ignores_hang_up()).then(SignalKind::hangup);
    let stops = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::quit(), abort];
    for kind in stops.into_iter().chain(hang_up) {
        let mut signals = signal(kind)?;
        let sender = sender.clone();
        tokio::spawn(
            async move { while signals.recv().await.is_some() && sender.send(()).is_ok() {} },
        );
    }
    Ok(receiver)
}

/// # Errors
///
/// Fails if the system does not let this process handle a signal.
#[cfg(not(unix))]
pub fn listen() -> io::Result<UnboundedReceiver<()>> {
    let (sender, receiver) = unbounded_channel();
    tokio::spawn(async move {
        while tokio::signal::ctrl_c().await.is_ok() && sender.send(()).is_ok() {}
    });
    Ok(receiver)
}
