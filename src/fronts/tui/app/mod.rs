//! The screen's state, and the routing of messages.

pub mod attention;
mod engine_events;
pub mod layout;
pub mod opening;
pub mod start_page;
pub mod status_command;
pub mod toast;
mod update;

use std::path::PathBuf;

use crate::base::Timestamp;
use crate::protocol::{
    AccountCommand, Activity, Command, ListDepth, ModelName, MouseUse, OpenElsewhere, OpenOptions,
    ProviderId, SessionCommand, SessionId, WhenHeld,
};
use crate::tui::app::attention::Attention;
use crate::tui::app::opening::{Awaited, DueChoice, EarlyChoice, Opening};
use crate::tui::app::start_page::StartPage;
use crate::tui::app::toast::{Toasts, Tone};
use crate::tui::commands::KeyAction;
use crate::tui::conversation::Conversation;
use crate::tui::messages::{Cmd, Msg, Sight};
use crate::tui::overlay::{ElsewhereDialog, ModesDialog, Overlay, Stack};
use crate::tui::paint::Theme;
use crate::tui::program_facts::{Connection, Facts};
use crate::tui::prompt::PromptArea;
use crate::tui::selection::Gesture;
use crate::tui::start::{Beginning, ScreenEnd, StartInfo, screen_options};
use crate::tui::terminal::Mouse;
use crate::tui::transcript::Standing;
use crate::tui::wording;

pub struct App {
    pub(in crate::tui) facts: Facts,
    pub(in crate::tui) theme: Theme,
    pub(in crate::tui) talk: Conversation,
    pub(in crate::tui) prompt: PromptArea,
    pub(in crate::tui) dialogs: Stack,
    pub(in crate::tui) toasts: Toasts,
    pub(in crate::tui) armed: Armed,
    pub(in crate::tui) attention: Attention,
    pub(in crate::tui) gesture: Gesture,
    /// Columns and rows.
    pub(in crate::tui) size: (u16, u16),
    pub(in crate::tui) new_id: fn() -> SessionId,
    pub(in crate::tui) opening: Opening,
    pub(in crate::tui) start_page: StartPage,
}

/// A first key that waits for its second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Armed {
    Interrupt(Timestamp),
    /// `ctrl+x`
    Leader,
    Not,
    Quit(Timestamp),
    Rewind(Timestamp),
}

impl App {
    /// Creates the state. `new_id` makes session ids; it is called at once and for each new
    /// conversation.
    pub fn new(
        start: StartInfo,
        size: (u16, u16),
        now: Timestamp,
        new_id: fn() -> SessionId,
    ) -> Self {
        let theme = Theme::new(start.color.depth(), start.color.ground());
        let opening = Opening::new(&start.begin);
        let attention = Attention::new(now, start.telling.notify_after);
        let prompt = PromptArea::new(start.home.clone());
        let mut app = Self {
            facts: Facts::new(start, now),
            theme,
            talk: Conversation::new(new_id()),
            prompt,
            dialogs: Stack::default(),
            toasts: Toasts::default(),
            armed: Armed::Not,
            attention,
            gesture: Gesture::default(),
            size,
            new_id,
            opening,
            start_page: StartPage::default(),
        };
        if let Some(prompt) = app.facts.start.prompt.take() {
            app.prompt.set(&prompt);
            app.opening.keep(EarlyChoice::Submit);
        }
        if app.facts.start.begin == Beginning::Choose {
            app.act(KeyAction::Sessions);
        }
        app
    }

