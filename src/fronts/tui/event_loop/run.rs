//! From the first frame to the last.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::thread::Builder;
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use uuid::Uuid;

use super::error::TuiError;
use super::feed::{EventFeed, FeedWake};
use super::input::{LoopMessage, LoopNote};
use super::pace::PaintPace;
use super::perform::{Outside, ScreenState};
use super::signals;
use crate::base::Clock;
use crate::engine::Engine;
use crate::fronts::tui::app::App;
use crate::fronts::tui::messages::{Focus, Msg};
use crate::fronts::tui::screen::view;
use crate::fronts::tui::start::{Farewell, ScreenEnd, StartInfo};
use crate::fronts::tui::terminal::{
    self, Incoming, TerminalGuard, TerminalInput, TerminalReply, TerminalScreen,
};
use crate::protocol::{Event, Problem, ProblemKind, SessionId};

/// Where the engine tells its events; called on any thread, never blocks for long.
pub type Sink = Box<dyn Fn(Event) + Send + Sync>;

/// Rows that one notch of the mouse wheel scrolls.
const WHEEL: u16 = 3;

/// Notes taken before a frame is painted for them.
const BATCH: usize = 64;

/// Runs the terminal UI until it is left. The first frame is painted before anything else is begun; then `connect` starts the engine, on a thread
/// of its own so that keys are heard meanwhile, and is given the place to tell events to.
pub fn run(
    start: StartInfo,
    connect: impl FnOnce(Sink) -> Result<Engine, Problem> + Send + 'static,
) -> Result<Farewell, TuiError> {
    let clock = Clock::system();
    let input = TerminalInput::open().map_err(|source| TuiError::Input { source })?;
    let (sender, notes) = channel();
    let post = LoopMessage::new(sender, input.waker());
    // Before there is anything to restore: a signal in the first moment must not leave the terminal in our modes.
    signals::watch(post.clone()).map_err(|source| TuiError::Thread { source })?;
    let guard = TerminalGuard::enter().map_err(|source| TuiError::Enter { source })?;
    let size = terminal::size().map_err(|source| TuiError::Enter { source })?;
    let out = terminal::output().map_err(|source| TuiError::Enter { source })?;
    let mut screen = TerminalScreen::new(out, size.0, size.1);
    let term = start.color.term.clone().unwrap_or_default();
    let copy = start.copy.clone();
    let mut app = App::new(start, size, clock.now(), new_session);
    app.settle();
    screen.draw(|buffer| view(&mut app, buffer)).map_err(|source| TuiError::Draw { source })?;

    // Windows are often given their size right after they open, before anybody listened for it.
    if let Ok((width, height)) = terminal::size()
        && (width, height) != size
    {
        let _ended = post.send(LoopNote::Resize(width, height));
    }
    let feed = Arc::new(EventFeed::default());
    begin(connect, Arc::clone(&feed), post)?;
    let mut outside = Outside::new(guard, copy, app.begin());
    outside.set_mouse(app.mouse())?;
    outside.ask_terminal(&term).map_err(|source| TuiError::Draw { source })?;

    let pace = PaintPace::new(Instant::now());
    let (waiting, paint) = (FeedWake::Not, Paint::Not);
    let looped = EventLoop {
        app,
        screen,
        outside,
        input,
        notes,
        batch: Batch::Last,
        feed,
        waiting,
        pace,
        paint,
        clock,
    };
    match looped.run() {
        // The write noticed it before the signal came that would have told.
        Err(error) if error.is_terminal_gone() => {
            Ok(Farewell { lines: Vec::new(), ending: ScreenEnd::TerminalGone })
        }
        ended => ended,
    }
}

fn new_session() -> SessionId {
    SessionId::new(format!("ses_{}", Uuid::now_v7().simple()))
}

/// Starts the engine beside the loop.
fn begin(
    connect: impl FnOnce(Sink) -> Result<Engine, Problem> + Send + 'static,
    feed: Arc<EventFeed>,
    notes: LoopMessage,
) -> Result<(), TuiError> {
    let line = Line { feed, notes: notes.clone() };
    let sink: Sink = Box::new(move |event| line.tell(event));
    let started = Builder::new().name("connect".into()).spawn(move || {
        // A panic has been told by its hook; here it means that there is no engine.
        let connected = catch_unwind(AssertUnwindSafe(|| connect(sink)))
            .unwrap_or_else(|_panic| Err(broken("could not be started")));
        let _ended = notes.send(LoopNote::Connected(connected));
        let _ended = notes.send(LoopNote::Msg(Box::new(Msg::Zone(TimeZone::system()))));
    });
    started.map(drop).map_err(|source| TuiError::Thread { source })
}

/// The engine's end of the feed. The loop may have ended, and with it all interest.
struct Line {
    feed: Arc<EventFeed>,
    notes: LoopMessage,
}

impl Line {
    fn tell(&self, event: Event) {
        if let Some(wake) = self.feed.push(event) {
            let _ended = self.notes.send(LoopNote::Wake(wake));
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        let _ended = self.notes.send(LoopNote::EngineEnded);
    }
}

fn broken(how: &str) -> Problem {
    Problem::new(ProblemKind::Internal, format!("The engine {how}"))
        .with_next("Start codling again; with `CODLING_LOG=debug` its log says more")
}

struct EventLoop {
    app: App,
    screen: TerminalScreen<File>,
    outside: Outside,
    input: TerminalInput,
    notes: Receiver<LoopNote>,
    batch: Batch,
    feed: Arc<EventFeed>,
    /// What the feed has told.
    waiting: FeedWake,
    pace: PaintPace,
    paint: Paint,
    clock: Clock,
}

/// Whether all notes were taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Batch {
    Last,
    MoreToCome,
}

