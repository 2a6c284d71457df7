//! How the conversation works: its agent, its mode, its model.

use crate::fronts::tui::app::App;
use crate::fronts::tui::app::toast::Tone;
use crate::fronts::tui::messages::Cmd;
use crate::fronts::tui::overlay::{Connect, ModelDialog, ModesDialog, Overlay};
use crate::fronts::tui::program_facts::Connection;
use crate::protocol::{AccountCommand, Agent, ApprovalMode, Command, SessionMode, SettingsCommand};

impl App {
    /// Build and Plan in turn.
    pub(super) fn other_agent(&mut self) -> Vec<Cmd> {
        let Some(session_mode) = self.session_mode() else { return Vec::new() };
        let agent = match session_mode.agent {
            Agent::Build => Agent::Plan,
            Agent::Plan => Agent::Build,
        };
        vec![Cmd::Send(Command::Settings(self.talk.id().clone(), SettingsCommand::Agent(agent)))]
    }

    /// One after the other, and never the one in which nothing asks: that is chosen, not reached.
    pub(super) fn next_mode(&mut self) -> Vec<Cmd> {
        let Some(session_mode) = self.session_mode() else { return Vec::new() };
        let mode = match session_mode.approval_mode {
            ApprovalMode::ReadOnly => ApprovalMode::Ask,
            ApprovalMode::Ask => ApprovalMode::Auto,
            ApprovalMode::Auto | ApprovalMode::Full => ApprovalMode::ReadOnly,
        };
        vec![self.works_by(mode)]
    }

    pub(super) fn works_by(&self, mode: ApprovalMode) -> Cmd {
        Cmd::Send(Command::Settings(self.talk.id().clone(), SettingsCommand::Mode(mode)))
    }

    pub(super) fn choose_mode(&mut self) {
        if let Some(session_mode) = self.session_mode() {
            self.dialogs
                .open(Overlay::Modes(ModesDialog::new(self.talk.id().clone(), session_mode)));
        }
    }

    /// How the conversation works; says so where it is not open yet.
    fn session_mode(&mut self) -> Option<SessionMode> {
        let session_mode = self.talk.session_mode();
        if session_mode.is_none() {
            self.say(Tone::Plain, "The conversation is not open yet");
        }
        session_mode
    }

    pub(super) fn choose_model(&mut self) -> Vec<Cmd> {
        if self.connection() == Connection::None && self.facts.start.providers.is_empty() {
            let why = "Sign in to see the list of models";
            self.dialogs.open(Overlay::Connect(Box::new(Connect::because(why, &self.facts))));
            return Vec::new();
        }
        let dialog = self.model_dialog();
        self.dialogs.open(dialog);
        vec![Cmd::Send(Command::Account(AccountCommand::Models))]
    }

    pub(super) fn model_dialog(&self) -> Overlay {
        let current = self.talk.settings().cloned();
        Overlay::Models(ModelDialog::new(self.talk.id().clone(), current, &self.facts))
    }
}
