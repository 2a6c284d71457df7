//! A running program and its terminal. Waits end as soon as the program's output satisfies them;
//! nothing sleeps.

use std::io::{Read, Write};
use std::process::Command;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use portable_pty::{Child, MasterPty, PtySize, native_pty_system};
use vt100::{Parser, Screen};

use super::keys::{Encoding, encode};
use super::look::Look;
use super::modes::Modes;
use super::replies::Replies;
use super::sequences::Sequences;
use super::setup::Setup;

/// The limit for every wait: far longer than needed, also on a busy machine.
const LIMIT: Duration = Duration::from_secs(30);

pub struct Terminal {
    setup: Setup,
    master: Box<dyn MasterPty + Send>,
    writer: Arc<Mutex<Box<dyn Write + Send>>>,
    pid: u32,
    started: Instant,
    shared: Arc<Shared>,
    /// The line settings from before the program could change them.
    settings: String,
}

/// The end of the program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exit {
    pub code: u32,
    /// The signal's name as the system words it.
    pub signal: Option<String>,
}

type Watch = Box<dyn Fn(&Screen) -> bool + Send>;

#[derive(Default)]
struct Shared {
    state: Mutex<Option<State>>,
    changed: Condvar,
}

struct State {
    parser: Parser,
    raw: Vec<u8>,
    sequences: Sequences,
    modes: Modes,
    replies: Replies,
    watch: Option<Watch>,
    /// When the bytes arrived that satisfied the condition.
    seen: Option<Instant>,
    closed: bool,
    exit: Option<Exit>,
}

impl Terminal {
    pub(super) fn start(setup: Setup) -> Self {
        let (columns, rows) = setup.size;
        let pair = native_pty_system().openpty(size(columns, rows)).expect("a pty");
        let parser =
            Parser::new(rows.try_into().expect("rows"), columns.try_into().expect("columns"), 0);
        let shared = Arc::new(Shared::default());
        *shared.lock() = Some(State {
            parser,
            raw: Vec::new(),
            sequences: Sequences::default(),
            modes: Modes::default(),
            replies: setup.replies.clone(),
            watch: None,
            seen: None,
            closed: false,
            exit: None,
        });
        let reader = pair.master.try_clone_reader().expect("the pty's output");
        let writer = Arc::new(Mutex::new(pair.master.take_writer().expect("the pty's input")));
        let settings = settings(pair.master.as_ref());
        let command = setup.command();
        {
            let (shared, writer) = (Arc::clone(&shared), Arc::clone(&writer));
            std::thread::spawn(move || shared.read(reader, &writer));
        }
        let started = Instant::now();
        let child = pair.slave.spawn_command(command).expect("the program");
        drop(pair.slave);
        let pid = child.process_id().expect("a pid");
        {
            let shared = Arc::clone(&shared);
            std::thread::spawn(move || shared.reap(child));
        }
        Self { setup, master: pair.master, writer, pid, started, shared, settings }
    }

    /// The time right before the program's start.
    pub fn started(&self) -> Instant {
        self.started
    }

    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// The program's home and folder.
    pub fn setup(&self) -> &Setup {
        &self.setup
    }

    /// Sends bytes; returns the time right before.
    pub fn send(&self, bytes: &[u8]) -> Instant {
        let mut writer = self.writer.lock().expect("the writer");
        let now = Instant::now();
        writer.write_all(bytes).expect("the program takes input");
        writer.flush().expect("the program takes input");
        now
    }

    pub fn type_text(&self, text: &str) -> &Self {
        self.send(text.as_bytes());
        self
    }

    /// Presses a key by its name, see [`encode`]; sent in the form that the program requested.
    pub fn press(&self, key: &str) -> &Self {
        let disambiguates = self.with(|state| state.modes.disambiguates_keys());
        self.send(&encode(
            key,
            if disambiguates { Encoding::Disambiguated } else { Encoding::Legacy },
        ));
        self
    }

    /// Pastes a text, in brackets if the program requested them.
    pub fn paste(&self, text: &str) -> &Self {
        match self.with(|state| state.modes.is_on(2004)) {
            true => self.send(format!("\x1b[200~{text}\x1b[201~").as_bytes()),
            false => self.send(text.as_bytes()),
        };
        self
    }

    pub fn resize(&self, columns: u16, rows: u16) -> &Self {
        self.with(|state| {
            state
                .parser
                .screen_mut()
                .set_size(rows.try_into().expect("rows"), columns.try_into().expect("columns"))
        });
        self.master.resize(size(columns, rows)).expect("a new size");
        self
    }

    /// Sends HUP three times in a row, as kernel, shell and the end of a terminal may; the first
    /// may have ended the program.
    pub fn hang_up_thrice(&self) -> &Self {
        let line = "kill -s HUP $0 && { kill -s HUP $0; kill -s HUP $0; true; }";
        let status = Command::new("sh").args(["-c", line, &self.pid.to_string()]).status();
        assert!(status.expect("`sh`").success(), "HUP could not be sent");
        self
    }

