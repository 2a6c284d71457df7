//! A terminal that goes away while a program runs in it, as when a window is closed or a connection
//! is lost, and one that nobody reads any more.

use std::fs::File;
use std::io::{Read, Write};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use portable_pty::{PtySize, native_pty_system};

use super::setup::Setup;
use super::terminal::Exit;

impl Setup {
    /// Starts the program, closes the terminal once a text is visible, and waits for the program's
    /// end.
    pub fn hang_up_after(&self, text: &str) -> Exit {
        let (cols, rows) = self.size;
        let pair = native_pty_system()
            .openpty(PtySize { rows, cols, pixel_width: 0, pixel_height: 0 })
            .expect("a pty");
        let mut child = pair.slave.spawn_command(self.command()).expect("the program");
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().expect("the pty's output");
        let (mut written, mut buffer) = (Vec::new(), [0; 4096]);
        while !written.windows(text.len()).any(|window| window == text.as_bytes()) {
            let length = reader.read(&mut buffer).expect("the program runs");
            assert!(length > 0, "it ended before it wrote `{text}`: {}", written.escape_ascii());
            written.extend_from_slice(&buffer[..length]);
        }
        // These are all handles.
        drop(reader);
        drop(pair.master);
        let status = child.wait().expect("the program's end");
        Exit { code: status.exit_code(), signal: status.signal().map(str::to_owned) }
    }
}

/// How long a terminal may take to fill.
const LIMIT: Duration = Duration::from_secs(30);

/// A terminal that nobody reads, as after a connection was lost without a hang-up.
pub struct UnreadTerminal {
    child: Child,
    master: File,
}

impl Setup {
    /// Starts the program, and reads the terminal no more once a text is visible.
    pub fn start_unread(&self, text: &str) -> UnreadTerminal {
        use rustix::fs::{Mode, OFlags, open};
        use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a pty");
        grantpt(&master).and_then(|()| unlockpt(&master)).expect("a pty");
        let name = ptsname(&master, Vec::new()).expect("its name");
        let tty = open(name, OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).expect("the terminal");
        let (columns, rows) = self.size;
        let size =
            rustix::termios::Winsize { ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0 };
        rustix::termios::tcsetwinsize(&tty, size).expect("its size");
        let built = self.command();
        let mut command = Command::new(&built.get_argv()[0]);
        command.args(&built.get_argv()[1..]).current_dir(self.folder()).env_clear();
        for (name, value) in built.iter_full_env_as_str() {
            command.env(name, value);
        }
        let tty = File::from(tty);
        let copy = || tty.try_clone().expect("a handle");
        let child =
            command.stdin(copy()).stdout(copy()).stderr(copy()).spawn().expect("the program");
        let mut master = File::from(master);
        let (mut written, mut buffer) = (Vec::new(), [0; 4096]);
        while !written.windows(text.len()).any(|window| window == text.as_bytes()) {
            let length = master.read(&mut buffer).expect("the program runs");
            written.extend_from_slice(&buffer[..length]);
        }
        UnreadTerminal { child, master }
    }
}

impl UnreadTerminal {
    /// Has the program redraw its screen until the terminal takes no whole one any more.
    pub fn fill(mut self) -> Self {
        let deadline = Instant::now() + LIMIT;
        let unread = |master: &File| rustix::io::ioctl_fionread(master).expect("how much waits");
        while unread(&self.master) < 3_000 && Instant::now() < deadline {
            self.master.write_all(b"\x0c").expect("the program takes input");
            std::thread::yield_now();
        }
        // It is full long before all of these are drawn.
        for _ in 0..500 {
            self.master.write_all(b"\x0c").expect("the program takes input");
            std::thread::yield_now();
        }
        self
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits for the program's end, and returns its exit code.
    pub fn wait_exit(mut self) -> Option<i32> {
        self.child.wait().expect("the program's end").code()
    }
}
