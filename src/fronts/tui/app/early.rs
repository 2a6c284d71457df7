//! Choices that a person makes before the conversation is open. They are kept and carried out once
//! it is.

use crate::fronts::tui::app::toast::Tone;
use crate::fronts::tui::app::{App, Awaited};
use crate::fronts::tui::messages::Cmd;
use crate::fronts::tui::overlay::{ModesDialog, Overlay};
use crate::protocol::{Command, SessionMode, SettingsCommand};

const KEPT: &str = "The conversation is still being opened: this is done as soon as it is";

#[derive(Clone, Debug)]
pub enum EarlyChoice {
    /// Open the list of approval modes.
    ChooseMode,
    NextMode,
    OtherAgent,
    Set(SettingsCommand),
    /// Send the prompt in the composer.
    Submit,
}

impl App {
    /// Keeps a choice until the conversation is open, and says so.
    pub(in crate::fronts::tui) fn keep_early(&mut self, choice: EarlyChoice) -> Vec<Cmd> {
        self.early.push(choice);
        self.say(Tone::Plain, KEPT);
        Vec::new()
    }

    /// Whether requests to the conversation must wait until it is open.
    pub(in crate::fronts::tui) fn is_opening(&self) -> bool {
        self.awaited == Awaited::Conversation || !self.early.is_empty()
    }

    /// Holds settings back while an earlier conversation is being opened.
    pub(super) fn hold_settings(&mut self, cmds: Vec<Cmd>) -> Vec<Cmd> {
        if self.awaited == Awaited::Nothing {
            for cmd in &cmds {
                if let Cmd::Send(Command::Settings(id, SettingsCommand::Mode(mode))) = cmd
                    && id == self.talk.id()
                {
                    self.talk.chosen_mode = Some(*mode);
                }
            }
            return cmds;
        }
        let mut passed = Vec::with_capacity(cmds.len());
        for cmd in cmds {
            match cmd {
                Cmd::Send(Command::Settings(_, setting)) => {
                    self.keep_early(EarlyChoice::Set(setting));
                }
                other => passed.push(other),
            }
        }
        passed
    }

    /// A list of modes that is open shows those of the conversation that is left: it comes up again
    /// once the other one is open.
    pub(super) fn begin_modes_anew(&mut self) {
        if self.dialogs.each().any(|dialog| matches!(dialog, Overlay::Modes(_))) {
            self.dialogs.retain(|dialog| !matches!(dialog, Overlay::Modes(_)));
            self.early.push(EarlyChoice::ChooseMode);
        }
    }

    /// Carries out what was kept, in its order, once the conversation is open.
    pub(super) fn carry_out_early(&mut self) -> Vec<Cmd> {
        let Some(mut session_mode) = self.talk.session_mode() else { return Vec::new() };
        if self.awaited == Awaited::Conversation {
            return Vec::new();
        }
        let mut cmds = Vec::new();
        for choice in std::mem::take(&mut self.early) {
            let setting = match choice {
                EarlyChoice::ChooseMode => {
                    let dialog = ModesDialog::new(self.talk.id().clone(), session_mode);
                    self.dialogs.intrude(Overlay::Modes(dialog), self.facts.now);
                    continue;
                }
                EarlyChoice::NextMode => {
                    SettingsCommand::Mode(session_mode.approval_mode.following())
                }
                EarlyChoice::OtherAgent => SettingsCommand::Agent(session_mode.agent.other()),
                EarlyChoice::Set(setting) => setting,
                EarlyChoice::Submit => {
                    cmds.extend(self.submit());
                    continue;
                }
            };
            // The next choice builds on this one, as it would with the conversation open.
            match setting {
                SettingsCommand::Agent(agent) => {
                    session_mode = SessionMode { agent, ..session_mode }
                }
                SettingsCommand::Mode(approval_mode) => {
                    session_mode = SessionMode { approval_mode, ..session_mode }
                }
                _ => {}
            }
            cmds.push(Cmd::Send(Command::Settings(self.talk.id().clone(), setting)));
        }
        cmds
    }
}
