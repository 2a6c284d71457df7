//! The keymap: keys, pastes and the wheel go to the top dialog first, then to the ask, the open
//! screen and the program.

use std::time::Duration;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::protocol::{Command, OpenOptions, SessionCommand, TurnCommand};
use crate::tui::app::opening::Awaited;
use crate::tui::app::start_page::StartKey;
use crate::tui::app::toast::Tone;
use crate::tui::app::{App, Armed, layout};
use crate::tui::ask::{AskStep, KeyOutcome};
use crate::tui::commands::{self, KeyAction, ctrl_letter, search_keys, slash_command};
use crate::tui::conversation::Watched;
use crate::tui::messages::{Cmd, MouseEvent, Toward};
use crate::tui::overlay::{AfterReply, Connect, Help, Overlay};
use crate::tui::program_facts::Connection;
use crate::tui::prompt::TypedPrompt;
use crate::tui::selection::pointer::{self, MouseOutcome};
use crate::tui::start::{ScreenEnd, open_earlier, screen_options};

/// How long a second press counts.
const AGAIN: Duration = Duration::from_secs(2);

/// How soon the second esc follows that opens the timeline.
const DOUBLE: Duration = Duration::from_millis(600);
/// How long nothing must have run and no dialog been open for that.
const CALM: Duration = Duration::from_secs(1);

const TOO_SOON: &str = "Too soon: this had only just come up. Press the key again";
const TYPED: &str = "Typed into your prompt: this had only just come up. Press the key again";

