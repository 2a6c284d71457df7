//! The screen from its first frame to its last.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, channel};
use std::thread::Builder;
use std::time::{Duration, Instant};

use uuid::Uuid;

use super::error::TuiError;
use super::input::{LoopMessage, LoopNote};
use super::pace::PaintPace;
use super::perform::{Outside, ScreenState};
use super::signals;
use crate::base::{Clock, system_zone};
use crate::engine::{Arrival, Client, Inbox, Incoming as FromEngine, Waker};
use crate::protocol::{Problem, ProblemKind, SessionId};
use crate::tui::app::App;
use crate::tui::messages::{Focus, Msg};
use crate::tui::screen::view;
use crate::tui::start::{Farewell, ScreenEnd, StartInfo};
use crate::tui::terminal::{
    self, Incoming, TerminalGuard, TerminalInput, TerminalOutput, TerminalReply, TerminalScreen,
    Window,
};

/// Rows for one notch of the mouse wheel.
const WHEEL: u16 = 3;

/// The most messages handled before a frame is painted.
const BATCH: usize = 64;

/// Runs the terminal UI until it ends. The first frame is painted before anything else; then
/// `connect` starts the engine on its own thread, so that keys work meanwhile. It gets the function
/// to call when the inbox holds something.
///
/// # Errors
///
/// [`TuiError`] if the terminal cannot be used.
pub fn run(
    start: StartInfo,
    connect: impl FnOnce(Waker) -> Result<(Client, Inbox), Problem> + Send + 'static,
) -> Result<Farewell, TuiError> {
    match show(start, connect) {
        // The loss was noticed before its signal came.
        Err(error) if error.is_terminal_gone() => {
            Ok(Farewell { ending: ScreenEnd::TerminalGone, ..Farewell::default() })
        }
        ended => ended,
    }
}

fn show(
    start: StartInfo,
    connect: impl FnOnce(Waker) -> Result<(Client, Inbox), Problem> + Send + 'static,
) -> Result<Farewell, TuiError> {
    let clock = Clock::system();
    let input = TerminalInput::open().map_err(|source| TuiError::Input { source })?;
    let (sender, notes) = channel();
    let post = LoopMessage::new(sender, input.waker());
    // Signals are watched before the terminal is changed: an early signal must not leave it in our
    // modes.
    signals::watch(post.clone()).map_err(|source| TuiError::Thread { source })?;
    let out = TerminalOutput::open().map_err(|source| TuiError::Enter { source })?;
    let guard = TerminalGuard::enter(out.clone()).map_err(|source| TuiError::Enter { source })?;
    let size = terminal::size().map_err(|source| TuiError::Enter { source })?;
    let mut screen = TerminalScreen::new(out.clone(), size.0, size.1);
    let term = start.color.term.clone().unwrap_or_default();
    let program = start.color.term_program.clone().unwrap_or_default();
    let copy = start.copy.clone();
    let folder = start.folder.file_name().map(|name| name.to_string_lossy().into_owned());
    let folder = folder.filter(|_| start.telling.has_title);
    let window = Window::new(start.telling.kind, &term, folder.as_deref(), start.surroundings.utf8);
    let mut app = App::new(start, size, clock.now(), new_session);
    app.settle();
    screen
        .draw(|buffer, links| view(&mut app, buffer, links))
        .map_err(|source| TuiError::Draw { source })?;

    // Windows often get their size right after they open, before resizes were watched.
    if let Ok((width, height)) = terminal::size()
        && (width, height) != size
    {
        let _ended = post.send(LoopNote::Resize(width, height));
    }
    begin(connect, post.clone())?;
    let mut outside = Outside::new(guard, window, copy, app.begin(), post);
    outside.set_mouse(app.mouse())?;
    outside.show_activity(app.activity())?;
    outside.ask_terminal(&term, &program).map_err(|source| TuiError::Draw { source })?;

    let pace = PaintPace::new(Instant::now());
    let (waiting, paint) = (Arrival::None, Paint::Not);
    EventLoop {
        app,
        out,
        screen,
        outside,
        input,
        notes,
        batch: Batch::Last,
        inbox: None,
        waiting,
        pace,
        paint,
        clock,
    }
    .run()
}

fn new_session() -> SessionId {
    SessionId::new(format!("ses_{}", Uuid::now_v7().simple()))
}

