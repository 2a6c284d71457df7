//! Modes of the terminal, set once and restored on every exit.
//!
//! The mouse is requested with modes 1002 and 1006 (the wheel alone with 1000): terminals that turn
//! the wheel into arrow keys would make both indistinguishable, and tmux would scroll its own
//! history. With shift held the terminal selects as ever; where a link or a code is to be selected,
//! it handles the mouse.

use std::io::{self, Write};
use std::panic;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crossterm::terminal::{disable_raw_mode, enable_raw_mode};

use super::output::TerminalOutput;
use super::reset;
use super::rich_clipboard;
use super::window::WindowNews;

/// The terminal in our modes; dropping it restores them.
#[derive(Debug)]
pub struct TerminalGuard {
    out: TerminalOutput,
    mouse: Mouse,
}

/// Who handles the mouse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mouse {
    /// We do: the left button selects and clicks, the wheel scrolls.
    Button,
    /// The terminal: it selects text.
    Terminal,
    /// We handle the wheel alone: for the button, too, a person holds shift.
    Wheel,
}

/// Whether the terminal is in our modes. Signals and panics restore it from any thread.
static OURS: AtomicBool = AtomicBool::new(false);
static KITTY_KEYS: AtomicBool = AtomicBool::new(false);
/// Whether the window has a title of ours, and the one before is kept.
static TITLED: AtomicBool = AtomicBool::new(false);
/// Whether the window shows that something runs.
static PROGRESS: AtomicBool = AtomicBool::new(false);
static HOOKED: AtomicBool = AtomicBool::new(false);
/// The terminal that is in our modes.
static OUTPUT: Mutex<Option<TerminalOutput>> = Mutex::new(None);
static ASKED: Mutex<Option<Instant>> = Mutex::new(None);

/// How long replies are expected.
const REPLIES_WITHIN: Duration = Duration::from_secs(3);

/// Alternate screen; bracketed paste; focus events. The mouse is the terminal's own: a codling that
/// was killed may have left it otherwise.
const ENTER: &str = "\x1b[?1006l\x1b[?1002l\x1b[?1000l\x1b[?1049h\x1b[?2004h\x1b[?1004h";
const LEAVE: &str =
    "\x1b[?2026l\x1b[?1006l\x1b[?1002l\x1b[?1000l\x1b[?1004l\x1b[?2004l\x1b[m\x1b[?25h\x1b[?1049l";
/// Reports of buttons and the wheel, in the form without a limit of columns.
const WHEEL_ON: &str = "\x1b[?1000h\x1b[?1006h";
/// The same, and of motion while a button is held.
const BUTTON_ON: &str = "\x1b[?1002h\x1b[?1006h";
const MOUSE_OFF: &str = "\x1b[?1006l\x1b[?1002l\x1b[?1000l";
/// Kitty keyboard protocol: disambiguated keys. Each screen has its own stack, so they are popped
/// before leaving the screen.
const PUSH_KEYS: &str = "\x1b[>1u";
/// Pops everything pushed there, also by a codling that was killed.
const POP_KEYS: &str = "\x1b[<9u";
/// Keeps the window's title, and gives it back.
const PUSH_TITLE: &str = "\x1b[22;2t";
const POP_TITLE: &str = "\x1b[23;2t";
/// The window shows that something runs, or nothing.
const PROGRESS_ON: &str = "\x1b]9;4;3;0\x1b\\";
const PROGRESS_OFF: &str = "\x1b]9;4;0;0\x1b\\";
/// Queries for kitty keyboard flags, the background colour and the kind of terminal (DA2).
const QUESTIONS: &str = "\x1b[?u\x1b]11;?\x1b\\\x1b[>c";
/// Device attributes, which every terminal answers last.
const LAST_QUESTION: &str = "\x1b[c";

impl TerminalGuard {
    /// Enters raw mode and the alternate screen, with bracketed paste and focus events. Installs a
    /// panic hook that restores the terminal before it prints.
    ///
    /// # Errors
    ///
    /// Any failure to read or set the terminal's modes.
    pub fn enter(out: TerminalOutput) -> io::Result<Self> {
        let guard = Self { out, mouse: Mouse::Terminal };
        hook_panics();
        guard.set_modes()?;
        Ok(guard)
    }

