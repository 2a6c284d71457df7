//! What each action and each word of the engine changes. Does not know which key or event source they came from.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::base::text;
use crate::protocol::{
    AccountCommand, Command, Event, EventKind, ExportTo, Mode, Notice, Outcome, Problem, ProblemKind, SessionCommand, SessionId,
    SettingsCommand, SignInStep, TurnCommand, Which,
};
use crate::tui::action::{self, Action};
use crate::tui::app::{App, Awaited};
use crate::tui::conversation::{Conversation, Turn};
use crate::tui::facts::Connection;
use crate::tui::msg::{Cmd, Focus, Toward};
use crate::tui::overlay::{Connect, Help, ModelDialog, Overlay, Palette, SessionsDialog, StatusDialog};
use crate::tui::terminal::Copied;
use crate::tui::toast::Tone;
use crate::tui::transcript::{Below, Details};
use crate::tui::{screen, words};

const WHY_SENDING: &str = "Sending needs a sign-in; your prompt is kept";

impl App {
    pub(super) fn act(&mut self, action: Action) -> Vec<Cmd> {
        match action {
            Action::Connect => {
                self.dialogs.open(Overlay::Connect(Box::new(Connect::new(&self.facts))));
                return vec![Cmd::Send(Command::Account(AccountCommand::List))];
            }
            Action::Copy => return self.with_last_answer(Cmd::Copy),
            Action::Details => self.toggle_details(),
            Action::Exit => return vec![Cmd::Quit],
            Action::Export => return self.export(),
            Action::Help => self.dialogs.open(Overlay::Help(Help::new())),
            Action::Models => return self.choose_model(),
            Action::New => return self.new_conversation(),
            Action::Palette => self.dialogs.open(Overlay::Palette(Palette::new())),
            Action::Print => return self.with_last_answer(Cmd::Print),
            Action::Redraw => return vec![Cmd::Redraw],
            Action::Sessions => {
                let mut dialog = SessionsDialog::new(self.talk.id.clone(), self.new_id, &self.facts);
                let glimpse = dialog.glimpse();
                self.dialogs.open(Overlay::Sessions(dialog));
                return std::iter::once(Cmd::Send(Command::Session(SessionCommand::List))).chain(glimpse).collect();
            }
            Action::Status => {
                self.dialogs.open(Overlay::Status(StatusDialog::new()));
                return vec![Cmd::Send(Command::Account(AccountCommand::List))];
            }
            Action::Suspend => return vec![Cmd::Suspend],
        }
        Vec::new()
    }

    pub(super) fn submit(&mut self) -> Vec<Cmd> {
        let text = self.prompt.composer.text();
        if let Some(name) = command_name(&text) {
            return match action::matching(name).first().filter(|entry| entry.slash == name || entry.aliases.contains(&name)) {
                Some(entry) => {
                    self.prompt.clear();
                    self.act(entry.action)
                }
                None => {
                    self.say(Tone::Warn, format!("There is no command `/{name}`: `/help` lists them"));
                    Vec::new()
                }
            };
        }
        if self.facts.connection() == Connection::None {
            self.dialogs.open(Overlay::Connect(Box::new(Connect::because(WHY_SENDING, &self.facts))));
            return Vec::new();
        }
        if self.awaited == Awaited::Conversation {
            self.say(Tone::Plain, "The conversation is being opened; your prompt is kept");
            return Vec::new();
        }
        let text = self.prompt.take();
        self.toasts.clear();
        self.talk.sent(text.clone(), self.facts.now);
        let submit = Command::Turn(self.talk.id.clone(), TurnCommand::Submit(text.clone().into()));
        vec![Cmd::Send(submit), Cmd::Send(Command::Session(SessionCommand::Remember(text)))]
    }

    /// Keys that scroll what is on screen; answers whether it was one.
    pub(super) fn screen_key(&mut self, key: &KeyEvent) -> bool {
        let page = screen::transcript_area(self).height.saturating_sub(2).max(1);
        let scrolled_away = self.talk.view.below() != Below::Following;
        match (key.code, key.modifiers) {
            (KeyCode::PageUp, _) => self.scroll(Toward::Start, page),
            (KeyCode::PageDown, _) => self.scroll(Toward::End, page),
            (KeyCode::Home, KeyModifiers::CONTROL) => self.talk.view.go_to_start(page),
            (KeyCode::End, KeyModifiers::CONTROL) => self.talk.view.follow(),
            (KeyCode::Up, KeyModifiers::NONE) if scrolled_away && self.prompt.composer.is_empty() => self.scroll(Toward::Start, 1),
            (KeyCode::Down, KeyModifiers::NONE) if scrolled_away && self.prompt.composer.is_empty() => self.scroll(Toward::End, 1),
            _ => return false,
        }
        true
    }