    /// Sends a signal by its name: `TERM`, `HUP`, `INT`, `KILL`.
    pub fn signal(&self, name: &str) -> &Self {
        let status = Command::new("kill")
            .args(["-s", name, &self.pid.to_string()])
            .status()
            .expect("`kill`");
        assert!(status.success(), "{name} could not be sent");
        self
    }

    /// The address that the key `u` copies.
    pub fn copied_link(&self) -> String {
        let mark = self.mark();
        self.press("u");
        self.wait_raw(mark, b"\x07");
        let raw = String::from_utf8(self.raw_since(mark)).unwrap();
        let (_, copy) = raw.split_once("\x1b]52;c;").unwrap();
        String::from_utf8(STANDARD.decode(copy.split_once('\x07').unwrap().0).unwrap()).unwrap()
    }

    /// Waits for a text on the screen; returns when its last bytes arrived.
    pub fn wait_for(&self, text: &str) -> Instant {
        let wanted = text.to_owned();
        self.wait_until(&format!("`{text}` is on the screen"), move |screen| screen.shows(&wanted))
    }

    /// Waits until a text is no longer on the screen.
    pub fn wait_gone(&self, text: &str) -> Instant {
        let unwanted = text.to_owned();
        self.wait_until(&format!("`{text}` is gone"), move |screen| !screen.shows(&unwanted))
    }

    /// Waits for a condition of the screen; `what` names it in the message of a failure.
    pub fn wait_until(
        &self,
        what: &str,
        wanted: impl Fn(&Screen) -> bool + Send + 'static,
    ) -> Instant {
        match self.see(wanted, LIMIT) {
            Some(seen) => seen,
            None => panic!(
                "waited in vain until {what}. The screen{}:\n{}",
                self.state_of_affairs(),
                self.screen().lines().join("\n")
            ),
        }
    }

    /// The same without a failure: `None` if the limit passes or the program ends first.
    pub fn see(
        &self,
        wanted: impl Fn(&Screen) -> bool + Send + 'static,
        limit: Duration,
    ) -> Option<Instant> {
        let mut held = self.shared.lock();
        let state = held.as_mut().expect("a state");
        if !state.is_mid_frame() && wanted(state.parser.screen()) {
            return Some(Instant::now());
        }
        state.watch(wanted);
        self.wait_seen(held, limit)
    }

    /// Sends bytes; returns when they left and when their effect was seen. Watches the screen from
    /// before they leave, so that looking costs the program no time.
    pub fn send_and_see(
        &self,
        bytes: &[u8],
        wanted: impl Fn(&Screen) -> bool + Send + 'static,
        limit: Duration,
    ) -> Option<(Instant, Instant)> {
        self.with(|state| state.watch(wanted));
        let sent = self.send(bytes);
        Some((sent, self.wait_seen(self.shared.lock(), limit)?))
    }

    fn wait_seen(&self, held: MutexGuard<'_, Option<State>>, limit: Duration) -> Option<Instant> {
        let (mut held, _) = self
            .shared
            .changed
            .wait_timeout_while(held, limit, |state| {
                state.as_ref().is_some_and(|state| state.seen.is_none() && !state.closed)
            })
            .expect("the state");
        let state = held.as_mut().expect("a state");
        state.watch = None;
        state.seen.take()
    }

    /// The screen now, but never in the middle of a frame, because a terminal would not show that
    /// either.
    pub fn screen(&self) -> Screen {
        let held = self.shared.lock();
        let waiting = |state: &mut Option<State>| {
            state.as_ref().is_some_and(|state| state.is_mid_frame() && !state.closed)
        };
        let (held, _) =
            self.shared.changed.wait_timeout_while(held, LIMIT, waiting).expect("the state");
        held.as_ref().expect("a state").parser.screen().clone()
    }

    /// How many bytes the program has written so far, for [`Terminal::raw_since`].
    pub fn mark(&self) -> usize {
        self.with(|state| state.raw.len())
    }

    pub fn raw_since(&self, mark: usize) -> Vec<u8> {
        self.with(|state| state.raw[mark..].to_vec())
    }

    /// Waits until the program wrote certain bytes after a mark, such as an OSC 52.
    pub fn wait_raw(&self, mark: usize, bytes: &[u8]) {
        let held = self.shared.lock();
        let wrote =
            |state: &State| state.raw[mark..].windows(bytes.len()).any(|window| window == bytes);
        let waiting = |state: &mut Option<State>| {
            state.as_ref().is_some_and(|state| !wrote(state) && !state.closed)
        };
        let (held, _) =
            self.shared.changed.wait_timeout_while(held, LIMIT, waiting).expect("the state");
        let found = held.as_ref().is_some_and(wrote);
        drop(held);
        assert!(found, "`{}` was not written", bytes.escape_ascii());
    }

    pub fn is_running(&self) -> bool {
        self.with(|state| state.exit.is_none())
    }