    /// Restores the terminal. Can be called repeatedly, from any thread (signal, panic).
    pub fn restore() {
        if OURS.swap(false, Ordering::SeqCst) {
            let out = OUTPUT.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(out) = out {
                // Written in pieces, because there may be no memory to join them.
                out.write_last(|| [progress_off(), pop_keys(), LEAVE, pop_title()]);
            }
            // The process is ending, so a failure cannot be reported.
            let _ = disable_raw_mode();
        }
    }

    /// Writes the queries; call it after the first frame. `term` and `program` are the
    /// environment's `TERM` and `TERM_PROGRAM`: some terminals would print them.
    ///
    /// # Errors
    ///
    /// Any failure to write.
    pub fn ask(&mut self, term: &str, program: &str) -> io::Result<()> {
        if matches!(term, "" | "dumb" | "linux" | "cons25" | "vt52") {
            return Ok(());
        }
        if let Ok(mut asked) = ASKED.lock() {
            *asked = Some(Instant::now());
        }
        // macOS's Terminal prints the last letter of this one.
        let clipboard = if program == "Apple_Terminal" { "" } else { rich_clipboard::IS_THERE };
        self.out.write_all(format!("{QUESTIONS}{clipboard}{LAST_QUESTION}").as_bytes())
    }

    /// Pushes the kitty keyboard flags, after [`super::TerminalReply::KittyKeys`] came.
    ///
    /// # Errors
    ///
    /// Any failure to write.
    pub fn push_kitty_keys(&mut self) -> io::Result<()> {
        if KITTY_KEYS.swap(true, Ordering::SeqCst) {
            return Ok(());
        }
        self.out.write_all(PUSH_KEYS.as_bytes())
    }

    /// Leaves our modes and stops the process like ctrl+z. May return before the stop takes effect,
    /// so the caller leaves the terminal alone until `SIGCONT` and then enters again. In an
    /// orphaned process group, where no shell could continue it, nothing stops and no `SIGCONT`
    /// comes. `SIGTSTP` must have its default action.
    ///
    /// # Errors
    ///
    /// Any failure to send the signal.
    pub fn suspend(self) -> io::Result<()> {
        drop(self);
        stop()
    }

    /// Shows the normal screen in raw mode, for text to select; [`TerminalGuard::show_ours`]
    /// returns.
    ///
    /// # Errors
    ///
    /// Any failure to write.
    pub fn show_normal(&mut self) -> io::Result<()> {
        let keys = pop_keys();
        self.mouse = Mouse::Terminal;
        self.out.write_all(format!("{keys}{MOUSE_OFF}\x1b[m\x1b[?25h\x1b[?1049l").as_bytes())
    }

    /// Returns from [`TerminalGuard::show_normal`]. The caller redraws everything.
    ///
    /// # Errors
    ///
    /// Any failure to write.
    pub fn show_ours(&mut self) -> io::Result<()> {
        let keys = if KITTY_KEYS.load(Ordering::SeqCst) { PUSH_KEYS } else { "" };
        self.out.write_all(format!("\x1b[?1049h{keys}").as_bytes())
    }

    /// Gives the mouse to us or the terminal; writes only on a change.
    ///
    /// # Errors
    ///
    /// Any failure to write.
    pub fn set_mouse(&mut self, mouse: Mouse) -> io::Result<()> {
        let before = std::mem::replace(&mut self.mouse, mouse);
        if before == mouse {
            return Ok(());
        }
        let on = match mouse {
            Mouse::Button => BUTTON_ON,
            Mouse::Terminal => "",
            Mouse::Wheel => WHEEL_ON,
        };
        let off = if before == Mouse::Terminal { "" } else { MOUSE_OFF };
        self.out.write_all(format!("{off}{on}").as_bytes())
    }

    /// Writes a sequence as it is: a notification of a [`super::Window`], or a `ClipboardRequest`.
    ///
    /// # Errors
    ///
    /// Any failure to write.
    pub fn write(&mut self, sequence: &str) -> io::Result<()> {
        self.out.write_all(sequence.as_bytes())
    }

