//! Conversations that another codling has open: the choices offered, and watching one.

use crossterm::event::{KeyCode, KeyEvent};

use crate::fronts::tui::app::toast::Tone;
use crate::fronts::tui::app::{App, Awaited, layout};
use crate::fronts::tui::commands::KeyAction;
use crate::fronts::tui::conversation::{Conversation, Watched};
use crate::fronts::tui::messages::Cmd;
use crate::fronts::tui::overlay::{ElsewhereDialog, Help, Overlay};
use crate::fronts::tui::start::{Beginning, screen_options};
use crate::protocol::{
    Command, OpenElsewhere, OpenOptions, SessionCommand, SessionId, SessionSelector, WhenHeld,
};

const READ_ONLY: &str = "Only read here: another codling has it open";

impl App {
    /// Handles that the requested conversation is open in another program.
    pub(super) fn open_elsewhere(&mut self, open: OpenElsewhere) -> Vec<Cmd> {
        if let Some(Overlay::Elsewhere(dialog)) = self.dialogs.top_mut()
            && dialog.waits_for(&open.session)
        {
            return vec![dialog.held_again(open)];
        }
        let dialog = self.elsewhere_dialog(open.clone());
        self.elsewhere = Some(open);
        // While nothing is being typed, a key is meant for the dialog.
        if self.prompt.composer.is_empty() {
            self.dialogs.open(dialog);
        } else {
            self.dialogs.intrude(dialog, self.facts.now);
        }
        Vec::new()
    }

    fn elsewhere_dialog(&self, open: OpenElsewhere) -> Overlay {
        // At the start nothing else is on screen, and the new conversation's id is still unused.
        let (copy, instead) = match self.awaited {
            Awaited::Conversation => {
                let id = self.talk.id().clone();
                (id.clone(), Some(self.open_session(id)))
            }
            Awaited::Nothing => ((self.new_id)(), None),
        };
        let dialog = ElsewhereDialog::new(open, self.resume_options(), copy, instead);
        Overlay::Elsewhere(Box::new(dialog))
    }

    /// Opens an earlier conversation, or joins it where another program has it.
    pub(in crate::fronts::tui) fn open_earlier(&self, id: &SessionId) -> Cmd {
        let which = SessionSelector::Named(id.as_str().to_owned());
        let options = OpenOptions { mode: self.facts.start.mode, ..screen_options() };
        let resume = SessionCommand::Resume { which, when_held: WhenHeld::Join, options };
        Cmd::Send(Command::Session(resume))
    }

    /// Options that replace the conversation's own on resuming.
    fn resume_options(&self) -> OpenOptions {
        let (model, effort) = match (&self.facts.start.begin, self.awaited) {
            (Beginning::Resume { model, effort, .. }, Awaited::Conversation) => {
                (model.clone(), effort.clone())
            }
            _ => (None, None),
        };
        OpenOptions { model, effort, mode: self.facts.start.mode, ..screen_options() }
    }

    /// Shows a conversation that another program writes, from now on.
    pub(super) fn watch(&mut self, id: SessionId) -> Vec<Cmd> {
        let open = self.elsewhere.clone().filter(|open| open.session == id);
        let holder = open.and_then(|open| open.holder);
        self.awaited = Awaited::Nothing;
        if *self.talk.id() == id {
            self.talk.watched = Some(Watched::There(holder));
            return Vec::new();
        }
        let mut watching = Conversation::new(id);
        watching.watched = Some(Watched::There(holder));
        let before = std::mem::replace(&mut self.talk, watching);
        let close = || Cmd::Send(Command::Session(SessionCommand::Close(before.id().clone())));
        before.is_open().then(close).into_iter().collect()
    }

    /// Handles that no other program has this conversation open any more.
    pub(super) fn released(&mut self, session: &SessionId) -> Vec<Cmd> {
        if let Some(Overlay::Elsewhere(dialog)) = self.dialogs.top()
            && dialog.waits_for(session)
        {
            return vec![dialog.take_over()];
        }
        if self.talk.id() == session && self.talk.watched.is_some() {
            self.talk.watched = Some(Watched::Ended);
        }
        Vec::new()
    }

    /// Handles a key over a conversation that is only watched.
    pub(in crate::fronts::tui) fn watch_key(&mut self, key: &KeyEvent) -> Vec<Cmd> {
        if self.screen_key(key) {
            return Vec::new();
        }
        match key.code {
            KeyCode::Home => self.talk.go_to_start(layout::transcript_area(self).height),
            KeyCode::End => self.talk.view.follow(),
            KeyCode::Enter if self.talk.watched == Some(Watched::Ended) => {
                let which = SessionSelector::Named(self.talk.id().as_str().to_owned());
                let (when_held, options) = (WhenHeld::Join, self.resume_options());
                let resume = SessionCommand::Resume { which, when_held, options };
                return vec![Cmd::Send(Command::Session(resume))];
            }
            KeyCode::Enter | KeyCode::Esc => {
                if let Some(open) = self.elsewhere.clone()
                    && self.talk.watched != Some(Watched::Ended)
                {
                    let dialog = self.elsewhere_dialog(open);
                    self.toasts.clear();
                    self.dialogs.open(dialog);
                }
            }
            KeyCode::Char('?') => self.dialogs.open(Overlay::Help(Help::new())),
            KeyCode::Char(_) => self.say_read_only(),
            _ => {}
        }
        Vec::new()
    }

    pub(in crate::fronts::tui) fn say_read_only(&mut self) {
        let words = match self.talk.watched {
            Some(Watched::Ended) => "Only read here: `enter` opens it".to_owned(),
            _ => format!("{READ_ONLY}. `enter` shows what you can do"),
        };
        self.say(Tone::Plain, words);
    }
}

/// Whether an action changes nothing in the conversation on screen.
pub(super) fn only_reads(action: KeyAction) -> bool {
    match action {
        KeyAction::Connect
        | KeyAction::Context
        | KeyAction::Copy
        | KeyAction::CopyCode
        | KeyAction::Detach
        | KeyAction::Details
        | KeyAction::Exit
        | KeyAction::Export
        | KeyAction::Fork
        | KeyAction::Help
        | KeyAction::Logout
        | KeyAction::New
        | KeyAction::Palette
        | KeyAction::Print
        | KeyAction::Redraw
        | KeyAction::Search
        | KeyAction::Sessions
        | KeyAction::Status
        | KeyAction::Suspend => true,
        KeyAction::Agent
        | KeyAction::Approvals
        | KeyAction::Compact
        | KeyAction::Diff
        | KeyAction::Editor
        | KeyAction::Init
        | KeyAction::Jobs
        | KeyAction::Mcp
        | KeyAction::Mode
        | KeyAction::Models
        | KeyAction::Picture
        | KeyAction::Queue
        | KeyAction::Redo
        | KeyAction::Remember
        | KeyAction::Rename
        | KeyAction::Review
        | KeyAction::Rewind
        | KeyAction::Skills
        | KeyAction::Take
        | KeyAction::Undo => false,
    }
}