    /// Lines that say how to come back to the conversation, if one can, and which jobs ended with
    /// it.
    pub fn farewell(&self, ending: ScreenEnd) -> Vec<String> {
        let session = &self.talk.session;
        let goes_on = match (&session.holder, ending) {
            (Some(holder), _) => Some(format!("It goes on in process {}", holder.process)),
            (None, ScreenEnd::Asked) => {
                wording::jobs(&session.jobs).map(|jobs| format!("Ended with codling: {jobs}"))
            }
            (None, _) => None,
        };
        let way = match ending {
            ScreenEnd::Detached | ScreenEnd::TakenOver => "Come back with `codling attach",
            _ => "Go on with `codling --continue",
        };
        let back = self.kept_session().map(|id| match ending {
            ScreenEnd::Detached | ScreenEnd::TakenOver => format!("{way} {id}`"),
            _ => format!("{way}` · {id}"),
        });
        goes_on.into_iter().chain(back).collect()
    }

    /// The conversation, if one can come back to it.
    pub fn kept_session(&self) -> Option<SessionId> {
        self.talk.is_kept().then(|| self.talk.id().clone())
    }

    /// The first commands to the engine.
    pub fn begin(&self) -> Vec<Command> {
        let open = match self.facts.start.begin.clone() {
            Beginning::Choose | Beginning::New => self.open_session(self.talk.id().clone()),
            Beginning::Resume { which, model, effort, .. } => {
                let mode = self.facts.start.mode;
                let options = OpenOptions { model, effort, mode, ..screen_options() };
                SessionCommand::Resume { which, when_held: WhenHeld::Join, options }
            }
        };
        let mut first = vec![
            Command::Session(open),
            Command::Account(AccountCommand::List),
            Command::Session(SessionCommand::Recall),
            // Names for the status line; with a sign-in, also a fresh list and the plan's limits.
            Command::Account(AccountCommand::Models),
        ];
        if matches!(self.facts.start.begin, Beginning::Choose | Beginning::New) {
            first.push(Command::Session(SessionCommand::List(ListDepth::Latest)));
        }
        first
    }

    /// Handles a message; returns the commands to perform.
    pub fn update(&mut self, msg: Msg) -> Vec<Cmd> {
        if matches!(msg, Msg::Key(_) | Msg::Mouse(_) | Msg::Paste(_) | Msg::Wheel { .. }) {
            self.attention.key(self.facts.now);
        }
        self.facts.status.happened(&msg);
        let was_engaged = self.is_engaged();
        let mut cmds = self.take(msg);
        if was_engaged || self.is_engaged() {
            self.attention.engage(self.facts.now);
        }
        if let Some(kept) = self.opening.hold_settings(&mut cmds) {
            self.say(Tone::Plain, kept);
        }
        self.talk.note_mode(&cmds);
        for choice in self.opening.take_due(self.talk.session_mode()) {
            cmds.extend(self.carry_out(choice));
        }
        let folder = self.talk.folder().unwrap_or(&self.facts.start.folder);
        let (reads, refusal) =
            self.prompt.read_pictures(folder, || self.facts.sees_no_pictures(self.talk.model()));
        cmds.extend(reads);
        if let Some(why) = refusal {
            self.say(Tone::Warn, why);
        }
        if self.prompt.awaits_sign_in() && self.may_send_awaited() {
            cmds.extend(self.submit());
        }
        let sight = if self.is_too_small() { Sight::Hidden } else { Sight::Seen };
        self.dialogs.see(sight, self.facts.now);
        let sight = if self.dialogs.is_empty() { sight } else { Sight::Hidden };
        self.talk.asks.see(sight, self.facts.now);
        cmds
    }

    /// Carries out a choice that was kept until the conversation was open.
    fn carry_out(&mut self, choice: DueChoice) -> Vec<Cmd> {
        match choice {
            DueChoice::Modes(mode) => {
                let dialog = ModesDialog::new(self.talk.id().clone(), mode);
                self.dialogs.intrude(Overlay::Modes(dialog), self.facts.now);
                Vec::new()
            }
            DueChoice::Set(setting) => vec![self.talk.set(setting)],
            DueChoice::Submit => self.submit(),
        }
    }

    /// Whether a prompt that waited for a sign-in can be sent now.
    fn may_send_awaited(&self) -> bool {
        self.dialogs.is_empty()
            && self.talk.is_open()
            && self.connection() == Connection::Some
            && !self.facts.is_refused()
    }

