//! A terminal that goes away while a program runs in it, as when a window is closed or a connection
//! is lost.

use std::io::Read;

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