    /// Waits until the program has ended and all its output has been read.
    pub fn wait_exit(&self) -> Exit {
        let held = self.shared.lock();
        let waiting = |state: &mut Option<State>| {
            state.as_ref().is_some_and(|state| state.exit.is_none() || !state.closed)
        };
        let (held, _) =
            self.shared.changed.wait_timeout_while(held, LIMIT, waiting).expect("the state");
        let exit = held.as_ref().and_then(|state| state.exit.clone().filter(|_| state.closed));
        drop(held);
        match exit {
            Some(exit) => exit,
            None => panic!(
                "the program did not end{}:\n{}",
                self.state_of_affairs(),
                self.screen().lines().join("\n")
            ),
        }
    }

    /// Settings that differ from before the program: modes that are still on, and changes of the
    /// line. Call it after the end.
    pub fn leftovers(&self) -> Vec<String> {
        let mut names = self.with(|state| state.modes.leftovers());
        let now = settings(self.master.as_ref());
        names.extend((now != self.settings).then(|| format!("settings of the line: {now}")));
        names
    }

    fn state_of_affairs(&self) -> String {
        self.with(|state| {
            state.exit.as_ref().map(|exit| format!(" (it ended: {exit:?})")).unwrap_or_default()
        })
    }

    fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(self.shared.lock().as_mut().expect("a state"))
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // It has usually ended by now. A hang-up would leave it to its turn, which may never end.
        if self.is_running() {
            let pid = self.pid.to_string();
            let _killed = Command::new("kill").args(["-s", "KILL", &pid]).status();
            // It writes into its home until it is gone, and the home is removed next.
            let lives = |state: &mut Option<State>| {
                state.as_ref().is_some_and(|state| state.exit.is_none())
            };
            let held = self.shared.lock();
            let _gone = self.shared.changed.wait_timeout_while(held, LIMIT, lives);
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Option<State>> {
        self.state.lock().expect("the state")
    }

    fn read(&self, mut reader: Box<dyn Read + Send>, writer: &Mutex<Box<dyn Write + Send>>) {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            // At the end Linux returns an error, macOS nothing.
            let length = reader.read(&mut buffer).unwrap_or(0);
            let now = Instant::now();
            let mut held = self.lock();
            let Some(state) = held.as_mut() else { return };
            if length == 0 {
                state.closed = true;
                self.changed.notify_all();
                return;
            }
            let replies = state.take(&buffer[..length], now);
            if !replies.is_empty() {
                // The replies come before anybody sees the screen that came with the query, so that
                // typed keys follow them. A program that ended does not read them.
                let _unread = writer.lock().expect("the writer").write_all(replies.as_bytes());
            }
            drop(held);
            self.changed.notify_all();
        }
    }

    fn reap(&self, mut child: Box<dyn Child + Send + Sync>) {
        let status = child.wait().expect("the program's end");
        let exit = Exit { code: status.exit_code(), signal: status.signal().map(str::to_owned) };
        if let Some(state) = self.lock().as_mut() {
            state.exit = Some(exit);
        }
        self.changed.notify_all();
    }
}

impl State {
    fn watch(&mut self, wanted: impl Fn(&Screen) -> bool + Send + 'static) {
        self.watch = Some(Box::new(wanted));
        self.seen = None;
    }

    /// Sends the terminal's replies.
    fn take(&mut self, bytes: &[u8], now: Instant) -> String {
        self.raw.extend_from_slice(bytes);
        self.parser.process(bytes);
        let mut replies = String::new();
        for sequence in self.sequences.feed(bytes) {
            self.modes.apply(&sequence);
            replies.extend(self.replies.answer(&sequence, self.parser.screen().cursor_position()));
        }
        if self.seen.is_none()
            && !self.is_mid_frame()
            && self.watch.as_ref().is_some_and(|wanted| wanted(self.parser.screen()))
        {
            self.seen = Some(now);
        }
        replies
    }

    /// Whether it is inside a synchronized update.
    fn is_mid_frame(&self) -> bool {
        self.modes.is_on(2026)
    }
}

fn size(columns: u16, rows: u16) -> PtySize {
    PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }
}

/// Control characters that Linux fills. C libraries have room for more, and for the speeds, which
/// the control flags hold as well; musl leaves in that room what lay in memory before.
#[cfg(target_os = "linux")]
const CHARACTERS: usize = 19;
#[cfg(all(unix, not(target_os = "linux")))]
const CHARACTERS: usize = usize::MAX;

#[cfg(unix)]
fn settings(master: &(dyn MasterPty + Send)) -> String {
    let settings = master.get_termios().map(|line| {
        let characters: Vec<u8> = line.control_chars.iter().copied().take(CHARACTERS).collect();
        (line.input_flags, line.output_flags, line.control_flags, line.local_flags, characters)
    });
    format!("{settings:?}")
}

#[cfg(not(unix))]
fn settings(_master: &(dyn MasterPty + Send)) -> String {
    String::new()
}
