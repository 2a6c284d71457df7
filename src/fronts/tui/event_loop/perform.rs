//! Performs the commands of the screen's state: requests to the engine, the clipboard, plain text,
//! stopping the process.

use std::collections::HashMap;
use std::io::Write;
use std::sync::Arc;
use std::thread::Builder;
use std::time::{Duration, Instant};

use super::error::TuiError;
use super::input::{LoopMessage, LoopNote};
use super::pictures::PictureReads;
#[cfg(target_os = "linux")]
use super::signals;
use crate::base::text;
use crate::engine::{self, Client};
use crate::protocol::{Activity, Command, Problem, RequestId};
use crate::tui::messages::{Asked, Cmd, Msg};
use crate::tui::start::ScreenEnd;
use crate::tui::terminal::{
    self, CopyEnv, Mouse, TerminalGuard, TerminalOutput, TerminalScreen, Window,
};

/// How soon a stop takes effect. If it has not by then it never will: no shell could continue the
/// program.
const STOP: Duration = Duration::from_millis(250);

/// Everything outside the state.
pub struct Outside {
    guard: Option<TerminalGuard>,
    window: Window,
    copy: CopyEnv,
    engine: EngineLink,
    /// Requests that wait for their reply.
    asked: HashMap<RequestId, Asked>,
    shown: ScreenState,
    /// How the screen is left, once that was requested, and what is said then.
    left: Option<(ScreenEnd, Option<String>)>,
    pictures: PictureReads,
    post: LoopMessage,
}

/// The connection to the engine.
enum EngineLink {
    /// The engine is not there yet; these commands wait for it.
    Connecting(Vec<Command>),
    Failed(Problem),
    Connected(Client),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScreenState {
    Ours,
    /// Text on the normal screen, until a key is pressed.
    Plain,
    /// The shell has the terminal since this time.
    Stopped(Instant),
}

impl Outside {
    /// Creates it; the engine gets the commands in `first` once it is there.
    pub fn new(
        guard: TerminalGuard,
        window: Window,
        copy: CopyEnv,
        first: Vec<Command>,
        post: LoopMessage,
    ) -> Self {
        Self {
            guard: Some(guard),
            window,
            copy,
            engine: EngineLink::Connecting(first),
            asked: HashMap::new(),
            shown: ScreenState::Ours,
            left: None,
            pictures: PictureReads::new(post.clone()),
            post,
        }
    }

    pub fn shown(&self) -> ScreenState {
        self.shown
    }

    /// How the screen is left, once that was requested, and what is said then.
    pub fn take_left(&mut self) -> Option<(ScreenEnd, Option<String>)> {
        self.left.take()
    }

    /// Asks the terminal for its colors and abilities, where this program has it. `term` and
    /// `program` are the values of `TERM` and `TERM_PROGRAM`.
    ///
    /// # Errors
    ///
    /// Fails if the terminal cannot be written to.
    pub fn ask_terminal(&mut self, term: &str, program: &str) -> std::io::Result<()> {
        self.guard.as_mut().map_or(Ok(()), |guard| guard.ask(term, program))
    }

    pub fn pictures(&mut self) -> &mut PictureReads {
        &mut self.pictures
    }

    /// Gives the mouse to codling or the terminal.
    ///
    /// # Errors
    ///
    /// [`TuiError`] if the terminal fails.
    pub fn set_mouse(&mut self, mouse: Mouse) -> Result<(), TuiError> {
        self.with_guard(|guard| guard.set_mouse(mouse))
    }

    /// Shows in the title and the progress of the window how far the conversation is.
    ///
    /// # Errors
    ///
    /// [`TuiError`] if the terminal fails.
    pub fn show_activity(&mut self, activity: Activity) -> Result<(), TuiError> {
        match self.window.turn_to(activity) {
            Some(news) => self.with_guard(|guard| guard.show_window(&news)),
            None => Ok(()),
        }
    }

    /// Asks the terminal for disambiguated keys.
    ///
    /// # Errors
    ///
    /// [`TuiError`] if the terminal fails.
    pub fn push_keys(&mut self) -> Result<(), TuiError> {
        self.with_guard(TerminalGuard::push_kitty_keys)
    }

    /// Takes the engine's client and sends the waiting commands.
    pub fn connected(&mut self, client: Client) {
        if let EngineLink::Connecting(waiting) =
            std::mem::replace(&mut self.engine, EngineLink::Connected(client))
        {
            for command in waiting {
                self.send(command);
            }
        }
    }

    /// The request that a reply belongs to.
    pub fn answered(&mut self, request: RequestId) -> Asked {
        self.asked.remove(&request).unwrap_or(Asked::Other)
    }

    pub fn not_connected(&mut self, problem: Problem) {
        self.engine = EngineLink::Failed(problem);
    }

    /// Performs a command; returns a message for the state.
    ///
    /// # Errors
    ///
    /// [`TuiError`] if the terminal fails.
    pub fn perform(
        &mut self,
        cmd: Cmd,
        screen: &mut TerminalScreen<TerminalOutput>,
    ) -> Result<Option<Msg>, TuiError> {
        match cmd {
            Cmd::Send(command) => return Ok(self.send(command)),
            Cmd::Copy(text) => {
                let copied = terminal::copy(&text, &self.copy, screen.out())
                    .map_err(|source| TuiError::Draw { source })?;
                return Ok(Some(Msg::Copied(copied)));
            }
            Cmd::Edit { editor, text } => return self.edit(&editor, &text, screen).map(Some),
            Cmd::Notify(words) => {
                let told = self.window.notification(&words);
                self.with_guard(|guard| guard.write(&told))?;
            }
            Cmd::Print(text) => self.print(&text, screen)?,
            Cmd::ReadPicture(id, source) => {
                if let Some(request) = self.pictures.begin(id, source) {
                    let sequence = request.sequence();
                    self.with_guard(|guard| guard.write(&sequence))?;
                }
            }
            Cmd::RunStatus { command, facts } => return Ok(self.run_status(command, facts)),
            Cmd::Leave(ending, words) => self.left = Some((ending, words)),
            Cmd::Redraw => screen.forget(),
            Cmd::Suspend => {
                self.shown = ScreenState::Stopped(Instant::now());
                self.window.forget();
                self.guard
                    .take()
                    .map_or(Ok(()), TerminalGuard::suspend)
                    .map_err(|source| TuiError::Draw { source })?;
            }
        }
        Ok(None)
    }

