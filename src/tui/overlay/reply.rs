//! What a dialog answers to a key. Does not know the stack it stands on.

use crate::protocol::{AccountCommand, Command};
use crate::tui::action::Action;
use crate::tui::msg::Cmd;

#[derive(Debug, Default)]
pub struct Reply {
    pub cmds: Vec<Cmd>,
    pub then: Then,
}

/// What becomes of the dialog.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Then {
    Close,
    /// Closes, and does something else.
    Do(Action),
    #[default]
    Stay,
}

impl Reply {
    pub fn stay() -> Self {
        Self::default()
    }

    pub fn close() -> Self {
        Self { then: Then::Close, ..Self::default() }
    }

    pub fn act(action: Action) -> Self {
        Self { then: Then::Do(action), ..Self::default() }
    }

    /// Stays, and asks something of the engine.
    pub fn ask(commands: impl IntoIterator<Item = AccountCommand>) -> Self {
        Self::run(commands.into_iter().map(|command| Cmd::Send(Command::Account(command))))
    }

    /// Stays, and has something done.
    pub fn run(cmds: impl IntoIterator<Item = Cmd>) -> Self {
        Self { cmds: cmds.into_iter().collect(), then: Then::Stay }
    }
}