    /// Whether keys have another target than an idle composer.
    fn is_engaged(&self) -> bool {
        !self.dialogs.is_empty() || self.talk.busy().is_some() || !self.talk.asks.is_empty()
    }

    fn take(&mut self, msg: Msg) -> Vec<Cmd> {
        match msg {
            Msg::Background(ground) => self.theme = Theme::new(self.theme.depth(), ground),
            Msg::Copied(copied) => self.copied(copied),
            Msg::Edited(edited) => {
                self.edited(edited);
                self.reappear();
            }
            Msg::Engine(event) => return self.engine(*event),
            Msg::EngineFailed(problem) => self.engine_failed(problem),
            Msg::GnuScreen => self.facts.keeps_esc_back = true,
            Msg::Focus(focus) => self.attention.focus(focus),
            Msg::Key(key) => return self.key(&key),
            Msg::Mouse(event) => return self.mouse_button(event),
            Msg::Paste(text) => return self.paste(&text),
            Msg::PictureRead(id, read) => {
                let ssh = self.facts.start.surroundings.ssh;
                let read = read.map_err(|failure| wording::unread_picture(failure, ssh));
                match self.prompt.take_picture(id, read) {
                    Ok(Some(timing)) => return self.send_typed(timing),
                    Ok(None) => {}
                    Err(why) => self.say(Tone::Warn, why),
                }
            }
            Msg::Reply(asked, result) => return self.replied(asked, result),
            Msg::Resize { width, height } => self.size = (width, height),
            Msg::Rest => {
                let mut cmds = self.rest();
                if let Some(Overlay::Jobs(dialog)) = self.dialogs.top_mut() {
                    cmds.extend(dialog.ask_ports(self.facts.now));
                }
                cmds.extend(self.facts.run_status(&self.talk.session));
                return cmds;
            }
            Msg::Shown => self.reappear(),
            Msg::StatusPrinted(printed) => {
                if let Some(words) = self.facts.status.ended(printed, self.facts.now) {
                    self.say(Tone::Warn, words);
                }
            }
            Msg::Tick(now) => self.tick(now),
            Msg::Wheel { toward, rows } => self.wheel(toward, rows),
            Msg::Zone(zone) => self.facts.zone = zone,
        }
        Vec::new()
    }

    /// Ignores keys on their way that were meant for the program that had the terminal.
    fn reappear(&mut self) {
        self.dialogs.reappear(self.facts.now);
        self.talk.asks.reappear(self.facts.now);
    }

    /// Whether the window is too small to draw anything that takes keys.
    pub fn is_too_small(&self) -> bool {
        layout::is_too_small(self.size)
    }

    /// Lays out changed parts, and highlights code that has come into view, for the next frame.
    pub fn settle(&mut self) {
        let room = layout::ask_room(self);
        self.talk.asks.settle(room, self.facts.now, &self.facts.zone);
        let area = layout::transcript_area(self);
        self.talk.settle(area.width, area.height);
    }

    /// The time of the next change on screen without a message; `None` while nothing runs or
    /// expires.
    pub fn wakes(&self) -> Option<Timestamp> {
        let armed = match self.armed {
            Armed::Interrupt(until) | Armed::Quit(until) | Armed::Rewind(until) => Some(until),
            Armed::Leader | Armed::Not => None,
        };
        let dialog = self.dialogs.wakes(self.facts.now);
        let toast = self.toasts.next_end().filter(|_| layout::shows_toast(self));
        let talk = self.talk.wakes(self.facts.now);
        let status = self.facts.status.wakes();
        let search = self.talk.view.lays_out_ahead().then_some(self.facts.now);
        let others = [status, search, self.gesture.wakes()];
        [armed, dialog, toast, talk].into_iter().chain(others).flatten().min()
    }

