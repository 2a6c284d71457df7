//! The conversation that is being opened, and what belongs to it alone: choices that a person makes
//! before it is open, and the program that was found to have it.

use crate::protocol::{
    Command, OpenElsewhere, OpenOptions, SessionHolder, SessionId, SessionMode, SettingsCommand,
};
use crate::tui::messages::Cmd;
use crate::tui::start::{Beginning, StartInfo, screen_options};

/// The note that a choice is kept.
pub const KEPT: &str = "The conversation is still being opened: this is done as soon as it is";

#[derive(Debug)]
pub struct Opening {
    awaited: Awaited,
    /// Choices made before the conversation was open.
    choices: Vec<EarlyChoice>,
    /// The conversation that was last found open in another program.
    elsewhere: Option<OpenElsewhere>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Awaited {
    /// Requested at the start: prompts wait for it.
    Conversation,
    Nothing,
}

#[derive(Clone, Debug)]
pub enum EarlyChoice {
    /// Open the list of approval modes.
    ChooseMode,
    /// Switch to the next approval mode, leaving out the one that never asks: that one is only
    /// chosen from the list.
    NextMode,
    /// Switch between Build and Plan.
    OtherAgent,
    Set(SettingsCommand),
    /// Send the prompt in the composer.
    Submit,
}

/// A choice that can be carried out.
#[derive(Clone, Debug)]
pub enum DueChoice {
    /// Show the list of approval modes.
    Modes(SessionMode),
    Set(SettingsCommand),
    Submit,
}

impl EarlyChoice {
    /// The choice in a conversation with this mode.
    pub fn due(self, mode: SessionMode) -> DueChoice {
        DueChoice::Set(match self {
            Self::ChooseMode => return DueChoice::Modes(mode),
            Self::NextMode => SettingsCommand::Mode(mode.approval_mode.following()),
            Self::OtherAgent => SettingsCommand::Agent(mode.agent.other()),
            Self::Set(setting) => setting,
            Self::Submit => return DueChoice::Submit,
        })
    }
}

impl Opening {
    pub fn new(begin: &Beginning) -> Self {
        let awaited = match begin {
            Beginning::Resume { .. } => Awaited::Conversation,
            Beginning::Choose | Beginning::New => Awaited::Nothing,
        };
        Self { awaited, choices: Vec::new(), elsewhere: None }
    }

    pub fn awaited(&self) -> Awaited {
        self.awaited
    }

    /// Whether requests to the conversation must wait until it is open.
    pub fn is_pending(&self) -> bool {
        self.awaited == Awaited::Conversation || !self.choices.is_empty()
    }

    /// Handles that a conversation is there; returns what was awaited.
    pub fn end(&mut self) -> Awaited {
        std::mem::replace(&mut self.awaited, Awaited::Nothing)
    }

    /// Keeps a choice until the conversation is open.
    pub fn keep(&mut self, choice: EarlyChoice) {
        self.choices.push(choice);
    }

    /// Forgets the choices, because no conversation will open for them.
    pub fn forget(&mut self) {
        self.choices.clear();
    }

    /// Keeps the settings among the commands while an earlier conversation is being opened; returns
    /// the note that says so.
    pub fn hold_settings(&mut self, cmds: &mut Vec<Cmd>) -> Option<&'static str> {
        if self.awaited == Awaited::Nothing {
            return None;
        }
        let before = self.choices.len();
        cmds.retain(|cmd| match cmd {
            Cmd::Send(Command::Settings(_, setting)) => {
                self.choices.push(EarlyChoice::Set(setting.clone()));
                false
            }
            _ => true,
        });
        (self.choices.len() > before).then_some(KEPT)
    }

    /// Takes the choices that were kept, in their order, once the conversation is open.
    pub fn take_due(&mut self, mode: Option<SessionMode>) -> Vec<DueChoice> {
        let (Some(mut mode), Awaited::Nothing) = (mode, self.awaited) else { return Vec::new() };
        let mut due = Vec::new();
        for choice in self.choices.drain(..) {
            let choice = choice.due(mode);
            // The next choice builds on this one, as it would with the conversation open.
            match choice {
                DueChoice::Set(SettingsCommand::Agent(agent)) => mode.agent = agent,
                DueChoice::Set(SettingsCommand::Mode(approval_mode)) => {
                    mode.approval_mode = approval_mode;
                }
                _ => {}
            }
            due.push(choice);
        }
        due
    }

    /// The conversation that was last found open in another program.
    pub fn elsewhere(&self) -> Option<&OpenElsewhere> {
        self.elsewhere.as_ref()
    }

    /// Records that the requested conversation is open in another program.
    pub fn found_elsewhere(&mut self, open: OpenElsewhere) {
        self.elsewhere = Some(open);
    }

    /// Handles that this conversation is watched; returns the program that has it, if known.
    pub fn watch(&mut self, id: &SessionId) -> Option<SessionHolder> {
        self.awaited = Awaited::Nothing;
        self.elsewhere.clone().filter(|open| open.session == *id)?.holder
    }

    /// Options that replace the conversation's own on resuming.
    pub fn resume_options(&self, start: &StartInfo) -> OpenOptions {
        let (model, effort) = match (&start.begin, self.awaited) {
            (Beginning::Resume { model, effort, .. }, Awaited::Conversation) => {
                (model.clone(), effort.clone())
            }
            _ => (None, None),
        };
        OpenOptions { model, effort, mode: start.mode, ..screen_options() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{Agent, ApprovalMode, Sandbox, SessionSelector};

    #[test]
    fn choices_wait_for_the_conversation_and_build_on_each_other() {
        let (agent, approval_mode) = (Agent::Build, ApprovalMode::ReadOnly);
        let mode = SessionMode { agent, approval_mode, sandbox: Sandbox::Absent };
        let which = SessionSelector::Named("ses_1".to_owned());
        let begin = Beginning::Resume { which, model: None, effort: None, takes: false };
        let mut opening = Opening::new(&begin);
        for choice in [EarlyChoice::NextMode, EarlyChoice::NextMode, EarlyChoice::OtherAgent] {
            opening.keep(choice);
        }
        assert!(opening.is_pending() && opening.take_due(Some(mode)).is_empty());
        assert_eq!(opening.end(), Awaited::Conversation);
        assert!(opening.is_pending() && opening.take_due(None).is_empty());
        let following = mode.approval_mode.following();
        let due = opening.take_due(Some(mode));
        assert!(
            matches!(
                due[..],
                [
                    DueChoice::Set(SettingsCommand::Mode(first)),
                    DueChoice::Set(SettingsCommand::Mode(second)),
                    DueChoice::Set(SettingsCommand::Agent(Agent::Plan)),
                ] if first == following && second == following.following()
            ),
            "{due:?}"
        );
        assert!(!opening.is_pending());
    }
}