/// Whether the picture may have changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Paint {
    Not,
    /// Something that a person or the engine did: at once.
    Now,
    /// Streaming words, which set the pace of the next ones.
    Streaming,
}

impl EventLoop {
    fn run(mut self) -> Result<Farewell, TuiError> {
        loop {
            let until = if self.batch == Batch::Last { self.due() } else { Some(Instant::now()) };
            let incoming = self.input.wait(until).map_err(|source| TuiError::Input { source })?;
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
            let notes = self.notes.try_iter().take(BATCH).collect::<Vec<_>>();
            self.batch = if notes.len() < BATCH { Batch::Last } else { Batch::MoreToCome };
            for note in notes {
                if let Some(ending) = self.take(note)? {
                    return Ok(self.farewell(ending));
                }
            }
            self.take_feed()?;
            if self.outside.stopped_until().is_some_and(|until| until <= Instant::now()) {
                self.go_on()?;
            }
            if self.outside.wants_to_leave() {
                return Ok(self.farewell(ScreenEnd::Asked));
            }
            self.paint()?;
        }
    }

    fn farewell(&self, ending: ScreenEnd) -> Farewell {
        Farewell { lines: self.app.farewell().into_iter().collect(), ending }
    }

    /// When something happens by itself.
    fn due(&self) -> Option<Instant> {
        let streaming = (self.waiting == FeedWake::Soon).then(|| self.pace.next());
        let state = self
            .app
            .wakes()
            .map(|at| Instant::now() + at.since(self.clock.now()).max(Duration::from_millis(1)));
        [streaming, state, self.outside.stopped_until()].into_iter().flatten().min()
    }

    fn take(&mut self, note: LoopNote) -> Result<Option<ScreenEnd>, TuiError> {
        match note {
            LoopNote::Wake(wake) => self.waiting = self.waiting.max(wake),
            LoopNote::Msg(msg) => {
                self.paint = self.paint.max(Paint::Now);
                self.update(*msg)?;
            }
            LoopNote::Connected(Ok(engine)) => self.outside.connected(&engine),
            LoopNote::Connected(Err(problem)) => self.without_engine(problem)?,
            LoopNote::EngineEnded if self.outside.is_connected() => {
                self.without_engine(broken("has ended"))?
            }
            // It ended before it began: why, the next note tells.
            LoopNote::EngineEnded => {}
            LoopNote::Continued => self.go_on()?,
            LoopNote::Resize(width, height) => self.resize(width, height)?,
            LoopNote::Signal(signal) => return Ok(Some(ScreenEnd::Signal(signal))),
        }
        Ok(None)
    }

    /// The terminal is ours again.
    fn go_on(&mut self) -> Result<(), TuiError> {
        self.paint = self.paint.max(Paint::Now);
        match self.outside.continued(&mut self.screen)? {
            Some(msg) => self.update(msg),
            None => Ok(()),
        }
    }

    fn without_engine(&mut self, problem: Problem) -> Result<(), TuiError> {
        self.outside.not_connected(problem.clone());
        self.key(Msg::EngineFailed(problem))
    }

    fn incoming(&mut self, incoming: Incoming) -> Result<(), TuiError> {
        match incoming {
            Incoming::Key(_) if self.outside.shown() == ScreenState::Plain => {
                self.outside.show_ours(&mut self.screen)?;
                self.paint = self.paint.max(Paint::Now);
                Ok(())
            }
            Incoming::Key(key) => self.key(Msg::Key(key)),
            Incoming::Wheel(_) if self.outside.shown() == ScreenState::Plain => Ok(()),
            Incoming::Wheel(toward) => self.key(Msg::Wheel { toward, rows: WHEEL }),
            Incoming::Paste(text) => self.key(Msg::Paste(text)),
            Incoming::FocusGained => self.update(Msg::Focus(Focus::Gained)),
            Incoming::FocusLost => self.update(Msg::Focus(Focus::Lost)),
            Incoming::Reply(TerminalReply::Background(ground)) => self.key(Msg::Background(ground)),
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

    /// Something to be seen at once.
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

    /// Streaming words are taken when their frame is due, so that a thousand of them cost one layout; all else at once.
    fn take_feed(&mut self) -> Result<(), TuiError> {
        let paint = match self.waiting {
            FeedWake::Not => return Ok(()),
            FeedWake::Soon if self.pace.next() > Instant::now() => return Ok(()),
            FeedWake::Soon => Paint::Streaming,
            FeedWake::Now => Paint::Now,
        };
        self.waiting = FeedWake::Not;
        for event in self.feed.take() {
            self.update(Msg::Engine(event))?;
        }
        self.paint = self.paint.max(paint);
        Ok(())
    }

    fn paint(&mut self) -> Result<(), TuiError> {
        let why = std::mem::replace(&mut self.paint, Paint::Not);
        if why == Paint::Not || self.outside.shown() != ScreenState::Ours {
            return Ok(());
        }
        let began = Instant::now();
        self.app.settle();
        self.outside.set_mouse(self.app.mouse())?;
        let bytes = self
            .screen
            .draw(|buffer| view(&mut self.app, buffer))
            .map_err(|source| TuiError::Draw { source })?;
        if why == Paint::Streaming {
            self.pace.painted(began, bytes, began.elapsed());
        }
        Ok(())
    }
}