/// Starts the engine on its own thread.
fn begin(
    connect: impl FnOnce(Waker) -> Result<(Client, Inbox), Problem> + Send + 'static,
    notes: LoopMessage,
) -> Result<(), TuiError> {
    let wakes = notes.clone();
    // If the loop has ended, nobody waits for it.
    let waker: Waker = Box::new(move |arrival| drop(wakes.send(LoopNote::Wake(arrival))));
    let started = Builder::new().name("connect".into()).spawn(move || {
        // The panic hook has reported a panic; here it means that there is no engine.
        let connected = catch_unwind(AssertUnwindSafe(|| connect(waker)))
            .unwrap_or_else(|_panic| Err(broken("could not be started")));
        let _ended = notes.send(LoopNote::Connected(connected));
        let _ended = notes.send(LoopNote::Msg(Box::new(Msg::Zone(system_zone()))));
    });
    started.map(drop).map_err(|source| TuiError::Thread { source })
}

fn broken(how: &str) -> Problem {
    Problem::new(ProblemKind::Internal, format!("The engine {how}"))
        .with_next("Start codling again; with `CODLING_LOG=debug` its log says more")
}

struct EventLoop {
    app: App,
    out: TerminalOutput,
    screen: TerminalScreen<TerminalOutput>,
    outside: Outside,
    input: TerminalInput,
    notes: Receiver<LoopNote>,
    batch: Batch,
    /// The engine's inbox, once it is connected.
    inbox: Option<Inbox>,
    /// The arrivals that the inbox announced.
    waiting: Arrival,
    pace: PaintPace,
    paint: Paint,
    clock: Clock,
}

/// Whether all messages were handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Batch {
    Last,
    MoreToCome,
}

/// Whether and when to paint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Paint {
    Not,
    /// Paint at once, after an action of a person or the engine.
    Now,
    /// Paint streaming text when its next frame is due.
    Streaming,
}

impl EventLoop {
    fn run(mut self) -> Result<Farewell, TuiError> {
        loop {
            let until = if self.batch == Batch::Last { self.due() } else { Some(Instant::now()) };
            let stalled = self.out.is_stalled().then(|| self.out.file());
            let incoming =
                self.input.wait(until, stalled).map_err(|source| TuiError::Input { source })?;
            self.out.resume().map_err(|source| TuiError::Draw { source })?;
            let now = self.clock.now();
            if self.app.wakes().is_some_and(|at| at <= now) {
                self.paint = self.paint.max(Paint::Now);
            }
            self.update(Msg::Tick(now))?;
            for incoming in incoming {
                if incoming == Incoming::Closed {
                    return Ok(self.farewell(ScreenEnd::TerminalGone));
                }
                self.incoming(incoming)?;
            }
            self.update(Msg::Rest)?;
            self.outside.pictures().expire(Instant::now());
            let notes = self.notes.try_iter().take(BATCH).collect::<Vec<_>>();
            self.batch = if notes.len() < BATCH { Batch::Last } else { Batch::MoreToCome };
            for note in notes {
                if let Some(ending) = self.take(note)? {
                    return Ok(self.farewell(ending));
                }
            }
            self.take_inbox()?;
            if self.outside.stopped_until().is_some_and(|until| until <= Instant::now()) {
                self.go_on()?;
            }
            if let Some((ending, words)) = self.outside.take_left() {
                let farewell = self.farewell(ending);
                let lines = words.into_iter().chain(farewell.lines).collect();
                return Ok(Farewell { lines, ..farewell });
            }
            self.paint()?;
        }
    }

    fn farewell(&self, ending: ScreenEnd) -> Farewell {
        // A stalled terminal has no reader, and printing would wait for one.
        let lines = if self.out.is_stalled() { Vec::new() } else { self.app.farewell(ending) };
        Farewell { lines, ending, session: self.app.kept_session() }
    }

    /// The time of the next change without a message.
    fn due(&mut self) -> Option<Instant> {
        if self.out.is_stalled() {
            return self.outside.stopped_until();
        }
        let streaming = (self.waiting == Arrival::Delta).then(|| self.pace.next());
        let state = self
            .app
            .wakes()
            .map(|at| Instant::now() + at.since(self.clock.now()).max(Duration::from_millis(1)));
        let clipboard = self.outside.pictures().until();
        let stopped = self.outside.stopped_until();
        [streaming, state, stopped, clipboard].into_iter().flatten().min()
    }

    fn take(&mut self, note: LoopNote) -> Result<Option<ScreenEnd>, TuiError> {
        match note {
            LoopNote::Wake(wake) => self.waiting = self.waiting.max(wake),
            LoopNote::Msg(msg) => {
                self.paint = self.paint.max(Paint::Now);
                self.update(*msg)?;
            }
            LoopNote::Connected(Ok((client, inbox))) => {
                self.inbox = Some(inbox);
                self.outside.connected(client);
            }
            LoopNote::Connected(Err(problem)) => self.without_engine(problem)?,
            LoopNote::Continued => self.go_on()?,
            LoopNote::Resize(width, height) => self.resize(width, height)?,
            LoopNote::Signal(signal) => return Ok(Some(ScreenEnd::Signal(signal))),
        }
        Ok(None)
    }