    pub(super) fn scroll(&mut self, toward: Toward, rows: u16) {
        let height = screen::transcript_area(self).height;
        self.talk.view.scroll(toward, usize::from(rows), height);
    }

    pub(super) fn engine(&mut self, event: Event) -> Vec<Cmd> {
        if event.session.as_ref().is_some_and(|session| *session != self.talk.id) {
            // Of a conversation that is closed.
            return Vec::new();
        }
        self.facts.learn(&event.kind);
        if let (None, EventKind::Notice(Notice { message, next })) = (&event.session, &event.kind) {
            // Of the program, not of this conversation; and a dialog would hide the conversation.
            self.say(Tone::Warn, with_next(message, next.as_deref()));
            return Vec::new();
        }
        self.talk.take(&event.kind, self.facts.now);
        if matches!(event.kind, EventKind::Accounts { .. } | EventKind::Models { .. } | EventKind::Sessions(_) | EventKind::SignedOut(_)) {
            self.dialogs.each().for_each(|dialog| dialog.refresh(&self.facts));
        }
        match event.kind {
            EventKind::Exported { path: Some(path), .. } => {
                let path = words::folder(&path, self.facts.start.home.as_deref());
                self.say(Tone::Good, format!("Written to `{path}`, without what looks like a secret"));
            }
            EventKind::NotResumed(problem) => return self.not_resumed(problem),
            EventKind::SessionOpened { .. } => return self.facts.start.mode.map(|mode| self.works_by(mode)).into_iter().collect(),
            EventKind::SessionResumed(id) => return self.resumed(id),
            EventKind::Sessions(_) => return self.glimpse(),
            EventKind::Failed { problem, .. } => self.failed(problem),
            EventKind::History(entries) => self.prompt.recall(entries),
            EventKind::SignIn(step) => return self.sign_in(&step),
            EventKind::SignedOut(provider) => self.say(Tone::Good, format!("Signed out of {}", words::provider(&provider))),
            EventKind::TurnEnded { outcome, .. } => return self.turn_ended(&outcome),
            EventKind::Unqueued { text } => self.prompt.give_back(&text),
            _ => {}
        }
        Vec::new()
    }

    /// Says so only where nothing on screen does.
    fn toggle_details(&mut self) {
        let now = match self.talk.view.toggle_details() {
            Details::Shown => "Reasoning and tool output will be shown",
            Details::Folded => "Reasoning and tool output will be folded",
        };
        if !self.talk.has_begun() {
            self.say(Tone::Plain, now);
        }
    }

    pub(super) fn engine_failed(&mut self, problem: Problem) {
        let notice = Notice { message: problem.message, next: problem.next };
        self.talk.stop_waiting();
        self.talk.take(&EventKind::Notice(notice), self.facts.now);
    }

    /// Says what was tried; whether the terminal took it cannot be known.
    pub(super) fn copied(&mut self, copied: Copied) {
        let way = match copied {
            Copied::Sent => "to your terminal",
            Copied::SentThroughScreen => "to your terminal through screen",
            Copied::SentThroughTmux => "to your terminal through tmux",
            Copied::TooLong { bytes, most } => {
                self.say(Tone::Warn, format!("Not copied: {bytes} bytes, and terminals take {most}. `ctrl+x t` prints the answer"));
                return;
            }
        };
        let otherwise = if self.dialogs.is_empty() { "`ctrl+x t` prints the answer" } else { "Select it here by hand" };
        self.say(Tone::Plain, format!("Sent {way} as a copy (OSC 52). Nothing to paste? {otherwise}"));
    }

    fn sign_in(&mut self, step: &SignInStep) -> Vec<Cmd> {
        self.toasts.clear();
        let SignInStep::Completed(account) = step else {
            if let Some(dialog) = self.dialogs.top_mut() {
                dialog.sign_in(step, &self.facts);
            }
            return Vec::new();
        };
        self.say(Tone::Good, format!("Signed in to {} · {}", words::provider(&account.provider), words::account(account)));
        if matches!(self.dialogs.top(), Some(Overlay::Connect(dialog)) if dialog.is_signing_in()) {
            self.dialogs.close();
            self.facts.models = None;
            let dialog = self.model_dialog();
            self.dialogs.intrude(dialog, self.facts.now);
        }
        [AccountCommand::List, AccountCommand::Models].map(|command| Cmd::Send(Command::Account(command))).into()
    }

    /// A command that could not be carried out.
    fn failed(&mut self, problem: Problem) {
        if problem.kind == ProblemKind::NotSignedIn && self.talk.turn() != Turn::Idle {
            self.talk.stop_waiting();
            self.ask_for_sign_in();
            return;
        }
        if problem.kind == ProblemKind::CredentialFile {
            // It stays until the person decides, and so does what is said of it.
            let notice = Notice { message: problem.message, next: problem.next };
            self.talk.take(&EventKind::Notice(notice), self.facts.now);
            return;
        }
        self.say(Tone::Warn, with_next(&problem.message, problem.next.as_deref()));
    }