    /// Shows the changes of a [`super::Window`]. The title that was there is kept by the terminal,
    /// and given back with the other modes.
    ///
    /// # Errors
    ///
    /// Any failure to write.
    pub fn show_window(&mut self, news: &WindowNews) -> io::Result<()> {
        let mut bytes = String::new();
        if let Some(title) = &news.title {
            let kept = TITLED.swap(true, Ordering::SeqCst);
            bytes.push_str(if kept { "" } else { PUSH_TITLE });
            bytes.push_str(&format!("\x1b]2;{title}\x1b\\"));
        }
        if let Some(is_running) = news.progress {
            PROGRESS.store(is_running, Ordering::SeqCst);
            bytes.push_str(if is_running { PROGRESS_ON } else { PROGRESS_OFF });
        }
        if bytes.is_empty() { Ok(()) } else { self.out.write_all(bytes.as_bytes()) }
    }

    fn set_modes(&self) -> io::Result<()> {
        reset::leave_raw_mode(self.out.file());
        enable_raw_mode()?;
        self.out.begin();
        *OUTPUT.lock().unwrap_or_else(PoisonError::into_inner) = Some(self.out.clone());
        OURS.store(true, Ordering::SeqCst);
        let keys = if KITTY_KEYS.load(Ordering::SeqCst) { PUSH_KEYS } else { "" };
        self.out.clone().write_all(format!("{ENTER}{keys}").as_bytes())
    }
}

impl Drop for TerminalGuard {
    fn drop(&mut self) {
        Self::restore();
    }
}

/// Whether the terminal was queried recently, so that an escape may begin its reply.
pub(super) fn replies_are_due() -> bool {
    ASKED.lock().is_ok_and(|asked| asked.is_some_and(|at| at.elapsed() < REPLIES_WITHIN))
}

/// The sequences that undo our modes after a codling was killed.
pub(super) fn after_a_kill() -> String {
    format!("{POP_KEYS}{LEAVE}{POP_TITLE}")
}

fn pop_title() -> &'static str {
    if TITLED.swap(false, Ordering::SeqCst) { POP_TITLE } else { "" }
}

fn progress_off() -> &'static str {
    if PROGRESS.swap(false, Ordering::SeqCst) { PROGRESS_OFF } else { "" }
}

fn pop_keys() -> &'static str {
    if KITTY_KEYS.load(Ordering::SeqCst) { POP_KEYS } else { "" }
}

/// Installs the panic hook. A panic of the screen's thread restores the terminal before its message
/// is printed. Panics of other threads are reported by their owners; printing them would spoil the
/// screen.
fn hook_panics() {
    if HOOKED.swap(true, Ordering::SeqCst) {
        return;
    }
    let screen = thread::current().id();
    let print = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        if thread::current().id() == screen {
            TerminalGuard::restore();
            print(panic);
        } else if OURS.load(Ordering::SeqCst) {
            tracing::error!(
                location = panic.location().map(tracing::field::display),
                "a thread panicked"
            );
        } else {
            print(panic);
        }
    }));
}

#[cfg(unix)]
use crate::base::start::stop_group as stop;

#[cfg(not(unix))]
fn stop() -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mode_that_is_entered_is_left() {
        for mode in ["1049", "2004", "1004"] {
            assert!(
                ENTER.contains(&format!("\x1b[?{mode}h"))
                    && LEAVE.contains(&format!("\x1b[?{mode}l")),
                "{mode}"
            );
        }
        for (mode, asks) in [("1000", WHEEL_ON), ("1002", BUTTON_ON), ("1006", WHEEL_ON)] {
            let (on, off) = (format!("\x1b[?{mode}h"), format!("\x1b[?{mode}l"));
            assert!(asks.contains(&on), "{mode}");
            for leaves in [MOUSE_OFF, LEAVE, ENTER] {
                assert!(leaves.contains(&off), "{mode}");
            }
        }
        assert!(LEAVE.contains("\x1b[?25h"));
    }
}