    /// Whether typed text goes to the composer.
    pub fn is_composing(&self) -> bool {
        let is_searching = self.talk.view.searching() == Some(Standing::Typed);
        if self.talk.watched.is_some() || is_searching {
            return false;
        }
        let now = self.facts.now;
        match self.dialogs.is_empty() {
            true => self.talk.asks.is_empty() || self.talk.asks.leaves_keys_to_composer(now),
            false => self.dialogs.is_surprise(now),
        }
    }

    /// How far the conversation on screen is.
    pub fn activity(&self) -> Activity {
        self.talk.session.activity()
    }

    /// Who handles the mouse, as the settings say; the terminal, while a link or a code can be
    /// selected.
    pub fn mouse(&self) -> Mouse {
        if matches!(self.dialogs.top(), Some(Overlay::Connect(dialog)) if dialog.is_signing_in()) {
            return Mouse::Terminal;
        }
        match self.facts.start.mouse {
            MouseUse::Auto if self.facts.keeps_esc_back => Mouse::Terminal,
            MouseUse::Auto => Mouse::Button,
            MouseUse::Wheel => Mouse::Wheel,
            MouseUse::Off => Mouse::Terminal,
        }
    }

    /// The provider of the conversation's model, or of the next conversation's.
    pub fn provider(&self) -> ProviderId {
        let model = self.talk.model().or(self.facts.start.model.as_ref());
        model.map_or_else(ProviderId::openai, |model| model.provider.clone())
    }

    pub(in crate::tui) fn conversation_folder(&self) -> PathBuf {
        self.talk.folder().unwrap_or(&self.facts.start.folder).to_owned()
    }

    /// Whether a prompt can be sent.
    pub fn connection(&self) -> Connection {
        self.facts.connection(&self.provider())
    }

    /// The command for a new conversation with the present model and approval mode.
    pub(in crate::tui) fn open_session(&self, id: SessionId) -> SessionCommand {
        let settings = self.talk.settings();
        let model = settings
            .map(|settings| settings.model.clone())
            .or_else(|| self.facts.start.model.clone());
        let effort = settings
            .and_then(|settings| settings.effort.clone())
            .or_else(|| self.facts.start.effort.clone());
        let in_use = self.talk.session_mode().map(|session_mode| session_mode.approval_mode);
        let mode = self.talk.chosen_mode.or(in_use).or(self.facts.start.mode);
        let options =
            OpenOptions { model: model.map(ModelName::from), effort, mode, ..screen_options() };
        SessionCommand::Open { id, folder: self.facts.start.folder.clone(), options }
    }

    /// The choices in a conversation that another program has open.
    pub(in crate::tui) fn elsewhere_dialog(&self, open: OpenElsewhere) -> Overlay {
        // At the start nothing else is on screen, and the new conversation's id is still unused.
        let (copy, instead) = match self.opening.awaited() {
            Awaited::Conversation => {
                let id = self.talk.id().clone();
                (id.clone(), Some(self.open_session(id)))
            }
            Awaited::Nothing => ((self.new_id)(), None),
        };
        let options = self.opening.resume_options(&self.facts.start);
        Overlay::Elsewhere(Box::new(ElsewhereDialog::new(open, options, copy, instead)))
    }

    fn tick(&mut self, now: Timestamp) {
        self.facts.now = now;
        if self.toasts.shown().is_some() && !layout::shows_toast(self) {
            self.toasts.hold(now);
        }
        self.toasts.expire(now);
        if let Armed::Interrupt(until) | Armed::Quit(until) | Armed::Rewind(until) = self.armed
            && until <= now
        {
            self.armed = Armed::Not;
        }
    }

    /// Says something; nothing else is to be done.
    pub(in crate::tui) fn only_say(&mut self, tone: Tone, text: impl Into<String>) -> Vec<Cmd> {
        self.say(tone, text);
        Vec::new()
    }

    pub(in crate::tui) fn say(&mut self, tone: Tone, text: impl Into<String>) {
        self.toasts.say(tone, text, self.facts.now);
    }
}
