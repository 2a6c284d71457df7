//! Forwards signals to the loop: those that end or continue the program or announce a new size.

use std::io;
#[cfg(unix)]
use std::sync::atomic::{AtomicBool, Ordering};

use super::input::LoopMessage;

/// Whether another program has the terminal: its ctrl+c reaches the whole process group and is not
/// for us.
#[cfg(unix)]
static LENT: AtomicBool = AtomicBool::new(false);

/// Runs `act` and ignores interrupts meanwhile.
#[cfg(target_os = "linux")]
pub fn lend<T>(act: impl FnOnce() -> T) -> T {
    LENT.store(true, Ordering::SeqCst);
    let done = act();
    LENT.store(false, Ordering::SeqCst);
    done
}

/// Watches signals on its own thread. The first ending signal goes to the loop; a second one ends
/// the process.
///
/// # Errors
///
/// Any failure to register the signals or start the thread.
#[cfg(unix)]
pub fn watch(notes: LoopMessage) -> io::Result<()> {
    use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGWINCH};
    use signal_hook::iterator::Signals;

    use super::input::LoopNote;
    use crate::base::start;
    use crate::fronts::tui::terminal::{self, TerminalGuard};

    terminal::watch_aborts()?;
    // `nohup` had the program ignore its terminal's end, and it stays so.
    let hang_up = (!start::ignores_hang_up()).then_some(SIGHUP);
    let watched = [SIGINT, SIGTERM, SIGQUIT, SIGCONT, SIGWINCH];
    let mut signals = Signals::new(watched.into_iter().chain(hang_up))?;
    std::thread::Builder::new().name("signals".into()).spawn(move || {
        let mut ending = false;
        for signal in signals.forever() {
            if matches!(signal, SIGINT | SIGQUIT) && LENT.load(Ordering::SeqCst) {
                continue;
            }
            let ends = !matches!(signal, SIGCONT | SIGWINCH);
            let note = match signal {
                SIGCONT => LoopNote::Continued,
                SIGWINCH => match terminal::size() {
                    Ok((columns, rows)) => LoopNote::Resize(columns, rows),
                    Err(_) => continue,
                },
                _ => LoopNote::Signal(signal),
            };
            if ends {
                terminal::give_up_stalled();
            }
            let sent = notes.send(note);
            if ends && (std::mem::replace(&mut ending, true) || sent.is_err()) {
                TerminalGuard::restore();
                std::process::exit(128 + signal);
            }
        }
    })?;
    Ok(())
}

/// Watches nothing: this system has no such signals.
///
/// # Errors
///
/// Never fails: there are no signals to watch here.
#[cfg(not(unix))]
pub fn watch(_notes: LoopMessage) -> io::Result<()> {
    Ok(())
}