impl App {
    pub(in crate::tui) fn key(&mut self, key: &KeyEvent) -> Vec<Cmd> {
        let armed = std::mem::replace(&mut self.armed, Armed::Not);
        if self.is_too_small() {
            return self.unseen_key(key, armed);
        }
        if let Some(cmds) = pointer::key(self, key) {
            return cmds;
        }
        if !self.dialogs.is_empty() {
            return self.dialog_key(key);
        }
        if armed == Armed::Leader {
            return match commands::of_chord(key) {
                Some(action) => self.act(action),
                None => Vec::new(),
            };
        }
        if self.talk.asks.is_empty() && search_keys::key(self, key) {
            return Vec::new();
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
        if self.talk.watched.is_some() {
            return self.watch_key(key);
        }
        if !self.talk.asks.is_empty() {
            return self.ask_key(key, armed);
        }
        if key.code == KeyCode::Char('?') && self.prompt.composer.is_empty() {
            self.dialogs.open(Overlay::Help(Help::of_question_mark()));
            return Vec::new();
        }
        if self.screen_key(key) {
            return Vec::new();
        }
        if key.code == KeyCode::Up
            && self.prompt.composer.is_empty()
            && !self.talk.session.queued.is_empty()
        {
            return self.act(KeyAction::Queue);
        }
        if !layout::has_composer_at_bottom(self) && self.prompt.composer.is_empty() {
            match self.start_page.key(key, &self.facts) {
                StartKey::Open(id) => {
                    let options = OpenOptions { mode: self.facts.start.mode, ..screen_options() };
                    return vec![Cmd::Send(Command::Session(open_earlier(&id, options)))];
                }
                StartKey::Taken => return Vec::new(),
                StartKey::Ignored => {}
            }
            if key.code == KeyCode::Enter && self.connection() == Connection::None {
                let ways = Connect::new(&self.facts).choosing_a_way(&self.facts);
                self.dialogs.open(Overlay::Connect(Box::new(ways)));
                return Vec::new();
            }
        }
        self.start_page.leave();
        match self.prompt.key(key) {
            TypedPrompt::Act(action) => self.act(action),
            TypedPrompt::Submit => self.submit(),
            TypedPrompt::Taken => {
                let typed = self.prompt.composer.text();
                let values = slash_command::values(&typed, &self.facts, self.talk.model());
                self.prompt.know_arguments(values);
                let mut cmds = self.files();
                cmds.extend(self.file_commands());
                cmds.extend(self.get_ready());
                cmds
            }
            TypedPrompt::Ignored => self.ignored_key(key, armed),
        }
    }

    /// Handles keys in a window that is too small to show anything: only interrupting and leaving
    /// work. Letters go to the composer, because a new window may get its size late.
    fn unseen_key(&mut self, key: &KeyEvent, armed: Armed) -> Vec<Cmd> {
        if let Some(action @ (KeyAction::Redraw | KeyAction::Suspend)) = commands::of_key(key) {
            return self.act(action);
        }
        if ctrl_letter(key) == Some('c') {
            return if self.talk.may_interrupt() { self.interrupt_now() } else { self.quit(armed) };
        }
        match key.code {
            KeyCode::Esc => return self.interrupt(armed),
            KeyCode::Char(_) | KeyCode::Backspace if search_keys::type_text(self, key) => {}
            KeyCode::Char(_) | KeyCode::Backspace
                if self.is_composing()
                    && matches!(key.modifiers, KeyModifiers::NONE | KeyModifiers::SHIFT) =>
            {
                self.prompt.key(key);
            }
            _ => {}
        }
        Vec::new()
    }

    /// Tells the engine to look at the folder while the first prompt is being written, so that the
    /// prompt does not wait.
    fn get_ready(&mut self) -> Option<Cmd> {
        let text = self.prompt.composer.text();
        let is_prompt = !text.trim().is_empty() && !text.starts_with(['/', '!']);
        (is_prompt && self.opening.awaited() == Awaited::Nothing && self.talk.get_ready())
            .then(|| Cmd::Send(Command::Turn(self.talk.id().clone(), TurnCommand::GetReady)))
    }

    /// Requests the commands of files when one is being typed.
    fn file_commands(&mut self) -> Option<Cmd> {
        let is_open = self.opening.awaited() == Awaited::Nothing && self.talk.watched.is_none();
        (is_open && self.prompt.wants_commands(self.facts.now)).then(|| self.list_extensions())
    }

    pub(in crate::tui) fn list_extensions(&self) -> Cmd {
        let folder = self.conversation_folder();
        Cmd::Send(Command::Session(SessionCommand::Extensions(folder)))
    }

    /// Requests the folder's files when a mention begins.
    fn files(&mut self) -> Vec<Cmd> {
        if !self.prompt.wants_files(self.facts.now) {
            return Vec::new();
        }
        let folder = self.talk.folder().unwrap_or(&self.facts.start.folder).to_owned();
        vec![Cmd::Send(Command::Session(SessionCommand::Files(folder)))]
    }

    /// The action of a key that works everywhere.
    fn own_action(&self, key: &KeyEvent) -> Option<KeyAction> {
        commands::of_key(key)
            .filter(|action| *action != KeyAction::Agent || !self.prompt.has_menu())
            // There it shows the whole ask.
            .filter(|action| *action != KeyAction::Search || self.talk.asks.is_empty())
    }

    /// Handles a key over a conversation that is only watched.
    fn watch_key(&mut self, key: &KeyEvent) -> Vec<Cmd> {
        if self.screen_key(key) {
            return Vec::new();
        }
        match key.code {
            KeyCode::Home => self.talk.go_to_start(layout::transcript_area(self).height),
            KeyCode::End => self.talk.view.follow(),
            KeyCode::Enter if self.talk.watched == Some(Watched::Ended) => {
                let options = self.opening.resume_options(&self.facts.start);
                let resume = open_earlier(self.talk.id(), options);
                return vec![Cmd::Send(Command::Session(resume))];
            }
            KeyCode::Enter | KeyCode::Esc => {
                if let Some(open) = self.opening.elsewhere().cloned()
                    && self.talk.watched != Some(Watched::Ended)
                {
                    let dialog = self.elsewhere_dialog(open);
                    self.toasts.clear();
                    self.dialogs.open(dialog);
                }
            }
            KeyCode::Char('?') => self.dialogs.open(Overlay::Help(Help::default())),
            KeyCode::Char(_) => self.say(Tone::Plain, self.talk.read_only()),
            _ => {}
        }
        Vec::new()
    }

    /// Handles a key while a call waits: it goes to the ask unless it scrolls or interrupts.
    fn ask_key(&mut self, key: &KeyEvent, armed: Armed) -> Vec<Cmd> {
        match self.talk.asks.key(key, self.facts.now) {
            KeyOutcome::Tell(child, command) => {
                let session = child.unwrap_or_else(|| self.talk.id().clone());
                return vec![Cmd::Send(Command::Turn(session, command))];
            }
            KeyOutcome::Typed if search_keys::type_text(self, key) => {}
            KeyOutcome::Typed => {
                let begins = self.prompt.composer.is_empty();
                self.prompt.key(key);
                if begins && !self.prompt.composer.is_empty() {
                    self.talk.asks.key_typed(self.facts.now);
                }
            }
            KeyOutcome::Taken => {}
            KeyOutcome::Ignored if key.code == KeyCode::Esc => return self.interrupt(armed),
            KeyOutcome::Ignored => {
                self.screen_key(key);
            }
        }
        Vec::new()
    }

    /// Handles a report of the mouse button. A row of a list is chosen as enter does.
    pub(in crate::tui) fn mouse_button(&mut self, event: MouseEvent) -> Vec<Cmd> {
        match pointer::mouse(self, event) {
            MouseOutcome::Choose => self.key(&KeyEvent::from(KeyCode::Enter)),
            MouseOutcome::Done(cmds) => cmds,
        }
    }

    /// Handles that no other key followed in time: a single letter is an answer then.
    pub(in crate::tui) fn rest(&mut self) -> Vec<Cmd> {
        pointer::rest(self);
        match self.talk.asks.rest(self.facts.now) {
            KeyOutcome::Tell(child, command) => {
                let session = child.unwrap_or_else(|| self.talk.id().clone());
                vec![Cmd::Send(Command::Turn(session, command))]
            }
            _ => Vec::new(),
        }
    }

    /// Handles keys over a dialog. Esc closes it; text typed in the first moment after it opened by
    /// itself goes to its former target.
    fn dialog_key(&mut self, key: &KeyEvent) -> Vec<Cmd> {
        if let Some(action @ (KeyAction::Redraw | KeyAction::Suspend)) = commands::of_key(key) {
            return self.act(action);
        }
        if self.dialogs.is_back(self.facts.now) && key.code != KeyCode::Esc {
            return self.only_say(Tone::Plain, TOO_SOON);
        }
        if self.dialogs.is_surprise(self.facts.now) && key.code != KeyCode::Esc {
            let begins = self.prompt.composer.is_empty();
            if key.code != KeyCode::Enter {
                self.prompt.key(key);
            }
            if self.prompt.composer.is_empty() {
                self.say(Tone::Plain, TOO_SOON);
            } else if begins {
                self.say(Tone::Plain, TYPED);
            }
            return Vec::new();
        }
        if matches!(key.code, KeyCode::Char(_))
            && key.modifiers.difference(KeyModifiers::SHIFT).is_empty()
            && self.begin_with_question_mark(key)
        {
            return self.key(key);
        }
        // Ctrl+c leaves a dialog like esc.
        let escape = KeyEvent::from(KeyCode::Esc);
        let key = if ctrl_letter(key) == Some('c') { &escape } else { key };
        let Some(dialog) = self.dialogs.top_mut() else { return Vec::new() };
        let reply = dialog.key(key, &self.facts);
        if dialog.is_asking() {
            self.toasts.clear();
        }
        let mut cmds = reply.cmds;
        match reply.then {
            AfterReply::Stay => {}
            AfterReply::TooSoon => self.say(Tone::Plain, TOO_SOON),
            AfterReply::Close => self.dialogs.close(),
            AfterReply::Do(action) => {
                self.dialogs.close();
                cmds.extend(self.act(action));
            }
        }
        cmds
    }

    /// Closes the help that `?` opened, if the `?` was the beginning of a text.
    fn begin_with_question_mark(&mut self, key: &KeyEvent) -> bool {
        let is_text =
            matches!(self.dialogs.top(), Some(Overlay::Help(help)) if help.may_be_text(key));
        if is_text {
            self.dialogs.close();
            self.prompt.key(&KeyEvent::from(KeyCode::Char('?')));
        }
        is_text
    }

    pub(in crate::tui) fn paste(&mut self, text: &str) -> Vec<Cmd> {
        self.armed = Armed::Not;
        self.talk.view.unselect();
        if self.is_too_small() && !self.is_composing() {
            return Vec::new();
        }
        if text.is_empty() {
            // Terminals send this where the clipboard holds no text, but perhaps a picture.
            return if self.is_composing() { self.act(KeyAction::Picture) } else { Vec::new() };
        }
        self.begin_with_question_mark(&KeyEvent::from(KeyCode::Null));
        if self.dialogs.is_surprise(self.facts.now) {
            self.prompt.paste(text);
            return Vec::new();
        }
        let is_free = self.dialogs.is_empty() && self.talk.asks.is_empty();
        if is_free && search_keys::paste(self, text) {
            return Vec::new();
        }
        match self.dialogs.top_mut() {
            Some(dialog) => dialog.paste(text).cmds,
            None if self.talk.watched.is_some() => {
                self.only_say(Tone::Plain, self.talk.read_only())
            }
            None => {
                if !self.talk.asks.paste(text, self.facts.now) {
                    self.prompt.paste(text);
                }
                self.files()
            }
        }
    }

    pub(in crate::tui) fn wheel(&mut self, toward: Toward, rows: u16) {
        if self.is_too_small() {
            return;
        }
        match self.dialogs.top_mut() {
            Some(dialog) => dialog.wheel(toward, rows),
            None => self.scroll(toward, AskStep::Rows(rows)),
        }
    }

    /// Handles a key that the composer ignored.
    fn ignored_key(&mut self, key: &KeyEvent, armed: Armed) -> Vec<Cmd> {
        match key.code {
            KeyCode::Esc => return self.interrupt(armed),
            KeyCode::Home => self.talk.go_to_start(layout::transcript_area(self).height),
            KeyCode::End => self.talk.view.follow(),
            _ => {}
        }
        Vec::new()
    }

    /// Interrupts the running turn on the second esc. Where nothing runs and nothing is typed, it
    /// opens the timeline.
    fn interrupt(&mut self, armed: Armed) -> Vec<Cmd> {
        if self.talk.watched.is_some() {
            return Vec::new();
        }
        if self.talk.busy().is_none() {
            return self.rewind(armed);
        }
        if matches!(armed, Armed::Interrupt(_)) {
            return self.interrupt_now();
        }
        self.armed = Armed::Interrupt(self.facts.now + AGAIN);
        Vec::new()
    }

    /// Opens the timeline on the second esc. An esc that was meant for a dialog or a turn that was
    /// there a moment ago counts for nothing.
    fn rewind(&mut self, armed: Armed) -> Vec<Cmd> {
        let is_calm = self.attention.is_calm(self.facts.now, CALM);
        if !is_calm || !self.talk.has_begun() || !self.prompt.composer.is_empty() {
            return Vec::new();
        }
        if matches!(armed, Armed::Rewind(_)) {
            return self.act(KeyAction::Rewind);
        }
        self.armed = Armed::Rewind(self.facts.now + DOUBLE);
        Vec::new()
    }

    fn interrupt_now(&mut self) -> Vec<Cmd> {
        self.talk.interrupt();
        vec![Cmd::Send(Command::Turn(self.talk.id().clone(), TurnCommand::Interrupt))]
    }

    /// Handles ctrl+c: takes back a pressed answer, interrupts, or clears the composer; else quits.
    fn clear_or_quit(&mut self, armed: Armed) -> Vec<Cmd> {
        let closed = self.talk.asks.close_composer(self.facts.now);
        if closed && self.talk.asks.take_back() {
            return Vec::new();
        }
        if self.talk.may_interrupt() {
            return self.interrupt_now();
        }
        if !closed && !self.prompt.composer.is_empty() {
            self.prompt.clear();
            return Vec::new();
        }
        self.quit(armed)
    }

    /// Quits on the second ctrl+c.
    fn quit(&mut self, armed: Armed) -> Vec<Cmd> {
        if matches!(armed, Armed::Quit(_)) {
            return vec![Cmd::Leave(ScreenEnd::Asked, None)];
        }
        self.armed = Armed::Quit(self.facts.now + AGAIN);
        Vec::new()
    }
}
