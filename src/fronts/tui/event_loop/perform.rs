//! Performs what the screen's state asks for: commands to the engine, the clipboard, plain text,
//! the job's stop.

use std::collections::HashMap;
use std::fs::File;
use std::io::Write;
use std::time::{Duration, Instant};

use super::error::TuiError;
#[cfg(target_os = "linux")]
use super::signals;
use crate::base::text;
use crate::engine::Client;
use crate::fronts::tui::messages::{Asked, Cmd, Msg};
use crate::fronts::tui::terminal::{self, CopyEnv, Mouse, TerminalGuard, TerminalScreen};
use crate::protocol::{Command, Problem, RequestId};

/// How soon a stop takes hold. One that has not by then never will: there is no shell that could let the program go on.
const STOP: Duration = Duration::from_millis(250);

/// The world outside the state.
pub struct Outside {
    guard: Option<TerminalGuard>,
    copy: CopyEnv,
    engine: EngineLink,
    /// What was asked, by the request that waits for an answer.
    asked: HashMap<RequestId, Asked>,
    shown: ScreenState,
    quit: QuitRequest,
}

/// The connection to the engine.
enum EngineLink {
    /// It is not there yet; what it is to be told.
    Connecting(Vec<Command>),
    Failed(Problem),
    Connected(Client),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScreenState {
    Ours,
    /// Text on the normal screen, until a key.
    Plain,
    /// The shell has the terminal; since when it was given up.
    Stopped(Instant),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum QuitRequest {
    NotYet,
    Made,
}

impl Outside {
    /// `first` is what the engine is told as soon as it is there.
    pub fn new(guard: TerminalGuard, copy: CopyEnv, first: Vec<Command>) -> Self {
        Self {
            guard: Some(guard),
            copy,
            engine: EngineLink::Connecting(first),
            asked: HashMap::new(),
            shown: ScreenState::Ours,
            quit: QuitRequest::NotYet,
        }
    }

    pub fn shown(&self) -> ScreenState {
        self.shown
    }

    pub fn wants_to_quit(&self) -> bool {
        self.quit == QuitRequest::Made
    }

    pub fn ask_terminal(&mut self, term: &str) -> std::io::Result<()> {
        self.guard.as_mut().map_or(Ok(()), |guard| guard.ask(term))
    }

    /// Whose the mouse is, by what is on the screen.
    pub fn set_mouse(&mut self, mouse: Mouse) -> Result<(), TuiError> {
        self.with_guard(|guard| guard.set_mouse(mouse))
    }

    pub fn push_keys(&mut self) -> Result<(), TuiError> {
        self.with_guard(TerminalGuard::push_kitty_keys)
    }

    /// The engine is there, and is told all that it was to be told.
    pub fn connected(&mut self, client: Client) {
        if let EngineLink::Connecting(waiting) =
            std::mem::replace(&mut self.engine, EngineLink::Connected(client))
        {
            for command in waiting {
                self.send(command);
            }
        }
    }

    /// What this request asked.
    pub fn answered(&mut self, request: RequestId) -> Asked {
        self.asked.remove(&request).unwrap_or(Asked::Other)
    }

    pub fn not_connected(&mut self, problem: Problem) {
        self.engine = EngineLink::Failed(problem);
    }

    /// Does it; answers with what the state is to know of it.
    pub fn perform(
        &mut self,
        cmd: Cmd,
        screen: &mut TerminalScreen<File>,
    ) -> Result<Option<Msg>, TuiError> {
        match cmd {
            Cmd::Send(command) => return Ok(self.send(command)),
            Cmd::Copy(text) => {
                let copied = terminal::copy(&text, &self.copy, screen.out())
                    .map_err(|source| TuiError::Draw { source })?;
                return Ok(Some(Msg::Copied(copied)));
            }
            Cmd::Edit { editor, text } => return self.edit(&editor, &text, screen).map(Some),
            Cmd::Notify(words) => self.with_guard(|guard| guard.notify(&words))?,
            Cmd::Print(text) => self.print(&text, screen)?,
            Cmd::Quit => self.quit = QuitRequest::Made,
            Cmd::Redraw => screen.forget(),
            Cmd::Suspend => {
                self.shown = ScreenState::Stopped(Instant::now());
                self.guard
                    .take()
                    .map_or(Ok(()), TerminalGuard::suspend)
                    .map_err(|source| TuiError::Draw { source })?;
            }
        }
        Ok(None)
    }

    pub fn show_ours(&mut self, screen: &mut TerminalScreen<File>) -> Result<(), TuiError> {
        self.shown = ScreenState::Ours;
        self.with_guard(TerminalGuard::show_ours)?;
        screen.forget();
        Ok(())
    }

    /// When a stop that did not come about is given up.
    pub fn stopped_until(&self) -> Option<Instant> {
        match self.shown {
            ScreenState::Stopped(since) => Some(since + STOP),
            ScreenState::Ours | ScreenState::Plain => None,
        }
    }

    /// The process goes on. The shell has had the terminal, and may have changed its modes.
    pub fn continued(
        &mut self,
        screen: &mut TerminalScreen<File>,
    ) -> Result<Option<Msg>, TuiError> {
        drop(self.guard.take());
        self.guard = Some(TerminalGuard::enter().map_err(|source| TuiError::Enter { source })?);
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
            // Only a prompt waits for an answer that will never come.
            EngineLink::Failed(problem) => {
                matches!(command, Command::Turn(..)).then(|| Msg::EngineFailed(problem.clone()))
            }
        }
    }

    /// The editor has the terminal until it ends, and interrupts typed there are for it.
    #[cfg(target_os = "linux")]
    fn edit(
        &mut self,
        editor: &str,
        text: &str,
        screen: &mut TerminalScreen<File>,
    ) -> Result<Msg, TuiError> {
        drop(self.guard.take());
        let edited = signals::lend(|| terminal::edit(editor, text));
        self.guard = Some(TerminalGuard::enter().map_err(|source| TuiError::Enter { source })?);
        screen.forget();
        Ok(Msg::Edited(edited.map_err(|error| error.to_string())))
    }

    /// Here a thread reads the terminal all the time, and would take the editor's keys.
    #[cfg(not(target_os = "linux"))]
    fn edit(
        &mut self,
        _editor: &str,
        _text: &str,
        _screen: &mut TerminalScreen<File>,
    ) -> Result<Msg, TuiError> {
        Ok(Msg::Edited(Err("an editor can only be opened from here on Linux".into())))
    }

    /// As it is, on the normal screen: what a mouse selects there is one text, and lines are wrapped by the terminal itself.
    fn print(&mut self, plain: &str, screen: &mut TerminalScreen<File>) -> Result<(), TuiError> {
        self.with_guard(TerminalGuard::show_normal)?;
        self.shown = ScreenState::Plain;
        // The terminal is raw: a line feed alone would not return.
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

/// The window may have another size after the shell had it.
fn size_of(screen: &mut TerminalScreen<File>) -> Option<Msg> {
    let (width, height) = terminal::size().ok()?;
    screen.resize(width, height);
    Some(Msg::Resize { width, height })
}
