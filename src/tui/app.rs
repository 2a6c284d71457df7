//! All that the screen knows, and where each message goes: the top dialog first, then the open screen, then the program. Does not know how any of
//! it is drawn or performed.

use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent};

use crate::base::Timestamp;
use crate::protocol::{AccountCommand, Command, SessionCommand, SessionId, TurnCommand};
use crate::tui::action::{self, Action, ctrl_letter};
use crate::tui::conversation::{Conversation, Turn};
use crate::tui::facts::Facts;
use crate::tui::msg::{Cmd, Focus, Msg, Toward};
use crate::tui::overlay::Then;
use crate::tui::paint::Theme;
use crate::tui::prompt::{Prompt, Typed};
use crate::tui::screen;
use crate::tui::stack::Stack;
use crate::tui::start::{Begin, Start};
use crate::tui::toast::{Toasts, Tone};

/// A second press counts for so long.
const AGAIN: Duration = Duration::from_secs(2);

pub struct App {
    pub(super) facts: Facts,
    pub(super) theme: Theme,
    pub(super) talk: Conversation,
    pub(super) prompt: Prompt,
    pub(super) dialogs: Stack,
    pub(super) toasts: Toasts,
    pub(super) armed: Armed,
    pub(super) focus: Focus,
    /// Columns and rows.
    pub(super) size: (u16, u16),
    pub(super) new_id: fn() -> SessionId,
    /// An earlier conversation is on its way to the screen.
    pub(super) awaited: Awaited,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Awaited {
    /// Asked for at the start: prompts wait for it.
    Conversation,
    Nothing,
}

/// A first key that waits for its second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Armed {
    Interrupt(Timestamp),
    /// `ctrl+x`
    Leader,
    Not,
    Quit(Timestamp),
}

impl App {
    /// `new_id` names sessions; it is asked at once and for each new conversation.
    pub fn new(start: Start, size: (u16, u16), now: Timestamp, new_id: fn() -> SessionId) -> Self {
        let theme = Theme::new(start.color.depth(), start.color.ground());
        let awaited = if matches!(start.begin, Begin::Resume { .. }) { Awaited::Conversation } else { Awaited::Nothing };
        let mut app = Self {
            facts: Facts::new(start, now),
            theme,
            talk: Conversation::new(new_id()),
            prompt: Prompt::new(),
            dialogs: Stack::default(),
            toasts: Toasts::default(),
            armed: Armed::Not,
            focus: Focus::Gained,
            size,
            new_id,
            awaited,
        };
        if app.facts.start.begin == Begin::Choose {
            app.act(Action::Sessions);
        }
        app
    }

    /// How to come back to the conversation, once there is one to come back to.
    pub fn farewell(&self) -> Option<String> {
        self.talk.is_kept().then(|| format!("Go on with `codling --continue` · {}", self.talk.id))
    }

    /// What the engine is asked first, once it is there.
    pub fn begin(&self) -> Vec<Command> {
        let open = match self.facts.start.begin.clone() {
            Begin::Choose | Begin::New => self.open_session(self.talk.id.clone()),
            Begin::Resume { which, model, effort } => SessionCommand::Resume { which, fork: self.talk.id.clone(), model, effort },
        };
        let mut first = vec![
            Command::Session(open),
            Command::Account(AccountCommand::List),
            Command::Session(SessionCommand::Recall),
            // Names for the status line; where somebody is signed in, also a fresh list and the plan's limits.
            Command::Account(AccountCommand::Models),
        ];
        if self.facts.start.begin == Begin::Choose {
            first.push(Command::Session(SessionCommand::List));
        }
        first
    }

    pub fn update(&mut self, msg: Msg) -> Vec<Cmd> {
        match msg {
            Msg::Background(ground) => self.theme = Theme::new(self.theme.depth(), ground),
            Msg::Copied(copied) => self.copied(copied),
            Msg::Engine(event) => return self.engine(event),
            Msg::EngineFailed(problem) => self.engine_failed(problem),
            Msg::Focus(focus) => self.focus = focus,
            Msg::Key(key) => return self.key(&key),
            Msg::Paste(text) => return self.paste(&text),
            Msg::Resize { width, height } => self.size = (width, height),
            Msg::Tick(now) => self.tick(now),
            Msg::Wheel { toward, rows } => self.wheel(toward, rows),
            Msg::Zone(zone) => self.facts.zone = zone,
        }
        Vec::new()
    }

    /// Lays out what changed, and colours what has come into sight, for the view to draw.
    pub fn settle(&mut self) {
        let area = screen::transcript_area(self);
        self.talk.view.settle(self.talk.transcript.entries(), area.width);
        self.talk.view.highlight(area.height);
    }

    /// When the screen changes by itself; never, while nothing runs and nothing passes.
    pub fn wakes(&self) -> Option<Timestamp> {
        let armed = match self.armed {
            Armed::Interrupt(until) | Armed::Quit(until) => Some(until),
            Armed::Leader | Armed::Not => None,
        };
        let dialog = self.dialogs.top().and_then(|dialog| dialog.wakes(self.facts.now));
        [armed, dialog, self.toasts.next_end(), self.talk.wakes(self.facts.now)].into_iter().flatten().min()
    }

