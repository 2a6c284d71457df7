//! `codling reset`: restores a terminal that a killed codling left in raw mode, on the alternate
//! screen, without a cursor.

use std::fs::{File, OpenOptions};
#[cfg(unix)]
use std::io::IsTerminal;
use std::io::{self, Write};

use super::guard::after_a_kill;

/// Restores the terminal of this process for a shell.
///
/// # Errors
///
/// If there is no terminal, or it cannot be written.
pub fn reset() -> io::Result<()> {
    let mut terminal = terminal()?;
    terminal.write_all(after_a_kill().as_bytes())?;
    terminal.flush()?;
    #[cfg(unix)]
    make_sane(&terminal)?;
    Ok(())
}

/// Standard output if it is the terminal, else the controlling terminal.
fn terminal() -> io::Result<File> {
    #[cfg(unix)]
    if io::stdout().is_terminal() {
        return Ok(File::from(std::os::fd::AsFd::as_fd(&io::stdout()).try_clone_to_owned()?));
    }
    OpenOptions::new().read(true).write(true).open("/dev/tty")
}

/// Leaves raw mode if the terminal is in it: a codling that was killed left it so, and it must not
/// be saved as the state to restore.
pub(super) fn leave_raw_mode(terminal: &File) {
    #[cfg(unix)]
    if rustix::termios::tcgetattr(terminal).is_ok_and(|modes| is_raw(&modes)) {
        // If that fails, codling starts anyway.
        let _ = make_sane(terminal);
    }
    #[cfg(not(unix))]
    let _no_modes = terminal;
}

/// Whether the modes are those of `cfmakeraw`. A shell that reads single keys keeps signals and
/// output processing.
#[cfg(unix)]
fn is_raw(modes: &rustix::termios::Termios) -> bool {
    use rustix::termios::{LocalModes, OutputModes};

    !modes.local_modes.intersects(LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG)
        && !modes.output_modes.contains(OutputModes::OPOST)
}

/// Restores what `cfmakeraw` changes, like `stty sane`.
#[cfg(unix)]
fn make_sane(terminal: &File) -> io::Result<()> {
    use rustix::termios::{
        InputModes, LocalModes, OptionalActions, OutputModes, tcgetattr, tcsetattr,
    };

    let mut modes = tcgetattr(terminal)?;
    modes.input_modes |= InputModes::ICRNL | InputModes::IXON | InputModes::BRKINT;
    modes.input_modes -= InputModes::IGNCR | InputModes::INLCR;
    modes.output_modes |= OutputModes::OPOST | OutputModes::ONLCR;
    modes.local_modes |= LocalModes::ICANON | LocalModes::ISIG | LocalModes::IEXTEN;
    modes.local_modes |= LocalModes::ECHO | LocalModes::ECHOE | LocalModes::ECHOK;
    Ok(tcsetattr(terminal, OptionalActions::Now, &modes)?)
}

#[cfg(all(test, unix))]
mod tests {
    use portable_pty::{PtySize, native_pty_system};
    use rustix::termios::{LocalModes, OptionalActions, OutputModes, tcgetattr, tcsetattr};

    use super::*;

    #[test]
    fn what_a_kill_left_raw_is_made_sane_and_a_shell_s_own_modes_stay() {
        let pair = native_pty_system().openpty(PtySize::default()).unwrap();
        let tty = OpenOptions::new()
            .read(true)
            .write(true)
            .open(pair.master.tty_name().unwrap())
            .unwrap();
        let mut raw = tcgetattr(&tty).unwrap();
        raw.make_raw();
        tcsetattr(&tty, OptionalActions::Now, &raw).unwrap();
        leave_raw_mode(&tty);
        let sane = tcgetattr(&tty).unwrap();
        assert!(
            sane.local_modes.contains(LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG)
        );
        assert!(sane.output_modes.contains(OutputModes::OPOST | OutputModes::ONLCR));

        let mut line_editor = sane;
        line_editor.local_modes -= LocalModes::ICANON | LocalModes::ECHO;
        tcsetattr(&tty, OptionalActions::Now, &line_editor).unwrap();
        leave_raw_mode(&tty);
        assert!(
            !tcgetattr(&tty).unwrap().local_modes.intersects(LocalModes::ICANON | LocalModes::ECHO)
        );
    }
}
