//! Signals: they go to the screen's loop, or, while the program holds a conversation without a
//! screen, to whoever waits there.

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

#[cfg(unix)]
pub use unix::{watch, without_screen};

#[cfg(unix)]
mod unix {
    use std::sync::{Mutex, MutexGuard, PoisonError};

    use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGWINCH};
    use signal_hook::iterator::Signals;

    use super::*;
    use crate::base::start;
    use crate::tui::event_loop::input::LoopNote;
    use crate::tui::terminal::{self, TerminalGuard};

    static TARGET: Mutex<Target> = Mutex::new(Target::Nobody);

    /// Where signals go.
    enum Target {
        /// They are not watched yet.
        Nobody,
        /// The loop of the screen; and whether one came already that ends it.
        Screen(LoopMessage, bool),
        /// The program goes on without a screen.
        Hold(Box<dyn Fn(i32) -> bool + Send>),
    }

    fn target() -> MutexGuard<'static, Target> {
        TARGET.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Watches signals for a screen, on a thread of their own. The first ending signal goes to the
    /// loop; a second one ends the process, unless it tells again that the terminal is gone: the
    /// kernel does so twice where a shell had started the program, and that shell may, too.
    ///
    /// # Errors
    ///
    /// Any failure to register the signals or start the thread.
    pub fn watch(notes: LoopMessage) -> io::Result<()> {
        let before = std::mem::replace(&mut *target(), Target::Screen(notes, false));
        if !matches!(before, Target::Nobody) {
            return Ok(());
        }
        terminal::watch_aborts()?;
        // `nohup` had the program ignore its terminal's end, and it stays so.
        let hang_up = (!start::ignores_hang_up()).then_some(SIGHUP);
        let watched = [SIGINT, SIGTERM, SIGQUIT, SIGCONT, SIGWINCH];
        let mut signals = Signals::new(watched.into_iter().chain(hang_up))?;
        std::thread::Builder::new().name("signals".into()).spawn(move || {
            for signal in signals.forever() {
                if matches!(signal, SIGINT | SIGQUIT) && LENT.load(Ordering::SeqCst) {
                    continue;
                }
                pass_on(signal);
            }
        })?;
        Ok(())
    }

    /// Sends signals to `to` from now on, but for the terminal's end and its sizes: the program
    /// goes on without a screen. Those are handled still: an ignored one would be ignored by
    /// commands too. Where `to` says that nobody waits, a signal ends the program.
    pub fn without_screen(to: impl Fn(i32) -> bool + Send + 'static) {
        *target() = Target::Hold(Box::new(to));
    }

    fn pass_on(signal: i32) {
        let (notes, is_second) = match &mut *target() {
            Target::Nobody => return,
            Target::Hold(_) if matches!(signal, SIGHUP | SIGWINCH) => return,
            Target::Hold(to) if to(signal) => return,
            Target::Hold(_) => end(signal),
            Target::Screen(notes, ending) => {
                let ends = !matches!(signal, SIGCONT | SIGHUP | SIGWINCH);
                (notes.clone(), ends && std::mem::replace(ending, true))
            }
        };
        let note = match signal {
            SIGCONT => LoopNote::Continued,
            SIGWINCH => match terminal::size() {
                Ok((columns, rows)) => LoopNote::Resize(columns, rows),
                Err(_) => return,
            },
            _ => LoopNote::Signal(signal),
        };
        let ends = matches!(note, LoopNote::Signal(_));
        if ends {
            terminal::give_up_stalled();
        }
        let is_gone = notes.send(note).is_err();
        if signal != SIGHUP && (is_gone && ends || is_second) {
            end(signal);
        }
    }

    fn end(signal: i32) -> ! {
        TerminalGuard::restore();
        std::process::exit(128 + signal);
    }
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