    pub(super) fn open_session(&self, id: SessionId) -> SessionCommand {
        let settings = self.talk.settings();
        let model = settings.map(|settings| settings.model.clone()).or_else(|| self.facts.start.model.clone());
        let effort = settings.and_then(|settings| settings.effort.clone()).or_else(|| self.facts.start.effort.clone());
        SessionCommand::Open { id, folder: self.facts.start.folder.clone(), model, effort }
    }

    fn tick(&mut self, now: Timestamp) {
        self.facts.now = now;
        self.toasts.expire(now);
        if let Armed::Interrupt(until) | Armed::Quit(until) = self.armed
            && until <= now
        {
            self.armed = Armed::Not;
        }
    }

    fn key(&mut self, key: &KeyEvent) -> Vec<Cmd> {
        let armed = std::mem::replace(&mut self.armed, Armed::Not);
        if !self.dialogs.is_empty() {
            return self.dialog_key(key);
        }
        if armed == Armed::Leader {
            return match action::of_chord(key) {
                Some(action) => self.act(action),
                None => Vec::new(),
            };
        }
        match ctrl_letter(key) {
            Some('c') => return self.clear_or_quit(armed),
            Some('x') => {
                self.armed = Armed::Leader;
                return Vec::new();
            }
            _ => {}
        }
        if let Some(action) = self.own_action(key) {
            return self.act(action);
        }
        if self.screen_key(key) {
            return Vec::new();
        }
        match self.prompt.key(key) {
            Typed::Act(action) => self.act(action),
            Typed::Submit => self.submit(),
            Typed::Taken => Vec::new(),
            Typed::Ignored => self.ignored_key(key, armed),
        }
    }

    /// Keys that are actions wherever one is; `?` only where it would not be text.
    fn own_action(&self, key: &KeyEvent) -> Option<Action> {
        let asks = key.code == KeyCode::Char('?') && self.prompt.composer.is_empty();
        if asks {
            Some(Action::Help)
        } else {
            action::of_key(key).filter(|action| *action != Action::Agent || self.prompt.menu().is_none())
        }
    }

    /// Keys that no dialog gets: esc closes it, and what is typed in the first moment after a dialog came by itself goes on where it was going.
    fn dialog_key(&mut self, key: &KeyEvent) -> Vec<Cmd> {
        if let Some(action @ (Action::Redraw | Action::Suspend)) = action::of_key(key) {
            return self.act(action);
        }
        if self.dialogs.is_surprise(self.facts.now) && key.code != KeyCode::Esc {
            if key.code != KeyCode::Enter {
                self.prompt.key(key);
            }
            return Vec::new();
        }
        // Ctrl+c leaves a dialog as esc does.
        let escape = KeyEvent::from(KeyCode::Esc);
        let key = if ctrl_letter(key) == Some('c') { &escape } else { key };
        let Some(dialog) = self.dialogs.top_mut() else { return Vec::new() };
        let reply = dialog.key(key, &self.facts);
        let mut cmds = reply.cmds;
        match reply.then {
            Then::Stay => {}
            Then::Close => self.dialogs.close(),
            Then::Do(action) => {
                self.dialogs.close();
                cmds.extend(self.act(action));
            }
        }
        cmds
    }

    fn paste(&mut self, text: &str) -> Vec<Cmd> {
        self.armed = Armed::Not;
        if self.dialogs.is_surprise(self.facts.now) {
            self.prompt.paste(text);
            return Vec::new();
        }
        match self.dialogs.top_mut() {
            Some(dialog) => dialog.paste(text).cmds,
            None => {
                self.prompt.paste(text);
                Vec::new()
            }
        }
    }

    fn wheel(&mut self, toward: Toward, rows: u16) {
        match self.dialogs.top_mut() {
            Some(dialog) => dialog.wheel(toward, rows),
            None => self.scroll(toward, rows),
        }
    }

    /// A key that the composer has no use for.
    fn ignored_key(&mut self, key: &KeyEvent, armed: Armed) -> Vec<Cmd> {
        match key.code {
            KeyCode::Esc => return self.interrupt(armed),
            KeyCode::Home => self.talk.view.go_to_start(screen::transcript_area(self).height),
            KeyCode::End => self.talk.view.follow(),
            _ => {}
        }
        Vec::new()
    }

    /// The second esc within a moment ends the running turn.
    fn interrupt(&mut self, armed: Armed) -> Vec<Cmd> {
        if self.talk.turn() == Turn::Idle {
            return Vec::new();
        }
        if matches!(armed, Armed::Interrupt(_)) {
            return vec![Cmd::Send(Command::Turn(self.talk.id.clone(), TurnCommand::Interrupt))];
        }
        self.armed = Armed::Interrupt(self.facts.now + AGAIN);
        Vec::new()
    }

    fn clear_or_quit(&mut self, armed: Armed) -> Vec<Cmd> {
        if !self.prompt.composer.is_empty() {
            self.prompt.clear();
        } else if matches!(armed, Armed::Quit(_)) {
            return vec![Cmd::Quit];
        } else {
            self.armed = Armed::Quit(self.facts.now + AGAIN);
        }
        Vec::new()
    }

    pub(super) fn say(&mut self, tone: Tone, text: impl Into<String>) {
        self.toasts.say(tone, text, self.facts.now);
    }
}