    /// The prompt goes back where it came from, and the reason stands above the list of providers.
    fn ask_for_sign_in(&mut self) {
        if let Some(prompt) = self.talk.take_prompt() {
            self.prompt.give_back(&prompt);
        }
        if self.dialogs.is_empty() {
            let dialog = Overlay::Connect(Box::new(Connect::because(WHY_SENDING, &self.facts)));
            self.dialogs.intrude(dialog, self.facts.now);
        }
    }

    fn turn_ended(&mut self, outcome: &Outcome) -> Vec<Cmd> {
        let words = match outcome {
            Outcome::Done => "codling: the answer is there",
            Outcome::Failed(_) => "codling: the turn failed",
            Outcome::Interrupted => "codling: interrupted",
        };
        if let Outcome::Failed(Problem { kind: ProblemKind::NotSignedIn, .. }) = outcome {
            self.ask_for_sign_in();
        }
        if self.focus == Focus::Lost { vec![Cmd::Notify(words.into())] } else { Vec::new() }
    }

    fn choose_model(&mut self) -> Vec<Cmd> {
        if self.facts.connection() == Connection::None {
            let why = "The list of models comes with a sign-in";
            self.dialogs.open(Overlay::Connect(Box::new(Connect::because(why, &self.facts))));
            return Vec::new();
        }
        let dialog = self.model_dialog();
        self.dialogs.open(dialog);
        vec![Cmd::Send(Command::Account(AccountCommand::Models))]
    }

    fn model_dialog(&self) -> Overlay {
        let current = self.talk.settings().map(|settings| (settings.model.clone(), settings.effort.clone()));
        Overlay::Models(ModelDialog::new(self.talk.id.clone(), current, &self.facts))
    }

    fn new_conversation(&mut self) -> Vec<Cmd> {
        let close = SessionCommand::Close(self.talk.id.clone());
        let id = (self.new_id)();
        let open = self.open_session(id.clone());
        self.talk = Conversation::new(id);
        vec![Cmd::Send(Command::Session(close)), Cmd::Send(Command::Session(open))]
    }

    /// The conversation that comes takes the place of the one on screen.
    fn resumed(&mut self, id: SessionId) -> Vec<Cmd> {
        self.awaited = Awaited::Nothing;
        let before = std::mem::replace(&mut self.talk, Conversation::new(id));
        let close = || Cmd::Send(Command::Session(SessionCommand::Close(before.id.clone())));
        before.is_open().then(close).into_iter().collect()
    }

    fn works_by(&self, mode: Mode) -> Cmd {
        Cmd::Send(Command::Settings(self.talk.id.clone(), SettingsCommand::Mode(mode)))
    }

    /// At the start there is nothing else on screen: a new conversation it is.
    fn not_resumed(&mut self, problem: Problem) -> Vec<Cmd> {
        let awaited = std::mem::replace(&mut self.awaited, Awaited::Nothing);
        self.failed(problem);
        match awaited {
            Awaited::Conversation => vec![Cmd::Send(Command::Session(self.open_session(self.talk.id.clone())))],
            Awaited::Nothing => Vec::new(),
        }
    }

    /// A new list may have put another conversation under the cursor.
    fn glimpse(&mut self) -> Vec<Cmd> {
        match self.dialogs.top_mut() {
            Some(Overlay::Sessions(dialog)) => dialog.glimpse().into_iter().collect(),
            _ => Vec::new(),
        }
    }

    fn export(&mut self) -> Vec<Cmd> {
        if !self.talk.is_kept() {
            self.say(Tone::Plain, "There is nothing to export yet");
            return Vec::new();
        }
        let which = Which::Named(self.talk.id.as_str().to_owned());
        let folder = self.talk.folder.clone().unwrap_or_else(|| self.facts.start.folder.clone());
        vec![Cmd::Send(Command::Session(SessionCommand::Export { which, to: ExportTo::Folder(folder) }))]
    }

    fn with_last_answer(&mut self, cmd: impl Fn(String) -> Cmd) -> Vec<Cmd> {
        match self.talk.transcript.last_answer() {
            Some(answer) => vec![cmd(answer.to_owned())],
            None => {
                self.say(Tone::Plain, "There is no answer yet");
                Vec::new()
            }
        }
    }
}

/// `name` of a text that is `/name` and nothing more. A path such as `/usr/bin` is none.
fn command_name(text: &str) -> Option<&str> {
    text.trim()
        .strip_prefix('/')
        .filter(|name| !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-'))
}

/// What is wrong and what to do, in one line.
fn with_next(message: &str, next: Option<&str>) -> String {
    let advice = next.map(|next| format!(". {next}")).unwrap_or_default();
    text::clean_line(&format!("{message}{advice}")).into_owned()
}