    /// Takes the terminal back.
    fn go_on(&mut self) -> Result<(), TuiError> {
        self.paint = self.paint.max(Paint::Now);
        if let Some(resized) = self.outside.continued(&mut self.screen)? {
            self.update(resized)?;
        }
        self.update(Msg::Shown)
    }

    fn without_engine(&mut self, problem: Problem) -> Result<(), TuiError> {
        self.outside.not_connected(problem.clone());
        self.key(Msg::EngineFailed(problem))
    }

    fn incoming(&mut self, incoming: Incoming) -> Result<(), TuiError> {
        match incoming {
            Incoming::Key(_) if self.outside.shown() == ScreenState::Plain => {
                self.outside.show_ours(&mut self.screen)?;
                self.key(Msg::Shown)
            }
            Incoming::Key(key) => self.key(Msg::Key(key)),
            Incoming::Mouse(_) | Incoming::Wheel(_)
                if self.outside.shown() == ScreenState::Plain =>
            {
                Ok(())
            }
            Incoming::Mouse(event) => self.key(Msg::Mouse(event)),
            Incoming::Wheel(toward) => self.key(Msg::Wheel { toward, rows: WHEEL }),
            Incoming::Paste(text) => self.key(Msg::Paste(text)),
            Incoming::FocusGained => self.update(Msg::Focus(Focus::Gained)),
            Incoming::FocusLost => self.update(Msg::Focus(Focus::Lost)),
            Incoming::Reply(TerminalReply::Background(ground)) => self.key(Msg::Background(ground)),
            Incoming::Clipboard(part) => {
                self.outside.pictures().clipboard(part);
                Ok(())
            }
            Incoming::Reply(TerminalReply::Clipboard) => {
                self.outside.pictures().terminal_answers();
                Ok(())
            }
            Incoming::Reply(TerminalReply::GnuScreen) => self.update(Msg::GnuScreen),
            Incoming::Reply(TerminalReply::KittyKeys) => self.outside.push_keys(),
            Incoming::Reply(TerminalReply::Done) | Incoming::Closed => Ok(()),
            #[cfg(not(unix))]
            Incoming::Resize(width, height) => self.resize(width, height),
        }
    }

    fn resize(&mut self, width: u16, height: u16) -> Result<(), TuiError> {
        self.screen.resize(width, height);
        self.key(Msg::Resize { width, height })
    }

    /// Handles a message that must be seen at once.
    fn key(&mut self, msg: Msg) -> Result<(), TuiError> {
        self.paint = self.paint.max(Paint::Now);
        self.update(msg)
    }

    fn update(&mut self, msg: Msg) -> Result<(), TuiError> {
        for cmd in self.app.update(msg) {
            if let Some(answer) = self.outside.perform(cmd, &mut self.screen)? {
                self.update(answer)?;
            }
        }
        Ok(())
    }

    /// Handles the inbox: streaming text only when its frame is due, so that a thousand deltas cost
    /// one layout; everything else at once.
    fn take_inbox(&mut self) -> Result<(), TuiError> {
        // The inbox is bounded, and nobody sees it on a stalled terminal.
        let Some(inbox) = self.inbox.as_mut().filter(|_| !self.out.is_stalled()) else {
            return Ok(());
        };
        let paint = match self.waiting {
            Arrival::None => return Ok(()),
            Arrival::Delta if self.pace.next() > Instant::now() => return Ok(()),
            Arrival::Delta => Paint::Streaming,
            Arrival::News | Arrival::End => Paint::Now,
        };
        let ended = self.waiting == Arrival::End;
        self.waiting = Arrival::None;
        for incoming in inbox.take() {
            let msg = match incoming {
                FromEngine::Event(event) => Msg::Engine(Box::new(event)),
                FromEngine::Reply(request, result) => {
                    Msg::Reply(self.outside.answered(request), result)
                }
            };
            self.update(msg)?;
        }
        if ended {
            self.inbox = None;
            self.without_engine(broken("has ended"))?;
        }
        self.paint = self.paint.max(paint);
        Ok(())
    }

    fn paint(&mut self) -> Result<(), TuiError> {
        if self.out.is_stalled() {
            return Ok(());
        }
        let why = std::mem::replace(&mut self.paint, Paint::Not);
        if why == Paint::Not || self.outside.shown() != ScreenState::Ours {
            return Ok(());
        }
        let began = Instant::now();
        self.app.settle();
        self.outside.set_mouse(self.app.mouse())?;
        self.outside.show_activity(self.app.activity())?;
        let bytes = self
            .screen
            .draw(|buffer, links| view(&mut self.app, buffer, links))
            .map_err(|source| TuiError::Draw { source })?;
        if why == Paint::Streaming {
            self.pace.painted(began, bytes, began.elapsed());
        }
        Ok(())
    }
}