    /// Returns from text on the normal screen to the screen.
    ///
    /// # Errors
    ///
    /// [`TuiError`] if the terminal fails.
    pub fn show_ours(
        &mut self,
        screen: &mut TerminalScreen<TerminalOutput>,
    ) -> Result<(), TuiError> {
        self.shown = ScreenState::Ours;
        self.with_guard(TerminalGuard::show_ours)?;
        screen.forget();
        Ok(())
    }

    /// When a stop that had no effect is given up.
    pub fn stopped_until(&self) -> Option<Instant> {
        match self.shown {
            ScreenState::Stopped(since) => Some(since + STOP),
            ScreenState::Ours | ScreenState::Plain => None,
        }
    }

    /// Restores the screen after the process was stopped: the shell may have changed the terminal's
    /// modes.
    ///
    /// # Errors
    ///
    /// [`TuiError`] if the terminal fails.
    pub fn continued(
        &mut self,
        screen: &mut TerminalScreen<TerminalOutput>,
    ) -> Result<Option<Msg>, TuiError> {
        drop(self.guard.take());
        self.window.forget();
        self.guard = Some(
            TerminalGuard::enter(screen.out().clone())
                .map_err(|source| TuiError::Enter { source })?,
        );
        self.shown = ScreenState::Ours;
        screen.forget();
        Ok(size_of(screen))
    }

    fn send(&mut self, command: Command) -> Option<Msg> {
        match &mut self.engine {
            EngineLink::Connected(client) => {
                let asked = Asked::by(&command);
                self.asked.insert(client.send(command), asked);
                None
            }
            EngineLink::Connecting(waiting) => {
                waiting.push(command);
                None
            }
            // Only a prompt waits for a reply that will never come.
            EngineLink::Failed(problem) => {
                matches!(command, Command::Turn(..)).then(|| Msg::EngineFailed(problem.clone()))
            }
        }
    }

    /// Runs the person's own command for the status line on a thread.
    fn run_status(&self, command: Arc<[String]>, facts: String) -> Option<Msg> {
        let post = self.post.clone();
        let started = Builder::new().name("status".into()).spawn(move || {
            let printed = engine::status_line(&command, &facts);
            // The loop may have ended.
            let _ended = post.send(LoopNote::Msg(Box::new(Msg::StatusPrinted(printed))));
        });
        started.err().map(|error| Msg::StatusPrinted(Err(error.to_string())))
    }

    /// Runs the editor, which has the terminal until it ends and gets its interrupts.
    #[cfg(target_os = "linux")]
    fn edit(
        &mut self,
        editor: &str,
        text: &str,
        screen: &mut TerminalScreen<TerminalOutput>,
    ) -> Result<Msg, TuiError> {
        drop(self.guard.take());
        self.window.forget();
        let edited = signals::lend(|| terminal::edit(editor, text));
        self.guard = Some(
            TerminalGuard::enter(screen.out().clone())
                .map_err(|source| TuiError::Enter { source })?,
        );
        screen.forget();
        Ok(Msg::Edited(edited.map_err(|error| error.to_string())))
    }

    /// Refuses: on this system a thread reads the terminal all the time and would take the editor's
    /// keys.
    #[cfg(not(target_os = "linux"))]
    fn edit(
        &mut self,
        _editor: &str,
        _text: &str,
        _screen: &mut TerminalScreen<TerminalOutput>,
    ) -> Result<Msg, TuiError> {
        Ok(Msg::Edited(Err("an editor can only be opened from here on Linux".into())))
    }

    /// Shows text on the normal screen, where the mouse can select it as one text and the terminal
    /// wraps its lines.
    fn print(
        &mut self,
        plain: &str,
        screen: &mut TerminalScreen<TerminalOutput>,
    ) -> Result<(), TuiError> {
        self.with_guard(TerminalGuard::show_normal)?;
        self.shown = ScreenState::Plain;
        // In raw mode a line feed alone does not return to the first column.
        let lines = text::clean(plain.trim_end()).replace('\n', "\r\n");
        let page = format!("\r\n{lines}\r\n\r\n[codling: press any key to go back]\r\n");
        let out = screen.out();
        out.write_all(page.as_bytes())
            .and_then(|()| out.flush())
            .map_err(|source| TuiError::Draw { source })
    }

    fn with_guard(
        &mut self,
        act: impl FnOnce(&mut TerminalGuard) -> std::io::Result<()>,
    ) -> Result<(), TuiError> {
        self.guard.as_mut().map_or(Ok(()), act).map_err(|source| TuiError::Draw { source })
    }
}

/// Reads the window's size, which may have changed while the shell had it.
fn size_of(screen: &mut TerminalScreen<TerminalOutput>) -> Option<Msg> {
    let (width, height) = terminal::size().ok()?;
    screen.resize(width, height);
    Some(Msg::Resize { width, height })
}
