//! Changing a conversation's agent, approval mode and model.

use crate::fronts::tui::app::{App, EarlyChoice};
use crate::fronts::tui::messages::Cmd;
use crate::fronts::tui::overlay::{Connect, ModelDialog, ModesDialog, Overlay};
use crate::protocol::{AccountCommand, ApprovalMode, Command, SettingsCommand};

impl App {
    /// Switches between Build and Plan.
    pub(super) fn other_agent(&mut self) -> Vec<Cmd> {
        let Some(session_mode) = self.talk.session_mode() else {
            return self.keep_early(EarlyChoice::OtherAgent);
        };
        let other = SettingsCommand::Agent(session_mode.agent.other());
        vec![Cmd::Send(Command::Settings(self.talk.id().clone(), other))]
    }

    /// Switches to the next approval mode, leaving out the one that never asks: that one is only
    /// chosen from the list.
    pub(super) fn next_mode(&mut self) -> Vec<Cmd> {
        match self.talk.session_mode() {
            Some(session_mode) => vec![self.works_by(session_mode.approval_mode.following())],
            None => self.keep_early(EarlyChoice::NextMode),
        }
    }

    pub(super) fn works_by(&self, mode: ApprovalMode) -> Cmd {
        Cmd::Send(Command::Settings(self.talk.id().clone(), SettingsCommand::Mode(mode)))
    }

    pub(super) fn choose_mode(&mut self) {
        match self.talk.session_mode() {
            Some(session_mode) => self
                .dialogs
                .open(Overlay::Modes(ModesDialog::new(self.talk.id().clone(), session_mode))),
            None => drop(self.keep_early(EarlyChoice::ChooseMode)),
        }
    }

    pub(super) fn choose_model(&mut self) -> Vec<Cmd> {
        if !self.facts.can_ask_somebody() {
            let why = "Sign in to see the list of models";
            self.dialogs.open(Overlay::Connect(Box::new(Connect::because(why, &self.facts))));
            return Vec::new();
        }
        let dialog = self.model_dialog();
        self.dialogs.open(Overlay::Models(dialog));
        vec![Cmd::Send(Command::Account(AccountCommand::ServerModels))]
    }

    pub(super) fn model_dialog(&self) -> ModelDialog {
        let current = self.talk.settings().cloned();
        ModelDialog::new(self.talk.id().clone(), current, &self.facts)
    }
}
