//! The reply of a dialog to a key.

use crate::protocol::{AccountCommand, Command};
use crate::tui::commands::KeyAction;
use crate::tui::messages::Cmd;

#[derive(Debug, Default)]
pub struct DialogReply {
    pub cmds: Vec<Cmd>,
    pub then: AfterReply,
}

/// Whether the dialog stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AfterReply {
    Close,
    /// Closes and runs an action.
    Do(KeyAction),
    #[default]
    Stay,
    /// Stays; the key had no effect because the question had only just come up.
    TooSoon,
}

impl DialogReply {
    pub fn stay() -> Self {
        Self::default()
    }

    pub fn close() -> Self {
        Self { then: AfterReply::Close, ..Self::default() }
    }

    pub fn too_soon() -> Self {
        Self { then: AfterReply::TooSoon, ..Self::default() }
    }

    pub fn act(action: KeyAction) -> Self {
        Self { then: AfterReply::Do(action), ..Self::default() }
    }

    /// Stays and sends commands to the engine.
    pub fn ask(commands: impl IntoIterator<Item = AccountCommand>) -> Self {
        Self::run(commands.into_iter().map(|command| Cmd::Send(Command::Account(command))))
    }

    /// Stays and runs commands.
    pub fn run(cmds: impl IntoIterator<Item = Cmd>) -> Self {
        Self { cmds: cmds.into_iter().collect(), then: AfterReply::Stay }
    }

    /// Closes and runs commands.
    pub fn finish(cmds: impl IntoIterator<Item = Cmd>) -> Self {
        Self { cmds: cmds.into_iter().collect(), then: AfterReply::Close }
    }
}
